"""`goodhelp hours`: texts about opening hours in, what they were read as out, a JSON line each."""

import json
from collections.abc import Iterable
from typing import Any, TextIO

from hub.hours.openings import Reading
from hub.hours.reading import read_hours
from hub.hours.standard import as_standard


def hours_lines(lines: Iterable[str], out: TextIO) -> None:
    """JSON lines `{"id", "text"}` in, an answer each, in the same order. Empty lines are skipped.

    A line that is no JSON object is taken as the text itself.
    """
    for line in lines:
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
        except ValueError:
            raw = None
        given = raw if isinstance(raw, dict) else {"text": line.rstrip("\n")}
        answer = {"id": given.get("id"), **as_json(read_hours(str(given.get("text") or "")))}
        out.write(json.dumps(answer, ensure_ascii=False) + "\n")
        out.flush()


def as_json(reading: Reading) -> dict[str, Any]:
    """A reading with its openings as iCal rules, and its week in the notation of OpenStreetMap."""
    return {
        "opening_hours": as_standard(reading),
        "confidence": reading.confidence,
        "certain": reading.certain,
        "doubts": list(reading.doubts),
        "term_time": reading.term_time,
        "by_appointment": reading.by_appointment,
        "bank_holidays": reading.bank_holidays,
        "schedules": [
            {name: str(value) for name, value in row.items() if value is not None}
            for opening in reading.openings
            for row in opening.rows()
        ],
        "closed": [
            {"valid_from": str(first), "valid_to": str(last)}
            for first, last in reading.closed_dates
        ],
    }
