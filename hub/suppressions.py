"""What remains of somebody who was deleted: a keyed hash of their number, and nothing else.

It answers one question only: may we write first to this number? It is also what an erasure is
done again from after a backup was put back.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.database import Base, UtcDateTime
from hub.people import Address, Reach, blind


class Suppressed(StrEnum):
    """Why we do not write first."""

    ERASED = "erased"
    OPTED_OUT = "opted_out"


class Suppression(Base):
    """One number of one channel, hashed. `reason` says whether they had also opted out."""

    __tablename__ = "suppressions"
    __table_args__ = (UniqueConstraint("hub_id", "channel", "lookup"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    channel: Mapped[str] = mapped_column(String(20))
    lookup: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def suppress(session: Session, address: Address, now: datetime) -> None:
    """Keep the hash of an address; who had opted out stays opted out."""
    reason = Suppressed.OPTED_OUT if address.opted_out_at else Suppressed.ERASED
    found = of(session, address)
    if found is None:
        found = Suppression(
            hub_id=address.hub_id, channel=address.channel, lookup=address.lookup, reason=reason
        )
        session.add(found)
    found.reason, found.at = reason, now


def of(session: Session, address: Address) -> Suppression | None:
    """The entry of an address, if it has one."""
    return session.scalar(
        select(Suppression).where(
            Suppression.hub_id == address.hub_id,
            Suppression.channel == address.channel,
            Suppression.lookup == address.lookup,
        )
    )


def erased(session: Session, hub_id: str, reach: Reach, sent_at: datetime) -> bool:
    """Whether what somebody wrote at `sent_at` was deleted at their wish since."""
    found = select(Suppression.id).where(
        Suppression.hub_id == hub_id,
        Suppression.channel == reach.channel,
        Suppression.lookup == blind(session, reach.value),
        Suppression.at >= sent_at,
    )
    return session.scalar(found) is not None


def forbids(session: Session, address: Address) -> bool:
    """Whether we may not write first: deleted, and they have not written to us since."""
    found = of(session, address)
    last = address.last_inbound_at
    return found is not None and (last is None or last <= found.at)
