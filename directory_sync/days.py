"""Days of the week as suppliers write them, as iCal codes: "Tues", 2, "Mon-Fri", "weekdays"."""

import re

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SEVERAL = {
    "weekdays": CODES[:5],
    "weekday": CODES[:5],
    "weekends": CODES[5:],
    "weekend": CODES[5:],
    "daily": CODES,
    "every day": CODES,
    "everyday": CODES,
    "all week": CODES,
}
RULE = re.compile(r"^[+-]?\d?(MO|TU|WE|TH|FR|SA|SU)(,[+-]?\d?(MO|TU|WE|TH|FR|SA|SU))*$")


def days_of(text: str) -> str | None:
    """Codes with commas; None where any part of the text is no day. 1 is Monday, as in HSDS 1."""
    said = " ".join(text.lower().split()).strip(" .")
    if said in SEVERAL:
        return ",".join(SEVERAL[said])
    found: list[str] = []
    for part in re.split(r"\s*(?:[,;/&+]|\band\b)\s*", said):
        ends = [_day(end) for end in re.split(r"\s*(?:-|–|\bto\b)\s*", part)]
        if len(ends) > 2 or None in ends:
            return None
        first, last = ends[0], ends[-1]
        assert first is not None and last is not None
        found += [CODES[(first + step) % 7] for step in range((last - first) % 7 + 1)]
    return ",".join(sorted(set(found), key=CODES.index)) or None


def rule_days(value: object) -> str | None:
    """The `byday` of a rule: as it is, or read from a list or from names. None where it cannot."""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    tight = re.sub(r"\s+", "", text).upper().strip(",")
    return tight if RULE.match(tight) else days_of(text)


def _day(word: str) -> int | None:
    word = word.strip(" .")
    if word.isascii() and word.isdigit():
        return int(word) - 1 if 1 <= int(word) <= 7 else None
    if len(word) < 2:
        return None
    word = word.removesuffix("s") if len(word) > 5 else word
    near = [n for n, name in enumerate(NAMES) if name.startswith(word.removesuffix("s") or word)]
    return near[0] if len(near) == 1 else None
