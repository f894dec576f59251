"""Every failure of the record, declared once: what it means and what staff read.

GoodHelpError
├── Retryable            try again later
│   ├── DatabaseBusy
│   ├── TurnFailed       Rasa or the action server gave no answer
│   └── LeftForDanger    a turn was left because a danger waits behind it
└── Refused              trying again will not help
    ├── BadInput         what came in cannot be stored
    ├── ClaimRefused     somebody else holds the ticket
    ├── StaleEdit        the page was older than the record
    ├── StaleLease       another worker has taken the conversation over
    ├── NotAllowed       the role or hub does not allow it
    ├── NotSafe          the resident may not be written to just now
    └── Misconfigured    a setting is missing or wrong
"""


class GoodHelpError(Exception):
    """Something this product knows how to explain."""

    retryable = False
    staff_words = "Something went wrong. Nothing was lost. Please try again."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.staff_words)


class Retryable(GoodHelpError):
    """The same thing may work in a moment."""

    retryable = True


class DatabaseBusy(Retryable):
    """The database did not answer in time."""

    staff_words = "The record is busy. Please try again in a moment."


class TurnFailed(Retryable):
    """Rasa or the action server gave no answer for a message."""

    staff_words = "The assistant could not answer. A person needs to reply."


class LeftForDanger(Retryable):
    """A turn was left: a message behind it tells of a danger and is answered first."""


class Refused(GoodHelpError):
    """Trying the same thing again will not help."""


class BadInput(Refused):
    """What came in cannot be stored or understood."""

    staff_words = "That could not be saved. Please check what you entered."


class ClaimRefused(Refused):
    """Somebody else holds the ticket."""

    staff_words = "Someone else has already picked up this ticket."


class StaleEdit(Refused):
    """The page was older than the record."""

    staff_words = "This ticket changed while you had it open. Please look at it again."


class StaleLease(Refused):
    """Another worker has taken the conversation over."""

    staff_words = "Another worker has taken over."


class NotAllowed(Refused):
    """The role or the hub does not allow this."""

    staff_words = "You are not allowed to do that."


class NotSafe(Refused):
    """The resident may not be written to just now; the message says why."""

    staff_words = "This person may not be written to just now."


class Misconfigured(Refused):
    """A setting is missing or wrong; the message says which and what to do."""

    staff_words = "A setting is missing or wrong."
