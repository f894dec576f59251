"""The kinds of field a record has, each reading what suppliers really send.

A field that cannot be read raises ValueError with a reason in plain words. `None` and the
empty string mean that the field is absent, whatever the schema says.
"""

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

import nh3
from dateutil import parser as dates
from pydantic import BeforeValidator

OLDEST, NEWEST = 1900, 2200
OLDEST_PERSON = 130
STATUSES = {
    "active": "active",
    "open": "active",
    "live": "active",
    "published": "active",
    "inactive": "inactive",
    "closed": "inactive",
    "archived": "inactive",
    "deleted": "inactive",
    "draft": "inactive",
    "ended": "inactive",
    "expired": "inactive",
    "pending": "inactive",
    "unpublished": "inactive",
    "withdrawn": "inactive",
    "defunct": "defunct",
    "paused": "temporarily closed",
    "temporarily closed": "temporarily closed",
    "suspended": "temporarily closed",
}
EMAIL = re.compile(r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]{2,}$")
TAGS_THAT_BREAK = re.compile(r"<\s*(?:/\s*(?:p|div|li|h\d|tr|ul|ol)|br\s*/?)\s*>", re.IGNORECASE)
# Control characters, and the marks that turn the direction of text or hide in it.
CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
# Without any of these a printable text needs no cleaning.
DIRT = re.compile(r"[<&]|\\n")
CLOCK = re.compile(
    r"^(?:\d{4}-\d\d-\d\dT)?(\d{1,2})(?:[:.]?(\d\d))?(?:[:.]\d\d(?:\.\d+)?)?\s*"
    r"(?:([ap])\.?(?:m\.?)?)?\s*(?:Z|[+-]\d\d:?\d\d)?$",
    re.IGNORECASE,
)
# Half of Europe, and the spreadsheets set up there, write decimals with a comma.
COMMA, CENTS = re.compile(r"^-?\d{1,3},\d+$"), re.compile(r"^\d+,\d\d?$")
# Days since the end of 1899, as spreadsheets count them: from 1954 to 2119.
SERIAL = re.compile(r"^[2-7]\d{4}(\.\d+)?$")
FIRST_DAY = datetime(1899, 12, 30)
DOMAIN = re.compile(r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/\S*)?$", re.IGNORECASE)


