"""How long things are kept, table by table, and the job that keeps to it once a day.

A safeguarding hold keeps its ticket and that conversation. Everything else goes when its days are
over; of contacts and unmet needs only monthly totals remain, and none that is small.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub import suppressions
from hub.conversations import Conversation
from hub.database import Database
from hub.feedback import Feedback
from hub.follow_ups import FollowUp
from hub.holds import Hold
from hub.kept import Erasure, PastTotal, RetentionRun
from hub.messages import Message
from hub.people import Address, Consent, Person
from hub.profile import Profile
from hub.removal import AT_ONCE, delete_messages, delete_person, delete_tickets, gone
from hub.suppressions import Suppression
from hub.tickets import Ticket
from hub.topics import Contact, UnmetNeed

# Days, where the hub's own settings do not say otherwise.
DAYS = {
    "messages": 90,
    "tickets_after_closing": 365,
    "contacts": 365,
    "unmet_needs": 365,
    "feedback": 365,
    "people_after_last_message": 365,
    "consents": 2190,
    "suppressions": 2190,
    "audit": 2190,
}
# What has been due for longer than this should have gone: the job is not running.
GRACE = timedelta(days=2)
OTHERS = "_others"


@dataclass(frozen=True)
class Rule:
    """One kind of row: how many days it is kept, how many there are, how many are overdue."""

    name: str
    days: int
    rows: int
    overdue: int


def periods(profile: Profile) -> dict[str, int]:
    """Days by kind: the hub's own over the defaults."""
    return DAYS | {name: days for name, days in profile.retention_days.items() if name in DAYS}


def run_due(database: Database, profile: Profile, now: datetime) -> dict[str, int] | None:
    """Today's run, where there was none yet: what was deleted, by kind. None where it was done.

    Small transactions, so that nobody waits; two workers at once only share the work.
    """
    today = now.astimezone(profile.zone).date()
    with database.reading() as session:
        done = select(RetentionRun.id).where(
            RetentionRun.hub_id == profile.id, RetentionRun.day == today
        )
        if session.scalar(done) is not None:
            return None
    counts: Counter[str] = Counter()
    for name, step in STEPS.items():
        until = now - timedelta(days=periods(profile)[name])
        while deleted := _one(database, step, profile, until):
            counts[name] += deleted
    if counts:
        database.scrub()
    try:
        with database.writing() as session:
            row = RetentionRun(hub_id=profile.id, day=today, counts=dict(counts), at=now)
            session.add(row)
    except IntegrityError:
        return None
    return dict(counts)


def report(session: Session, profile: Profile, now: datetime) -> list[Rule]:
    """Every kind of row with its days, and what should have gone already."""
    found = []
    for name, days in periods(profile).items():
        table, late = LATE[name](profile.id, now - timedelta(days=days) - GRACE)
        everything = select(func.count()).select_from(table).where(_of(table, profile.id))
        overdue = session.scalar(select(func.count()).select_from(table).where(*late)) or 0
        found.append(Rule(name, days, session.scalar(everything) or 0, overdue))
    return found


def last_run(session: Session, hub_id: str) -> RetentionRun | None:
    """The newest run of the job."""
    return session.scalar(
        select(RetentionRun)
        .where(RetentionRun.hub_id == hub_id)
        .order_by(RetentionRun.day.desc())
        .limit(1)
    )


Step = Callable[[Session, Profile, datetime], int]


def _one(database: Database, step: Step, profile: Profile, until: datetime) -> int:
    with database.writing() as session:
        return step(session, profile, until)


def _messages(session: Session, profile: Profile, until: datetime) -> int:
    ids = session.scalars(
        select(Message.id).where(*_late_messages(profile.id, until)[1]).limit(AT_ONCE)
    )
    deleted = delete_messages(session, list(ids))
    if not deleted:
        _forget(session, profile, until)
    return deleted


