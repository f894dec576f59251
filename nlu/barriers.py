"""What stands in the way: the six barrier types, by words and, with a model, by meaning."""

from __future__ import annotations

from collections.abc import Mapping

from nlu import taxonomy, words

# A barrier that the words name needs less belief from the model than one they do not.
NAMED, UNNAMED = 0.12, 0.3


def find(plain_text: str, believed: Mapping[str, float] | None = None) -> tuple[str, ...]:
    """Barrier ids, in the taxonomy's order. `believed` are the model's probabilities."""
    named = words.found("barriers", plain_text)
    if believed is None:
        return tuple(barrier for barrier in taxonomy.BARRIERS if barrier in named)
    return tuple(
        barrier
        for barrier in taxonomy.BARRIERS
        if believed.get(barrier, 0.0) >= (NAMED if barrier in named else UNNAMED)
    )
