"""What a provider tells us becomes rows, whether a webhook, a list or long polling told it."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import outcomes
from bot.channels.base import Changed, Event, News, Standing, Ways
from hub import changes, messages, outbox, taps
from hub.messages import Inbound, Message
from hub.taps import Tap


def store(session: Session, hub_id: str, event: Event, now: datetime, ways: Ways) -> bool:
    """Keep an event, within the caller's transaction; False where it told nothing new.

    Raises BadInput where a message could never be stored.
    """
    if isinstance(event, Inbound):
        return not messages.receive(session, hub_id, event, now).duplicate
    if isinstance(event, News):
        return outcomes.record(session, event, now, ways)
    if isinstance(event, Standing):
        return _standing(session, hub_id, event, now)
    if isinstance(event, Tap):
        return not taps.receive(session, hub_id, event, now).duplicate
    return _changed(session, hub_id, event, now) if isinstance(event, Changed) else False


def _standing(session: Session, hub_id: str, event: Standing, now: datetime) -> bool:
    address_id = outbox.known_address(session, hub_id, event.reach)
    if address_id is not None:
        outbox.set_opted_out(session, address_id, None if event.reachable else now)
    return address_id is not None


def _changed(session: Session, hub_id: str, event: Changed, now: datetime) -> bool:
    if event.text is None:
        return changes.take_back(session, event.channel, event.provider_id, now) is not None
    known_by: str | None = event.provider_id
    if event.again is not None:
        known_by = changes.known_by(session, hub_id, event.again.reach, event.provider_id)
    edited = changes.edit(session, event.channel, known_by, event.text, now) if known_by else None
    if edited is not None and event.again is not None and edited.edited_at == now:
        told = messages.receive(session, hub_id, event.again, now)
        if not told.duplicate:
            session.get_one(Message, told.message_id).reply_to_id = edited.id
    if edited is None and event.inbound is not None:
        messages.receive(session, hub_id, event.inbound, now)
    return edited is not None or event.inbound is not None
