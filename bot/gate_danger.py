"""The first answer to a danger: fixed words, an urgent ticket, and one question."""

from typing import Any

from bot import gate_effects as effects
from bot import gate_words as lines
from bot.gate_words import PRACTICAL, URGENCY
from bot.situation import CHECK, Situation, told_before
from hub.messages import Reply
from hub.people import Channel
from hub.turns import Answer, Effect
from nlu.heard import Heard

# What can be tapped for each of the gate's questions.
YES_NO = ("YES", "NO")
KEYS = {"safe": YES_NO, "company": YES_NO, CHECK: YES_NO, "contact": ("CALL", "TEXT", "NEITHER")}
# Risks after which it may not be safe that somebody sees the phone.
WATCHED = {"domestic_abuse", "sexual_violence", "violence_now", "child_at_risk", "adult_at_risk"}


def flagged(
    situation: Situation, state: dict[str, Any], heard: Heard, text: str, *, new: bool
) -> Answer:
    """The emergency words and their question; `new` adds who we are behind them."""
    words, risk = situation.words, lines.first(heard)
    safety, replies = words_of_risk(situation, state, heard, text)
    replies += nobody_reading(situation, safety["told"])
    if new:
        replies += words.say("gate.who_we_are")
    asked = "contact" if risk in PRACTICAL else "safe"
    kept: dict[str, Any] = {
        "safety": {**safety, "asked": asked},
        "first_words": state.get("first_words") or text,
        "needs": effects.with_needs(state, heard, text),
    }
    if safety["someone_else"]:
        kept["third_party"] = True
    return Answer(
        replies=(*with_keys(replies[:1], asked, situation.channel), *lines.together(replies[1:])),
        state=kept,
        effects=(raise_ticket(situation, heard, text, state),),
        urgent=True,
    )


def nobody_reading(situation: Situation, told: dict[str, int]) -> tuple[Reply, ...]:
    """Once, noted in `told`: whether a person is reading this now, and when one will."""
    if told.get("waiting"):
        return ()
    told["waiting"] = 1
    line = "gate.on_call" if situation.on_call else "gate.nobody_reading"
    return situation.words.say(line, when=situation.promise.text)


def with_keys(replies: tuple[Reply, ...], asked: str, channel: str) -> tuple[Reply, ...]:
    """The same with answers to tap below the last, where the channel has keys.

    On SMS the question names its answers, and numbered lines would crowd it.
    """
    if channel == Channel.SMS:
        return replies
    *before, last = replies
    return (*before, Reply(last.text, KEYS[asked]))


def words_of_risk(
    situation: Situation, state: dict[str, Any], heard: Heard, text: str
) -> tuple[dict[str, Any], tuple[Reply, ...]]:
    """The safety words for the most pressing risk, and what is known of the danger by now."""
    words, risk = situation.words, lines.first(heard)
    line = lines.line_for(risk, heard, text)
    before = state.get("safety") or {}
    told = told_before(before)
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


def raise_ticket(
    situation: Situation, heard: Heard, text: str, state: dict[str, Any] | None = None
) -> Effect:
    """An urgent ticket, or the one that is open made urgent: nobody has seen this yet."""
    other = bool(heard.risks) and lines.about_someone_else(lines.first(heard), heard, text)
    return effects.raise_ticket(
        heard, text, situation.promise, situation.now, state=state, someone_else=other
    )


def all_told(state: dict[str, Any], heard: Heard) -> bool:
    """Whether each risk that would be spoken to was spoken to before."""
    told = told_before(state.get("safety") or {})
    return all(told.get(risk) for risk in (lines.spoken(heard) if heard.risks else ()))
