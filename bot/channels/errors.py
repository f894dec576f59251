"""Every way a message can fail, declared once: what we do then, and what staff read.

Sources: Twilio's error and warning dictionary and its table of WhatsApp errors, Telegram's Bot
API (Making requests). `tests/bot/test_errors.py` walks through every code.
"""

from dataclasses import dataclass
from enum import StrEnum

from hub.messages import WINDOW_CLOSED
from hub.outbox import OPTED_OUT


class Then(StrEnum):
    """What follows from a problem.

    FAIL: give up, and say so. RETRY: the same message again, soon; RETRY_SLOWLY: in minutes,
    without holding back what comes next. OPT_OUT: write to them no more. HOLD: until they write
    again. FALLBACK: as a text message, where that is safe. TELL_STAFF: our own account or
    settings are wrong; tried again for hours, and shown until somebody mends it.
    """

    FAIL = "fail"
    RETRY = "retry"
    RETRY_SLOWLY = "retry_slowly"
    HOLD = "hold"
    OPT_OUT = "opt_out"
    FALLBACK = "fallback"
    TELL_STAFF = "tell_staff"


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
        return self.then in (Then.RETRY, Then.RETRY_SLOWLY, Then.TELL_STAFF)


def _all(then: Then, words: str, *codes: int) -> dict[int, Problem]:
    return {code: Problem(str(code), then, words) for code in codes}


def _fail(words: str, *codes: int) -> dict[int, Problem]:
    return _all(Then.FAIL, words, *codes)


def _fallback(words: str, *codes: int) -> dict[int, Problem]:
    return _all(Then.FALLBACK, words, *codes)


def _retry(words: str, *codes: int, wait: float = 2.0, tries: int = 12) -> dict[int, Problem]:
    return {code: Problem(str(code), Then.RETRY, words, wait, tries) for code in codes}


def _slowly(words: str, *codes: int) -> dict[int, Problem]:
    return {code: Problem(str(code), Then.RETRY_SLOWLY, words, 300.0, 3) for code in codes}


def _tell(words: str, *codes: int) -> dict[int, Problem]:
    return {code: Problem(str(code), Then.TELL_STAFF, words, 60.0, 30) for code in codes}


UNREACHABLE = "The phone could not be reached."
BLOCKED = "The phone company blocked this message."
NO_TEXTS = "This number cannot get texts."
SET_UP = "Our account is not set up for this. Please tell the administrator."
SENDER = "Our own number is not set up to send this. Please tell the administrator."
BUSY = "The provider was too busy. We tried for a long time."
REFUSED = "WhatsApp refused the message."
TEMPLATE = "The WhatsApp template is wrong. Please tell the administrator."

