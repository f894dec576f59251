"""Services for the need at hand: found, kept as they were shown, and worded."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from actions import easing, plain
from actions.state import NeedStatus, State
from hub import topics
from hub.conversations import Conversation
from hub.messages import Message, Reply
from hub.people import Channel
from hub.topics import Unmet
from hub.turns import Effect

if TYPE_CHECKING:
    from actions.turn import Turn

SHOWN = 3
KEPT = (
    "service_id",
    "name",
    "need",
    "when",
    "where",
    "cost",
    "why",
    "phone",
    "text_to",
    "url",
    "email",
    "eligibility",
    "booking",
)


def find(turn: Turn, state: State, need: str) -> tuple[State, Unmet | None]:
    """The next services for a need, in `state.offers`; where there are none, the reason."""
    exclude = state.shown if state.current == need else ()
    with turn.office.database.reading() as session:
        found = turn.office.match(
            session,
            [need],
            words=state.words_for(need),
            outcode=turn.outcode,
            when=turn.now,
            age=turn.age if turn.heard.age is None else turn.heard.age,
            barriers=easing.favoured(state),
            strengths=state.strengths,
            exclude=exclude,
            channel=turn.channel,
            limit=SHOWN,
        )
    offers = tuple(_kept(match) for match in found.matches)
    shown = (*exclude, *(offer["service_id"] for offer in offers))
    earlier = state.offers if exclude else ()
    state = state.but(current=need, offers=offers, shown=shown, earlier=earlier)
    if offers:
        return state, None
    reason = next((why for which, why in found.unmet if which == need), Unmet.NO_SERVICE)
    return state.mark((need,), NeedStatus.UNMET), Unmet(reason)


def record(turn: Turn, need: str, reason: Unmet) -> Effect:
    """Count a need that nothing met, with its reason."""

    def effect(session: Any, conversation: Conversation, message: Message) -> None:
        topics.record_unmet(
            session,
            conversation.hub_id,
            conversation.person_id,
            need,
            reason,
            turn.now,
            message_id=message.id,
        )

    return effect


def told(turn: Turn, state: State, *, more: bool) -> tuple[Reply, ...]:
    """The offers as texts: numbered, each with when, where, cost and why."""
    need = turn.words.text(f"need_names.{state.current}")
    several = len(state.offers) > 1
    opening = "offer.more" if more else ("offer.these" if several else "offer.this")
    lines = [turn.words.text(opening, need=need)]
    lines += [f"{at}. {line(offer)}" for at, offer in enumerate(state.offers, start=1)]
    lines.append(turn.words.text("offer.which" if several else "offer.this_one"))
    return plain.packed(lines, options(turn, state))


def options(turn: Turn, state: State) -> tuple[str, ...]:
    """What can be tapped: a number each, and something else.

    On SMS and WhatsApp the options become numbered lines, and the services are numbered
    already: there the words of the text must do.
    """
    if turn.channel in (Channel.SMS, Channel.WHATSAPP):
        return ()
    numbers = tuple(str(at) for at, _ in enumerate(state.offers, start=1))
    return (*numbers, turn.words.text("offer.something_else"))


def line(offer: dict[str, Any]) -> str:
    """One service in a line: "Food pantry: Tuesday 10am, 1 Lantern Way, free. Near you." """
    facts = (offer.get("when"), offer.get("where"), offer.get("cost"))
    said = ", ".join(fact.strip(" .") for fact in facts if fact and "not known" not in fact)
    text = f"{offer['name']}: {said}." if said else f"{offer['name']}."
    reasons = [why for why in offer.get("why") or () if why.lower() not in text.lower()]
    if reasons:
        text += f" {reasons[0][:1].upper()}{reasons[0][1:].rstrip('.')}."
    return plain.clipped(text, 150)


def reach(offer: dict[str, Any]) -> str:
    """How to get in touch with a service oneself; empty where the record does not say."""
    return str(
        offer.get("phone") or offer.get("text_to") or offer.get("url") or offer.get("email") or ""
    )


def _kept(match: Any) -> dict[str, Any]:
    values = asdict(match) if is_dataclass(match) and not isinstance(match, type) else vars(match)
    return {name: values.get(name) for name in KEPT}
