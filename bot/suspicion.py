"""A danger that was heard only faintly is asked about before it is shouted at.

The ears are tuned to miss nothing, so they also prick up at a mother whose son stays home from
school. Such a message gets one calm question with the way out in it. While it is open nothing
else is asked. "Yes, we're fine" hands back to the very words that were written; anything else
does not. A ticket is made either way, and a person looks. See docs/decisions.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import gate_effects as effects
from bot import gate_words as lines
from bot.falling_silent import unbound
from bot.gate_danger import flagged, nobody_reading, raise_ticket, with_keys, words_of_risk
from bot.gate_words import PRACTICAL
from bot.reading import all_is_well, command, is_mistake, not_safe
from bot.situation import CHECK, QUESTION_HOLDS, Situation, recent
from hub import tickets
from hub.conversations import Conversation
from hub.messages import Message, Reply
from hub.turns import Answer
from nlu.heard import Heard, Scored

# A risk by meaning alone, and under this, is a suspicion. On the held-out texts 98 in a hundred
# dangers were heard more strongly, and a third of the false alarms were not.
FAINT = 0.12
# Which question is asked. Where one's own life may be meant, help for that stands in it.
SELF = frozenset({"suicide", "self_harm"})
ESSENTIALS, SHELTER = "no_essentials", "no_shelter_tonight"
# So often it is asked before we go on without an answer.
TWICE = 2
# What is asked for in so many words is never taken for an answer.
ASKED_FOR = frozenset({"human", "privacy", "delete", "repeat"})
# A longer "yes" says more than yes.
FEW_WORDS = 5


@dataclass(frozen=True)
class HandedBack:
    """The words that were put aside for the question, to be answered now.

    `lead` is the line said before the answer; empty where days have passed.
    """

    text: str
    lead: str
    safe: bool


def faint(heard: Heard) -> bool:
    """Whether all that was heard of danger is faint, with no words that name it."""
    return bool(heard.risks) and all(r.score < FAINT and not r.named for r in heard.risks)


def stronger(heard: Heard) -> bool:
    """Whether a danger was heard that is more than a suspicion."""
    return bool(heard.risks) and not faint(heard)


def cleared(situation: Situation, state: dict[str, Any], heard: Heard) -> bool:
    """Whether this very suspicion was asked about within the last hours."""
    if not faint(heard):
        return False
    at: str | None = (_safety(state).get("checked") or {}).get(_kind(heard))
    return at is not None and situation.now - datetime.fromisoformat(at) <= QUESTION_HOLDS


def ask(
    situation: Situation, state: dict[str, Any], heard: Heard, text: str, *, new: bool
) -> Answer:
    """The calm question, with the way out in it. The words are put aside, not lost."""
    words, kind = situation.words, _kind(heard)
    check = {
        "text": text,
        "kind": kind,
        "line": _line(kind, heard, text),
        "times": 1,
        "risks": [[risk.id, risk.score] for risk in heard.risks],
        "needs": list(heard.need_ids),
        "third_party": heard.third_party,
    }
    needs, check["added"] = _with_needs(state, heard, text)
    replies = with_keys(words.say(f"gate.check.{check['line']}"), CHECK, situation.channel)
    if new:
        replies += words.say("gate.who_we_are")
    return Answer(
        replies=replies,
        state={
            "safety": {
                **_safety(state),
                "at": situation.now.isoformat(),
                "asked": CHECK,
                CHECK: check,
                "young": bool(_safety(state).get("young") or lines.young(heard)),
            },
            "needs": needs,
        },
        effects=(raise_ticket(situation, heard, text, state), _event("heard faintly", situation)),
        urgent=True,
    )


def handed_back(
    situation: Situation, state: dict[str, Any], heard: Heard, text: str, message_id: int
) -> HandedBack | None:
    """What the conversation is to answer now; None where the gate still has the word.

    The same for the same message, however often its turn is tried.
    """
    safety = _safety(state)
    check = safety.get(CHECK)
    if not check:
        return None
    before = check.get("handed_back")
    if before:
        return (
            HandedBack(before["text"], before["lead"], False)
            if before["by"] == message_id
            else None
        )
    if safety.get("asked") != CHECK or stronger(heard):
        return None
    both = f"{check['text']}\n{text}"
    if not recent(situation, state):
        if faint(heard):
            # Days later, heard again: it is asked about anew.
            return None
        return HandedBack(both, "gate.safe_no" if not_safe(text) else "", False)
    # A "yes" with something frightening in it is no yes.
    if (all_is_well(text) and not heard.risks) or is_mistake(text):
        said_more = len(text.split()) > FEW_WORDS
        return HandedBack(both if said_more else check["text"], "gate.check.ok", True)
    if command(text) == "skip":
        return HandedBack(check["text"], "gate.check.go_on", False)
    if not_safe(text) or faint(heard) or check["times"] < TWICE or command(text) in ASKED_FOR:
        return None
    return HandedBack(both, "gate.check.go_on", False)


def note(
    situation: Situation,
    session: Session,
    conversation: Conversation,
    back: HandedBack,
    message: Message,
    *,
    heard_anew: bool,
) -> None:
    """Before the conversation answers: the question is closed, and staff see how it ended.

    `message` is the one that ended it. Where it was no yes, the suspicion stands as a risk.
    `heard_anew` takes out the needs that were put by, for the conversation to hear for itself.
    """
    safety = _safety(conversation.state)
    check = safety[CHECK]
    if check.get("handed_back"):
        return
    now = situation.now
    kept = {"by": message.id, "text": back.text, "lead": back.lead}
    closed = {**safety, "asked": None, "at": now.isoformat()}
    closed[CHECK] = {**check, "handed_back": kept}
    if back.safe:
        closed["checked"] = {**(safety.get("checked") or {}), check["kind"]: now.isoformat()}
    else:
        risks = {risk for risk, _ in check["risks"]}
        closed["risks"] = sorted({*safety.get("risks", []), *risks})
    state = {**conversation.state, "safety": closed}
    if heard_anew:
        needs = state.get("needs") or []
        state["needs"] = [need for need in needs if need["id"] not in check["added"]]
    conversation.state = state
    ticket = tickets.open_ticket(session, conversation.person_id)
    if ticket is not None:
        tickets.add_event(session, ticket, "resident said", now, text=message.text)
        ended = "says all are safe" if back.safe else "did not say if safe"
        tickets.add_event(session, ticket, ended, now)
        ticket.updated_at = now
        ticket.version += 1


def together(lines_heard: list[Heard]) -> Heard:
    """What was heard in several messages, as one; the suspicion is left out."""
    first = lines_heard[0]
    needs = {need.id: need for heard in lines_heard for need in heard.needs}

    def joined(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for heard in lines_heard for one in getattr(heard, name)))

    return replace(
        first,
        needs=tuple(needs.values()),
        risks=(),
        strengths=joined("strengths"),
        barriers=joined("barriers"),
        postcode=next((h.postcode for h in lines_heard if h.postcode), None),
        place=next((h.place for h in lines_heard if h.place), None),
        answerable=any(heard.answerable for heard in lines_heard),
        third_party=any(heard.third_party for heard in lines_heard),
    )


def telling(text: str, lines_heard: list[Heard]) -> str:
    """The line that voices a need; the first where none does."""
    texts = text.splitlines()
    return next((t for t, heard in zip(texts, lines_heard, strict=True) if heard.needs), texts[0])


def after(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    """The gate's answer where they did not say that all is well."""
    safety = _safety(state)
    check = safety[CHECK]
    both = f"{check['text']}\n{text}"
    told = _as_heard(check, heard)
    if stronger(heard):
        return flagged(situation, _without(state), told, both, new=False)
    if not_safe(text):
        return _not_safe(situation, state, told, check["text"], text)
    if check["times"] >= TWICE:
        # Asked twice, not answered, and heard once more: no longer faint.
        return flagged(situation, _without(state), told, both, new=False)
    replies = situation.words.say("gate.check.again") + situation.words.say(
        f"gate.check.ask_{check['line']}"
    )
    needs, added = _with_needs(state, heard, text)
    added = [*check["added"], *added]
    check = {**check, "times": check["times"] + 1, "text": both, "added": added}
    return Answer(
        replies=with_keys(lines.together(replies), CHECK, situation.channel),
        state={
            "safety": {**safety, "at": situation.now.isoformat(), CHECK: check},
            "needs": needs,
        },
        effects=(effects.add_words(heard, text, situation.promise, situation.now),),
        urgent=True,
    )


