"""The language of a message. Short Scouse or misspelt English must stay English."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection
from functools import cache
from typing import Any

from nlu.words import LEXICON, read

# py3langid knows more languages than people here write; its guess is asked among ours.
SURE = 0.9
# Of a text's words, how many must be known English for the text to be English at once.
ENGLISH_SHARE = 0.5
_SCRIPTS = {"CJK": ("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO"), "HANGUL": ("HANGUL",)}


class Language:
    """Tells a language by its script, its letters, its common words, and n-grams last."""

    def __init__(self, english: Collection[str] = ()) -> None:
        """`english` are words known to be English, such as a model's vocabulary."""
        self._english = frozenset(english) | english_words()
        self._table: dict[str, dict[str, Any]] = read("languages")
        self._words = {
            code: frozenset(str(row.get("words", "")).split()) for code, row in self._table.items()
        }
        self._guesser: Any = None

    def of(self, text: str) -> str:
        """A language code such as `en`, `pl`, `ckb`. What cannot be told is English."""
        lowered = text.lower()
        letters = [c for c in lowered if c.isalpha()]
        if len(letters) < 3:
            return "en"
        script = _script(letters)
        if script != "LATIN":
            return self._in_script(script, lowered, letters)
        return self._latin(lowered)

    def _in_script(self, script: str, text: str, letters: list[str]) -> str:
        codes = [c for c, row in self._table.items() if row.get("script") == script]
        if len(codes) <= 1:
            return codes[0] if codes else "und"
        words = set(text.split())
        scores = {
            code: 2 * sum(c in self._table[code].get("letters", "") for c in letters)
            + 3 * len(words & self._words[code])
            for code in codes
        }
        # A letter that another of the same script owns counts for both; the order settles it.
        return max(codes, key=lambda code: scores[code])

    def _latin(self, text: str) -> str:
        words = [w.strip(".,!?;:\"()'-…") for w in text.split()]
        words = [w for w in words if w and any(c.isalpha() for c in w)]
        if len(words) < 2:
            # One word is no evidence: "la", "si" and "non" are all said in Liverpool.
            return "en"
        english = sum(_bare(w) in self._english or w in self._english for w in words) / len(words)
        foreign = {
            code: sum(w in known and w not in self._english for w in words)
            + 0.5 * sum(any(c in self._table[code].get("letters", "") for c in w) for w in words)
            for code, known in self._words.items()
            if "script" not in self._table[code]
        }
        best = max(foreign, key=lambda code: foreign[code])
        share = foreign[best] / len(words)
        if english >= ENGLISH_SHARE and share < 0.34:
            return "en"
        if foreign[best] >= 1 and share > english / 2:
            rivals = [c for c, score in foreign.items() if score > 0.7 * foreign[best]]
            told = best if len(rivals) == 1 else self._guess(text, rivals)[0]
            return told.split("_")[0]
        if len(words) >= 3 and english < ENGLISH_SHARE:
            code, sure = self._guess(text, ["en", *foreign])
            return code.split("_")[0] if sure >= SURE else "en"
        return "en"

    def _guess(self, text: str, codes: list[str]) -> tuple[str, float]:
        if self._guesser is None:
            from py3langid.langid import MODEL_FILE, LanguageIdentifier

            self._guesser = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        for code, sure in self._guesser.rank(text):
            if code in codes:
                return str(code), float(sure)
        return codes[0], 0.0


def _bare(word: str) -> str:
    return word.replace("'", "").rstrip("0123456789")


@cache
def english_words() -> frozenset[str]:
    """Common English words and everything in the lexicons of slips and dialect."""
    out = set((LEXICON / "english.txt").read_text(encoding="utf-8").split())
    for name in ("textspeak", "dialect", "typos"):
        for line in (LEXICON / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                out.update(line.replace("\t", " ").split())
    return frozenset(out)


def _script(letters: list[str]) -> str:
    """The script most letters are in, as the first word of their Unicode names."""
    names = Counter(_script_of(c) for c in letters)
    return names.most_common(1)[0][0]


@cache
def _script_of(character: str) -> str:
    first = unicodedata.name(character, "LATIN").split()[0].removesuffix("-")
    for script, members in _SCRIPTS.items():
        if first in members:
            return script
    return first
