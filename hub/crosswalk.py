"""From other people's taxonomy terms and words to our needs and features (`crosswalk.yml`)."""

import hashlib
import re
from collections import Counter
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("crosswalk.yml")
OUR_NEEDS = "goodhelp-needs"
OUR_FEATURES = "goodhelp-features"
# AIRS codes look like BD-1800.2000; the vocabulary goes by many names.
TERM_LENGTH = 120
AIRS_CODE = re.compile(r"^[A-Z]{1,2}(-\d{4}(\.\d{4})*(-\d{3,4})*)?$")


class Crosswalk:
    """The tables of one file. `fingerprint` changes when the file does."""

    def __init__(self, path: Path = FILE) -> None:
        text = path.read_text(encoding="utf-8")
        raw: dict[str, Any] = yaml.safe_load(text)
        self.fingerprint = hashlib.sha256(text.encode()).hexdigest()[:12]
        self.means: dict[str, str] = raw["means"]
        self._codes: dict[str, dict[str, list[str]]] = raw["codes"]
        self._phrases = _Phrases(raw["phrases"])
        # How a service works is told only by a term that says it and nothing else: "Information
        # and Referral" is not "by referral".
        self._features = {
            plain(phrase).strip(): feature
            for feature, phrases in raw["features"].items()
            for phrase in phrases
        }
        self._audience_codes = tuple(raw["audience"]["codes"])
        self._audience_names = tuple(raw["audience"]["taxonomies"])

    @property
    def needs(self) -> tuple[str, ...]:
        """The ids of the 27 needs."""
        return tuple(self.means)

    def of_term(self, taxonomy: str, code: str, name: str) -> tuple[str, ...]:
        """The needs that a taxonomy term stands for; none where we do not know it."""
        if taxonomy == OUR_NEEDS:
            return (code,) if code in self.means else ()
        if taxonomy == OUR_FEATURES or self.is_audience(taxonomy, code):
            return ()
        by_name = self.of_words(name)
        return by_name or self._of_code(code)

    def is_audience(self, taxonomy: str, code: str) -> bool:
        """Whether a term says whom a service is for, and not what it does."""
        if any(word in plain(taxonomy) for word in self._audience_names):
            return True
        return bool(AIRS_CODE.match(code)) and code.startswith(self._audience_codes)

    def feature_of_term(self, taxonomy: str, code: str, name: str) -> tuple[str, ...]:
        """What a term says about how a service works: `visits_home`, `women_only` and so on."""
        if taxonomy == OUR_FEATURES:
            return (code,)
        if taxonomy == OUR_NEEDS:
            return ()
        parts = (plain(part).strip() for part in re.split(r"[,;/|]", name))
        return tuple(dict.fromkeys(self._features[p] for p in parts if p in self._features))

    def of_words(self, text: str) -> tuple[str, ...]:
        """The needs whose phrases are in a text, in the order they stand there."""
        return tuple(dict.fromkeys(self._phrases.find(text)))

    def counts(self, text: str) -> dict[str, int]:
        """How many phrases of each need a text holds."""
        return dict(Counter(self._phrases.find(text)))

    def _of_code(self, code: str) -> tuple[str, ...]:
        if not AIRS_CODE.match(code):
            return ()
        fitting = [known for known in self._codes["airs"] if code.startswith(known)]
        return tuple(self._codes["airs"][max(fitting, key=len)]) if fitting else ()


@cache
def crosswalk() -> Crosswalk:
    """The crosswalk that ships with us, read once."""
    return Crosswalk()


def plain(text: str) -> str:
    """Lower case, letters and figures only, single spaces, with a space at both ends."""
    return " " + re.sub(r"[^0-9a-zà-ÿ]+", " ", text.lower()).strip() + " "


class _Phrases:
    """One pass over a text for all phrases. The longest wins: mental health is not also health."""

    def __init__(self, table: dict[str, list[str]]) -> None:
        owners: dict[tuple[str, ...], list[str]] = {}
        for owner, phrases in table.items():
            for phrase in phrases:
                ending = "*" if phrase.endswith("*") else ""
                words = tuple((plain(phrase.rstrip("*")).strip() + ending).split())
                owners.setdefault(words, []).append(owner)
        # By the first word, the longest first. A stem ("food*") is found by its own letters.
        self._by_first: dict[str, list[tuple[tuple[str, ...], list[str]]]] = {}
        for words in sorted(owners, key=lambda words: (-len(words), -len(words[-1]))):
            self._by_first.setdefault(words[0].rstrip("*"), []).append((words, owners[words]))
        self._shortest = min(map(len, self._by_first), default=0)
        self._remembered = lru_cache(maxsize=20_000)(self._find)

    def find(self, text: str) -> tuple[str, ...]:
        """The owners of every phrase in a text, in order."""
        # The names of terms come again and again; descriptions do not.
        return self._remembered(text) if len(text) <= TERM_LENGTH else self._find(text)

    def _find(self, text: str) -> tuple[str, ...]:
        words = plain(text).split()
        found: list[str] = []
        at = 0
        while at < len(words):
            best = self._longest(words, at)
            if best is None:
                at += 1
            else:
                found.extend(best[1])
                at += len(best[0])
        return tuple(found)

    def _longest(self, words: list[str], at: int) -> tuple[tuple[str, ...], list[str]] | None:
        first = words[at]
        best = None
        for length in range(len(first), self._shortest - 1, -1):
            for phrase, owners in self._by_first.get(first[:length], ()):
                longer = best is None or len(phrase) > len(best[0])
                if longer and _fits(phrase, words, at):
                    best = (phrase, owners)
        return best


def _fits(phrase: tuple[str, ...], words: list[str], at: int) -> bool:
    if at + len(phrase) > len(words):
        return False
    for wanted, word in zip(phrase, words[at:], strict=False):
        if wanted != word and not (wanted.endswith("*") and word.startswith(wanted[:-1])):
            return False
    return True
