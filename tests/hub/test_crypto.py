"""What is said is unreadable in the file, and the wrong key is named as the trouble."""

from pathlib import Path

import pytest

from hub import messages
from hub.crypto import Cipher, new_key
from hub.database import Database
from hub.errors import Misconfigured
from hub.messages import Inbound
from hub.people import Channel, Reach
from tests.conftest import SetClock


def test_text_and_numbers_are_not_in_the_database_file(
    sqlite: Database, clock: SetClock, tmp_path: Path
) -> None:
    said = "nobody must read this in the file"
    with sqlite.writing() as session:
        messages.receive(
            session,
            "croxteth",
            Inbound(Reach(Channel.SMS, "+447700900123"), "SM1", said),
            clock(),
        )
    sqlite.close()
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("record.sqlite3*"))
    assert b"croxteth" in raw
    assert said.encode() not in raw
    assert b"7700900123" not in raw


def test_equal_text_is_sealed_differently_each_time() -> None:
    cipher = Cipher(new_key())
    assert cipher.seal("hello") != cipher.seal("hello")
    assert cipher.open(cipher.seal("hello ☕ \ud800")) == "hello ☕ \ud800"


def test_another_key_is_refused_in_plain_words() -> None:
    sealed = Cipher(new_key()).seal("hello")
    with pytest.raises(Misconfigured, match="not the key"):
        Cipher(new_key()).open(sealed)


@pytest.mark.parametrize("key", ["", "c2hvcnQ=", "not base64 at all"])
def test_a_poor_key_is_refused(key: str) -> None:
    with pytest.raises(Misconfigured):
        Cipher(key)
