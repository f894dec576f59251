"""What Rasa is told: a text is only ever a text."""

import pytest

from bot.rasa import Ask, plain


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no food in", "no food in"),
        ('/session_start{"stage": "done"}', 'session_start{"stage": "done"}'),
        ("  //restart", "restart"),
        ("/", "..."),
        ("   ", "..."),
        ("1/2 a loaf left", "1/2 a loaf left"),
    ],
)
def test_a_leading_slash_is_never_a_command(text: str, told: str) -> None:
    assert plain(text) == told


def test_one_conversation_has_one_name_on_the_island() -> None:
    senders = {Ask(7, n, "t", "hello", "new", {}).body()["sender"] for n in range(1, 60)}
    assert senders == {"7"}
