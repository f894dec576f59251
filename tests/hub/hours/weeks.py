"""Opening hours in the standard notation, expanded by a library that knows it."""

from datetime import datetime

from opening_hours import OpeningHours

# Eight ordinary weeks: every "first Tuesday" is in them, no bank holiday of England is.
FIRST, LAST = datetime(2026, 9, 7), datetime(2026, 11, 2)


def weeks(standard: str) -> list[tuple[datetime, datetime]]:
    """When it is open in those weeks."""
    if not standard:
        return []
    found: list[tuple[datetime, datetime]] = []
    for opens, closes, state, _ in OpeningHours(standard).intervals(FIRST, LAST):
        if str(state) == "closed":
            continue
        if found and found[-1][1] == opens:
            found[-1] = (found[-1][0], closes)
        else:
            found.append((opens, closes))
    return found
