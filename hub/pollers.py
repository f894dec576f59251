"""Who asks a provider for news: one process at a time, by a lease that runs out by itself."""

from datetime import datetime, timedelta

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.clock import CLOCK_SLACK
from hub.database import Base, UtcDateTime


class Poller(Base):
    """The process that polls a channel. `token` is its own; `until` ends its right."""

    __tablename__ = "pollers"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    token: Mapped[str] = mapped_column(String(32))
    until: Mapped[datetime] = mapped_column(UtcDateTime)


def take(session: Session, channel: str, token: str, now: datetime, seconds: float) -> bool:
    """Take the lease, or renew it; False while another process holds it."""
    row = session.scalar(select(Poller).where(Poller.channel == channel).with_for_update())
    # What ends later than any lease can is from before the clock was set back.
    longest = now + timedelta(seconds=seconds) + CLOCK_SLACK
    if row is not None and row.token != token and now < row.until < longest:
        return False
    if row is None:
        row = Poller(channel=channel)
        session.add(row)
    row.token, row.until = token, now + timedelta(seconds=seconds)
    # Two processes that begin at once: the second one's row is refused here.
    session.flush()
    return True


def give_back(session: Session, channel: str, token: str, now: datetime) -> None:
    """End the lease, where it is ours."""
    row = session.scalar(select(Poller).where(Poller.channel == channel).with_for_update())
    if row is not None and row.token == token:
        row.until = now
