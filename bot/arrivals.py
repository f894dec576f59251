"""What a provider tells us becomes rows, whether a webhook, a list or long polling told it."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import outcomes
from bot.channels.base import Changed, Event, News, Standing, Ways
from hub import changes, messages, outbox
from hub.messages import Inbound


def store(session: Session, hub_id: str, event: Event, now: datetime, ways: Ways) -> None:
    """Keep an event, within the caller's transaction. What was told before changes nothing.

    Raises BadInput where a message could never be stored.
    """
    if isinstance(event, Inbound):
        messages.receive(session, hub_id, event, now)
    elif isinstance(event, News):
        outcomes.record(session, event, now, ways)
    elif isinstance(event, Standing):
        _standing(session, hub_id, event, now)
    elif isinstance(event, Changed):
        _changed(session, hub_id, event, now)


def _standing(session: Session, hub_id: str, event: Standing, now: datetime) -> None:
    address_id = outbox.known_address(session, hub_id, event.reach)
    if address_id is not None:
        outbox.set_opted_out(session, address_id, None if event.reachable else now)


def _changed(session: Session, hub_id: str, event: Changed, now: datetime) -> None:
    if event.text is None:
        changes.take_back(session, event.channel, event.provider_id, now)
        return
    edited = changes.edit(session, event.channel, event.provider_id, event.text, now)
    if edited is None and event.inbound is not None:
        messages.receive(session, hub_id, event.inbound, now)
