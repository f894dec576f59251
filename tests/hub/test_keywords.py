"""BM25 as arrays, against the formula written out."""

import math

import numpy as np

from hub.keywords import K1, B, Keywords, Vocabulary, words_of

TEXTS = [
    "Emergency food parcels for families",
    "Food bank and food pantry",
    "Debt advice",
    "",
]


def by_hand(question: str) -> list[float]:
    """Okapi BM25, straight from its definition."""
    documents = [words_of(text) for text in TEXTS]
    average = sum(map(len, documents)) / len(documents)
    scores = []
    whole = 0.0
    for word in set(words_of(question)):
        having = sum(word in other for other in documents)
        if having:
            whole += math.log(1 + (len(documents) - having + 0.5) / (having + 0.5)) * (K1 + 1)
    for document in documents:
        score = 0.0
        for word in set(words_of(question)):
            having = sum(word in other for other in documents)
            count = document.count(word)
            if count:
                rarity = math.log(1 + (len(documents) - having + 0.5) / (having + 0.5))
                norm = K1 * (1 - B + B * len(document) / average)
                score += rarity * count * (K1 + 1) / (count + norm)
        scores.append(score)
    return [score / whole for score in scores] if whole else scores


def test_the_scores_are_those_of_the_formula() -> None:
    vocabulary = Vocabulary()
    keywords = Keywords([vocabulary.add(text) for text in TEXTS], vocabulary)
    for question in ("food for my family", "debts", "a pantry", "advice about food"):
        assert np.allclose(keywords.scores(question), by_hand(question), atol=1e-5), question


def test_words_nobody_knows_score_nothing() -> None:
    vocabulary = Vocabulary()
    keywords = Keywords([vocabulary.add(text) for text in TEXTS], vocabulary)
    vocabulary.add("words of a service that came later")
    assert not keywords.scores("astrology").any()
    assert not keywords.scores("came later").any()


def test_an_empty_directory() -> None:
    assert not len(Keywords([], Vocabulary()).scores("food"))
