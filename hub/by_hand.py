"""What staff enter themselves: what is safe, what was agreed to, the level of help.

Some people have no phone, or say it across a table. Software never assigns a level.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from hub import people, tickets
from hub.errors import BadInput
from hub.people import Consent, ContactWay, User
from hub.tickets import Ticket

MAX_WORDS = 2_000
MAX_SHORT = 200


class Level(StrEnum):
    """The four levels of help, as staff confirm them."""

    UNIVERSAL = "universal"
    GOOD_HELP_HUB = "good_help_hub"
    AT_RISK = "at_risk"
    SPECIALIST = "specialist"


class How(StrEnum):
    """How somebody told a member of staff."""

    IN_PERSON = "in_person"
    BY_PHONE = "by_phone"
    IN_WRITING = "in_writing"


def safe_contact(
    session: Session,
    ticket: Ticket,
    user: User,
    *,
    way: str,
    times: str,
    voicemail: bool,
    code_word: str,
    now: datetime,
) -> None:
    """Keep the way that is safe, as they told the user. The newest word holds."""
    if way not in list(ContactWay):
        raise BadInput("Choose the way that they said is safe.")
    if max(len(times), len(code_word)) > MAX_SHORT:
        raise BadInput(f"Times and code word can have {MAX_SHORT} characters each.")
    row = people.set_safe_contact(
        session, ticket.person_id, way=ContactWay(way), now=now, times=times.strip() or None
    )
    row.voicemail, row.code_word = voicemail, code_word.strip() or None
    said = f"{way}: {row.times}" if row.times else way
    tickets.changed(session, ticket, "safe contact", user, now, said)


def consent(
    session: Session,
    ticket: Ticket,
    user: User,
    *,
    recipient: str,
    words: str,
    how: str,
    now: datetime,
) -> Consent:
    """Record an agreement that was given to the user: to whom, and the exact words."""
    recipient, words = recipient.strip(), words.strip()
    if not recipient or not words:
        raise BadInput("Write who it may be shared with, and the exact words they agreed to.")
    if len(recipient) > MAX_SHORT or len(words) > MAX_WORDS:
        raise BadInput(f"Keep the words under {MAX_WORDS:,} characters, the recipient {MAX_SHORT}.")
    if how not in list(How):
        raise BadInput("Choose how they told you.")
    row = people.give_consent(
        session,
        ticket.person_id,
        recipient=recipient,
        words=words,
        message_id=None,
        now=now,
        ticket_id=ticket.id,
    )
    ticket.share_words = words
    said = f"{how.replace('_', ' ')}; with {recipient}: {words}"
    tickets.changed(session, ticket, "consent recorded", user, now, said)
    return row


def withdraw(session: Session, ticket: Ticket, user: User, now: datetime) -> None:
    """Record that they took back what they agreed to: nothing may be passed on any more."""
    if not people.withdraw_consent(session, ticket.person_id, now):
        raise BadInput("There is no agreement that could be taken back.")
    ticket.share_words = None
    tickets.changed(session, ticket, "consent withdrawn", user, now)


def level(session: Session, ticket: Ticket, user: User, chosen: str, now: datetime) -> None:
    """Confirm the level of help."""
    if chosen not in list(Level):
        raise BadInput("Choose a level of help.")
    if ticket.level == chosen:
        return
    ticket.level = chosen
    tickets.changed(session, ticket, "level", user, now, chosen)
