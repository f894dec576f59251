"""Pictures and voice notes that residents sent: fetched from the provider when staff open one.

Nothing is kept here, and nothing is shown before somebody asks for it: a picture may be hard to
look at. Only kinds that a browser shows harmlessly are shown; everything else is a download.
"""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from starlette.exceptions import HTTPException

from hub import triage
from hub.errors import NotAllowed
from hub.messages import Direction, Message
from inbox.doors import Visitor
from inbox.pages import Inbox

SHOWN = re.compile(
    r"image/(jpeg|png|gif|webp)|audio/(ogg|mpeg|mp4|amr|aac|webm)|video/(mp4|3gpp|webm)"
)
# A file is a stranger's: it may run nothing and load nothing.
ALONE = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


def make_media(inbox: Inbox) -> APIRouter:
    """The route of one attachment of one message of one ticket."""
    router = APIRouter(prefix="/inbox")
    Who = Annotated[Visitor, Depends(inbox.doors.visitor)]

    @router.get("/tickets/{ticket_id}/media/{message_id}/{number}")
    def attachment(visitor: Who, ticket_id: int, message_id: int, number: int) -> Response:
        channel, url = _where(inbox, visitor, ticket_id, message_id, number)
        found = inbox.fetch(channel, url)
        if found is None:
            raise HTTPException(502)
        kind, content = found
        headers = {"Content-Security-Policy": ALONE}
        if not SHOWN.fullmatch(kind):
            kind = "application/octet-stream"
            headers["Content-Disposition"] = f'attachment; filename="from-message-{message_id}"'
        return Response(content, media_type=kind, headers=headers)

    return router


def _where(
    inbox: Inbox, visitor: Visitor, ticket_id: int, message_id: int, number: int
) -> tuple[str, str]:
    """The channel and the reference of an attachment that belongs to a ticket the user may see."""
    if not (0 < ticket_id < 2**31 and 0 < message_id < 2**31):
        raise HTTPException(404)
    with inbox.database.reading() as session:
        try:
            ticket = triage.find(session, visitor.user, ticket_id)
        except NotAllowed:
            raise HTTPException(404) from None
        message = session.get(Message, message_id)
        if message is None or message.conversation_id != ticket.conversation_id:
            raise HTTPException(404)
        if message.direction != Direction.IN or not 0 <= number < len(message.media):
            raise HTTPException(404)
        url = message.media[number].get("url")
    if not url:
        raise HTTPException(404)
    return message.channel, str(url)
