"""A message in another language: one line in it, a plain one in English, and a person."""

from sqlalchemy.orm import Session

from bot.situation import Situation
from hub import tickets
from hub.conversations import Conversation
from hub.messages import Message
from hub.tickets import Why
from hub.turns import Answer
from nlu.heard import Heard


def answer(heard: Heard, text: str, situation: Situation) -> Answer:
    """The lines, and a ticket for somebody who speaks the language."""

    def open_ticket(session: Session, conversation: Conversation, message: Message) -> None:
        conversation.person.language = heard.language
        tickets.open_for(
            session,
            conversation,
            why=Why.LANGUAGE,
            now=situation.now,
            message_id=message.id,
            needs=heard.need_ids,
            own_words=(text,),
            reply_promised=situation.promise.text,
        )

    key = f"languages.{heard.language}"
    own = situation.words.say(key) if key in situation.words else ()
    replies = own + situation.words.say("languages.other", when=situation.promise.text)
    return Answer(replies=replies, state={"stage": "returned"}, effects=(open_ticket,))
