"""What stands in the way becomes help: somebody to come along, help with the form, near and free.

The hearer names six kinds of barrier. Here it is read more closely what was said, because each
calls for other words and another line on the ticket.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from sqlalchemy.orm import Session

from actions import plain
from hub import tickets
from hub.tickets import Ticket

if TYPE_CHECKING:
    from actions.state import State
    from actions.turn import Turn

FILE = Path(__file__).with_name("in_the_way.yml")
WORDS_KEPT = 200
REFUSED = "refused elsewhere"

# "Nobody was turned away", "I refused": not the resident's own door that was shut.
NOT_REFUSED = re.compile(
    r"\b(i|we|i'?ve|we'?ve) (refused|rejected|declined|turned (it|them))\b", re.I
)
# The hearer's kinds, and which of ours each of them is where nothing closer was said.
KIND_OF = {"alone": "social", "forms": "practical", "fare": "financial", "refused": "procedural"}
CLOSEST = {"social": "alone", "practical": "forms"}
# Getting there is a matter of money and of distance: near, by phone or at home.
FAVOURED = {"fare": ("financial", "physical")}


@cache
def _said() -> dict[str, re.Pattern[str]]:
    kinds = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {kind: re.compile(rf"\b({'|'.join(rows)})\b") for kind, rows in kinds.items()}


def heard(turn: Turn) -> tuple[str, ...]:
    """What this message says stands in the way: `alone`, `forms`, `fare`, `refused`."""
    text = plain.plain(turn.text).lower()
    said = [kind for kind, pattern in _said().items() if pattern.search(text)]
    if "refused" in said and NOT_REFUSED.search(text):
        said.remove("refused")
    said += [CLOSEST[kind] for kind in turn.heard.barriers if kind in CLOSEST]
    return tuple(dict.fromkeys(said))


def barriers(turn: Turn) -> tuple[str, ...]:
    """The hearer's kinds of barrier in this message, and those that the words name besides."""
    return tuple(dict.fromkeys((*turn.heard.barriers, *(KIND_OF[kind] for kind in heard(turn)))))


def favoured(state: State) -> tuple[str, ...]:
    """What a service should make easier: all that was ever voiced."""
    more = (kind for ease in state.eases for kind in FAVOURED.get(ease, (KIND_OF[ease],)))
    return tuple(dict.fromkeys((*state.barriers, *more)))


def noted(turn: Turn) -> tuple[str, ...]:
    """A line for each thing in the way that this message was the first to name."""
    return tuple(turn.words.text(f"ease.{kind}") for kind in turn.eased)


def shared(turn: Turn, state: State) -> tuple[str, ...]:
    """What of it goes into the words that are shared, where the resident agrees."""
    return tuple(turn.words.text(f"share.{kind}") for kind in state.eases)


def on_the_ticket(session: Session, ticket: Ticket, state: State, now: datetime) -> None:
    """ "Refused elsewhere", once and in their own words, for whoever picks the ticket up."""
    if "refused" not in state.eases or any(e.kind == REFUSED for e in ticket.events):
        return
    said = plain.clipped(state.refused_words, WORDS_KEPT)
    tickets.add_event(session, ticket, REFUSED, now, text=said or None)
