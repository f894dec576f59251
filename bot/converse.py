"""One inbound row, one turn, reply rows. The order of the checks is the safety of the product."""

import logging
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy.orm import Session

from bot import (
    ahead,
    brakes,
    falling_silent,
    gate,
    linking,
    optout,
    other_language,
    reading,
    rereading,
    suspicion,
)
from bot.falling_silent import BINDING
from bot.optout import Wish
from bot.rasa import Ask, Rasa
from bot.situation import Situation
from hub import conversations, hush, messages, points, tickets, topics, turns
from hub.calendar import Calendar
from hub.clock import Clock
from hub.conversations import Claim, Conversation, HeldBy
from hub.database import Database
from hub.errors import LeftForDanger, StaleLease, TurnFailed
from hub.messages import Author, Kind, Message, Status
from hub.people import Channel
from hub.places import Places
from hub.tickets import Why
from hub.turns import Answer
from hub.words import Words
from nlu.heard import Heard

log = logging.getLogger(__name__)

# Rasa is asked this often before the resident gets the holding reply.
TRIES = 2
RETRY_SECONDS = 1.5
TWICE = 2
# What has an open question asked once more.
ASK_AGAIN = "what did you say"


class Hears(Protocol):
    """Anything that hears a text: `nlu.hearer.Hearer`."""

    def hear(self, text: str) -> Heard:
        """What is in a text."""


@dataclass(frozen=True)
class Desk:
    """What a turn needs: the record, ears, Rasa, words, the hub's calendar and the time."""

    hub_id: str
    database: Database
    hearer: Hears
    rasa: Rasa
    words: Words
    calendar: Calendar
    clock: Clock
    on_call: bool = False
    places: Places | None = None

    def situation(self, channel: str = Channel.SMS) -> Situation:
        """What the gate may know at this moment."""
        now = self.clock()
        promise = self.calendar.next_reply(now)
        return Situation(self.words, promise, now, self.on_call, str(channel))


@dataclass(frozen=True)
class Turn:
    """The message at hand and where its conversation stands."""

    claim: Claim
    message_id: int
    attempts: int
    text: str
    media: list[dict[str, Any]]
    kind: str | None
    channel: str
    opted_out: bool
    held_by: str
    state: dict[str, Any]
    age: int | None
    person_id: int
    brake: brakes.Brake | None
    same_album: bool
    more_behind: bool = False
    # Words of an earlier message that are answered in this turn, and the line said before.
    meant: str = ""
    lead: str = ""

    @property
    def new(self) -> bool:
        """Whether this person never had an answer from us."""
        return not self.state.get("stage") and not self.state.get("safety")


def answer(desk: Desk, claim: Claim) -> None:
    """Answer the oldest unanswered message of a claimed conversation and give the lease back.

    Raises nothing for Rasa's failures: the resident gets a holding reply and a ticket.
    """
    turn = _load(desk, claim)
    if turn is None:
        _nothing_left(desk, claim)
        return
    heard = _hear(desk, turn)
    own = _without_rasa(desk, turn, heard)
    if own is not None:
        author, reply = own
        _finish(desk, turn, heard, reply, author)
        return
    turn, heard = _handed_back(desk, turn, heard)
    if turn.more_behind and _danger_behind(desk, turn):
        return
    if heard.risks:
        _call_a_person(desk, turn, heard)
    try:
        with points.around("ask-rasa"):
            desk.rasa.ask(_ask(turn, heard), leave=lambda: _danger(desk, turn) is not None)
    except LeftForDanger:
        _danger_behind(desk, turn)
        return
    except TurnFailed as failure:
        log.warning("turn failed message=%s reason=%s", turn.message_id, failure)
    handled = _handled(desk, turn.message_id)
    desk.rasa.went(well=handled)
    if not handled and not _danger_behind(desk, turn):
        _rasa_is_silent(desk, turn, heard)


def _danger(desk: Desk, turn: Turn) -> tuple[Turn, Heard] | None:
    """The first message behind this one that tells of a danger, as a turn of its own."""
    for message_id, text in ahead.waiting(desk.database, turn.claim, turn.message_id):
        behind = replace(turn, message_id=message_id, text=text, media=[], more_behind=False)
        heard = _hear(desk, behind)
        if suspicion.stronger(heard) and not gate.practical_again(turn.state, heard):
            return behind, heard
    return None


def _danger_behind(desk: Desk, turn: Turn) -> bool:
    """Answer a danger that waits behind this message; whether there was one."""
    found = _danger(desk, turn)
    if found is None:
        return False
    behind, heard = found
    own = _without_rasa(desk, behind, heard)
    if own is None:
        return False
    author, reply = own
    _finish(desk, behind, heard, reply, author)
    return True


