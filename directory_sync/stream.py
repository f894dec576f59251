"""A JSON file of services of any size, one service at a time.

The list is found in the file's envelope ("contents", "services", …); the rest of the envelope is
not needed. Memory holds a few megabytes of the text and the one service.
"""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from directory_sync.fetch import MEGABYTE, SourceFailed

LISTS = ("contents", "content", "services", "items", "data", "results", "records", "value")
PIECE = MEGABYTE
LARGEST_SERVICE = 16 * MEGABYTE
SPACE = " \t\r\n"


def services_streamed(path: Path) -> Iterator[Any]:
    """The services of a file that is a list or an envelope with one. Raises SourceFailed."""
    with path.open("rb") as file:
        text = _Text(file, path.name)
        mark = text.mark()
        while mark == "{":
            # One envelope in another is followed: {"data": {"services": [...]}}.
            mark = _into(text)
        if mark != "[":
            raise SourceFailed(f"{path.name} holds no list of services")
        text.take("[")
        while (mark := text.mark()) != "]":
            if mark == ",":
                text.take(",")
            yield text.value()
            if text.mark() not in (",", "]"):
                raise SourceFailed(f"{path.name} is not JSON near character {text.at}")


def _into(text: "_Text") -> str:
    """Go into an object as far as the value of a name that stands for services."""
    text.take("{")
    while text.mark() != "}":
        if text.mark() == ",":
            text.take(",")
        name = text.value()
        text.mark()
        text.take(":")
        mark = text.mark()
        if name in LISTS and mark in ("[", "{"):
            return mark
        text.value()
    return ""


class _Text:
    """The text of a file, with a place in it."""

    def __init__(self, file: Any, name: str) -> None:
        self._file, self._name = file, name
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._scan = json.JSONDecoder().raw_decode
        self._text, self._place, self._before = "", 0, 0
        self._ended = False

    @property
    def at(self) -> int:
        """Characters from the start."""
        return self._before + self._place

    def mark(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            text, place = self._text, self._place
            while place < len(text) and text[place] in SPACE:
                place += 1
            self._place = place
            if place < len(text):
                return text[place]
            if not self._more():
                return ""

    def take(self, wanted: str) -> None:
        """Step over one character. Raises SourceFailed where it is another."""
        if self._text[self._place : self._place + 1] != wanted:
            raise SourceFailed(f"{self._name} is not JSON near character {self.at}")
        self._place += 1

    def value(self) -> Any:
        """The next value. Raises SourceFailed."""
        self.mark()
        while True:
            try:
                found, end = self._scan(self._text, self._place)
            except json.JSONDecodeError as error:
                end, problem = len(self._text), error.msg
            except RecursionError:
                raise SourceFailed(f"{self._name} is nested too deeply") from None
            except ValueError:
                raise SourceFailed(f"{self._name} holds an impossible number") from None
            else:
                problem = ""
            # A number at the very end of what was read may go on.
            if not problem and (end < len(self._text) or self._ended):
                self._place = end
                return found
            if len(self._text) - self._place > LARGEST_SERVICE:
                raise SourceFailed(f"{self._name}: one record is larger than we read, or broken")
            if not self._more():
                raise SourceFailed(
                    f"{self._name} is not JSON near character {self.at}: {problem or 'it ends'}"
                )

    def _more(self) -> bool:
        if self._ended:
            return False
        piece = self._file.read(PIECE)
        self._ended = not piece
        try:
            more = self._decode(piece, self._ended)
        except UnicodeDecodeError:
            raise SourceFailed(f"{self._name} is not UTF-8 near character {self.at}") from None
        self._before += self._place
        self._text, self._place = self._text[self._place :] + more, 0
        return True
