"""Tokens put together: "first and third Tuesday of the month" is one item, with its days."""

from dataclasses import dataclass, field

from hub.hours.clock import Span
from hub.hours.dates import Written
from hub.hours.openings import Day
from hub.hours.tokens import Token, is_welsh

EVERY = {"every", "each"}
# Words inside a list of days: "Mondays and the last Friday".
BETWEEN = EVERY | {"the", "on", "also"}


@dataclass(frozen=True)
class Item:
    """One piece of a reading.

    Kinds: `days`, `nth` (of whatever days are meant), `span`, `allday`, `dates`, `stop` and the
    kinds of tokens that qualify them. `doubt` is what is doubtful in it.
    """

    kind: str
    days: frozenset[Day] = frozenset()
    nth: tuple[int, ...] = ()
    span: Span | None = None
    dates: Written | None = None
    text: str = ""
    doubt: str = ""
    plural: bool = False


@dataclass
class _Reader:
    tokens: list[Token]
    at: int = 0
    found: list[Item] = field(default_factory=list)

    def kind(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place].kind if 0 <= place < len(self.tokens) else ""

    def read(self) -> list[Item]:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind in ("day", "days") or token.kind == "nth":
                self._days()
                continue
            self.at += 1
            match token.value:
                case Span() as span:
                    self.found.append(Item("span", span=span, text=token.text))
                case Written() as dates:
                    self.found.append(Item("dates", dates=dates, text=token.text))
                case _:
                    self.found.append(Item(token.kind, text=token.text))
        return self.found

    def _days(self) -> None:
        days: set[Day] = set()
        doubt, plural = "", False
        mark = self.at
        while True:
            start = self.at
            numbers = self._ordinals()
            if self.kind() not in ("day", "days"):
                if not days:
                    self._only_ordinals(numbers)
                    return
                self.at = mark
                break
            plural = plural or self.tokens[self.at].text.rstrip("'").endswith("s")
            weekdays = self._weekdays()
            if not numbers and self.kind() == "nth" and self.kind(1) == "month":
                # "Friday, last of the month", and Welsh, which says it this way round.
                numbers = self._ordinals()
            monthly = self.kind() in ("month", "monthly")
            if monthly:
                self.at += 1
            if len(numbers) == 1 and numbers[0] > 1 and not monthly and self._after_every(start):
                doubt = "may be of the month or every so many weeks"
            if monthly and not numbers:
                doubt = "does not say which week of the month"
            days.update(Day(day, number) for day in weekdays for number in numbers or (0,))
            mark = self.at
            # "Mon Wed Fri 9-12" is a list too.
            if not self._skip_joins() and self.kind() != "day":
                break
            if self.kind() not in ("day", "days", "nth"):
                self.at = mark
                break
        self.found.append(Item("days", days=frozenset(days), doubt=doubt, plural=plural))

    def _ordinals(self) -> tuple[int, ...]:
        found: list[int] = []
        while self.kind() == "nth":
            found.append(int(str(self.tokens[self.at].value)))
            self.at += 1
            mark = self.at
            self._skip_joins()
            if self.kind() == "to":
                self.at = mark
            if self.kind() != "nth":
                # "1st & 3rd" ended; a joining word before a day belongs to a list of days.
                if self.kind() not in ("day", "days"):
                    self.at = mark
                break
        return tuple(found)

    def _only_ordinals(self, numbers: tuple[int, ...]) -> None:
        """ "first and third week of each month", with the day said elsewhere."""
        said = False
        while self.kind() in ("week", "month", "monthly"):
            said = True
            self.at += 1
        if numbers and said:
            self.found.append(Item("nth", nth=numbers))
        elif self.tokens[self.at - 1].text.isalpha():
            # "ring first", "last hour".
            self.found.append(Item("word", text=self.tokens[self.at - 1].text))
        else:
            self.found.append(Item("word", text="ordinal", doubt="counts something unknown"))

    def _weekdays(self) -> frozenset[int]:
        first = self.tokens[self.at]
        self.at += 1
        if first.kind == "day" and self.kind() == "to" and self.kind(1) == "day":
            last = self.tokens[self.at + 1]
            if is_welsh(first.text) != is_welsh(last.text):
                # "Gwener - Friday" says it twice.
                return first.days
            self.at += 2
            (start,), (end,) = first.days, last.days
            return frozenset((start + step) % 7 for step in range((end - start) % 7 + 1))
        return first.days

    def _skip_joins(self) -> bool:
        start = self.at
        while self.kind() == "join":
            self.at += 1
        joined = self.at > start
        while joined and self.kind() == "word" and self.tokens[self.at].text in BETWEEN:
            self.at += 1
        return joined

    def _after_every(self, start: int) -> bool:
        return start > 0 and self.tokens[start - 1].text in EVERY


def items_of(tokens: list[Token]) -> list[Item]:
    """The items of a text, in order."""
    return _Reader(tokens).read()
