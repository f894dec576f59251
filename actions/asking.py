"""The question each stage stands for, and which comes next.

A turn ends with exactly one of these: there is always something the person can do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import finding, following, hearing, plain
from actions.state import NeedStatus, State
from actions.step import Step
from hub.messages import Reply
from hub.topics import Unmet

if TYPE_CHECKING:
    from actions.turn import Turn

YES_NO = ("YES", "NO")
CONSENT = ("YES", "NO", "CHANGE")
NEEDS_NAMED = 5
MONEY = {"debt", "benefits"}
# Here a need is being looked at, and its name brings back what the talk was about.
NEED_AT_HAND = ("offer", "intro", "consent", "wording", "contact_way", "contact_time", "person")


def again(turn: Turn, state: State) -> tuple[Reply, ...]:
    """The open question in few words, after something else was said."""
    if state.stage == "summary":
        return summary_words(turn, state)
    if state.stage == "offer":
        options = finding.options(turn, state) if state.offers else ()
        return plain.packed([turn.words.text("again.offer")], options)
    if state.stage == "consent" and state.share_words:
        return consent_words(turn, state)
    values: dict[str, str] = {}
    if state.stage in ("intro", "consent", "wording") and state.chosen:
        values["service"] = state.chosen["name"]
    if state.stage == "next_need":
        values["need"] = turn.need_names(state.waiting[:1])
    if state.stage in ("follow_up", "soft_outcome"):
        return following.asked(turn, state)
    key = f"again.{'good_life' if state.stage == 'new' else state.stage}"
    return turn.say(key, **values)


def onward(turn: Turn, step: Step) -> Step:
    """To the next question: sum up what was heard, find the place, offer, or ask for more."""
    state = step.state
    if state.with_status(NeedStatus.HEARD):
        return step.but(stage="summary").say(*summary_words(turn, state))
    if state.with_status(NeedStatus.OPEN):
        return look(turn, step)
    if state.stage in ("new", "good_life"):
        return listen(turn, step)
    return anything_else(turn, step)


def look(turn: Turn, step: Step) -> Step:
    """Services for the next need, once it is known where the person is or that they won't say."""
    state = step.state
    if turn.outcode is None and not state.place_asked and not hearing.place(turn):
        return step.but(stage="place", place_asked=True).say(*turn.say("place.ask"))
    return offer(turn, step, state.waiting[0])


def listen(turn: Turn, step: Step) -> Step:
    """Ask what is in the way just now."""
    key = "third_party.ask" if step.state.third_party else "listening.ask"
    return step.but(stage="listening").say(*turn.say(key))


def summary_words(turn: Turn, state: State) -> tuple[Reply, ...]:
    """What was heard, in plain words, and whether it is right."""
    needs = state.with_status(NeedStatus.HEARD) or state.with_status(NeedStatus.OPEN)
    names = turn.need_names(needs[:NEEDS_NAMED])
    if len(needs) > NEEDS_NAMED:
        names = f"{names}, and more"
    return turn.say("third_party.summary" if state.third_party else "summary.ask", needs=names)


def consent_words(turn: Turn, state: State) -> tuple[Reply, ...]:
    """The exact words, who would read them, and whether that is OK."""
    lines = [
        turn.words.text("consent.opening", recipient=recipient(state)),
        f'"{state.share_words}"',
        turn.words.text("consent.ask"),
    ]
    return plain.packed(lines, CONSENT)


def recipient(state: State) -> str:
    """Who would read it: named, as far as the directory names them."""
    return f"hub staff and {state.chosen['name']}" if state.chosen else "hub staff"


def offer(turn: Turn, step: Step, need: str, *, more: bool = False) -> Step:
    """The next services for a need; where nothing fits, the truth and the offer of a person."""
    state, unmet = finding.find(turn, step.state, need)
    step = Step(state, step.replies, step.effects)
    if unmet is None:
        return step.but(stage="offer", misses=0).say(*finding.told(turn, state, more=more))
    key = "person.nothing_else" if more else "person.nothing_fits"
    reason = Unmet.DECLINED if more else unmet
    return (
        step.but(stage="person")
        .do(finding.record(turn, need, reason))
        .say(*turn.say(key, need=turn.words.text(f"need_names.{need}")))
    )


def next_need(turn: Turn, step: Step) -> Step:
    """After one need: the next one that was voiced, or whether there is anything else."""
    step = step.but(offers=(), earlier=(), shown=(), chosen=None, current="", share_words="")
    waiting = step.state.waiting
    if not waiting:
        return anything_else(turn, step)
    return step.but(stage="next_need").say(
        *turn.say("next_need.ask", need=turn.need_names(waiting[:1]))
    )


def welcome(turn: Turn) -> Step:
    """Hello again; after a long silence also what the talk was about; and on from there."""
    state = turn.state
    step = Step(state).say(*turn.say("greet"))
    if turn.away and state.current and state.stage in NEED_AT_HAND:
        need = turn.words.text(f"need_names.{state.current}")
        step = step.say(*turn.say("where_we_were", need=need))
    if turn.away and state.stage == "offer" and state.offers:
        return step.say(*finding.told(turn, state, more=False))
    return together(step.say(*again(turn, state)))


def anything_else(turn: Turn, step: Step) -> Step:
    """The last question. Money is what people name last: once it is named for them, gently."""
    state = step.state
    known = state.money_named or state.at_risk or MONEY & {need["id"] for need in state.needs}
    key = "done.anything_else" if known else "done.anything_else_or_money"
    return step.but(stage="done", money_named=True).say(*turn.say(key))


def unclear(turn: Turn, step: Step) -> Step:
    """An answer that was not understood: asked twice in other words, then on with a person."""
    misses = step.state.misses + 1
    if misses > 2 and step.state.stage != "person":
        return step.but(stage="person", misses=0).say(*turn.say("person.not_sure"))
    if misses > 2:
        return together(next_need(turn, step.but(misses=0).say(*turn.say("person.left"))))
    line = turn.say("unclear.first" if misses == 1 else "unclear.again")
    return together(step.but(misses=misses).say(*line, *again(turn, step.state)))


def together(step: Step) -> Step:
    """The texts of a step in as few messages as hold them; the last one's options stay."""
    if not step.replies:
        return step
    return Step(
        step.state,
        plain.packed([reply.text for reply in step.replies], step.replies[-1].options),
        step.effects,
    )
