"""One turn as an action sees it. The only reader of Rasa's tracker dictionaries.

An action is a class with a `rasa_name` and a `take`: it looks at a `Turn` and gives back a
`Step` (texts, new state, effects). Everything is then written in one transaction that is
tied to the inbound message, so a turn that Rasa tells twice is done once.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions import hearing, manners, plain, reading
from actions.state import State
from actions.step import Step
from hub import conversations, turns
from hub.calendar import Calendar, Promise
from hub.clock import Clock
from hub.conversations import Claim, Conversation
from hub.database import Database
from hub.errors import StaleLease
from hub.messages import Author, Message, Reply, Status
from hub.profile import Profile
from hub.turns import Answer
from hub.words import Words

log = logging.getLogger(__name__)

# The mark of a turn that is silent on purpose. To the island an empty answer is a failure.
NOTHING_TO_SAY = {"silent": True}
# After so long a question of ours has gone cold.
SILENCE = timedelta(hours=12)
ADULT = 18


@dataclass(frozen=True)
class Office:
    """What every action may use. `match` finds services (see `actions/finding.py`)."""

    database: Database
    words: Words
    profile: Profile
    calendar: Calendar
    clock: Clock
    match: Callable[..., Any]


@dataclass(frozen=True)
class Heard:
    """What was heard in the message at hand: ids, strongest first (see `nlu/heard.py`).

    `report` is all of it as it is kept with the message.
    """

    needs: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ()
    barriers: tuple[str, ...] = ()
    postcode: str | None = None
    place: str | None = None
    answerable: bool = True
    third_party: bool = False
    age: int | None = None
    report: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """One message and where its conversation stands, as an action sees it.

    `state` holds already what was heard in this message; `fresh` are the needs that are new by
    it, `eased` what it was the first to say stands in the way. `age` and `outcode` are what is
    known of the person.
    """

    message_id: int
    conversation_id: int
    person_id: int
    claim: Claim
    text: str
    intent: str
    heard: Heard
    state: State
    channel: str
    age: int | None
    outcode: str | None
    now: datetime
    office: Office
    fresh: tuple[str, ...] = ()
    eased: tuple[str, ...] = ()
    # What is said first: the key of a line.
    lead: str = ""

    @property
    def words(self) -> Words:
        """The lines of the resident's language."""
        return self.office.words

    @property
    def promise(self) -> Promise:
        """When a person will reply."""
        return self.office.calendar.next_reply(self.now)

    @property
    def away(self) -> bool:
        """Whether they come back after hours of silence, so that a "yes" may answer nothing."""
        at = self.state.at
        return bool(at) and self.now - datetime.fromisoformat(at) > SILENCE

    @property
    def young(self) -> bool:
        """Whether they said that they are under 18."""
        age = self.heard.age if self.heard.age is not None else self.age
        return age is not None and age < ADULT

    @property
    def option(self) -> str:
        """The option that was picked by its number or its words; empty where none was."""
        options = tuple(self.state.last[-1].get("options") or ()) if self.state.last else ()
        if not options:
            return ""
        said = self.text.strip(" .!?").upper()
        at = reading.number(self.text) if len(self.text) <= 12 else None
        if at is not None and at <= len(options):
            return str(options[at - 1])
        return next((str(option) for option in options if str(option).upper() == said), "")

    @property
    def yes(self) -> bool | None:
        """Whether the message says yes, no, or neither."""
        if self.option:
            return {"YES": True, "NO": False}.get(self.option.upper())
        by_intent = {"affirm": True, "deny": False}.get(self.intent)
        read = reading.yes_or_no(self.text)
        return by_intent if read is None else read

    def at(self, outcode: str | None) -> Self:
        """The same turn with the person's district known."""
        return replace(self, outcode=outcode or self.outcode)

    def say(self, key: str, **values: object) -> tuple[Reply, ...]:
        """A line of the words; where there are variants (`key.1`, `key.2`) one of them."""
        if key not in self.words:
            names = self.words.keys()
            variants = sorted(name for name in names if name.startswith(f"{key}."))
            key = variants[self.message_id % len(variants)] if variants else key
        return self.words.say(key, **values)

    def need_names(self, need_ids: tuple[str, ...]) -> str:
        """Needs in plain words: "food, heating and bills"."""
        names = [self.words.text(f"need_names.{need}") for need in need_ids]
        return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


