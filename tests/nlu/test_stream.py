"""JSON lines in and out: every line is answered in order, whatever is on it, in bounded memory."""

import io
import json
import tracemalloc
from collections.abc import Iterator

import pytest

from nlu.hearer import Hearer
from nlu.stream import MAX_LINE, hear_lines, read_lines


@pytest.fixture(scope="module")
def words_only() -> Hearer:
    return Hearer.load(None)


def test_every_line_is_answered_in_order(words_only: Hearer) -> None:
    lines = [
        '{"id": 1, "text": "no food in"}',
        "not json",
        '{"id": 2}',
        '{"id": 3, "text": 5}',
        "[1]",
        '{"id": "last", "text": ""}',
        "[" * 100_000,
    ]
    out = io.StringIO()
    assert hear_lines([line + "\n" for line in lines], out, words_only) == len(lines)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [row["id"] for row in rows] == [1, None, 2, 3, None, "last", None]
    assert [row.get("error") for row in rows] == [
        None,
        "not JSON",
        "text is missing or not a string",
        "text is missing or not a string",
        "not a JSON object",
        None,
        "not JSON",
    ]
    assert rows[0]["needs"][0]["id"] == "food"


def test_a_stream_is_read_as_it_goes(words_only: Hearer) -> None:
    """The reader never asks for more than one chunk ahead of what it has answered."""
    out = io.StringIO()
    ahead = 0

    def lines() -> Iterator[str]:
        nonlocal ahead
        for number in range(1000):
            ahead = max(ahead, number - out.getvalue().count("\n"))
            yield json.dumps({"id": number, "text": "ta"})

    assert hear_lines(lines(), out, words_only) == 1000
    assert ahead <= 64


def test_many_lines_take_no_more_memory_than_a_few(words_only: Hearer) -> None:
    class Nowhere(io.StringIO):
        def write(self, text: str) -> int:
            return len(text)

    def most(count: int) -> int:
        tracemalloc.start()
        try:
            assert hear_lines(("?" for _ in range(count)), Nowhere(), words_only) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # Each chunk is let go before the next is read, so a million lines are as these are.
    few = most(200)
    assert most(6_000) < few + 20_000


def test_bytes_that_are_no_text_are_answered_too(words_only: Hearer) -> None:
    raw = b'\xef\xbb\xbf{"id": 1, "text": "ta"}\n\xff\xfe\x00\n{"id": 2, "text": "\xff food"}\n'
    out = io.StringIO()
    assert hear_lines(read_lines(io.BytesIO(raw)), out, words_only) == 3
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [row["id"] for row in rows] == [1, None, 2]
    assert rows[2]["needs"][0]["id"] == "food"


def test_a_line_without_an_end_is_refused_and_the_next_is_heard(words_only: Hearer) -> None:
    raw = b"x" * (5 * MAX_LINE) + b'\n{"id": 2, "text": "ta"}'
    pieces = list(read_lines(io.BytesIO(raw)))
    assert [len(piece) <= MAX_LINE + 1 for piece in pieces] == [True, True]
    out = io.StringIO()
    assert hear_lines(pieces, out, words_only) == 2
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert rows[0] == {"id": None, "error": "line too long"}
    assert rows[1]["id"] == 2
