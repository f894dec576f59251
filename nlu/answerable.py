"""What a hub assistant can deal with, and what it had better say so about."""

from __future__ import annotations

# A message like nothing we know is refused sooner than one that resembles a training text.
LIKE, UNLIKE = 0.45, 0.25


def decide(oos: float, threshold: float, likeness: float, needs: bool, risks: bool) -> bool:
    """False for what is out of scope.

    `oos` is the model's belief, `likeness` the cosine to the nearest training text. What was
    heard as a need or a risk is always answerable: a person is never turned away by a guess.
    """
    if needs or risks:
        return True
    limit = threshold if likeness >= LIKE else threshold * 0.7
    return bool(oos < limit and likeness >= UNLIKE)
