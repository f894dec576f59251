"""The risk gate: before consent, STOP, hand-off and Rasa, and without any of them.

It says fixed words (`gate_words`), opens an urgent ticket (`gate_effects`) and asks three things
only, one at a time: are you safe now, who can be with you, and how is it safe to reach you. What
was heard only faintly it asks about first (`suspicion`). It never closes a conversation and never
clears a risk: a person does.
"""

from dataclasses import replace
from typing import Any

from bot import gate_effects as effects
from bot import gate_words as lines
from bot import suspicion
from bot.falling_silent import unbound
from bot.gate_answers import (
    COMMANDS,
    after_company,
    after_contact,
    after_safe,
    false_alarm,
    on_command,
)
from bot.gate_danger import all_told, flagged, raise_ticket, words_of_risk
from bot.gate_words import PRACTICAL, URGENCY
from bot.reading import (
    begins_with_yes_or_no,
    command,
    is_bare,
    is_mistake,
    names_a_way,
    names_somebody,
)
from bot.situation import CHECK, Situation, asked_now, recent, told_before
from hub.contact_way import contact_way
from hub.people import ContactWay
from hub.turns import Answer
from nlu.heard import Heard


def must_answer(situation: Situation, state: dict[str, Any], heard: Heard, text: str = "") -> bool:
    """Whether the gate, and nothing else, answers this message.

    A practical risk that was answered before does not keep somebody here: the ticket is urgent
    already, and what they ask for now is for the conversation to find.
    """
    asked = bool(asked_now(situation, state))
    if not asked and suspicion.cleared(situation, state, heard):
        return False
    if heard.risks and not _bare_answer(asked_now(situation, state), text):
        return not practical_again(state, heard) or asked
    return asked or (recent(situation, state) and is_mistake(text))


def _bare_answer(asked: str | None, text: str) -> bool:
    """Only an answer to what is asked: "my dad is home" is one to who can be with them."""
    return bool(asked) and (is_bare(text) or (asked == "company" and names_somebody(text)))


def practical_again(state: dict[str, Any], heard: Heard) -> bool:
    """Only risks like "no food today", and all of them answered before."""
    told = told_before(state.get("safety") or {})
    return bool(heard.risks) and all(
        risk in PRACTICAL and told.get(risk) for risk in heard.risk_ids
    )


def answer(
    situation: Situation, state: dict[str, Any], heard: Heard, text: str, *, new: bool
) -> Answer:
    """The gate's reply to a message with a risk, or to an answer to its own question.

    `new` adds who we are behind the safety words, never before them.
    """
    asked = asked_now(situation, state)
    if asked == CHECK:
        if command(text) in COMMANDS and not suspicion.stronger(heard):
            return on_command(situation, state, command(text))
        return suspicion.after(situation, state, heard, text)
    if not asked and suspicion.faint(heard):
        return suspicion.ask(situation, state, heard, text, new=new)
    if _bare_answer(asked, text):
        # "Nobody" sounds desolate by itself, and "her mum" is no need. Here they answer us.
        heard = replace(heard, risks=(), needs=())
    elif asked and heard.risks and _of_it(state, heard) and begins_with_yes_or_no(text):
        # "Yes, he's out" is about the danger that was told.
        heard = replace(heard, risks=())
    known = not heard.risks or all_told(state, heard)
    if known and is_mistake(text) and (asked or recent(situation, state)):
        return false_alarm(situation, state, heard, text)
    way = contact_way(text, situation.channel) is not ContactWay.UNKNOWN
    if known and ((asked == "contact" and way) or (asked == "company" and names_a_way(text))):
        return after_contact(situation, state, heard, text)
    if heard.risks:
        return flagged(situation, state, heard, text, new=new)
    if command(text) in COMMANDS:
        return on_command(situation, state, command(text))
    if asked == "safe":
        return after_safe(situation, state, heard, text)
    if asked == "company":
        return after_company(situation, state, heard, text)
    return after_contact(situation, state, heard, text)


def _of_it(state: dict[str, Any], heard: Heard) -> bool:
    """Whether what was heard was spoken to already, or is no more than a suspicion."""
    return all_told(state, heard) or suspicion.faint(heard)


def alert(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    """While a worker holds the conversation: the emergency words, and their ticket is raised."""
    if suspicion.faint(heard):
        return suspicion.while_held(situation, state, heard, text)
    safety, replies = words_of_risk(situation, state, heard, text)
    if "worker" not in safety["told"]:
        replies += situation.words.say("gate.worker_told")
        safety["told"]["worker"] = 1
    return Answer(
        replies=lines.together(replies),
        state={"safety": {**safety, "asked": None}, **unbound(state)},
        effects=(raise_ticket(situation, heard, text, state),),
        urgent=True,
    )


def too(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    """What was written just before the danger that was answered first: kept, and no answer.

    The safety question that is open stands; another text would only push it up the screen.
    """
    return Answer(
        state={"needs": effects.with_needs(state, heard, text)},
        effects=(effects.add_words(heard, text, situation.promise, situation.now),),
    )


__all__ = [
    "URGENCY",
    "Situation",
    "alert",
    "answer",
    "must_answer",
    "practical_again",
    "raise_ticket",
]