# fmt: off
TWILIO: dict[int, Problem] = {
    # They do not want us.
    **_all(Then.OPT_OUT, OPTED_OUT, 21610, 63014, 63033),
    # WhatsApp's 24 hours are over.
    **_all(Then.HOLD, WINDOW_CLOSED, 63016),
    # WhatsApp cannot reach them; a text may.
    **_fallback("Not on WhatsApp.", 63003, 63024, 63036),
    **_fallback(REFUSED, 63005, 63013, 63021, 63030, 63031, 63032, 63034, 63035, 63049, 63060),
    # The phone is off, or the last part of the way is broken.
    **_slowly(UNREACHABLE, 30003, 30009),
    # The number.
    **_fail("This is not a phone number.", 21211, 21217, 21401, 21421, 21604, 63050),
    **_fail(NO_TEXTS, 21214, 21265, 21266, 21268, 21407, 21612, 21614, 21635, 30006, 30011),
    **_fail("The number does not exist any more.", 30005),
    **_fail("Texts to this country are not turned on.", 21215, 21408, 30451),
    # The message.
    **_fail("The message is too long.", 21605, 21617, 21658, 30019, 30044),
    **_fail("The message is empty.", 21602, 21619),
    **_fail(BLOCKED, 21618, 30004, 30007, 30038, 30039, 30452, 30453, 30454, 30455),
    **_fail("The picture or file could not be sent.", 11200, 11751, 12300, 21620, 21621, 21622),
    **_fail("The picture or file could not be sent.", 21623, 63006, 63019),
    **_fail("The message expired before it could be delivered.", 30036, 30410),
    **_fail("The phone company gave no reason.", 30000, 30008, 30025),
    **_fail("This is a trial account: only numbers on its list get texts.", 21219, 21608, 63015),
    # WhatsApp templates: buttons that are refused go out as numbered lines the second time.
    **_retry(TEMPLATE, 21654, 21655, 21656, 21657, 63027, 63028, 63029, 63040, tries=2),
    **_retry(TEMPLATE, 63041, 63042, 63043, tries=2),
    # Too much at once, for the moment.
    **_retry(BUSY, 14107, 20429, 21611, 30001, 30017, 30022, 30500, 63017, 63018),
    **_retry("The daily limit was reached.", 30023, 30026, 30027, 63038, wait=600.0),
    **_retry("The phone company stopped texts to this number for half an hour.", 30450, wait=900.0),
    **_retry("The provider had a fault.", 20500, 20502, 20503, 20504, 21730, 63009, 63010, 63012),
    # Ours to mend: the account, its numbers, its registrations, our own call.
    **_tell(SET_UP, 10001, 20001, 20002, 20003, 20004, 20005, 20006, 20008, 20009, 20010, 20403),
    **_tell(SET_UP, 20404, 20409, 20422, 20426, 21609, 21624, 21625, 21626, 21627, 21650, 21651),
    **_tell(SET_UP, 19023, 30002, 30010, 30012, 30033, 30037, 63001, 63002, 63008, 63020, 63022),
    **_tell(SET_UP, 63025, 63051, 63112),
    **_tell(SENDER, 21210, 21212, 21267, 21601, 21603, 21606, 21607, 21613, 21615, 21616, 21628),
    **_tell(SENDER, 21659, 21660, 21661, 21664, 21666, 21667, 21703, 21704, 21705, 21706, 21710),
    **_tell(SENDER, 21712, 21716, 21718, 21719, 21725, 30018, 30024, 30032, 30034, 30035, 30040),
    **_tell(SENDER, 30041, 30042, 30045, 63007),
}
# fmt: on

NO_CONNECTION = Problem("no_connection", Then.RETRY, "The provider could not be reached.", tries=40)
PROVIDER_FAULT = Problem("fault", Then.RETRY, "The provider had a fault.", tries=12)
TOO_MANY = Problem("429", Then.RETRY, BUSY, tries=20)
NOT_SET_UP = Problem("not_set_up", Then.TELL_STAFF, SET_UP, first_wait=60.0, tries=30)
NOBODY_KNOWS = Problem("unknown", Then.FAIL, "Nobody can tell whether this arrived.")

TELEGRAM: dict[int, Problem] = {
    400: Problem("400", Then.FAIL, "Telegram refused the message."),
    401: Problem("401", Then.TELL_STAFF, SET_UP, first_wait=60.0, tries=30),
    403: Problem("403", Then.OPT_OUT, "They blocked us on Telegram."),
    404: Problem("404", Then.TELL_STAFF, SET_UP, first_wait=60.0, tries=30),
    409: Problem("409", Then.RETRY, "Telegram was busy with us.", tries=12),
    429: TOO_MANY,
}


def twilio_problem(code: int | None, http_status: int = 400) -> Problem:
    """What a Twilio error code means. One that is new is judged by its status and its family."""
    if code in TWILIO:
        return TWILIO[code]
    if http_status == 429:
        return TOO_MANY
    if http_status >= 500:
        return PROVIDER_FAULT
    if http_status in (401, 403):
        return TWILIO[20003]
    name, words = str(code or http_status), f"Not delivered (code {code})."
    if code is not None and 20000 <= code < 21000:
        # Twilio's general errors are about our account or our call, never about the resident.
        return Problem(name, Then.TELL_STAFF, SET_UP, first_wait=60.0, tries=30)
    # 63xxx are those of WhatsApp and its like: a text message is another way.
    channel = code is not None and 63000 <= code < 64000
    return Problem(name, Then.FALLBACK if channel else Then.FAIL, words)


def telegram_problem(http_status: int) -> Problem:
    """What a Telegram error means."""
    if http_status in TELEGRAM:
        return TELEGRAM[http_status]
    return PROVIDER_FAULT if http_status >= 500 else TELEGRAM[400]