def _handed_back(desk: Desk, turn: Turn, heard: Heard) -> tuple[Turn, Heard]:
    """After "yes, we're fine": the words that were put aside, as if they had come now."""
    situation = desk.situation(turn.channel)
    back = suspicion.handed_back(situation, turn.state, heard, turn.text, turn.message_id)
    if back is None:
        return turn, heard
    binding = turn.state.get("stage") in BINDING
    with desk.database.writing() as session:
        message = session.get_one(Message, turn.message_id)
        suspicion.note(
            situation, session, message.conversation, back, message, heard_anew=not binding
        )
    put_aside = [_hear(desk, replace(turn, text=line)) for line in back.text.splitlines()]
    heard = suspicion.together(put_aside)
    # A "yes" to us is never taken for an older yes, to words that were to be shared, say.
    text = ASK_AGAIN if binding else suspicion.telling(back.text, put_aside)
    return replace(turn, text=text, lead=back.lead, meant=text), heard


def give_up(desk: Desk, claim: Claim) -> None:
    """A message that breaks every try: the resident gets the holding reply, staff a ticket."""
    turn = _load(desk, claim)
    if turn is not None:
        _hold_over(desk, turn, Heard())


def _hear(desk: Desk, turn: Turn) -> Heard:
    heard = desk.hearer.hear(turn.text)
    # An age that was told before still counts: a child is spoken to as a child.
    return heard if heard.age is not None else replace(heard, age=turn.age)


def _nothing_left(desk: Desk, claim: Claim) -> None:
    """The claimed message is gone (erased, say). What came in since is not passed over."""
    with desk.database.writing("released") as session:
        conversation = conversations.hold(session, claim)
        waiting = messages.next_received(session, conversation)
        seq = (waiting.seq or 1) - 1 if waiting else conversation.last_seq
        conversations.done(conversation, seq, desk.clock())


def _without_rasa(desk: Desk, turn: Turn, heard: Heard) -> tuple[Author, Answer] | None:
    """The answer to a message that Rasa never sees, or None where Rasa takes the turn."""
    situation = desk.situation(turn.channel)
    held = turn.held_by == HeldBy.PERSON
    reread = _reread(desk, turn, heard)
    if reread is not None:
        return Author.BOT, reread
    if hush.hushed(turn.text):
        return Author.GATE, falling_silent.answer(heard, turn.text, situation)
    if heard.risks and held:
        return Author.GATE, gate.alert(situation, turn.state, heard, turn.text)
    if not held and ahead.spoken_to_already(turn.state, turn.message_id, heard):
        return Author.GATE, gate.too(situation, turn.state, heard, turn.text)
    back = suspicion.handed_back(situation, turn.state, heard, turn.text, turn.message_id)
    if back is None and gate.must_answer(situation, turn.state, heard, turn.text):
        safe = gate.answer(situation, turn.state, heard, turn.text, new=turn.new)
        return Author.GATE, brakes.slow(turn.brake, situation, turn.state, safe)
    opt = optout.read(turn.text, turn.kind, turn.channel, opted_out=turn.opted_out)
    if opt is not None and opt.wish != Wish.HELP:
        return Author.BOT, optout.answer(opt, situation)
    if held:
        # The bot is silent; `turns.finish` shows on the ticket that there is a new message.
        return Author.BOT, Answer()
    if turn.same_album:
        return Author.BOT, Answer()
    if turn.brake is not None:
        return Author.BOT, brakes.answer(turn.brake, situation, turn.state, turn.text)
    if opt is not None:
        return Author.BOT, Answer()
    if not turn.text.strip():
        key = reading.without_words(turn.media)
        return Author.BOT, Answer(replies=_with_greeting(desk, turn, key))
    linked = linking.answer(
        desk.database, desk.words, desk.clock, turn.text, turn.person_id, new=turn.new
    )
    if linked is not None:
        return Author.BOT, linked
    if heard.language != "en":
        return Author.BOT, other_language.answer(heard, turn.text, situation)
    return None


def _reread(desk: Desk, turn: Turn, heard: Heard) -> Answer | None:
    """The answer to what is no new turn; None for everything else."""
    if turn.kind == Kind.TAP:
        return rereading.old_tap(desk.database, desk.words, desk.clock, turn.message_id)
    if turn.kind == Kind.EDIT and not hush.hushed(turn.text):
        return rereading.edit(desk.database, desk.clock, turn.message_id, heard)
    return None


def _rasa_is_silent(desk: Desk, turn: Turn, heard: Heard) -> None:
    """Rasa is down, slow or empty-handed: try once more, then say so plainly and call a person."""
    if turn.attempts < TRIES and not desk.rasa.resting:
        with desk.database.writing("released") as session:
            conversation = conversations.hold(session, turn.claim)
            conversations.give_back(conversation, desk.clock(), RETRY_SECONDS)
        return
    _hold_over(desk, turn, heard)


