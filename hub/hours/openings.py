"""What a text about hours was read as: openings, how sure we are, and what made us unsure."""

from dataclasses import dataclass
from datetime import date, time

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
BANK_HOLIDAY = 7
# From here on a reading may be told to a resident as the service's hours.
CERTAIN = 0.75


@dataclass(frozen=True, order=True)
class Day:
    """A weekday (0 is Monday, 7 stands for bank holidays); `nth` of the month, 0 for every."""

    weekday: int
    nth: int = 0


@dataclass(frozen=True)
class Opening:
    """One span of time on some days. 24:00 is written as 23:59, as feeds do.

    `weeks` is 2 for every second week. A one-off has `valid_from` equal to `valid_to` and no days.
    A closing time before the opening time belongs to the next morning.
    """

    days: tuple[Day, ...]
    opens: time
    closes: time
    weeks: int = 1
    valid_from: date | None = None
    valid_to: date | None = None

    def rows(self) -> list[dict[str, object]]:
        """The same as iCal rules in the shape of HSDS schedules: one weekly, one monthly."""
        ordinary = [day for day in self.days if day.weekday != BANK_HOLIDAY]
        weekly = ",".join(CODES[day.weekday] for day in ordinary if not day.nth)
        monthly = ",".join(f"{day.nth}{CODES[day.weekday]}" for day in ordinary if day.nth)
        found: list[dict[str, object]] = []
        if not self.days:
            found.append({"dtstart": self.valid_from})
        if weekly:
            found.append({"freq": "WEEKLY", "byday": weekly, "interval": self.weeks})
        if monthly:
            found.append({"freq": "MONTHLY", "byday": monthly, "interval": 1})
        if len(ordinary) < len(self.days):
            found.append({"freq": "DAILY", "bank_holidays": "only", "interval": 1})
        times = {
            "opens_at": self.opens.isoformat("minutes"),
            "closes_at": self.closes.isoformat("minutes"),
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
        }
        return [{**times, **row} for row in found]


@dataclass(frozen=True)
class Reading:
    """A text and what it was read as. `confidence` is from 0 to 1; `doubts` say what lowered it.

    `term_time` is set where it is said to open in school terms only; `bank_holidays` is "open" or
    "closed" where that is said; `closed_days` are weekdays that are said to be closed, and
    `closed_dates` days from and to.
    """

    text: str
    openings: tuple[Opening, ...] = ()
    confidence: float = 0.0
    doubts: tuple[str, ...] = ()
    term_time: bool = False
    by_appointment: bool = False
    bank_holidays: str | None = None
    closed_days: tuple[int, ...] = ()
    closed_dates: tuple[tuple[date, date], ...] = ()

    @property
    def certain(self) -> bool:
        """Whether it may be relied on; else a person should look and residents are told to ask."""
        return self.confidence >= CERTAIN
