"""How much waits, and for how long: for `/metrics` and `goodhelp check`."""

from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.conversations import Conversation
from hub.messages import Direction, Message, Status


@dataclass(frozen=True)
class Depths:
    """What waits now.

    `inbound_waiting` counts residents' messages that nobody handled, `oldest_inbound_seconds`
    is how long the first of them has waited (0 where none does), `outbound` counts messages
    to residents by status.
    """

    inbound_waiting: int
    oldest_inbound_seconds: float
    outbound: dict[str, int]


def depths(session: Session, hub_id: str, now: datetime) -> Depths:
    """Count what waits in a hub."""
    waiting = session.scalar(
        select(func.coalesce(func.sum(Conversation.last_seq - Conversation.done_seq), 0)).where(
            Conversation.hub_id == hub_id, Conversation.last_seq > Conversation.done_seq
        )
    )
    oldest = session.scalar(
        select(Conversation.waiting_since)
        .where(Conversation.hub_id == hub_id, Conversation.last_seq > Conversation.done_seq)
        .order_by(Conversation.waiting_since)
        .limit(1)
    )
    counted = session.execute(
        select(Message.status, func.count())
        .where(Message.hub_id == hub_id, Message.direction == Direction.OUT)
        .group_by(Message.status)
    )
    return Depths(
        inbound_waiting=int(waiting or 0),
        oldest_inbound_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        outbound={str(status): int(count) for status, count in counted},
    )


def collect(session: Session, registry: CollectorRegistry, hub_id: str, now: datetime) -> None:
    """Put the depths into a Prometheus registry as gauges."""
    found = depths(session, hub_id, now)
    Gauge(
        "goodhelp_inbound_waiting", "Messages from residents not yet handled.", registry=registry
    ).set(found.inbound_waiting)
    Gauge(
        "goodhelp_inbound_oldest_seconds",
        "How long the first unhandled message has waited.",
        registry=registry,
    ).set(found.oldest_inbound_seconds)
    outbound = Gauge(
        "goodhelp_outbound_messages",
        "Messages to residents, by status.",
        ["status"],
        registry=registry,
    )
    for status in Status:
        if status not in (Status.RECEIVED, Status.HANDLED):
            outbound.labels(status=str(status)).set(found.outbound.get(status, 0))