def _forget(session: Session, profile: Profile, until: datetime) -> None:
    """What the dialogue remembers holds words too: it goes with the last message.

    Of a talk that goes on only the words of what is settled are dropped.
    """
    talks = session.scalars(
        select(Conversation)
        .where(
            Conversation.hub_id == profile.id,
            Conversation.created_at < until,
            ~_held_talk(Conversation.id),
        )
        .with_for_update(skip_locked=True)
    )
    for talk in talks:
        silent = talk.updated_at < until
        state = dict(talk.state)
        kept = (
            {name: state[name] for name in ("opted_out",) if state.get(name)}
            if silent
            else _without_old_words(state)
        )
        if kept != state:
            talk.state = kept


def _without_old_words(state: dict[str, object]) -> dict[str, object]:
    needs = state.get("needs")
    settled = ("met", "unmet", "dropped")
    listed = [
        {**need, "words": ""} if need.get("status") in settled else need
        for need in (needs if isinstance(needs, list) else [])
    ]
    return {
        **state,
        **({"needs": listed} if needs else {}),
        **({"first_words": ""} if state.get("first_words") else {}),
    }


def _tickets(session: Session, profile: Profile, until: datetime) -> int:
    found = select(Ticket.id).where(*_late_tickets(profile.id, until)[1]).limit(AT_ONCE)
    return delete_tickets(session, list(session.scalars(found)), keep_consents=True)


def _consents(session: Session, profile: Profile, until: datetime) -> int:
    found = select(Consent.id).where(*_late_consents(profile.id, until)[1]).limit(AT_ONCE)
    return gone(session, delete(Consent).where(Consent.id.in_(list(session.scalars(found)))))


def _feedback(session: Session, profile: Profile, until: datetime) -> int:
    alone = and_(
        FollowUp.hub_id == profile.id, FollowUp.ticket_id.is_(None), FollowUp.created_at < until
    )
    deleted = gone(session, delete(FollowUp).where(alone))
    return deleted + gone(session, delete(Feedback).where(*_late_feedback(profile.id, until)[1]))


def _contacts(session: Session, profile: Profile, until: datetime) -> int:
    before = _month_after(until.date())
    rows = session.execute(
        select(Contact.day, Contact.need, Contact.person_id).where(
            Contact.hub_id == profile.id, Contact.day < before
        )
    )
    who = [(day, "contact", need or OTHERS, person) for day, need, person in rows]
    _keep_totals(session, profile, who)
    return gone(session, delete(Contact).where(Contact.hub_id == profile.id, Contact.day < before))


def _unmet(session: Session, profile: Profile, until: datetime) -> int:
    before = datetime.combine(_month_after(until.date()), time(), tzinfo=profile.zone)
    late = (UnmetNeed.hub_id == profile.id, UnmetNeed.at < before)
    rows = session.execute(
        select(UnmetNeed.at, UnmetNeed.reason, UnmetNeed.need, UnmetNeed.person_id).where(*late)
    )
    who = [(at.date(), str(reason), need, person) for at, reason, need, person in rows]
    _keep_totals(session, profile, who)
    return gone(session, delete(UnmetNeed).where(*late))


def _keep_totals(
    session: Session, profile: Profile, rows: list[tuple[date, str, str, int]]
) -> None:
    """Monthly counts of people; those under the threshold go together, or not at all."""
    who: dict[tuple[date, str, str], set[int]] = {}
    for day, kind, need, person in rows:
        who.setdefault((day.replace(day=1), kind, need), set()).add(person)
    least = profile.suppression.threshold
    for (month, kind, need), people in list(who.items()):
        if len(people) < least and need != OTHERS:
            who.setdefault((month, kind, OTHERS), set()).update(who.pop((month, kind, need)))
    for (month, kind, need), people in who.items():
        if len(people) >= least:
            session.add(
                PastTotal(hub_id=profile.id, month=month, kind=kind, need=need, people=len(people))
            )


def _people(session: Session, profile: Profile, until: datetime) -> int:
    """People of whom nothing is left but a number that has not written for long."""
    found = select(Person).where(*_late_people(profile.id, until)[1]).limit(AT_ONCE)
    count = 0
    for person in session.scalars(found).all():
        for address in person.addresses:
            if address.opted_out_at is not None:
                suppressions.suppress(session, address, address.opted_out_at)
        delete_person(session, person.id)
        count += 1
    return count


