"""Every way a message can fail, declared once: what we do then, and what staff read.

Sources: Twilio's error and warning dictionary, Telegram's Bot API (Making requests).
"""

from dataclasses import dataclass
from enum import StrEnum

from hub.messages import WINDOW_CLOSED
from hub.outbox import OPTED_OUT


class Then(StrEnum):
    """What follows from a problem."""

    FAIL = "fail"
    RETRY = "retry"
    RETRY_SLOWLY = "retry_slowly"
    HOLD = "hold"
    OPT_OUT = "opt_out"


@dataclass(frozen=True)
class Problem:
    """`code` as the provider names it, what to do, and words for staff (at most 100 characters).

    A retry waits `first_wait` seconds, then twice as long each time, `tries` times in all.
    """

    code: str
    then: Then
    words: str
    first_wait: float = 2.0
    tries: int = 1

    @property
    def retryable(self) -> bool:
        """Whether the same message may get through later."""
        return self.then in (Then.RETRY, Then.RETRY_SLOWLY)


def _fail(words: str, *codes: int) -> dict[int, Problem]:
    return {code: Problem(str(code), Then.FAIL, words) for code in codes}


def _retry(words: str, *codes: int, wait: float = 2.0, tries: int = 12) -> dict[int, Problem]:
    return {code: Problem(str(code), Then.RETRY, words, wait, tries) for code in codes}


def _other(then: Then, words: str, *codes: int) -> dict[int, Problem]:
    return {code: Problem(str(code), then, words, 300.0, 3) for code in codes}


UNREACHABLE = "The phone could not be reached."
SET_UP = "Our account is not set up for this. Please tell the administrator."
BUSY = "The provider was too busy. We tried for a long time."

TWILIO: dict[int, Problem] = {
    **_other(Then.OPT_OUT, OPTED_OUT, 21610, 30020, 63033, 63014),
    **_other(Then.RETRY_SLOWLY, UNREACHABLE, 30003, 30009),
    **_other(Then.HOLD, WINDOW_CLOSED, 63016),
    **_fail("This is not a phone number.", 21211, 21217, 21604, 21401, 21421),
    **_fail("This number cannot get texts.", 21612, 21614, 21635, 30006, 30011, 21407),
    **_fail("The number does not exist any more.", 30005),
    **_fail("The phone company blocked this message.", 30004, 30007, 30038, 30039, 30454, 30453),
    **_fail("The message is too long.", 21617, 21605, 30019),
    **_fail("The message is empty.", 21602, 21619),
    **_fail("Texts to this country are not turned on.", 21408, 30450),
    **_fail("This is a trial account: only numbers on its list get texts.", 21608, 21219, 63015),
    **_fail("Not on WhatsApp.", 63003, 63024, 63036),
    **_fail("WhatsApp refused the message.", 63005, 63013, 63021, 63032, 63049, 63030),
    **_fail("The WhatsApp template is wrong.", 21654, 21655, 21656, 63027, 63028, 63040, 63041),
    **_fail("The picture or file could not be sent.", 21620, 21623, 63019, 12300, 11200, 63006),
    **_fail("The message expired before it could be delivered.", 30036, 30410),
    **_fail("The phone company gave no reason.", 30008, 30000),
    **_retry(SET_UP, 20003, 20004, 20005, 20006, 20008, 30002, 20010, wait=60.0, tries=30),
    **_fail(SET_UP, 21603, 21606, 21212, 21601, 21607, 21609, 21660, 21703, 21705, 20404),
    **_fail(SET_UP, 21210, 21624, 21661, 21706, 21710, 21712, 21716, 21718, 21719, 21725),
    **_fail(SET_UP, 30010, 30024, 30032, 30034, 30040, 30041, 30042, 30045, 63002, 63007, 63051),
    **_fail(SET_UP, 20001, 20002, 20009, 20422, 63001, 63008, 63020, 63022, 63025, 63112, 63029),
    **_retry(BUSY, 20429, 14107, 21611, 30001, 30017, 30018, 30022, 30500, 63017, 63018),
    **_retry("The daily limit was reached.", 30023, 30027, 63038, wait=600.0, tries=12),
    **_retry("The provider had a fault.", 20500, 20502, 20503, 20504, 63010, 63012, 63009),
}

NO_CONNECTION = Problem("no_connection", Then.RETRY, "The provider could not be reached.", tries=40)
PROVIDER_FAULT = Problem("fault", Then.RETRY, "The provider had a fault.", tries=12)
TOO_MANY = Problem("429", Then.RETRY, BUSY, tries=20)
NOT_SET_UP = Problem("not_set_up", Then.RETRY, SET_UP, first_wait=60.0, tries=30)
NOBODY_KNOWS = Problem("unknown", Then.FAIL, "Nobody can tell whether this arrived.")

TELEGRAM: dict[int, Problem] = {
    400: Problem("400", Then.FAIL, "Telegram refused the message."),
    401: Problem("401", Then.RETRY, SET_UP, first_wait=60.0, tries=30),
    403: Problem("403", Then.OPT_OUT, "They blocked us on Telegram."),
    404: Problem("404", Then.RETRY, SET_UP, first_wait=60.0, tries=30),
    409: Problem("409", Then.RETRY, "Telegram was busy with us.", tries=12),
    429: TOO_MANY,
}


def twilio_problem(code: int | None, http_status: int = 400) -> Problem:
    """What a Twilio error code means; an unknown one is judged by its HTTP status."""
    if code in TWILIO:
        return TWILIO[code]
    if http_status == 429:
        return TOO_MANY
    if http_status >= 500:
        return PROVIDER_FAULT
    if http_status in (401, 403):
        return TWILIO[20003]
    return Problem(str(code or http_status), Then.FAIL, f"Not delivered (code {code}).")


def telegram_problem(http_status: int) -> Problem:
    """What a Telegram error means."""
    if http_status in TELEGRAM:
        return TELEGRAM[http_status]
    return PROVIDER_FAULT if http_status >= 500 else TELEGRAM[400]
