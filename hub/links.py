"""One person on several channels: linked by a code that they read on one and send from the other.

Linked people keep their own conversation, tickets, consents and safe contact. The link says that
they are one: to staff, and to whoever counts people. Nothing that was said on one channel is ever
told on another, since somebody else may hold that phone. So a link can be undone at any time and
leaves nothing to be taken apart. Why: docs/decisions/0007-links-not-merges.md.
"""

import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub import tickets
from hub.database import Base, UtcDateTime
from hub.people import ContactWay, Person, SafeContact, blind

CODE_LIVES = timedelta(minutes=15)
# Tries are counted over this time.
WITHIN = timedelta(hours=1)
MOST_CODES = 3
MOST_WRONG = 5
# Guessing by many phones at once: then nobody can link for a while.
MOST_WRONG_AT_A_HUB = 30
CODE = re.compile(r"(\d{3})[\s-]?(\d{3})")


class Entered(StrEnum):
    """What came of a code that somebody sent."""

    LINKED = "linked"
    WRONG = "wrong"
    OWN = "own"
    TOO_MANY = "too_many"


class _Try(StrEnum):
    ASKED = "asked"
    WRONG = "wrong"


class LinkedPerson(Base):
    """One of several people who are the same person: all with the same `set_id`."""

    __tablename__ = "linked_people"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"), index=True)
    set_id: Mapped[str] = mapped_column(String(32), index=True)
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LinkCode(Base):
    """The newest code of a person, as a keyed hash. It goes when it was used."""

    __tablename__ = "link_codes"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    lookup: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LinkTry(Base):
    """Somebody asked for a code, or sent a wrong one."""

    __tablename__ = "link_tries"
    __table_args__ = (Index("ix_link_tries_hub_id_at", "hub_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def make_code(session: Session, person: Person, now: datetime) -> str | None:
    """A fresh code of six digits for a person; None where they asked too often.

    The one before is void. Only its keyed hash is kept.
    """
    if _tries(session, person, _Try.ASKED, now) >= MOST_CODES:
        return None
    _note(session, person, _Try.ASKED, now)
    session.execute(delete(LinkCode).where(LinkCode.expires_at <= now))
    code, lookup = _unused(session, person.hub_id)
    row = session.get(LinkCode, person.id) or LinkCode(person_id=person.id, hub_id=person.hub_id)
    row.lookup, row.expires_at = lookup, now + CODE_LIVES
    session.add(row)
    session.flush()
    return code


def is_expected(session: Session, person: Person, now: datetime) -> bool:
    """Whether anybody else at the hub has a code to send: then six digits may be one."""
    found = select(LinkCode.person_id).where(
        LinkCode.hub_id == person.hub_id,
        LinkCode.person_id != person.id,
        LinkCode.expires_at > now,
    )
    return session.scalar(found.limit(1)) is not None


def enter(session: Session, person: Person, code: str, now: datetime) -> Entered:
    """Link a person with the one whose code they send, if it is right, new and unused."""
    if _may_not_try(session, person, now):
        return Entered.TOO_MANY
    row = session.scalar(
        select(LinkCode)
        .where(LinkCode.lookup == _lookup(session, person.hub_id, code), LinkCode.expires_at > now)
        .with_for_update()
    )
    if row is None:
        _note(session, person, _Try.WRONG, now)
        return Entered.WRONG
    if row.person_id == person.id:
        return Entered.OWN
    other = session.get_one(Person, row.person_id)
    session.delete(row)
    _join(session, other, person, now)
    return Entered.LINKED


def unlink(session: Session, person: Person, now: datetime) -> bool:
    """Take a person out of their link; the others stay linked with each other. False: was in none.

    A code of theirs that nobody has used is void too.
    """
    session.execute(delete(LinkCode).where(LinkCode.person_id == person.id))
    mine = session.get(LinkedPerson, person.id)
    if mine is None:
        return False
    together = [person.id, *others(session, person.id)]
    session.delete(mine)
    session.flush()
    if len(together) == 2:
        session.execute(delete(LinkedPerson).where(LinkedPerson.set_id == mine.set_id))
    _tell(session, together, "unlinked", now)
    return True


def others(session: Session, person_id: int) -> list[int]:
    """The people who are the same person as this one, by id."""
    mine = select(LinkedPerson.set_id).where(LinkedPerson.person_id == person_id)
    return list(
        session.scalars(
            select(LinkedPerson.person_id)
            .where(
                LinkedPerson.set_id == mine.scalar_subquery(), LinkedPerson.person_id != person_id
            )
            .order_by(LinkedPerson.person_id)
        )
    )


def as_one(session: Session, hub_id: str) -> dict[int, int]:
    """For whoever counts people: every linked person's id, and the one id to count them by."""
    first: dict[str, int] = {}
    found: dict[int, int] = {}
    rows = session.execute(
        select(LinkedPerson.person_id, LinkedPerson.set_id)
        .where(LinkedPerson.hub_id == hub_id)
        .order_by(LinkedPerson.person_id)
    )
    for person_id, set_id in rows:
        found[person_id] = first.setdefault(set_id, person_id)
    return found


def hushed_elsewhere(session: Session, person_id: int) -> bool:
    """Whether they said on another channel, later than here, that nobody should contact them.

    The newest word counts where it is the more careful one: the same eyes may see both phones.
    """
    mine = session.get(SafeContact, person_id)
    newest = session.scalar(
        select(func.max(SafeContact.updated_at)).where(
            SafeContact.person_id.in_(others(session, person_id)),
            SafeContact.way == ContactWay.NEITHER,
        )
    )
    return newest is not None and (mine is None or newest > mine.updated_at)


def _join(session: Session, one: Person, other: Person, now: datetime) -> None:
    """Put two people, and whoever is linked with either, into one set."""
    sets = [
        row.set_id
        for person in (one, other)
        if (row := session.get(LinkedPerson, person.id)) is not None
    ]
    set_id = sets[0] if sets else secrets.token_hex(16)
    for row in session.scalars(select(LinkedPerson).where(LinkedPerson.set_id.in_(sets))):
        row.set_id = set_id
    for person in (one, other):
        if session.get(LinkedPerson, person.id) is None:
            row = LinkedPerson(
                person_id=person.id, hub_id=person.hub_id, set_id=set_id, linked_at=now
            )
            session.add(row)
    session.flush()
    _tell(session, [one.id, *others(session, one.id)], "linked", now)


def _tell(session: Session, person_ids: list[int], kind: str, now: datetime) -> None:
    """Write it into the trail of every ticket that is open for them: staff must know."""
    for person_id in person_ids:
        ticket = tickets.open_ticket(session, person_id)
        if ticket is not None:
            tickets.add_event(session, ticket, kind, now)


def _may_not_try(session: Session, person: Person, now: datetime) -> bool:
    if _tries(session, person, _Try.WRONG, now) >= MOST_WRONG:
        return True
    here = session.scalar(
        select(func.count())
        .select_from(LinkTry)
        .where(
            LinkTry.hub_id == person.hub_id,
            LinkTry.kind == _Try.WRONG,
            LinkTry.at > now - WITHIN,
        )
    )
    return (here or 0) >= MOST_WRONG_AT_A_HUB


def _tries(session: Session, person: Person, kind: _Try, now: datetime) -> int:
    """How often within the last hour; what is older goes."""
    mine = (LinkTry.person_id == person.id, LinkTry.kind == kind)
    session.execute(delete(LinkTry).where(*mine, LinkTry.at <= now - WITHIN))
    return session.scalar(select(func.count()).select_from(LinkTry).where(*mine)) or 0


def _note(session: Session, person: Person, kind: _Try, now: datetime) -> None:
    session.add(LinkTry(person_id=person.id, hub_id=person.hub_id, kind=kind, at=now))
    session.flush()


def _unused(session: Session, hub_id: str) -> tuple[str, str]:
    """A code that nobody at the hub has just now, and its hash."""
    while True:
        code = f"{secrets.randbelow(1_000_000):06d}"
        lookup = _lookup(session, hub_id, code)
        if session.scalar(select(LinkCode.person_id).where(LinkCode.lookup == lookup)) is None:
            return code, lookup


def _lookup(session: Session, hub_id: str, code: str) -> str:
    """The keyed hash of a code: six digits could be guessed from a plain one."""
    return blind(session, f"link {hub_id} {code}")
