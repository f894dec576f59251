"""What followed: who met whom, how useful we were, what changed. People, small numbers hidden."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.follow_ups import FollowUp, Met, Stage
from hub.kept import MadeUpPerson
from hub.people import Person
from hub.profile import Suppression
from hub.reports import TOTAL, Row, Table
from hub.suppression import Shown, protect

NO_ANSWER = "no_answer"
BANDS = {"low": range(1, 5), "middle": range(5, 8), "high": range(8, 11)}


@dataclass(frozen=True)
class Answered:
    """The last follow-up of a person: what they answered, None where they did not."""

    person_id: int
    answer: str | None
    usefulness: int | None
    outcomes: dict[str, bool]


def answers(session: Session, hub_id: str, since: datetime) -> list[Answered]:
    """The last follow-up of each person that was asked since a moment."""
    rows = session.execute(
        select(FollowUp.person_id, FollowUp.answer, FollowUp.usefulness, FollowUp.outcomes)
        .where(
            FollowUp.hub_id == hub_id,
            FollowUp.stage.in_((Stage.ASKED, Stage.ANSWERED)),
            FollowUp.asked_at >= since,
        )
        .order_by(FollowUp.asked_at, FollowUp.id)
    )
    return list({row.person_id: Answered(*row) for row in rows}.values())


def made_up(session: Session, hub_id: str) -> int:
    """How many people of the demo's made-up numbers there are."""
    found = select(func.count()).select_from(MadeUpPerson).join(Person)
    return session.scalar(found.where(Person.hub_id == hub_id)) or 0


def met_table(found: Iterable[Answered], rule: Suppression) -> Table:
    """People by what they answered to "Did you meet ...?"."""
    keys = [*Met, NO_ANSWER]
    counts = dict.fromkeys([*map(str, keys), TOTAL], 0)
    for one in found:
        counts[one.answer or NO_ANSWER] += 1
        counts[TOTAL] += 1
    return _column(counts, rule)


def useful_table(found: Iterable[Answered], rule: Suppression) -> Table:
    """People by how useful we were to them."""
    counts = dict.fromkeys([*BANDS, TOTAL], 0)
    for one in found:
        if one.usefulness:
            counts[next(name for name, band in BANDS.items() if one.usefulness in band)] += 1
            counts[TOTAL] += 1
    return _column(counts, rule)


def mean_usefulness(found: Iterable[Answered], rule: Suppression) -> str:
    """The mean with one decimal, as in "9.4"; empty where too few people answered."""
    numbers = [one.usefulness for one in found if one.usefulness]
    if len(numbers) < rule.threshold:
        return ""
    return f"{sum(numbers) / len(numbers):.1f}"


def outcome_table(found: Iterable[Answered], rule: Suppression) -> Table:
    """Soft outcomes by yes and no, and everybody who answered each."""
    counts: dict[tuple[str, str], int] = {}
    for one in found:
        for name, yes in one.outcomes.items():
            for column in ("yes" if yes else "no", TOTAL):
                counts[name, column] = counts.get((name, column), 0) + 1
    names = sorted({name for name, _ in counts})
    columns = ("yes", "no", TOTAL)
    full = {(name, column): counts.get((name, column), 0) for name in names for column in columns}
    shown = protect(full, [[(name, column) for column in columns] for name in names], rule)
    rows = tuple(Row(name, tuple(shown[name, column] for column in columns)) for name in names)
    # People answer several questions: a total over them would count some twice.
    empty = Row(TOTAL, tuple(Shown(None, "") for _ in columns))
    return Table(columns, rows, empty)


def _column(counts: dict[str, int], rule: Suppression) -> Table:
    names = [name for name in counts if name != TOTAL]
    shown = protect(counts, [[*names, TOTAL]], rule)
    rows = tuple(Row(name, (shown[name],)) for name in names) if counts[TOTAL] else ()
    return Table(("people",), rows, Row(TOTAL, (shown[TOTAL],)))
