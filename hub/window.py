"""When WhatsApp lets us write, and what may go out as a text message in its place."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from hub import outbox
from hub.conversations import Conversation
from hub.messages import WINDOW, Message
from hub.people import Address, Channel, ContactWay, Reach


def closes_at(address: Address) -> datetime | None:
    """Until when free text is allowed; None on a channel that always allows it.

    Somebody on WhatsApp who never wrote to us has a window that closed long ago.
    """
    if address.channel != Channel.WHATSAPP:
        return None
    last = address.last_inbound_at
    return last + WINDOW if last else datetime.min.replace(tzinfo=UTC)


def is_open(message: Message, now: datetime) -> bool:
    """Whether the channel a message goes out on allows free text now."""
    if message.channel != Channel.WHATSAPP:
        return True
    closes = closes_at(message.conversation.address)
    return closes is None or now < closes


def may_text(session: Session, conversation: Conversation) -> bool:
    """Whether a WhatsApp message may reach this person as a text message on the same number.

    Only where they said themselves that texts are safe: a text shows on a locked screen, and
    somebody may have chosen WhatsApp because it does not. A STOP to our texts holds here too.
    """
    address = conversation.address
    if address.channel != Channel.WHATSAPP or not address.value.startswith("+"):
        return False
    safe = conversation.person.safe_contact
    if safe is None or safe.way != ContactWay.TEXT or address.opted_out_at is not None:
        return False
    known = outbox.known_address(session, address.hub_id, Reach(Channel.SMS, address.value))
    return known is None or session.get_one(Address, known).opted_out_at is None
