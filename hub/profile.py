"""A hub's own settings, from `hubs/<id>/hub.yml`: name, hours, area, feeds, helplines."""

from datetime import date, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.errors import Misconfigured

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Venue(_Part):
    """Where people can walk in. Degrees, WGS 84."""

    name: str
    address: str
    postcode: str
    latitude: float
    longitude: float
    access: str = ""


class Outcode(_Part):
    """A postcode district that the hub serves; not `whole` where it is only a part."""

    code: str
    whole: bool = True


class Area(_Part):
    """What counts as local."""

    outcodes: tuple[Outcode, ...] = ()
    wards: tuple[str, ...] = ()
    ward_vintage: int | None = None
    near_minutes: int = 20


class Hours(_Part):
    """Opening and closing time of one day, in the hub's own zone."""

    opens: time
    closes: time


class Holidays(_Part):
    """Names of the `holidays` library: a country and a subdivision."""

    country: str = "GB"
    subdivision: str = "ENG"


class Term(_Part):
    """A school term, both days included. A half-term holiday parts two of them."""

    first: date
    last: date


class Suppression(_Part):
    """Counts of people below `threshold` are not shown; the others are rounded to `rounding`."""

    threshold: int = Field(default=10, ge=1)
    rounding: int = Field(default=5, ge=1)


class QuietHours(_Part):
    """When we never write first: from one local time, over midnight, to another."""

    begin: time = Field(default=time(20), alias="from")
    end: time = Field(default=time(9), alias="to")

    def covers(self, local: time) -> bool:
        """Whether a local time of day is within them."""
        if self.begin <= self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end


class FeedSource(_Part):
    """A directory feed: an address, or a file in the hub's folder.

    It is read again every so many hours by the worker; 0 is only by hand. A feed that needs a key
    gets it in `key_header` or `key_parameter`; the key itself is in the setting `feed_keys`.
    `allow_private` lets it be plain http or inside the hub's own network. `hold_back` is the share
    that may be withdrawn at once, where it is not that of the settings.
    """

    id: str
    source: str
    every_hours: float = Field(default=24, ge=0)
    key_header: str = ""
    key_parameter: str = ""
    allow_private: bool = False
    hold_back: float | None = Field(default=None, gt=0, le=1)
    kind: str = "oruk3"
    owner: str = ""


class Helpline(_Part):
    """A line to call or to text. Unverified ones are reported by `goodhelp check`."""

    id: str
    name: str
    number: str | None = None
    text_to: str | None = None
    keyword: str | None = None
    hours: str | None = None
    audience: str = ""
    risks: tuple[str, ...] = Field(default=(), alias="for")
    source: str = ""
    verified_on: date | None = None
    note: str | None = None


class Profile(_Part):
    """Everything that differs between hubs."""

    id: str
    name: str
    short_name: str
    timezone: str = "Europe/London"
    venue: Venue
    area: Area = Area()
    opening_hours: dict[str, Hours]
    closed_dates: tuple[date, ...] = ()
    bank_holidays: Holidays = Holidays()
    school_terms: tuple[Term, ...] = ()
    reply_after: time = time(10)
    on_call: tuple[dict[str, Any], ...] = ()
    timetable: dict[str, Any] = {}
    suppression: Suppression = Suppression()
    retention_days: dict[str, int] = {}
    follow_up_after_days: int = Field(default=7, ge=1)
    follow_up_outcomes: tuple[str, ...] = ()
    quiet_hours: QuietHours = QuietHours()
    feeds: tuple[FeedSource, ...] = ()
    helplines: tuple[Helpline, ...] = ()
    folder: Path

    @property
    def zone(self) -> ZoneInfo:
        """The hub's own time zone."""
        return ZoneInfo(self.timezone)


def load_profile(folder: Path) -> Profile:
    """Read a hub's folder. Raises Misconfigured with the field that is wrong."""
    raw = _read(folder / "hub.yml")
    lines = raw.get("helplines")
    raw["helplines"] = _read(folder / lines) if isinstance(lines, str) else (lines or [])
    try:
        profile = Profile.model_validate({**raw, "folder": folder})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(f"{folder.name}/hub.yml: {where}: {first['msg']}") from None
    unknown = [day for day in profile.opening_hours if day not in DAYS]
    if unknown:
        raise Misconfigured(f"{folder.name}/hub.yml: opening_hours: {unknown[0]} is no day")
    return profile


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError:
        raise Misconfigured(f"{path.name} is missing in {path.parent.name}/") from None
    except yaml.YAMLError as error:
        raise Misconfigured(f"{path.name} is not valid YAML: {error}") from None
