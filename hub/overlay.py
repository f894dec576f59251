"""A service with what staff know better laid over it (`hub.corrections`)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING, Any

from hub.corrections import Correction, Field
from hub.hours import read_hours
from hub.schedules import OpeningTimes
from hub.services import Schedule

if TYPE_CHECKING:
    from hub.candidates import Candidate

Times = Callable[[Sequence[Any]], OpeningTimes]


def overlaid(
    candidate: "Candidate", corrections: Sequence[Correction], times: Times
) -> "Candidate":
    """The candidate as it is to be offered; `times` makes opening times of schedules."""
    changes: dict[str, Any] = {}
    for row in corrections:
        if row.field == Field.CLOSED:
            changes["status"] = "inactive"
        elif row.field == Field.TIMES:
            rows = schedules_of(row.value)
            changes["times"] = times(rows)
            changes["has_schedules"] = bool(changes["times"].rules)
        elif row.field != Field.NOTE:
            changes[row.field] = row.value
    return replace(candidate, **changes) if changes else candidate


def schedules_of(words: str) -> list[Schedule]:
    """Times in words as schedules; one that holds the words alone where they are not certain."""
    reading = read_hours(words)
    rows: list[dict[str, Any]] = [row for one in reading.openings for row in one.rows()]
    rows += [
        {"freq": "DAILY", "closed": True, "valid_from": first, "valid_to": last}
        for first, last in reading.closed_dates
    ]
    found = []
    for row in rows or [{}]:
        clocks = {
            name: time.fromisoformat(str(row[name]))
            for name in ("opens_at", "closes_at")
            if row.get(name)
        }
        found.append(
            Schedule(
                **{
                    "interval": 1,
                    "closed": False,
                    "instead": False,
                    **row,
                    **clocks,
                    "description": words,
                    "confidence": reading.confidence if rows else 0.0,
                    "term_time": reading.term_time,
                    "bank_holidays": row.get("bank_holidays") or reading.bank_holidays,
                }
            )
        )
    return found
