"""LINK, UNLINK and codes: answered without Rasa, in the same words whoever asks.

Whoever holds one phone must learn nothing about the other: UNLINK says the same whether there was
a link or not, and nothing is ever sent to the other channel.
"""

import re
from collections.abc import Callable

from sqlalchemy.orm import Session

from bot.rereading import still_asked
from hub import links, messages
from hub.clock import Clock
from hub.conversations import Conversation
from hub.database import Database
from hub.links import Entered
from hub.messages import Author, Message
from hub.people import Person
from hub.turns import Answer
from hub.words import Words

LINK = re.compile(r"(please )?link( me| up)?( (my|the))?( other)?( (phone|number|app|phones))?")
UNLINK = re.compile(r"(please )?un ?link( me)?( (my|the))?( other)?( (phone|number|app|phones))?")
CODE = re.compile(rf"(?P<said>(my )?(link|code)\W*(is\W*)?)?{links.CODE.pattern}", re.I)
LINES = {
    Entered.LINKED: "linking.done",
    Entered.WRONG: "linking.wrong",
    Entered.OWN: "linking.own",
    Entered.TOO_MANY: "linking.too_many",
}


def answer(
    database: Database, words: Words, clock: Clock, text: str, person_id: int, *, new: bool
) -> Answer | None:
    """The answer to a text about linking; None where it is about something else.

    `new` puts who we are before it.
    """
    bare = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    found = CODE.fullmatch(text.strip(" .!\n"))
    if found is not None:
        code = "".join(digits for digits in found.groups()[-2:])
        if found["said"] or _expected(database, person_id, clock):
            return _act(words, clock, lambda s, c: _enter(s, c, code, words, clock), new=new)
        return None
    if UNLINK.fullmatch(bare):
        return _act(words, clock, lambda s, c: _unlink(s, c, words, clock), new=new)
    if LINK.fullmatch(bare):
        return _act(words, clock, lambda s, c: _ask(s, c, words, clock), new=new)
    return None


def _act(
    words: Words,
    clock: Clock,
    what: Callable[[Session, Conversation], tuple[messages.Reply, ...]],
    *,
    new: bool,
) -> Answer:
    """What was found out and what is said about it are one transaction."""

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        greeting = words.say("first_contact.short") if new else ()
        # What was asked before is asked again: its buttons are gone once something else is said.
        asked = (
            still_asked(session, conversation, clock()) if conversation.state.get("last") else ()
        )
        for reply in (*greeting, *what(session, conversation), *asked):
            messages.queue_reply(
                session,
                conversation,
                reply,
                author=Author.BOT,
                now=clock(),
                reply_to_id=message.id,
            )

    return Answer(effects=(effect,))


def _ask(
    session: Session, conversation: Conversation, words: Words, clock: Clock
) -> tuple[messages.Reply, ...]:
    code = links.make_code(session, conversation.person, clock())
    if code is None:
        return words.say("linking.too_many")
    return words.say("linking.code", code=code)


def _enter(
    session: Session, conversation: Conversation, code: str, words: Words, clock: Clock
) -> tuple[messages.Reply, ...]:
    return words.say(LINES[links.enter(session, conversation.person, code, clock())])


def _unlink(
    session: Session, conversation: Conversation, words: Words, clock: Clock
) -> tuple[messages.Reply, ...]:
    links.unlink(session, conversation.person, clock())
    return words.say("linking.undone")


def _expected(database: Database, person_id: int, clock: Clock) -> bool:
    with database.reading() as session:
        person = session.get(Person, person_id)
        return person is not None and links.is_expected(session, person, clock())
