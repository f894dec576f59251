"""What the dialogue knows about a conversation. Kept, encrypted, in our own record."""

from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self


class NeedStatus(StrEnum):
    """How far a need has come: heard, confirmed in the summary (open), and how it ended."""

    HEARD = "heard"
    OPEN = "open"
    MET = "met"
    UNMET = "unmet"
    DROPPED = "dropped"
    # Part of a danger that was told: a worker takes it up, and no service is offered for it.
    WITH_PERSON = "with_person"


# Stages in which a resident talks freely: what is heard there is summed up before anything else.
TALK = ("new", "good_life", "listening", "done", "returned")


@dataclass(frozen=True)
class State:
    """One value a conversation.

    `stage` names the question that is open; Rasa's rules are conditioned on it, `before` is the
    one before it. `needs` are `{"id", "words", "status"}` in the order they were voiced.
    `offers` are the services as they were shown (the fields of `Match`), `shown` the id of
    each one ever shown for the need at hand, `chosen` the one that was picked.
    `follow_up` is the one that was asked: `{"id", "name", "ask"}`, `ask` the questions to come.
    `earlier` are the offers before the last "something else", `last_service` the one that was
    picked last, for questions later on. `eases` is what stands in the way (`actions/easing.py`).
    `last` are the texts that were said last, `at` when (ISO, UTC). `misses` counts answers that
    were not understood, `repeats` how often the same texts were asked for again. `said` is what
    went out last, whoever said it, and `same` how often it was said before that without a break.
    """

    stage: str = "new"
    first_words: str = ""
    good_life: str = ""
    strengths: tuple[str, ...] = ()
    barriers: tuple[str, ...] = ()
    needs: tuple[dict[str, Any], ...] = ()
    current: str = ""
    offers: tuple[dict[str, Any], ...] = ()
    shown: tuple[str, ...] = ()
    chosen: dict[str, Any] | None = None
    share_words: str = ""
    contact_way: str = ""
    introduced: bool = False
    third_party: bool = False
    place_asked: bool = False
    place_asked_again: bool = False
    misses: int = 0
    holding: bool = False
    safety: dict[str, Any] | None = None
    last: tuple[dict[str, Any], ...] = ()
    before: str = ""
    eases: tuple[str, ...] = ()
    refused_words: str = ""
    earlier: tuple[dict[str, Any], ...] = ()
    last_service: dict[str, Any] | None = None
    repeats: int = 0
    said: tuple[str, ...] = ()
    same: int = 0
    at: str = ""
    young_told: bool = False
    human_asked: bool = False
    money_named: bool = False
    follow_up: dict[str, Any] | None = None

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """The state as stored; unknown keys are left alone and missing ones have defaults."""
        known = {item.name for item in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        lists = (
            *(
                "strengths",
                "barriers",
                "needs",
                "offers",
                "shown",
                "last",
                "eases",
                "earlier",
                "said",
            ),
        )
        values |= {name: tuple(values[name] or ()) for name in lists if name in values}
        # Needs that the risk gate kept have no status yet.
        needs = ({"status": NeedStatus.HEARD.value, **need} for need in values.get("needs", ()))
        return cls(**(values | {"needs": tuple(needs)}))

    def to_json(self) -> dict[str, Any]:
        """Plain values for the record."""
        return asdict(self)

    def but(self, **changes: Any) -> Self:
        """The same state with some values changed."""
        return replace(self, **changes)

    def with_status(self, status: NeedStatus) -> tuple[str, ...]:
        """The ids of the needs that have come so far, in the order they were voiced."""
        return tuple(need["id"] for need in self.needs if need["status"] == status)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The needs that nothing was done about yet, the confirmed ones first."""
        return self.with_status(NeedStatus.OPEN) + self.with_status(NeedStatus.HEARD)

    def mark(self, need_ids: tuple[str, ...], status: NeedStatus) -> Self:
        """The same state with some needs moved on."""
        return self.but(
            needs=tuple(
                {**need, "status": status.value} if need["id"] in need_ids else need
                for need in self.needs
            )
        )

    def words_for(self, need_id: str) -> str:
        """What the resident said when they voiced a need; empty where it is not known."""
        return next((need["words"] for need in self.needs if need["id"] == need_id), "")

    @property
    def known(self) -> bool:
        """Whether this person had an answer from us before, if only from the risk gate."""
        return self.stage != "new" or bool(self.safety)

    @property
    def at_risk(self) -> bool:
        """Whether a risk was heard: then how to reach the person is asked anew each time."""
        return bool((self.safety or {}).get("risks"))
