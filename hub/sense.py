"""What a message means for the whole directory: nearness of text, situations, and words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hub.catalogue import Catalogue, Meanings, Situated
from hub.crosswalk import crosswalk
from hub.meaning import Floats
from hub.shelf import Shelf

# A chatty text is a poor question: the whole of it counts, and each clause for a little less.
CLAUSE = 0.8
CLAUSES_AT_MOST = 2
# What people say is nearer to a message than the names of help are.
BY_CALLS = 0.9
# Of a service's nearness: its own text, and the best of its topics.
BY_TEXT, BY_TOPIC, BY_WORDS = 0.8, 0.2, 0.15
BY_SITUATION = 0.7
# Situations this much less likely than the first count e times less.
SHARPNESS = 0.06
SITUATIONS_AT_MOST = 6
# What was heard as a need makes its situations likelier.
HEARD = 0.05
# Below the first of these a situation says little, above the second it says all it can.
FAINT, CLEAR = 0.2, 0.8
FAINTEST = 0.2
# A situation that was spoken of, as far as meaning can tell.
SPOKEN_OF = 0.45
BY_WORDS_ALONE = 0.8

CLAUSE_ENDS = re.compile(r"(?<=[.!?;])\s+|,\s+|\s+(?:but|and|so|because|or)\s+|\n+")


@dataclass(frozen=True)
class Sense:
    """`text` is the nearness of each service. `likely` is that of each situation, without needs.

    Both are None where there is no embedding; `words` then says all there is.
    """

    words: Floats
    text: Floats | None = None
    likely: Floats | None = None
    meanings: Meanings | None = None
    situated: Situated | None = None

    def relevance(self, shelf: Shelf, sure: dict[str, float], only: str = "") -> Floats:
        """How near each service is to what was said, where some needs were heard.

        `sure` says how sure each need is. `only` looks through the eyes of one need.
        """
        if self.text is None or self.likely is None or self.situated is None or not self.meanings:
            best = max(float(self.words.max(initial=0.0)), 1e-9)
            return np.asarray(np.float32(BY_WORDS_ALONE / best) * self.words, dtype=np.float32)
        needs = [situation.need for situation in self.situated.all]
        likely = self.likely + np.float32(HEARD) * np.array(
            [sure.get(need, 0.0) for need in needs], dtype=np.float32
        )
        if only and only in needs:
            mine = np.array([need == only for need in needs])
            # Another need's situation may be meant, where it is far likelier than any of ours.
            likely = np.where(mine, likely, likely - np.float32(2 * HEARD))
        first = np.argsort(-likely)[:SITUATIONS_AT_MOST]
        weights = np.exp((likely[first] - likely[first[0]]) / np.float32(SHARPNESS))
        fits = self.meanings.fits[first].astype(np.float32) * weights[:, None].astype(np.float32)
        clear = np.clip((likely[first[0]] - FAINT) / (CLEAR - FAINT), FAINTEST, 1.0)
        total = self.text + np.float32(BY_WORDS) * self.words
        return np.asarray(
            total + np.float32(BY_SITUATION * clear) * fits.max(axis=0), dtype=np.float32
        )


def sense_of(
    catalogue: Catalogue,
    shelf: Shelf,
    meanings: Meanings | None,
    *,
    words: str,
    plain_words: str,
    needs: Sequence[str],
) -> Sense:
    """What was said, against everything there is. Without words the needs speak for themselves."""
    about = " ".join(crosswalk().means.get(need, "") for need in needs)
    by_words = shelf.keywords.scores(plain_words or about)
    situated = catalogue.situated
    if catalogue.meaning is None or meanings is None or situated is None or not len(shelf):
        return Sense(by_words)
    whole = [text for text in dict.fromkeys((words, plain_words)) if text] or [about or "help"]
    clauses = clauses_of(plain_words)
    rows = catalogue.meaning.asked([*whole, *clauses])
    counts = np.array([1.0] * len(whole) + [CLAUSE] * len(clauses), dtype=np.float32)
    said = situated.says @ rows.T * counts
    called = situated.calls @ rows.T * counts
    of_calls, of_says = situated.best(called.max(axis=1), said.max(axis=1))
    question = rows[: len(whole)].mean(axis=0)
    text = meanings.texts @ question
    by_topic = text
    if len(shelf.topics):
        best = shelf.best_of_topics(meanings.topics @ question)
        by_topic = np.where(np.isnan(best), text, best)
    return Sense(
        words=by_words,
        text=np.asarray(
            np.float32(BY_TEXT) * text + np.float32(BY_TOPIC) * by_topic, dtype=np.float32
        ),
        likely=np.maximum(of_says, np.float32(BY_CALLS) * of_calls),
        meanings=meanings,
        situated=situated,
    )


def clauses_of(text: str) -> list[str]:
    """The longest few clauses of a text that has several."""
    parts = [part.strip() for part in CLAUSE_ENDS.split(text) if len(part.split()) > 2]
    if len(parts) < 2:
        return []
    return [part[:300] for part in sorted(parts, key=len, reverse=True)[:CLAUSES_AT_MOST]]
