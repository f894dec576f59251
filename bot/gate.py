"""The risk gate: before consent, STOP, hand-off and Rasa, and without any of them.

It says fixed words (`gate_words`), opens an urgent ticket (`gate_effects`) and asks three things
only, one at a time: are you safe now, who can be with you, and how is it safe to reach you. It
never closes a conversation and never clears a risk: a person does.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot import gate_effects as effects
from bot import gate_words as lines
from bot.gate_words import PRACTICAL, URGENCY
from bot.reading import (
    begins_with_yes_or_no,
    command,
    is_alone,
    is_bare,
    is_mistake,
    is_no,
    is_yes,
    names_a_way,
    names_somebody,
)
from hub.calendar import Promise
from hub.contact_way import contact_way
from hub.messages import Reply
from hub.people import ContactWay
from hub.turns import Answer, Effect
from hub.words import Words
from nlu.heard import Heard

# Risks after which it may not be safe that somebody sees the phone.
WATCHED = {"domestic_abuse", "sexual_violence", "violence_now", "child_at_risk", "adult_at_risk"}
# While somebody is being attacked nobody is asked who could come and sit with them.
NO_COMPANY = {"attack", "practical"}
# An old question of ours is not what a new message answers.
QUESTION_HOLDS = timedelta(hours=12)


@dataclass(frozen=True)
class Situation:
    """What the gate may know: the words of the hub, when a person replies, and the time."""

    words: Words
    promise: Promise
    now: datetime
    on_call: bool = False
    channel: str = "sms"


def must_answer(situation: Situation, state: dict[str, Any], heard: Heard, text: str = "") -> bool:
    """Whether the gate, and nothing else, answers this message.

    A practical risk that was answered before does not keep somebody here: the ticket is urgent
    already, and what they ask for now is for the conversation to find.
    """
    asked = bool(_asked(situation, state))
    if heard.risks and not _bare_answer(_asked(situation, state), text):
        return not practical_again(state, heard) or asked
    return asked or (_recent(situation, state) and is_mistake(text))


def _bare_answer(asked: str | None, text: str) -> bool:
    """Only an answer to what is asked: "my dad is home" is one to who can be with them."""
    return bool(asked) and (is_bare(text) or (asked == "company" and names_somebody(text)))


def practical_again(state: dict[str, Any], heard: Heard) -> bool:
    """Only risks like "no food today", and all of them answered before."""
    told = _told(state.get("safety") or {})
    return bool(heard.risks) and all(
        risk in PRACTICAL and told.get(risk) for risk in heard.risk_ids
    )


def answer(
    situation: Situation, state: dict[str, Any], heard: Heard, text: str, *, new: bool
) -> Answer:
    """The gate's reply to a message with a risk, or to an answer to its own question.

    `new` adds who we are behind the safety words, never before them.
    """
    asked = _asked(situation, state)
    if _bare_answer(asked, text):
        # "Nobody" sounds desolate by itself, and "her mum" is no need. Here they answer us.
        heard = replace(heard, risks=(), needs=())
    elif asked and heard.risks and _all_told(state, heard) and begins_with_yes_or_no(text):
        # "Yes, he's out" is about the danger that was told.
        heard = replace(heard, risks=())
    known = not heard.risks or _all_told(state, heard)
    if known and is_mistake(text) and (asked or _recent(situation, state)):
        return _false_alarm(situation, state, heard, text)
    way = contact_way(text, situation.channel) is not ContactWay.UNKNOWN
    if known and ((asked == "contact" and way) or (asked == "company" and names_a_way(text))):
        return _after_contact(situation, state, heard, text)
    if heard.risks:
        return _flagged(situation, state, heard, text, new=new)
    if command(text) in COMMANDS:
        return _command(situation, state, command(text))
    if asked == "safe":
        return _after_safe(situation, state, heard, text)
    if asked == "company":
        return _after_company(situation, state, heard, text)
    return _after_contact(situation, state, heard, text)


def alert(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    """While a worker holds the conversation: the emergency words, and their ticket is raised."""
    safety, replies = _words_of_risk(situation, state, heard, text)
    if "worker" not in safety["told"]:
        replies += situation.words.say("gate.worker_told")
        safety["told"]["worker"] = 1
    return Answer(
        replies=lines.together(replies),
        state={"safety": {**safety, "asked": None}},
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


def raise_ticket(
    situation: Situation, heard: Heard, text: str, state: dict[str, Any] | None = None
) -> Effect:
    """An urgent ticket, or the one that is open made urgent: nobody has seen this yet."""
    other = bool(heard.risks) and lines.about_someone_else(lines.first(heard), heard, text)
    return effects.raise_ticket(
        heard, text, situation.promise, situation.now, state=state, someone_else=other
    )


def _flagged(
    situation: Situation, state: dict[str, Any], heard: Heard, text: str, *, new: bool
) -> Answer:
    words, risk = situation.words, lines.first(heard)
    safety, replies = _words_of_risk(situation, state, heard, text)
    told = safety["told"]
    if not told.get("waiting"):
        line = "gate.on_call" if situation.on_call else "gate.nobody_reading"
        replies += words.say(line, when=situation.promise.text)
        told["waiting"] = 1
    if new:
        replies += words.say("gate.who_we_are")
    kept: dict[str, Any] = {
        "safety": {**safety, "asked": "contact" if risk in PRACTICAL else "safe"},
        "first_words": state.get("first_words") or text,
        "needs": effects.with_needs(state, heard, text),
    }
    if safety["someone_else"]:
        kept["third_party"] = True
    return Answer(
        replies=(replies[0], *lines.together(replies[1:])),
        state=kept,
        effects=(raise_ticket(situation, heard, text, state),),
        urgent=True,
    )


def _words_of_risk(
    situation: Situation, state: dict[str, Any], heard: Heard, text: str
) -> tuple[dict[str, Any], tuple[Reply, ...]]:
    """The safety words for the most pressing risk, and what is known of the danger by now."""
    words, risk = situation.words, lines.first(heard)
    line = lines.line_for(risk, heard, text)
    before = state.get("safety") or {}
    told = _told(before)
    night = lines.all_night(lines.KINDS[risk], young=lines.young(heard))
    key = lines.wording(line, told.get(line, 0))
    until = words.text(f"gate.all_night_{night}")
    replies = words.say(key, until=until) if key == "gate.stay" else words.say(key)
    if key == "gate.stay" and risk in PRACTICAL:
        replies = words.say(f"gate.{line}_again")
    other = lines.also(heard)
    if other and not told.get(f"also_{other}"):
        replies += words.say(f"gate.also_{other}")
        told[f"also_{other}"] = 1
    for one in {line, *heard.risk_ids}:
        told[one] = told.get(one, 0) + 1
    # A later, lesser danger does not change which help is named: the most pressing one leads.
    lead = min((before.get("lead", risk), risk), key=URGENCY.index)
    other_one = lines.about_someone_else(risk, heard, text)
    safety = {
        "at": situation.now.isoformat(),
        "told": told,
        "lead": lead,
        "risks": sorted({*before.get("risks", []), *heard.risk_ids}),
        "watched": bool(before.get("watched") or WATCHED & set(heard.risk_ids)),
        "kind": lines.KINDS[lead],
        "young": bool(before.get("young") or lines.young(heard)),
        "someone_else": other_one if lead == risk else bool(before.get("someone_else")),
        "contact_twice": False,
    }
    return safety, replies


def _after_safe(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    safety = state["safety"]
    kind = safety.get("kind", "crisis")
    nobody_comes = kind in NO_COMPANY
    if is_yes(text):
        said = "gate.safe_yes"
    elif is_no(text):
        said = f"gate.safe_no_{kind}" if kind in ("medical", "attack", "crisis") else "gate.safe_no"
    else:
        said = "gate.safe_unclear"
    unsafe = is_no(text)
    effect = raise_ticket(situation, heard, text, state) if unsafe else None
    return _asks(
        situation,
        state,
        heard,
        text,
        situation.words.text(said),
        "contact" if nobody_comes else "company",
        effect,
    )


def _after_company(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    words, safety = situation.words, state["safety"]
    night = lines.all_night(safety.get("kind", "crisis"), young=bool(safety.get("young")))
    if is_alone(text):
        said = words.text("gate.alone", until=words.text(f"gate.all_night_{night}"))
    else:
        said = words.text("gate.company_yes" if is_yes(text) else "gate.company_noted")
    return _asks(situation, state, heard, text, said, "contact", None)


def _asks(
    situation: Situation,
    state: dict[str, Any],
    heard: Heard,
    text: str,
    said: str,
    next_question: str,
    effect: Effect | None,
) -> Answer:
    """What is said to an answer, and the next of our questions behind it."""
    question = situation.words.text(lines.question(next_question, state["safety"]))
    too = _heard_too(situation, state, heard)
    kept = effect or effects.add_words(heard, text, situation.promise, situation.now)
    return Answer(
        replies=lines.together((Reply(said), *too, Reply(question))),
        state={
            "safety": {
                **state["safety"],
                "at": situation.now.isoformat(),
                "asked": next_question,
            },
            "needs": effects.with_needs(state, heard, text),
        },
        effects=(kept,),
        urgent=True,
    )


def _after_contact(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    words = situation.words
    safety = {**state["safety"], "at": situation.now.isoformat()}
    way = contact_way(text, situation.channel)
    needs = effects.with_needs(state, heard, text)
    kept = effects.add_words(heard, text, situation.promise, situation.now)
    if way is ContactWay.UNKNOWN and not safety.get("contact_twice") and command(text) != "skip":
        return Answer(
            replies=lines.together(
                _heard_too(situation, state, heard) + words.say("gate.contact_again")
            ),
            state={"safety": {**safety, "contact_twice": True, "asked": "contact"}, "needs": needs},
            effects=(kept,),
            urgent=True,
        )
    safety |= {"asked": None, "contact_twice": False}
    replies = _heard_too(situation, state, heard)
    replies += words.say(f"gate.contact_{way}", when=situation.promise.text)
    if safety.get("kind", "practical") != "practical":
        night = lines.all_night(safety["kind"], young=bool(safety.get("young")))
        replies += words.say(f"gate.all_night_{night}")
    if safety.get("watched") and not safety.get("someone_else"):
        replies += words.say("gate.delete_hint")
    stage, more = _what_next(situation, needs, safety)
    return Answer(
        replies=lines.together(replies + more),
        state={"safety": safety, "needs": needs, "stage": stage},
        effects=(effects.keep_contact(way, situation.now), kept),
        urgent=True,
    )


def _heard_too(situation: Situation, state: dict[str, Any], heard: Heard) -> tuple[Reply, ...]:
    """A need that is voiced beside an answer of theirs is kept, and that is said."""
    known = {need["id"] for need in state.get("needs") or ()}
    names = [situation.words.text(f"need_names.{n}") for n in heard.need_ids if n not in known]
    if not names:
        return ()
    listed = " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    return situation.words.say("noted", needs=listed)


def _what_next(
    situation: Situation, needs: effects.Needs, safety: dict[str, Any]
) -> tuple[str, tuple[Reply, ...]]:
    """What was asked for is not forgotten: the first need that was voiced is offered next."""
    words = situation.words
    waiting = effects.pending(needs)
    if waiting is None:
        return "returned", words.say("gate.still_here")
    practical = safety.get("kind", "practical") == "practical"
    key = "next_need.ask" if practical else "gate.when_ready"
    return "next_need", words.say(key, need=words.text(f"need_names.{waiting}"))


def _false_alarm(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    """It was a song, a joke, a wrong word. They are let go gently; a person looks all the same."""
    safety = state["safety"]
    told = _told(safety)
    key = "gate.glad_ok_again" if told.get("glad_ok") else "gate.glad_ok"
    told["glad_ok"] = told.get("glad_ok", 0) + 1
    return Answer(
        replies=situation.words.say(key),
        state={
            "safety": {**safety, "asked": None, "told": told},
            "needs": effects.with_needs(state, Heard(), text),
        },
        effects=(effects.add_words(Heard(), text, situation.promise, situation.now),),
        urgent=True,
    )


COMMANDS = ("human", "privacy", "delete", "repeat")


def _command(situation: Situation, state: dict[str, Any], named: str) -> Answer:
    """A command while a question of ours is open: answered, and the question stays open."""
    words, asked = situation.words, _asked(situation, state) or "contact"
    question = words.text(lines.question(asked, state["safety"]))
    said = "" if named == "repeat" else words.text(f"gate.{named}", when=situation.promise.text)
    writes = (effects.asked_to_erase(situation.now),) if named == "delete" else ()
    return Answer(
        replies=lines.together((Reply(said), Reply(question)) if said else (Reply(question),)),
        state={"safety": {**state["safety"], "at": situation.now.isoformat()}},
        effects=writes,
        urgent=True,
    )


def _asked(situation: Situation, state: dict[str, Any]) -> str | None:
    if not _recent(situation, state):
        return None
    found: str | None = state["safety"].get("asked")
    return found


def _recent(situation: Situation, state: dict[str, Any]) -> bool:
    """Whether a danger was spoken of within the last hours."""
    at = (state.get("safety") or {}).get("at")
    return at is not None and situation.now - datetime.fromisoformat(at) <= QUESTION_HOLDS


def _told(safety: dict[str, Any]) -> dict[str, int]:
    """How often each line was said."""
    told = safety.get("told") or {}
    # Written as a list by earlier versions, with the name of the file's section in front.
    if isinstance(told, list):
        return {str(key).removeprefix("gate."): 1 for key in told}
    return dict(told)


def _all_told(state: dict[str, Any], heard: Heard) -> bool:
    told = _told(state.get("safety") or {})
    return all(told.get(risk) for risk in (lines.spoken(heard) if heard.risks else ()))


__all__ = [
    "URGENCY",
    "Situation",
    "alert",
    "answer",
    "must_answer",
    "practical_again",
    "raise_ticket",
]
