"""`goodhelp hear`: JSON lines in, JSON lines out, same order, in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO, TextIO

from nlu.hearer import Hearer

CHUNK = 64
# A line longer than this is refused; ten thousand characters of text fit many times.
MAX_LINE = 200_000


def read_lines(file: BinaryIO) -> Iterator[str]:
    """Lines of a byte stream, whatever it holds: no line takes more memory than MAX_LINE.

    Bytes that are not UTF-8 become question marks; an endless line ends as one that is too long.
    """
    while line := file.readline(MAX_LINE + 1):
        whole = line
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE + 1)
        yield whole.decode("utf-8-sig", errors="replace")


def hear_lines(lines: Iterable[str], out: TextIO, hearer: Hearer) -> int:
    """Hears every line `{"id", "text"}` and writes one line for each; returns how many.

    A line that cannot be read gives `{"id", "error"}` in its place, and the batch goes on.
    """
    count = 0
    rows = (_parse(line) for line in lines if line.strip())
    while chunk := list(islice(rows, CHUNK)):
        for row in _hear(chunk, hearer):
            # ASCII only: no lone surrogate can break the pipe.
            out.write(json.dumps(row) + "\n")
            count += 1
        out.flush()
    return count


def _hear(chunk: list[dict[str, Any]], hearer: Hearer) -> Iterator[dict[str, Any]]:
    good = iter(hearer.hear_many([row["text"] for row in chunk if "error" not in row]))
    for row in chunk:
        yield row if "error" in row else {"id": row["id"], **next(good).to_json()}


def _parse(line: str) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        return {"id": None, "error": "line too long"}
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {"id": None, "error": "not JSON"}
    if not isinstance(row, dict):
        return {"id": None, "error": "not a JSON object"}
    if not isinstance(row.get("text"), str):
        return {"id": row.get("id"), "error": "text is missing or not a string"}
    return {"id": row.get("id"), "text": row["text"]}