def _hold_over(desk: Desk, turn: Turn, heard: Heard) -> None:
    situation = desk.situation(turn.channel)

    def call_a_person(session: Session, conversation: Conversation, message: Message) -> None:
        tickets.open_for(
            session,
            conversation,
            why=Why.NO_ANSWER,
            now=situation.now,
            message_id=message.id,
            needs=heard.need_ids,
            strengths=heard.strengths,
            barriers=heard.barriers,
            own_words=(turn.text,),
            reply_promised=situation.promise.text,
        )

    # One holding reply is kind, a row of them is not: the next ones only join the ticket.
    replies: tuple[messages.Reply, ...] = ()
    if not (turn.state.get("holding") and _has_ticket(desk, turn)):
        replies = desk.words.say("odd.holding", when=situation.promise.text)
        if turn.new:
            replies = desk.words.say("first_contact.short") + replies
    held = Answer(replies=replies, state={"holding": True}, effects=(call_a_person,))
    _finish(desk, turn, heard, held, Author.BOT)


def _has_ticket(desk: Desk, turn: Turn) -> bool:
    with desk.database.reading() as session:
        conversation = session.get_one(Conversation, turn.claim.conversation_id)
        return tickets.open_ticket(session, conversation.person_id) is not None


def _load(desk: Desk, claim: Claim) -> Turn | None:
    with desk.database.reading() as session:
        conversation = conversations.whole(session, claim.conversation_id)
        if conversation is None or conversation.lease_token != claim.token:
            raise StaleLease()
        message = messages.next_received(session, conversation)
        if message is None:
            return None
        return Turn(
            claim=claim,
            message_id=message.id,
            attempts=conversation.attempts,
            text=_words_of(desk, message),
            media=message.media,
            kind=message.kind,
            channel=message.channel,
            opted_out=conversation.address.opted_out_at is not None,
            held_by=conversation.held_by,
            state=dict(conversation.state),
            age=conversation.person.age,
            person_id=conversation.person_id,
            brake=brakes.on(session, conversation, message),
            same_album=rereading.same_album(session, conversation, message),
            more_behind=conversation.last_seq > (message.seq or 0),
        )


def _ask(turn: Turn, heard: Heard) -> Ask:
    return Ask(
        conversation_id=turn.claim.conversation_id,
        message_id=turn.message_id,
        token=turn.claim.token,
        text=turn.text,
        stage=turn.state.get("stage") or "new",
        heard=heard.to_json(),
        more={
            "place": heard.place,
            "third_party": heard.third_party,
            "age": heard.age,
            "meant": turn.meant,
            "lead": turn.lead,
        },
    )


def _call_a_person(desk: Desk, turn: Turn, heard: Heard) -> None:
    """A risk that was spoken to before: a person is told, then Rasa looks for help."""
    situation = desk.situation(turn.channel)
    with desk.database.writing("called") as session:
        message = session.get_one(Message, turn.message_id)
        raised = gate.raise_ticket(situation, heard, turn.text, turn.state)
        raised(session, message.conversation, message)


def _finish(desk: Desk, turn: Turn, heard: Heard, reply: Answer, author: Author) -> None:
    now = desk.clock()
    reply = _varied(desk, turn, reply, author)
    if heard.risks and reply.state and reply.state.get("safety"):
        safety = {**reply.state["safety"], "message": turn.message_id}
        reply = replace(reply, state={**reply.state, "safety": safety})
    keep = topics.keep_heard(heard.to_json(), desk.calendar.today(now), heard.age)
    noted = replace(reply, keeps=(keep,))
    with desk.database.writing("turn") as session:
        turns.finish(session, turn.claim, turn.message_id, noted, author=author, now=now)


def _varied(desk: Desk, turn: Turn, reply: Answer, author: Author) -> Answer:
    """The same texts a third time running are said in other words, as the actions do."""
    texts = [one.text for one in reply.replies]
    if not texts:
        return reply
    same = turn.state.get("same", 0) + 1 if texts == list(turn.state.get("said") or ()) else 1
    replies = reply.replies
    if same > TWICE:
        other = desk.words.say("gate.here" if author == Author.GATE else "stuck.1")
        replies = (*other, *replies[:1]) if author == Author.GATE else (*replies[:-1], *other)
        same = 1
    said = {"said": [one.text for one in replies], "same": same}
    return replace(reply, replies=replies, state={**(reply.state or {}), **said})


def _handled(desk: Desk, message_id: int) -> bool:
    with desk.database.reading() as session:
        return session.get_one(Message, message_id).status == Status.HANDLED


def _with_greeting(desk: Desk, turn: Turn, key: str) -> tuple[messages.Reply, ...]:
    replies = desk.words.say(key)
    return desk.words.say("first_contact.short") + replies if turn.new else replies


def _words_of(desk: Desk, message: Message) -> str:
    """What to answer: the newest words of a message; of a pin on the map, the area it is in."""
    text = message.text if message.edited_text is None else message.edited_text
    if optout.is_hello(text, opted_out=message.conversation.address.opted_out_at is not None):
        return "hello"
    pins = [item for item in message.media if "latitude" in item]
    if text.strip() or not pins or desk.places is None:
        return text
    named = desk.places.of_outcode(str(pins[0].get("place", "")))
    near = named or desk.places.nearest((pins[0]["latitude"], pins[0]["longitude"]))
    return (near.outcode if near else None) or text
