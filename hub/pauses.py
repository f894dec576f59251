"""The switch that stops the bot on one channel: residents get one plain line, staff a ticket."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, bindparam, delete, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.database import Base, UtcDateTime
from hub.people import Channel


class Pause(Base):
    """One channel of one hub on which the bot does not talk. The safety gate still does."""

    __tablename__ = "pauses"

    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


# Built once: this is asked for every turn.
_STANDS = select(
    exists().where(
        Pause.hub_id == bindparam("hub_id", type_=String),
        Pause.channel == bindparam("channel", type_=String),
    )
)


def pause(session: Session, hub_id: str, channel: Channel, now: datetime) -> None:
    """Stop the bot on a channel. Messages are still kept, and answered by people."""
    if not stands(session, hub_id, channel):
        session.add(Pause(hub_id=hub_id, channel=channel, since=now))


def resume(session: Session, hub_id: str, channel: Channel) -> None:
    """Let the bot talk again."""
    session.execute(delete(Pause).where(Pause.hub_id == hub_id, Pause.channel == channel))


def stands(session: Session, hub_id: str, channel: str) -> bool:
    """Whether the bot is stopped on a channel."""
    return bool(session.scalar(_STANDS, {"hub_id": hub_id, "channel": channel}))


def all_of(session: Session, hub_id: str) -> list[Pause]:
    """Every pause of a hub, by channel."""
    query = select(Pause).where(Pause.hub_id == hub_id).order_by(Pause.channel)
    return list(session.scalars(query))
