"""Schedules whose times stand in words: "Mon-Fri 9-5, closed bank holidays"."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hub.hours import Reading, read_hours

# Where suppliers put hours in words, by name.
WORDS = ("description", "original_text", "notes")
RULES = ("opens_at", "closes_at", "byday", "bymonthday", "weekday", "dtstart", "valid_from")
LeaveOut = Callable[[str, str], None]


def with_times(parts: Iterable[Mapping[str, Any]], leave_out: LeaveOut) -> list[dict[str, Any]]:
    """Schedules as they are, those in words with the times that were read.

    The words stay beside the times. What is not certain is reported through `leave_out(field,
    reason)`.
    """
    found: list[dict[str, Any]] = []
    for number, part in enumerate(parts):
        words = next((str(part[name]) for name in WORDS if part.get(name)), "")
        if not words.strip() or any(part.get(name) for name in RULES) or part.get("closed"):
            found.append({**part, "description": words or part.get("description")})
            continue
        reading = read_hours(words)
        if not reading.certain:
            why = "; ".join(reading.doubts[:3]) or "nothing was understood"
            leave_out(f"schedules[{number}].description", f"hours in words are not certain: {why}")
        own = {"service_at_location_id": part.get("service_at_location_id"), "description": words}
        found.extend({**own, **row} for row in rows_of(reading))
    return found


def rows_of(reading: Reading) -> list[dict[str, Any]]:
    """A reading as schedules in the shape of HSDS; one without times where none were read."""
    more = {
        "confidence": reading.confidence,
        "bank_holidays": reading.bank_holidays,
        "term_time": reading.term_time,
    }
    rows: list[dict[str, Any]] = [
        {**more, **row} for opening in reading.openings for row in opening.rows()
    ]
    rows.extend(
        {"freq": "DAILY", "closed": True, "valid_from": first, "valid_to": last, **more}
        for first, last in reading.closed_dates
    )
    return rows or [more]