class ResidentAction(Action):  # type: ignore[misc]
    """The base of every action. Subclasses set `rasa_name` and write `take`."""

    rasa_name = ""
    # Whether the action says who we are itself. Otherwise a new person is told first.
    greets = False
    # Whether its texts can be asked for again.
    repeatable = True

    def __init__(self, office: Office) -> None:
        self.office = office

    def name(self) -> str:
        """The name in `domain.yml`."""
        return self.rasa_name

    def take(self, turn: Turn) -> Step:
        """What this turn comes to."""
        raise NotImplementedError

    def answer(self, turn: Turn) -> Answer:
        """The turn as it is written: with the greeting, the last texts and the stage before."""
        turn = replace(turn, heard=replace(turn.heard, needs=hearing.needs(turn)))
        state, fresh = hearing.kept(turn)
        eased = tuple(kind for kind in state.eases if kind not in turn.state.eases)
        turn_now = replace(turn, state=state, fresh=fresh, eased=eased)
        step = self.take(turn_now)
        new = not turn.state.known
        if turn.young and not state.young_told and self.repeatable:
            # Behind who we are, where that is said in this turn.
            greeted = 1 if new and self.greets and step.replies else 0
            replies = (*step.replies[:greeted], *turn.say("young.told"), *step.replies[greeted:])
            step = replace(step, replies=replies).but(young_told=True)
        if new and not self.greets:
            step = step.first(*turn.say("first_contact.short"))
            if step.state.stage == "new":
                step = step.but(stage="good_life")
        step = manners.varied(turn_now, step)
        end = step.state.but(holding=False, at=turn.now.isoformat())
        if self.repeatable:
            end = end.but(last=tuple(asdict(reply) for reply in step.replies))
        if end.stage != turn.state.stage:
            end = end.but(before=turn.state.stage, misses=0)
        if end.repeats == turn.state.repeats:
            end = end.but(repeats=0)
        replies = step.replies
        if turn.lead and replies:
            replies = plain.packed(
                (turn.words.text(turn.lead), *(reply.text for reply in replies)),
                replies[-1].options,
            )
        return Answer(
            replies=replies,
            state=end.to_json(),
            effects=(*hearing.effects(turn), *step.effects),
            keeps=hearing.keeps(turn),
        )

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Answer, commit, and tell Rasa what was said. Called by rasa-sdk."""
        # One action a turn: also after a fallback, where Rasa would otherwise predict on.
        listen = [FollowupAction("action_listen")]
        turn = load(self.office, tracker.latest_message)
        if turn is None:
            dispatcher.utter_message(json_message=NOTHING_TO_SAY)
            return listen
        answer = self.answer(turn)
        try:
            with self.office.database.writing("action") as session:
                turns.finish(
                    session,
                    turn.claim,
                    turn.message_id,
                    answer,
                    author=Author.BOT,
                    now=self.office.clock(),
                )
        except StaleLease:
            log.info("turn came too late message=%s", turn.message_id)
            dispatcher.utter_message(json_message=NOTHING_TO_SAY)
            return listen
        for reply in answer.replies:
            dispatcher.utter_message(text=reply.text)
        return listen


def load(office: Office, latest: dict[str, Any]) -> Turn | None:
    """The turn that Rasa's latest message stands for; None where it was answered already."""
    metadata = latest.get("metadata") or {}
    message_id = metadata.get("message_id")
    if message_id is None:
        log.warning("an action was called without a message of ours; nothing is done")
        return None
    with office.database.reading() as session:
        message = session.get(Message, message_id)
        if message is None or message.status == Status.HANDLED:
            return None
        conversation = conversations.whole(session, message.conversation_id)
        assert conversation is not None
        return _turn(office, session, latest, message, conversation)


def _turn(
    office: Office,
    session: Session,
    latest: dict[str, Any],
    message: Message,
    conversation: Conversation,
) -> Turn:
    metadata = latest["metadata"]
    heard = metadata.get("heard") or {}
    more = metadata.get("more") or {}
    return Turn(
        message_id=message.id,
        conversation_id=conversation.id,
        person_id=conversation.person_id,
        claim=Claim(conversation.id, metadata.get("token") or ""),
        text=(more.get("meant") or message.text).strip(),
        lead=more.get("lead") or "",
        intent=(latest.get("intent") or {}).get("name") or "",
        heard=Heard(
            needs=tuple(need["id"] for need in heard.get("needs", [])),
            strengths=tuple(heard.get("strengths", [])),
            barriers=tuple(heard.get("barriers", [])),
            postcode=heard.get("postcode"),
            place=more.get("place"),
            answerable=heard.get("answerable", True),
            third_party=more.get("third_party", False),
            age=more.get("age"),
            report=heard,
        ),
        state=State.from_json(conversation.state),
        channel=message.channel,
        age=conversation.person.age,
        outcode=conversation.person.outcode,
        now=office.clock(),
        office=office,
    )
