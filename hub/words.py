"""Every line a resident can read, from one file for each language (`words/en.yml`).

An entry is a text, a list of texts (sent one after another) or `{text, options}`.
`{hub}` and the like are filled in when it is said. A hub may say some lines in its own voice
(`hubs/<id>/words/en.yml`); a line that a language lacks is said in English.
"""

from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from hub.errors import Misconfigured
from hub.messages import Reply
from hub.settings import ROOT

FOLDER = ROOT / "words"
ENGLISH = "en"


class Words:
    """The lines of one language. `say` gives replies, `text` gives one bare text."""

    def __init__(self, entries: dict[str, Any], **always: str) -> None:
        self._entries = entries
        self._always = always

    @classmethod
    def load(
        cls,
        language: str = ENGLISH,
        folder: Path = FOLDER,
        own: Path | None = None,
        **always: str,
    ) -> "Words":
        """Read the file of a language; `always` holds what every line may use (the hub's name).

        `own` is a folder with a hub's own wording of some lines, one file a language.
        """
        files = [folder / f"{ENGLISH}.yml"]
        files += [folder / f"{language}.yml"] if language != ENGLISH else []
        if own is not None and (own / f"{language}.yml").exists():
            files.append(own / f"{language}.yml")
        entries: dict[str, Any] = {}
        for file in files:
            entries |= _flat(file)
        return cls(entries, **always)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def keys(self) -> list[str]:
        """Every key, dotted: `gate.crisis`."""
        return list(self._entries)

    def say(self, key: str, **values: object) -> tuple[Reply, ...]:
        """The texts of an entry, filled in. Raises Misconfigured for a missing key or value."""
        entry = self._entry(key)
        parts = entry if isinstance(entry, list) else [entry]
        return tuple(self._reply(key, part, values) for part in parts)

    def text(self, key: str, **values: object) -> str:
        """An entry that is one text, filled in."""
        (reply,) = self.say(key, **values)
        return reply.text

    def _entry(self, key: str) -> Any:
        try:
            return self._entries[key]
        except KeyError:
            raise Misconfigured(f"words: there is no line called {key!r}") from None

    def _reply(self, key: str, part: Any, values: dict[str, object]) -> Reply:
        text, options = (part, ()) if isinstance(part, str) else (part["text"], part["options"])
        try:
            filled = str(text).format(**self._always, **values)
        except (KeyError, IndexError) as error:
            raise Misconfigured(f"words: {key!r} needs a value for {error}") from None
        return Reply(filled.strip(), tuple(str(option) for option in options))


def gaps(file: Path, *, whole: bool, folder: Path = FOLDER) -> list[str]:
    """What is wrong with a file of lines beside the English one, in words; empty where nothing.

    `whole` also lists the lines that are missing; a hub's own wording may leave out any.
    """
    english, other = _flat(folder / f"{ENGLISH}.yml"), _flat(file)
    found = [f"{key}: no such line in English" for key in other if key not in english]
    if whole:
        found += [f"{key}: missing" for key in english if key not in other]
    for key in english.keys() & other.keys():
        lost = _fields(english[key]) - _fields(other[key]) - {"hub"}
        new = _fields(other[key]) - _fields(english[key]) - {"hub"}
        found += [f"{key}: {{{name}}} is lost" for name in sorted(lost)]
        found += [f"{key}: {{{name}}} is not known here" for name in sorted(new)]
        if _options(english[key]) != _options(other[key]):
            found.append(f"{key}: the options must be the words that are understood")
    return sorted(found)


def _fields(entry: Any) -> set[str]:
    return {
        name
        for part in (entry if isinstance(entry, list) else [entry])
        for _, name, _, _ in Formatter().parse(part if isinstance(part, str) else part["text"])
        if name
    }


def _options(entry: Any) -> list[list[str]]:
    parts = entry if isinstance(entry, list) else [entry]
    return [
        [] if isinstance(part, str) else [str(one) for one in part["options"]] for part in parts
    ]


@cache
def _flat(path: Path) -> dict[str, Any]:
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"words: {path.name} cannot be read") from error
    flat: dict[str, Any] = {}

    def walk(prefix: str, node: Any) -> None:
        if isinstance(node, dict) and "text" not in node:
            for name, child in node.items():
                walk(f"{prefix}.{name}" if prefix else str(name), child)
        else:
            flat[prefix] = node

    walk("", tree)
    return flat
