"""One cell of a spreadsheet, read with patience, or advice on what to write."""

import re
from collections.abc import Callable
from typing import Any

from directory_sync import fields
from directory_sync.words import phone_of
from hub.crosswalk import crosswalk
from hub.hours import read_hours
from hub.places import parse_postcode

FORMULA = ("=", "@", "+", "-")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
ADVICE = "Write it as Mon-Fri 9am-5pm"
LISTS = re.compile(r"[,;/|\n]")
STATES = {
    "open": "active",
    "yes": "active",
    "running": "active",
    "y": "active",
    "no": "inactive",
    "n": "inactive",
    "ended": "inactive",
    "paused": "temporarily closed",
    "on hold": "temporarily closed",
}
NOBODY = {
    "",
    "n/a",
    "na",
    "none",
    "-",
    "tbc",
    "tba",
    "unknown",
    "?",
    "x",
    "null",
    "nil",
    "not known",
}
WHOLE = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}$")


class Unusable(Exception):
    """A cell that cannot be used; the message says what to write."""


def safe(cell: str) -> str:
    """A cell as plain text. Raises Unusable for what a spreadsheet would run as a formula."""
    text = cell.strip()
    # Some programs protect such cells with a quote in front.
    text = text.removeprefix("'").strip() if text[1:2] in FORMULA else text
    if text.startswith(("=", "@")) or re.match(r"^[+-][A-Za-z]{2,}[A-Za-z0-9.]*\(", text):
        raise Unusable(f"{_short(text)} looks like a formula. Write the words alone")
    return re.sub(r"^[-+•*]+\s+", "", text)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def _postcode(text: str) -> str:
    found = parse_postcode(text)
    if found and found.unit:
        return f"{found.outcode} {found.sector}{found.unit}"
    if found:
        raise Unusable(
            f"{_short(text)} is not a whole postcode. Write it as {found.outcode} "
            f"{found.sector or '0'}BS"
        )
    raise Unusable(f"{_short(text)} is no postcode. Write it as L11 0BS")


def _phone(text: str) -> str:
    found = phone_of(text)
    if found is None:
        raise Unusable(f"{_short(text)} is no phone number. Write it as 0151 496 0003")
    return found


def _age(text: str) -> float:
    found = NUMBER.search(text)
    if found is None:
        raise Unusable(f"{_short(text)} is no age. Write a number, as in 18")
    return float(_by(fields.AGE, "is no age. Write a number, as in 18")(found[0]))


def _ages(text: str) -> dict[str, float]:
    numbers = [float(number) for number in NUMBER.findall(text)]
    words = text.lower()
    if len(numbers) == 2 and numbers[0] <= numbers[1]:
        return {"minimum_age": numbers[0], "maximum_age": numbers[1]}
    if len(numbers) == 1:
        if re.search(r"under|below|younger|up to", words):
            return {"maximum_age": numbers[0] - ("under" in words or "below" in words)}
        return {"minimum_age": numbers[0]}
    if not numbers and re.search(r"all|any|every|adult", words):
        return {"minimum_age": 18.0} if "adult" in words else {}
    raise Unusable(f"{_short(text)} are no ages. Write them as 18-25 or 60+")


def _sex(text: str) -> list[str]:
    words = set(re.findall(r"[a-z]+", text.lower()))
    women = bool(words & {"women", "woman", "female", "females", "girls", "f", "w"})
    men = bool(words & {"men", "man", "male", "males", "boys", "m"})
    if women != men:
        return ["women_only" if women else "men_only"]
    if women or words & {"all", "any", "anyone", "everyone", "everybody", "both", "mixed", "no"}:
        return []
    raise Unusable(f"{_short(text)} is not understood. Write women or men, or leave it empty")


def _status(text: str) -> str:
    said = text.lower().strip(" .!")
    if said in STATES:
        return STATES[said]
    return str(_by(fields.STATUS, "is not understood. Write open, closed or paused")(said))


def _hours(text: str) -> str:
    reading = read_hours(text)
    if not reading.certain:
        why = "; ".join(reading.doubts[:2]) or "nothing was understood"
        raise Unusable(f"the times are not certain: {why}. Kept as written. {ADVICE}")
    return text


def _needs(text: str) -> list[str]:
    known = crosswalk()
    found: list[str] = []
    strange: list[str] = []
    for part in LISTS.split(text):
        said = part.strip()
        if not said:
            continue
        code = said.lower().replace(" ", "_")
        needs = (code,) if code in known.means else known.of_words(said)
        found.extend(needs)
        if not needs:
            strange.append(said)
    if strange and not found:
        raise Unusable(f"{_short(strange[0])} is none of the needs on the sheet 'Needs'")
    return list(dict.fromkeys(found))


def _by(read: Callable[[Any], Any], advice: str) -> Callable[[str], Any]:
    def reading(text: str) -> Any:
        try:
            return read(text)
        except ValueError:
            raise Unusable(f"{_short(text)} {advice}") from None

    return reading


def _list(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]


READERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "list": _list,
    "postcode": _postcode,
    "phone": _phone,
    "email": _by(fields.EMAIL_ADDRESS, "is no e-mail address. Write one, as in ann@example.org"),
    "url": _by(fields.WEB_ADDRESS, "is no web address. Write it as https://example.org"),
    "age": _age,
    "ages": _ages,
    "sex": _sex,
    "status": _status,
    "date": _by(fields.DATE, "is no date. Write it as 2026-11-02"),
    "number": _by(fields.NUMBER, "is no number"),
    "hours": _hours,
    "needs": _needs,
}


def read_cell(kind: str, cell: str) -> Any:
    """What a cell says; None where it says nothing. Raises Unusable with advice."""
    text = safe(cell)
    if text.lower().strip(" .") in NOBODY:
        return None
    return READERS[kind](text)