def _suppressions(session: Session, profile: Profile, until: datetime) -> int:
    return gone(session, delete(Suppression).where(*_late_suppressions(profile.id, until)[1]))


def _audit(session: Session, profile: Profile, until: datetime) -> int:
    old = and_(Erasure.hub_id == profile.id, Erasure.done_at < until, Erasure.person_id.is_(None))
    deleted = gone(session, delete(Erasure).where(old))
    return deleted + gone(session, delete(RetentionRun).where(*_late_runs(profile.id, until)[1]))


STEPS: dict[str, Step] = {
    "messages": _messages,
    "tickets_after_closing": _tickets,
    "feedback": _feedback,
    "contacts": _contacts,
    "unmet_needs": _unmet,
    "consents": _consents,
    "people_after_last_message": _people,
    "suppressions": _suppressions,
    "audit": _audit,
}
Late = tuple[type, tuple[ColumnElement[bool], ...]]


def _held_talk(conversation_id: object) -> ColumnElement[bool]:
    return exists().where(Hold.ticket_id == Ticket.id, Ticket.conversation_id == conversation_id)


def _late_messages(hub_id: str, until: datetime) -> Late:
    return Message, (
        Message.hub_id == hub_id,
        Message.created_at < until,
        ~_held_talk(Message.conversation_id),
    )


def _late_tickets(hub_id: str, until: datetime) -> Late:
    held = exists().where(Hold.ticket_id == Ticket.id)
    return Ticket, (Ticket.hub_id == hub_id, Ticket.closed_at < until, ~held)


def _late_consents(hub_id: str, until: datetime) -> Late:
    ours = Consent.person_id.in_(select(Person.id).where(Person.hub_id == hub_id))
    return Consent, (ours, func.coalesce(Consent.withdrawn_at, Consent.given_at) < until)


def _late_feedback(hub_id: str, until: datetime) -> Late:
    return Feedback, (Feedback.hub_id == hub_id, Feedback.at < until)


def _late_contacts(hub_id: str, until: datetime) -> Late:
    return Contact, (Contact.hub_id == hub_id, Contact.day < until.date())


def _late_unmet(hub_id: str, until: datetime) -> Late:
    return UnmetNeed, (UnmetNeed.hub_id == hub_id, UnmetNeed.at < until)


def _late_people(hub_id: str, until: datetime) -> Late:
    kinds = (Ticket, Consent, Feedback, FollowUp, Contact, UnmetNeed)
    still = [exists().where(kind.person_id == Person.id) for kind in kinds]
    wrote = exists().where(Address.person_id == Person.id, Address.last_inbound_at >= until)
    said = exists().where(
        Message.conversation_id == Conversation.id, Conversation.person_id == Person.id
    )
    waits = exists().where(Erasure.person_id == Person.id)
    return Person, (
        Person.hub_id == hub_id,
        Person.created_at < until,
        ~or_(wrote, said, waits, *still),
    )


def _late_suppressions(hub_id: str, until: datetime) -> Late:
    return Suppression, (Suppression.hub_id == hub_id, Suppression.at < until)


def _late_runs(hub_id: str, until: datetime) -> Late:
    return RetentionRun, (RetentionRun.hub_id == hub_id, RetentionRun.at < until)


LATE: dict[str, Callable[[str, datetime], Late]] = {
    "messages": _late_messages,
    "tickets_after_closing": _late_tickets,
    "contacts": _late_contacts,
    "unmet_needs": _late_unmet,
    "feedback": _late_feedback,
    "people_after_last_message": _late_people,
    "consents": _late_consents,
    "suppressions": _late_suppressions,
    "audit": _late_runs,
}


def _of(table: type, hub_id: str) -> ColumnElement[bool]:
    if table is Consent:
        return Consent.person_id.in_(select(Person.id).where(Person.hub_id == hub_id))
    return table.hub_id == hub_id  # type: ignore[attr-defined, no-any-return]


def _month_after(day: date) -> date:
    """The first day of the next month: whole months are counted, and none is kept too long."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
