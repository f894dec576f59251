"""What the gate may know, and which question of its own is open in a conversation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.calendar import Promise
from hub.words import Words

# An old question of ours is not what a new message answers.
QUESTION_HOLDS = timedelta(hours=12)
# The question about a danger that was heard only faintly (`bot/suspicion.py`).
CHECK = "check"


@dataclass(frozen=True)
class Situation:
    """What the gate may know: the words of the hub, when a person replies, and the time."""

    words: Words
    promise: Promise
    now: datetime
    on_call: bool = False
    channel: str = "sms"


def asked_now(situation: Situation, state: dict[str, Any]) -> str | None:
    """Which of the gate's questions is open: safe, company, contact, check; or None."""
    if not recent(situation, state):
        return None
    found: str | None = state["safety"].get("asked")
    return found


def recent(situation: Situation, state: dict[str, Any]) -> bool:
    """Whether a danger was spoken of within the last hours."""
    at = (state.get("safety") or {}).get("at")
    return at is not None and situation.now - datetime.fromisoformat(at) <= QUESTION_HOLDS


def told_before(safety: dict[str, Any]) -> dict[str, int]:
    """How often each line was said."""
    told = safety.get("told") or {}
    # Written as a list by earlier versions, with the name of the file's section in front.
    if isinstance(told, list):
        return {str(key).removeprefix("gate."): 1 for key in told}
    return dict(told)
