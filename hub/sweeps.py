"""How far a provider's own list of messages was read: up to there nothing was missed."""

from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.database import Base, UtcDateTime
from hub.people import Channel


class Sweep(Base):
    """The newest moment up to which a channel's list was read to the end."""

    __tablename__ = "sweeps"

    hub_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    read_to: Mapped[datetime] = mapped_column(UtcDateTime)


def read_to(session: Session, hub_id: str, channel: Channel) -> datetime | None:
    """Up to when a channel's list was read; None where it never was."""
    return session.scalar(
        select(Sweep.read_to).where(Sweep.hub_id == hub_id, Sweep.channel == channel)
    )


def mark(session: Session, hub_id: str, channel: Channel, at: datetime) -> None:
    """Keep that a channel's list was read up to `at`."""
    session.merge(Sweep(hub_id=hub_id, channel=channel, read_to=at))
