"""A transcript is read from its file and played against the real stack.

title: what it shows
channel: sms                      # the default; whatsapp, telegram, simulator
at: 2026-11-23 11:00              # Liverpool time; Sunday half past midnight where it is not said
turns:
  - resident: what they text      # or `photo: true`; a list is told in one breath
    after: {days: 3}              # how long they were silent
    without: rasa                 # rasa, actions or embedding is down for this turn
    risk: [suicide]               # what a reader finds in it; the rubric holds us to that
    faintly: [child_at_risk]      # the ears suspect this and no more, whatever the model hears
    check: true                   # we are meant to ask calmly if all are safe
    retracts: true                # they take a risk back: a false alarm
    bot: [what must be said]      # each somewhere in the texts; [] where nothing may be said
    never: [what must not be said]
    stage: offer                  # where the talk stands afterwards
  - worker: claims                # or `puts back`, `closes`, or `says: ...`
ends: {}                          # what is in the record (test_transcripts.py)
"""

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from hub.messages import Message
from tests.conftest import SUNDAY_NIGHT, SetClock
from tests.conversations import later
from tests.conversations.stack import Stack

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.yml"))
KNOWN = {"title", "channel", "at", "turns", "ends"}
KNOWN_IN_A_TURN = {
    *("resident", "photo", "bot", "never", "stage", "after", "without"),
    *("risk", "retracts", "staff", "days", "at", "check", "faintly"),
}


@dataclass(frozen=True)
class Turn:
    """One message of a resident, or a step of a worker, and what came of it."""

    number: int
    text: str
    script: dict[str, Any]
    replies: tuple[Message, ...]
    stage: str
    state: dict[str, Any]
    promise: str
    # What was said before that, where a danger was heard faintly that a reader finds none in:
    # the calm question, to which the resident has answered that all is well.
    checked: tuple[Message, ...] = ()

    @property
    def said(self) -> str:
        """All that was said, as one text."""
        return "\n".join(row.text for row in self.replies)

    @property
    def said_in_all(self) -> str:
        """The same with the calm question before it."""
        return "\n".join(row.text for row in (*self.checked, *self.replies))

    @property
    def shown(self) -> list[str]:
        """Each text as it is sent by SMS, with its options numbered."""
        return [
            "\n".join([row.text, *(f"{n} {o}" for n, o in enumerate(row.options, start=1))])
            for row in self.replies
        ]

    @property
    def where(self) -> str:
        """For a message about what went wrong."""
        return f"turn {self.number}: {self.text!r} was answered {[r.text for r in self.replies]}"


@dataclass(frozen=True)
class Played:
    """A whole conversation as it went."""

    name: str
    title: str
    resident: str
    channel: str
    turns: list[Turn] = field(default_factory=list)


def read(path: Path) -> dict[str, Any]:
    """The transcript of a file; an unknown key is refused."""
    transcript: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    unknown = set(transcript) - KNOWN
    unknown |= {key for turn in transcript["turns"] for key in set(turn) - KNOWN_IN_A_TURN}
    assert not unknown, f"{path.name}: unknown {unknown}"
    return transcript


def play(path: Path, stack: Stack) -> Played:
    """Say every line of a transcript; each file has a resident of its own."""
    transcript = read(path)
    clock = stack.desk.clock
    assert isinstance(clock, SetClock)
    clock.at = _begins(transcript.get("at"))
    channel = transcript.get("channel", "sms")
    resident = f"+44770090{FILES.index(path):04d}"
    played = Played(path.stem, transcript["title"], resident, channel)
    for number, script in enumerate(transcript["turns"], start=1):
        clock.move(seconds=30)
        clock.move(**script.get("after", {}))
        told = script.get("resident", "")
        text = "\n".join(told) if isinstance(told, list) else str(told)
        promise = stack.desk.calendar.next_reply(clock()).text
        said, checked = _take(stack, script, resident, channel), []
        state = _state(stack, resident, channel)
        if _needless(state, script):
            checked = said
            said = stack.say(resident, "yes we are fine", channel=channel)
            state = _state(stack, resident, channel)
        stage = state.get("stage") or "new"
        played.turns.append(
            Turn(number, text, script, tuple(said), stage, state, promise, tuple(checked))
        )
    return played


def _state(stack: Stack, resident: str, channel: str) -> dict[str, Any]:
    with stack.database.writing() as session:
        return dict(stack.conversation(session, resident, channel).state)


def _needless(state: dict[str, Any], script: dict[str, Any]) -> bool:
    """Whether we ask if all are safe where a reader finds no danger and the script expects none.

    Ears are trained anew and hear a little more or less: the talk must come out the same.
    """
    asked = (state.get("safety") or {}).get("asked") == "check"
    return asked and not {"risk", "check"} & set(script)


def _begins(at: Any) -> datetime:
    if at is None:
        return SUNDAY_NIGHT
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    return moment.replace(tzinfo=ZoneInfo("Europe/London"))


def _take(stack: Stack, script: dict[str, Any], resident: str, channel: str) -> list[Message]:
    """One step: a text, something staff do, or days that pass; what was said to the resident."""
    if "resident" in script or "photo" in script:
        part, photo = script.get("without"), script.get("photo", False)
        faint = tuple(script.get("faintly", ()))
        said = script.get("resident", "")
        with ExitStack() as around:
            if part:
                around.enter_context(stack.without(part))
            if "faintly" in script:
                around.enter_context(stack.faintly(faint))
            if isinstance(said, list):
                return stack.say_at_once(resident, said, channel=channel)
            return stack.say(resident, str(said), channel=channel, photo=photo)
    with stack.database.writing() as session:
        talk = stack.conversation(session, resident, channel).id
    if "days" in script:
        return later.wait(stack, talk, script["days"], script.get("at", "10:30"))
    does, _, what = str(script["staff"]).partition(" ")
    match does:
        case "introduces":
            later.staff_introduce(stack, talk, what)
        case "claims":
            later.staff_claim(stack, talk)
        case "says":
            later.staff_say(stack, talk, what)
        case "puts" | "closes":
            later.staff_let_go(stack, talk, closes=does == "closes")
        case other:
            raise AssertionError(f"staff cannot do {other!r}")
    return []
