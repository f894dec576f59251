"""How each channel does: when somebody last wrote, what waits, what failed and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub import sweeps
from hub.messages import Direction, Message, Status
from hub.people import Channel

LATELY = timedelta(hours=24)
WAITING = (Status.QUEUED, Status.SENDING, Status.UNKNOWN)


@dataclass(frozen=True)
class Health:
    """One channel of a hub. `failed` counts what failed in the last day, by the reason for it."""

    channel: Channel
    last_in: datetime | None
    waiting: int
    held: int
    delivered: int
    failed: dict[str, int]
    read_to: datetime | None


def of(session: Session, hub_id: str, channel: Channel, now: datetime) -> Health:
    """Count what a channel has."""
    mine = (Message.hub_id == hub_id, Message.channel == channel)
    out = (*mine, Message.direction == Direction.OUT)
    last_in = session.scalar(
        select(Message.created_at)
        .where(*mine, Message.direction == Direction.IN)
        .order_by(Message.id.desc())
        .limit(1)
    )
    counted = session.execute(
        select(Message.status, func.count()).where(*out).group_by(Message.status)
    )
    by_status = {str(status): int(count) for status, count in counted}
    failed = session.execute(
        select(Message.reason, func.count())
        .where(*out, Message.status == Status.FAILED, Message.updated_at > now - LATELY)
        .group_by(Message.reason)
    )
    return Health(
        channel=channel,
        last_in=last_in,
        waiting=sum(by_status.get(status, 0) for status in WAITING),
        held=by_status.get(Status.HELD, 0),
        delivered=by_status.get(Status.DELIVERED, 0),
        failed={str(reason): int(count) for reason, count in failed},
        read_to=sweeps.read_to(session, hub_id, channel),
    )


def reasons_for_waiting(session: Session, hub_id: str) -> dict[str, int]:
    """Why messages wait for another try, and how many of each."""
    found = session.execute(
        select(Message.reason, func.count())
        .where(
            Message.hub_id == hub_id,
            Message.direction == Direction.OUT,
            Message.status == Status.QUEUED,
            Message.reason.is_not(None),
        )
        .group_by(Message.reason)
    )
    return {str(reason): int(count) for reason, count in found}