def clean_text(value: Any) -> str:
    """Plain words out of text, Markdown left alone, HTML and its scripts taken out."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is no text")
    text = str(value)
    if text.isascii() and text.isprintable() and not DIRT.search(text):
        # Most texts by far: nothing to take out.
        return " ".join(text.split()) if "  " in text else text.strip()
    if "<" in text:
        text = nh3.clean(TAGS_THAT_BREAK.sub(" ", text), tags=set())
    # Twice, since exports often escape what was escaped: "&amp;amp;".
    text = html.unescape(html.unescape(text)) if "&" in text else text
    text = CONTROLS.sub("", text).replace("\\n", " ").replace("\u00a0", " ")
    return " ".join(text.split())


def _text(at_most: int) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        return None if value is None else clean_text(value)[:at_most].strip() or None

    return read


def _needed(at_most: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        found = _text(at_most)(value)
        if not found:
            raise ValueError("is missing")
        return found

    return read


def _identifier(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("is missing" if value is None else "is no id")
    found = CONTROLS.sub("", str(value)).strip()
    if not found:
        raise ValueError("is missing")
    if len(found) > 200:
        raise ValueError("is longer than 200 characters")
    return found


def _optional_identifier(value: Any) -> str | None:
    return None if value in (None, "") else _identifier(value)


def _status(value: Any) -> str:
    if value in (None, ""):
        return "active"
    found = STATUSES.get(str(value).strip().lower().replace("_", " "))
    if found is None:
        raise ValueError(f"{str(value)[:40]!r} is no status that we know")
    return found


def _age(value: Any) -> float | None:
    number = _number(value)
    if number is None:
        return None
    if not 0 <= number <= OLDEST_PERSON:
        raise ValueError(f"{number:g} is no age")
    return number


def _amount(value: Any) -> float | None:
    text = str(value).replace("£", "").strip() if value else value
    if isinstance(text, str):
        text = text.replace(",", "." if CENTS.match(text) else "")
    number = _number(text)
    if number is not None and not 0 <= number < 1_000_000:
        raise ValueError(f"{number:g} is no price")
    return number


def _latitude(value: Any) -> float | None:
    return _degrees(value, 90, "latitude")


def _longitude(value: Any) -> float | None:
    return _degrees(value, 180, "longitude")


def _degrees(value: Any, most: int, name: str) -> float | None:
    if isinstance(value, str) and COMMA.match(value.strip()):
        value = value.replace(",", ".")
    number = _number(value)
    if number is not None and abs(number) > most:
        raise ValueError(f"{number:g} is no {name}")
    return number


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise ValueError("is no number")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{str(value)[:40]!r} is no number") from None
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("is no number")
    return number


def _whole(value: Any) -> int:
    number = _number(value)
    if number is None:
        return 1
    if number != int(number) or not 1 <= number <= 366:
        raise ValueError(f"{number:g} is no interval")
    return int(number)


def _url(value: Any) -> str | None:
    if value is None or not str(value).strip():
        return None
    found = CONTROLS.sub("", str(value)).strip()
    if DOMAIN.match(found):
        found = f"https://{found}"
    try:
        parts = urlsplit(found)
    except ValueError:
        raise ValueError("is no web address") from None
    if parts.scheme not in ("http", "https") or "." not in (parts.hostname or ""):
        raise ValueError("is no web address")
    if len(found) > 2000 or " " in found:
        raise ValueError("is no web address")
    return found


def _email(value: Any) -> str | None:
    if value is None or not str(value).strip():
        return None
    found = str(value).strip().removeprefix("mailto:")
    if not EMAIL.match(found) or len(found) > 320:
        raise ValueError("is no e-mail address")
    return found


def _date(value: Any) -> date | None:
    if value is None or value == "":
        return None
    moment = _moment(value)
    return None if moment is None else moment.date()


def _moment(value: Any) -> datetime | None:
    if value is None or value == "":
        return None
    if SERIAL.match(str(value).strip()):
        return (FIRST_DAY + timedelta(days=float(value))).replace(tzinfo=UTC)
    try:
        found = datetime.fromisoformat(str(value).strip())
    except ValueError:
        try:
            found = dates.parse(str(value), dayfirst=True, default=datetime(1900, 1, 1))
        except (ValueError, OverflowError):
            raise ValueError(f"{str(value)[:40]!r} is no date") from None
    if not OLDEST <= found.year <= NEWEST:
        raise ValueError(f"{found.year} is no likely year")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _clock(value: Any) -> time | None:
    """A wall clock time. A zone is left out: suppliers put Z on local times."""
    if value is None or value == "":
        return None
    match = CLOCK.match(str(value).strip())
    if match is None:
        raise ValueError(f"{str(value)[:40]!r} is no time")
    hour, minute = int(match[1]), int(match[2] or 0)
    half = (match[3] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(f"{str(value)[:40]!r} is no time")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if (hour, minute) == (24, 0):
        return time(23, 59)
    if hour > 23 or minute > 59:
        raise ValueError(f"{str(value)[:40]!r} is no time")
    return time(hour, minute)


# The same readings one by one, for spreadsheets.
AGE, STATUS, DATE, NUMBER = _age, _status, _date, _number
EMAIL_ADDRESS, WEB_ADDRESS = _email, _url

# Optional texts, longer ones cut at 20, 100, 300, 3000 and 20,000 characters.
Word = Annotated[str | None, BeforeValidator(_text(20))]
Short = Annotated[str | None, BeforeValidator(_text(100))]
Line = Annotated[str | None, BeforeValidator(_text(300))]
Lines = Annotated[str | None, BeforeValidator(_text(3000))]
LongText = Annotated[str | None, BeforeValidator(_text(20_000))]
NeededLine = Annotated[str, BeforeValidator(_needed(300))]
NeededWord = Annotated[str, BeforeValidator(_needed(60))]
Id = Annotated[str, BeforeValidator(_identifier)]
OptionalId = Annotated[str | None, BeforeValidator(_optional_identifier)]
Status = Annotated[str, BeforeValidator(_status)]
Age = Annotated[float | None, BeforeValidator(_age)]
Amount = Annotated[float | None, BeforeValidator(_amount)]
Latitude = Annotated[float | None, BeforeValidator(_latitude)]
Longitude = Annotated[float | None, BeforeValidator(_longitude)]
Interval = Annotated[int, BeforeValidator(_whole)]
Url = Annotated[str | None, BeforeValidator(_url)]
Email = Annotated[str | None, BeforeValidator(_email)]
Day = Annotated[date | None, BeforeValidator(_date)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Clock = Annotated[time | None, BeforeValidator(_clock)]
