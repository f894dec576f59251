"""A danger further back in the queue of one person is not made to wait for what stands before it.

Messages of one person are answered in their order. But "hi", "are you there" and then "I want to
die" may come in one breath, or the first may be under way in a Rasa that hangs. So before Rasa is
asked, and while it is being waited for, the messages behind are heard too.
"""

from sqlalchemy import select

from hub.conversations import Claim
from hub.database import Database
from hub.messages import Direction, Message, Status
from nlu.heard import Heard

# More than this nobody writes in one breath.
LOOKED_AT = 20


def waiting(database: Database, claim: Claim, after: int) -> list[tuple[int, str]]:
    """Number and text of the messages that wait behind the one being answered."""
    with database.reading() as session:
        rows = session.execute(
            select(Message.id, Message.text)
            .where(
                Message.conversation_id == claim.conversation_id,
                Message.direction == Direction.IN,
                Message.status == Status.RECEIVED,
                Message.id > after,
            )
            .order_by(Message.seq)
            .limit(LOOKED_AT)
        )
        return [(number, text) for number, text in rows]


def spoken_to_already(state: dict[str, object], message_id: int, heard: Heard) -> bool:
    """Whether this message came before the danger that was answered first.

    It is no answer to the safety questions, which nobody had asked when it was written.
    """
    safety = state.get("safety")
    if not isinstance(safety, dict) or heard.risks:
        return False
    return message_id < (safety.get("message") or 0)
