"""STOP and START in every form, and who answers them.

On SMS, Twilio takes its own words by itself: it blocks or unblocks the number, answers, and still
forwards the text. Such a text is never answered twice. Advanced Opt-Out does the same for the
words a hub chose and on WhatsApp, and says so (`OptOutType`, our `Kind`). Everything else is ours
to keep and to answer: a WhatsApp STOP without it, and people's own words for it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from bot.situation import Situation
from hub import follow_ups
from hub.conversations import Conversation
from hub.messages import Kind, Message
from hub.people import Channel
from hub.turns import Answer

# Twilio's words on long codes. It takes a text that is one of these and nothing else.
STOP = {"stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"}
START = {"start", "unstop", "yes"}
HELP = {"help", "info"}
# People's own ways to say it, which no provider knows.
OWN_STOP = {
    *("stop all", "opt out", "unsubscribe me", "please stop", "stop please", "pls stop"),
    *("stop pls", "stop now", "stop stop", "remove me", "take me off", "take me off this"),
    *("unsub", "un subscribe", "opt me out", "no more texts", "no more messages"),
}
OWN_START = {"start again", "restart", "opt in", "un stop", "start please", "please start"}


class Wish(StrEnum):
    """What somebody wants: no more messages, messages again, or what this number is."""

    OUT = "out"
    IN = "in"
    HELP = "help"


@dataclass(frozen=True)
class Opt:
    """A wish, and whether the provider has answered it already."""

    wish: Wish
    answered: bool


KINDS = {Kind.STOP: Wish.OUT, Kind.START: Wish.IN, Kind.HELP: Wish.HELP}


def read(text: str, kind: str | None, channel: str, *, opted_out: bool) -> Opt | None:
    """What a whole message says about stopping or starting; None where it is about something else.

    START, and YES on SMS, only mean something to somebody who is out: YES answers our questions.
    """
    for told, wish in KINDS.items():
        if kind == told:
            return Opt(wish, answered=True)
    word = " ".join(re.findall(r"[a-z]+", text.lower().replace("'", "")))
    provider = channel == Channel.SMS
    if word in STOP:
        return Opt(Wish.OUT, answered=provider)
    if word in OWN_STOP:
        return Opt(Wish.OUT, answered=False)
    if opted_out and (word in START if provider else word in START - {"yes"}):
        return Opt(Wish.IN, answered=provider)
    if opted_out and word in OWN_START:
        return Opt(Wish.IN, answered=False)
    return Opt(Wish.HELP, answered=True) if provider and word in HELP else None


def is_hello(text: str, *, opted_out: bool) -> bool:
    """START from somebody who is not out: Telegram's own first word, and no more than a hello."""
    return not opted_out and text.strip(" .!").lower() == "start"


def answer(opt: Opt, situation: Situation) -> Answer:
    """Out or in again, and the words for it where the provider has not said its own."""
    out = opt.wish == Wish.OUT

    def mark(session: Session, conversation: Conversation, message: Message) -> None:
        conversation.address.opted_out_at = situation.now if out else None
        if out:
            follow_ups.withdraw(
                session, conversation.person_id, follow_ups.OPTED_OUT, situation.now
            )

    key = "commands.opted_out" if out else "commands.opted_in"
    replies = () if opt.answered else situation.words.say(key)
    return Answer(replies=replies, state={"opted_out": out}, effects=(mark,))
