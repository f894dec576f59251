"""Every line a resident can read, from one file for each language (`words/en.yml`).

An entry is a text, a list of texts (sent one after another) or `{text, options}`.
`{hub}` and the like are filled in when it is said.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from hub.errors import Misconfigured
from hub.messages import Reply
from hub.settings import ROOT

FOLDER = ROOT / "words"


class Words:
    """The lines of one language. `say` gives replies, `text` gives one bare text."""

    def __init__(self, entries: dict[str, Any], **always: str) -> None:
        self._entries = entries
        self._always = always

    @classmethod
    def load(cls, language: str = "en", folder: Path = FOLDER, **always: str) -> "Words":
        """Read the file of a language; `always` holds what every line may use (the hub's name)."""
        return cls(_flat(folder / f"{language}.yml"), **always)

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
