"""What the gate says to an answer to one of its own questions."""

from typing import Any

from bot import gate_effects as effects
from bot import gate_words as lines
from bot.gate_danger import raise_ticket, with_keys
from bot.reading import command, is_alone, is_no, is_yes
from bot.situation import Situation, asked_now, told_before
from hub.contact_way import contact_way
from hub.messages import Reply
from hub.people import ContactWay
from hub.turns import Answer, Effect
from nlu.heard import Heard

# While somebody is being attacked nobody is asked who could come and sit with them.
NO_COMPANY = {"attack", "practical"}
# Stages in which nothing is asked that could be lost.
FREE_TALK = ("new", "good_life", "listening", "done", "returned")
COMMANDS = ("human", "privacy", "delete", "repeat")


def after_safe(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    """What is said to an answer to the question whether they are safe."""
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


def after_company(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    """What is said to who can be with them."""
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
        replies=with_keys(
            lines.together((Reply(said), *too, Reply(question))), next_question, situation.channel
        ),
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


def after_contact(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    """How it is safe to reach them is kept, or asked once more; then on with what was voiced."""
    words = situation.words
    safety = {**state["safety"], "at": situation.now.isoformat()}
    way = contact_way(text, situation.channel)
    needs = effects.with_needs(state, heard, text)
    kept = effects.add_words(heard, text, situation.promise, situation.now)
    if way is ContactWay.UNKNOWN and not safety.get("contact_twice") and command(text) != "skip":
        return Answer(
            replies=with_keys(
                lines.together(
                    _heard_too(situation, state, heard) + words.say("gate.contact_again")
                ),
                "contact",
                situation.channel,
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


def false_alarm(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    """It was a song, a joke, a wrong word. They are let go gently; a person looks all the same.

    We go back to where the talk was, or to the need that was voiced.
    """
    safety = state["safety"]
    told = told_before(safety)
    key = "gate.glad_ok_again" if told.get("glad_ok") else "gate.glad_ok"
    told["glad_ok"] = told.get("glad_ok", 0) + 1
    needs = effects.with_needs(state, heard, text)
    stage, back = _where_we_were(situation, state, needs)
    if not back:
        back = situation.words.say("gate.carry_on")
    return Answer(
        replies=lines.together(situation.words.say(key) + back),
        state={"safety": {**safety, "asked": None, "told": told}, "needs": needs, "stage": stage},
        effects=(effects.add_words(heard, text, situation.promise, situation.now),),
        urgent=True,
    )


def _where_we_were(
    situation: Situation, state: dict[str, Any], needs: effects.Needs
) -> tuple[str, tuple[Reply, ...]]:
    """The stage and the question to go back to; no question where none was open."""
    stage, last = state.get("stage") or "new", state.get("last") or ()
    if stage not in FREE_TALK and last:
        return stage, (Reply(str(last[-1]["text"]), tuple(last[-1].get("options") or ())),)
    waiting = effects.pending(needs)
    if waiting is None:
        return stage, ()
    name = situation.words.text(f"need_names.{waiting}")
    return "next_need", situation.words.say("next_need.ask", need=name)


def on_command(situation: Situation, state: dict[str, Any], named: str) -> Answer:
    """A command while a question of ours is open: answered, and the question stays open."""
    words, asked = situation.words, asked_now(situation, state) or "contact"
    question = words.text(lines.question(asked, state["safety"]))
    said = "" if named == "repeat" else words.text(f"gate.{named}", when=situation.promise.text)
    writes = (effects.asked_to_erase(situation.now),) if named == "delete" else ()
    return Answer(
        replies=with_keys(
            lines.together((Reply(said), Reply(question)) if said else (Reply(question),)),
            asked,
            situation.channel,
        ),
        state={"safety": {**state["safety"], "at": situation.now.isoformat()}},
        effects=writes,
        urgent=True,
    )
