"""Named points where a process can be made to die, to prove that nothing is lost there.

Each commit and each call of something outside has a name, and a point before and after it:
`turn.before`, `turn.after`. `GOODHELP_STOP_AT` arms one of them in one process, which then ends
as in a power cut (SIGKILL). It is for tests on one machine: with a real provider or a public
address it is refused (`app/processes.py`). Without it, passing a point costs a comparison.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hub.errors import Misconfigured

# Which process passes it, and what is made safe or done there. docs/faults.md has them all.
COMMITS = {
    "arrival": ("web", "what a webhook told is stored"),
    "swept": ("worker", "what only the provider's list told is stored"),
    "read-to": ("worker", "how far the provider's list was read"),
    "claim": ("worker", "conversations are taken to be answered"),
    "turn": ("worker", "replies without Rasa, state, ticket and handled"),
    "called": ("worker", "a ticket for a practical risk, before Rasa is asked"),
    "released": ("worker", "a turn is given back, to be tried again"),
    "action": ("actions", "replies of a turn through Rasa, state, ticket and handled"),
    "send-claim": ("worker", "messages are marked as sending"),
    "sent": ("worker", "what the provider answered is kept"),
    "held": ("worker", "a WhatsApp message is held until they write"),
    "refused": ("worker", "the provider took nothing: why, and when it is tried again"),
    "unsure": ("worker", "a send without an answer is marked, to be looked up"),
    "look-claim": ("worker", "messages are taken to be looked up"),
    "found": ("worker", "a look-up found the message, or not yet"),
    "again": ("worker", "a message is queued once more, or looked for later"),
}
CALLS = {
    "ask-rasa": ("worker", "a turn is handed to Rasa"),
    "send": ("worker", "the provider is given a message"),
    "look-up": ("worker", "the provider is asked what became of one"),
    "list": ("worker", "the provider's list of messages is read"),
}
NAMES = {**COMMITS, **CALLS}


@dataclass
class _Trap:
    """What is armed: the point, how many times more it is passed, and who dies."""

    point: str
    passes: int
    victim: int


_armed: list[_Trap] = []


def every() -> list[str]:
    """Every point, in the order of the tables above."""
    return [f"{name}.{side}" for name in NAMES for side in ("before", "after")]


def arm(setting: str) -> None:
    """Die at a point: `POINT`, `POINT:3` the third time, `POINT:1:PID` another process of ours.

    Raises Misconfigured where the setting names no point.
    """
    point, *numbers = setting.split(":")
    if point not in every() or len(numbers) > 2 or not all(one.isdigit() for one in numbers):
        raise Misconfigured("GOODHELP_STOP_AT names no point: docs/faults.md has a list")
    times, victim, *_ = [*map(int, numbers), *(1, os.getpid())[len(numbers) :]]
    _armed[:] = [_Trap(point, times, victim)]


def reached(point: str) -> None:
    """Nothing, unless this point is armed."""
    for trap in _armed:
        if trap.point == point:
            trap.passes -= 1
            if trap.passes == 0:
                os.kill(trap.victim, signal.SIGKILL)


@contextmanager
def around(name: str) -> Iterator[None]:
    """The points before and after a call of something outside; after it only where it answered."""
    reached(f"{name}.before")
    yield
    reached(f"{name}.after")