def while_held(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    """While a worker writes with them: the ticket is raised, and it is asked once."""
    raised = raise_ticket(situation, heard, text, state)
    if cleared(situation, state, heard):
        return Answer(effects=(raised,))
    safety, kind, now = _safety(state), _kind(heard), situation.now.isoformat()
    return Answer(
        replies=situation.words.say(f"gate.check.{_line(kind, heard, text)}"),
        state={
            "safety": {**safety, "checked": {**(safety.get("checked") or {}), kind: now}},
            **unbound(state),
        },
        effects=(raised,),
        urgent=True,
    )


def _not_safe(
    situation: Situation, state: dict[str, Any], heard: Heard, first: str, text: str
) -> Answer:
    """ "No, we're not": what to do now, who is there, and the next question of the gate."""
    risk = lines.first(heard)
    if risk in PRACTICAL:
        return flagged(situation, _without(state), heard, first, new=False)
    words = situation.words
    safety, _ = words_of_risk(situation, _without(state), heard, first)
    kind = safety["kind"]
    said = f"gate.safe_no_{kind}" if kind in ("medical", "attack", "crisis") else "gate.safe_no"
    night = lines.all_night(kind, young=bool(safety["young"]))
    asked = "contact" if kind == "attack" else "company"
    replies = (
        *words.say(said),
        *words.say(f"gate.all_night_{night}"),
        *nobody_reading(situation, safety["told"]),
        Reply(words.text(lines.question(asked, safety))),
    )
    kept: dict[str, Any] = {
        "safety": {**safety, "asked": asked},
        "first_words": state.get("first_words") or first,
        "needs": effects.with_needs(_without(state), heard, first),
    }
    if safety["someone_else"]:
        kept["third_party"] = True
    return Answer(
        replies=with_keys(lines.together(replies), asked, situation.channel),
        state=kept,
        effects=(
            raise_ticket(situation, heard, first, state),
            effects.add_words(heard, text, situation.promise, situation.now),
        ),
        urgent=True,
    )


def _safety(state: dict[str, Any]) -> dict[str, Any]:
    return state.get("safety") or {}


def _with_needs(state: dict[str, Any], heard: Heard, text: str) -> tuple[effects.Needs, list[str]]:
    """The needs with those of this message, safe whatever comes; and which are new by it."""
    known = {need["id"] for need in state.get("needs") or ()}
    needs = effects.with_needs(state, replace(heard, risks=()), text)
    return needs, [need["id"] for need in needs if need["id"] not in known]


def _without(state: dict[str, Any]) -> dict[str, Any]:
    """The state with the question taken back, and with it the needs that were put by."""
    safety = {key: value for key, value in _safety(state).items() if key != CHECK}
    added = _safety(state)[CHECK]["added"]
    needs = [need for need in state.get("needs") or [] if need["id"] not in added]
    return {**state, "safety": {**safety, "asked": None}, "needs": needs}


def _as_heard(check: dict[str, Any], heard: Heard) -> Heard:
    """What was suspected at first, with what was heard now."""
    risks = {risk: Scored(risk, score) for risk, score in check["risks"]}
    risks |= {risk.id: risk for risk in heard.risks}
    needs = {need: Scored(need, 1.0) for need in check["needs"]}
    return replace(
        heard,
        risks=tuple(risks.values()),
        needs=tuple({**needs, **{need.id: need for need in heard.needs}}.values()),
        third_party=heard.third_party or check["third_party"],
    )


def _kind(heard: Heard) -> str:
    """What is asked after: one's own life, food and heat, a bed, or everybody's safety."""
    spoken = lines.spoken(heard)
    if SELF & set(spoken):
        return "self"
    if set(spoken) - {ESSENTIALS, SHELTER}:
        # "Yes, on a mate's sofa" would say nothing of the blow that was heard beside it.
        return "people"
    strongest = max(heard.risks, key=lambda risk: risk.score).id
    return {ESSENTIALS: "essentials", SHELTER: "shelter"}.get(strongest, "people")


def _line(kind: str, heard: Heard, text: str) -> str:
    """The wording: a child, a worried friend, or the plain one."""
    if lines.young(heard) and kind in ("self", "people"):
        return "young"
    if kind == "self" and lines.about_someone_else(lines.first(heard), heard, text):
        return "other"
    return kind


def _event(kind: str, situation: Situation) -> Any:
    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        ticket = tickets.open_ticket(session, conversation.person_id)
        if ticket is not None:
            tickets.add_event(session, ticket, kind, situation.now)

    return effect
