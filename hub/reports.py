"""What the hub publishes: who came from where, for what, how often, and what nobody met.

People and contacts are two counts. A contact is one person on one day. Every number has gone
through `hub/suppression.py`. Labels are ids here; whoever shows a table gives them words.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import links
from hub.profile import Suppression
from hub.suppression import Shown, protect
from hub.topics import Contact, UnmetNeed

WEEKS = 12
TOP_WARDS = 3
TOP_REASONS = 5
# Rows that gather what is not named. No ward and no need has such an id.
OTHERS = "_others"
NOT_KNOWN = "_not_known"
TOTAL = "_total"


@dataclass(frozen=True)
class Visit:
    """One contact: a person on a day, with the main reason, if one was heard."""

    person_id: int
    day: date
    need: str | None = None
    ward: str | None = None
    first: bool = False


@dataclass(frozen=True)
class Row:
    """A line of a table: an id and one number for each column."""

    id: str
    numbers: tuple[Shown, ...]


@dataclass(frozen=True)
class Table:
    """Columns by id, rows in the order to show them, and the total."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row


def period(today: date) -> tuple[date, date]:
    """Twelve weeks from a Monday, this week included: first day and last day."""
    monday = today - timedelta(days=today.weekday())
    return monday - timedelta(weeks=WEEKS - 1), today


def visits(session: Session, hub_id: str, first: date, last: date) -> list[Visit]:
    """The hub's contacts of a period, oldest first."""
    rows = session.execute(
        select(Contact.person_id, Contact.day, Contact.need, Contact.ward, Contact.first)
        .where(Contact.hub_id == hub_id, Contact.day >= first, Contact.day <= last)
        .order_by(Contact.day, Contact.id)
    )
    one = links.as_one(session, hub_id)
    found: dict[tuple[int, date], Visit] = {}
    for person_id, day, need, ward, new in rows:
        # Somebody who wrote on two channels that they have linked is one person, one contact.
        who = one.get(person_id, person_id)
        known = found.get((who, day))
        found[who, day] = Visit(
            who,
            day,
            (known.need if known else None) or need,
            (known.ward if known else None) or ward,
            new or bool(known and known.first),
        )
    return list(found.values())


def unmet(session: Session, hub_id: str, since: datetime) -> list[tuple[int, str, str]]:
    """Person, need and reason of every unmet need since a moment, each once."""
    rows = session.execute(
        select(UnmetNeed.person_id, UnmetNeed.need, UnmetNeed.reason)
        .where(UnmetNeed.hub_id == hub_id, UnmetNeed.at >= since)
        .distinct()
    )
    one = links.as_one(session, hub_id)
    return list({(one.get(person, person), need, reason): None for person, need, reason in rows})


def unmet_table(found: Iterable[tuple[int, str, str]], rule: Suppression) -> Table:
    """Need × reason × people, with the people of each need, each reason and all of them."""
    who: dict[tuple[str, str], set[int]] = {}
    for person, need, reason in found:
        for key in ((need, reason), (need, TOTAL), (TOTAL, reason), (TOTAL, TOTAL)):
            who.setdefault(key, set()).add(person)
    needs = sorted({n for n, _ in who} - {TOTAL}, key=lambda n: (-len(who[n, TOTAL]), n))
    reasons = sorted({r for _, r in who} - {TOTAL}, key=lambda r: (-len(who[TOTAL, r]), r))
    counts = {
        (need, reason): len(who.get((need, reason), ()))
        for need in (*needs, TOTAL)
        for reason in (*reasons, TOTAL)
    }
    lines = [[(need, reason) for reason in (*reasons, TOTAL)] for need in (*needs, TOTAL)]
    lines += [[(need, reason) for need in (*needs, TOTAL)] for reason in (*reasons, TOTAL)]
    shown = protect(counts, lines, rule)

    def row(need: str) -> Row:
        return Row(need, tuple(shown[need, reason] for reason in (*reasons, TOTAL)))

    return Table((*reasons, TOTAL), tuple(row(need) for need in needs), row(TOTAL))


def ward_table(found: Iterable[Visit], rule: Suppression) -> Table:
    """People by the ward they live in, as it was last known: the top three and the rest."""
    homes: dict[int, str | None] = {}
    for visit in found:
        homes[visit.person_id] = visit.ward or homes.get(visit.person_id)
    who: dict[str, set[int]] = {}
    for person, ward in homes.items():
        who.setdefault(ward or NOT_KNOWN, set()).add(person)
    return _ranked("people", _sizes(who), who, TOP_WARDS, rule)


def new_people_table(found: Iterable[Visit], rule: Suppression) -> Table:
    """New people by the main reason of their first day: the top five and the rest."""
    who: dict[str, set[int]] = {}
    for visit in found:
        if visit.first:
            who.setdefault(visit.need or NOT_KNOWN, set()).add(visit.person_id)
    return _ranked("people", _sizes(who), who, TOP_REASONS, rule)


def contacts_table(found: Iterable[Visit], rule: Suppression) -> Table:
    """All contacts by their main reason: the top five and the rest."""
    contacts: Counter[str] = Counter()
    who: dict[str, set[int]] = {}
    for visit in found:
        reason = visit.need or NOT_KNOWN
        contacts[reason] += 1
        who.setdefault(reason, set()).add(visit.person_id)
    return _ranked("contacts", contacts, who, TOP_REASONS, rule)


def weeks_table(found: Iterable[Visit], first: date, rule: Suppression) -> Table:
    """Contacts and people of each of twelve weeks; a row's id is its Monday, as 2026-11-16."""
    mondays = [(first + timedelta(weeks=n)).isoformat() for n in range(WEEKS)]
    contacts = dict.fromkeys([*mondays, TOTAL], 0)
    who: dict[str, set[int]] = {week: set() for week in contacts}
    for visit in found:
        monday = (visit.day - timedelta(days=visit.day.weekday())).isoformat()
        for week in (monday, TOTAL):
            contacts[week] += 1
            who[week].add(visit.person_id)
    people = {week: len(persons) for week, persons in who.items()}
    shown_contacts = protect(contacts, [[*mondays, TOTAL]], rule, people)
    shown_people = protect(people, [], rule)

    def row(week: str) -> Row:
        return Row(week, (shown_contacts[week], shown_people[week]))

    return Table(("contacts", "people"), tuple(row(week) for week in mondays), row(TOTAL))


def _ranked(
    column: str, counts: Counter[str], who: dict[str, set[int]], top: int, rule: Suppression
) -> Table:
    """The `top` largest, the others together, those not known, and the total.

    `who` holds the people behind each count: they decide what is too small to show.
    """
    by_size = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    named = [key for key, _ in by_size if key != NOT_KNOWN]
    groups = {key: [key] for key in named[:top]}
    groups |= {OTHERS: named[top:], NOT_KNOWN: [NOT_KNOWN] if NOT_KNOWN in counts else []}
    rows = [key for key, members in groups.items() if members]
    groups[TOTAL] = list(counts)
    gathered = {key: sum(counts[m] for m in members) for key, members in groups.items()}
    people = {
        key: len({person for m in members for person in who[m]}) for key, members in groups.items()
    }
    shown = protect(gathered, [[*rows, TOTAL]], rule, people)
    return Table(
        (column,), tuple(Row(key, (shown[key],)) for key in rows), Row(TOTAL, (shown[TOTAL],))
    )


def _sizes(who: dict[str, set[int]]) -> Counter[str]:
    return Counter({key: len(people) for key, people in who.items()})
