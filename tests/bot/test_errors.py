"""Every error code of a provider has a kind and words, and comes to what it should."""

import pytest

from bot.channels.errors import TELEGRAM, TWILIO, Then, telegram_problem, twilio_problem

# What each code must come to. The list is Twilio's, for messages: what its API refuses a message
# with, what its status callbacks report, and its table of WhatsApp errors.
KINDS: dict[Then, tuple[int, ...]] = {
    Then.OPT_OUT: (21610, 63014, 63033),
    Then.HOLD: (63016,),
    Then.FALLBACK: (63003, 63005, 63013, 63021, 63024, 63030, 63032, 63049),
    Then.RETRY_SLOWLY: (30003, 30009),
    Then.RETRY: (
        *(14107, 20429, 20500, 20503, 20504, 21611, 21730, 30001, 30017, 30022, 30023, 30027),
        *(30450, 30500, 63010, 63012, 63017, 63018, 63038),
        # Content: the second try is in plain lines.
        *(21655, 21656, 63027, 63028, 63029, 63040, 63041),
    ),
    Then.TELL_STAFF: (
        *(10001, 20001, 20002, 20003, 20004, 20005, 20006, 20008, 20403, 20404, 20422),
        *(21212, 21601, 21603, 21606, 21607, 21609, 21659, 21660, 21661, 21703, 21705),
        *(30002, 30018, 30024, 30032, 30033, 30034, 30037, 63001, 63007, 63020, 63022, 63025),
    ),
    Then.FAIL: (
        *(21211, 21217, 21408, 21602, 21604, 21605, 21608, 21612, 21614, 21617, 21618, 21619),
        *(21620, 21623, 21635, 21658, 30004, 30005, 30006, 30007, 30008, 30011, 30019, 30036),
        *(30038, 30039, 30410, 30453, 30454, 63006, 63015, 63019),
    ),
}


@pytest.mark.parametrize(("then", "code"), [(t, c) for t, codes in KINDS.items() for c in codes])
def test_each_code_comes_to_what_it_should(then: Then, code: int) -> None:
    assert code in TWILIO
    assert twilio_problem(code).then == then


@pytest.mark.parametrize("code", TWILIO)
def test_every_code_has_words_that_fit_and_are_plain(code: int) -> None:
    problem = twilio_problem(code)
    assert problem.code == str(code)
    assert 10 < len(problem.words) <= 100
    assert problem.words.endswith(".")


def test_no_code_is_declared_twice() -> None:
    """A second line for a code would silently win."""
    from hub.settings import ROOT

    source = (ROOT / "bot" / "channels" / "errors.py").read_text()
    table = source[source.index("TWILIO:") : source.index("NO_CONNECTION")]
    for code in TWILIO:
        assert table.count(str(code)) == 1, code


@pytest.mark.parametrize(
    ("code", "status", "then"),
    [
        (None, 429, Then.RETRY),
        (12345, 429, Then.RETRY),
        (None, 500, Then.RETRY),
        (12345, 503, Then.RETRY),
        (None, 401, Then.TELL_STAFF),
        (None, 403, Then.TELL_STAFF),
        (20999, 400, Then.TELL_STAFF),
        (21999, 400, Then.FAIL),
        (30999, 400, Then.FAIL),
        (63999, 400, Then.FALLBACK),
        (None, 400, Then.FAIL),
    ],
)
def test_a_code_that_is_new_is_judged_by_its_status_and_family(
    code: int | None, status: int, then: Then
) -> None:
    problem = twilio_problem(code, status)
    assert problem.then == then
    assert 10 < len(problem.words) <= 100


@pytest.mark.parametrize("status", [*TELEGRAM, 500, 502, 418, 413])
def test_telegram_too(status: int) -> None:
    problem = telegram_problem(status)
    assert 10 < len(problem.words) <= 100
    assert problem.retryable == (status in (401, 404, 409, 429) or status >= 500)
