"""STOP and START in every form, and that nobody is answered twice."""

import pytest

from bot.optout import Opt, Wish, read

OUT, IN, HELP = Wish.OUT, Wish.IN, Wish.HELP


@pytest.mark.parametrize(
    ("text", "kind", "channel", "opted_out", "expected"),
    [
        # Twilio's own words on SMS: it answers.
        *((word, None, "sms", False, Opt(OUT, True)) for word in (
            "STOP", "Stop.", " stop ", "STOPALL", "unsubscribe", "END", "quit", "Cancel",
            "REVOKE", "OptOut", "\u201cSTOP\u201d",
        )),
        ("START", None, "sms", True, Opt(IN, True)),
        ("unstop", None, "sms", True, Opt(IN, True)),
        ("Yes", None, "sms", True, Opt(IN, True)),
        ("HELP", None, "sms", False, Opt(HELP, True)),
        ("info", None, "sms", True, Opt(HELP, True)),
        # The same on WhatsApp without Advanced Opt-Out: ours to answer.
        ("STOP", None, "whatsapp", False, Opt(OUT, False)),
        ("start", None, "whatsapp", True, Opt(IN, False)),
        ("yes", None, "whatsapp", True, None),
        ("help", None, "whatsapp", False, None),
        ("stop", None, "telegram", False, Opt(OUT, False)),
        # Advanced Opt-Out says what it took a word for, on either channel.
        ("arret", "stop", "sms", False, Opt(OUT, True)),
        ("bored of this", "stop", "whatsapp", False, Opt(OUT, True)),
        ("join", "start", "whatsapp", True, Opt(IN, True)),
        ("aide", "help", "sms", False, Opt(HELP, True)),
        # People's own ways, which Twilio does not know.
        ("please stop", None, "sms", False, Opt(OUT, False)),
        ("opt out", None, "sms", False, Opt(OUT, False)),
        ("Stop all", None, "whatsapp", False, Opt(OUT, False)),
        ("start again", None, "sms", True, Opt(IN, False)),
        # START is only an answer to somebody who is out; YES answers our questions.
        ("start", None, "sms", False, None),
        ("yes", None, "sms", False, None),
        # About something else.
        ("stop him hitting me", None, "sms", False, None),
        ("I want to end it", None, "sms", False, None),
        ("my benefits stopped", None, "sms", False, None),
        ("", None, "sms", False, None),
    ],
)  # fmt: skip
def test_what_a_text_says_about_stopping(
    text: str, kind: str | None, channel: str, opted_out: bool, expected: Opt | None
) -> None:
    assert read(text, kind, channel, opted_out=opted_out) == expected
