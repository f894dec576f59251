"""What a hub assistant can deal with, and what it had better say so about."""

from __future__ import annotations


def decide(out_of_scope: float, limit: float, heard: bool) -> bool:
    """False for what is out of scope, as the model believes.

    What was heard as a need or a risk is always answerable: nobody is turned away by a guess.
    """
    return heard or out_of_scope < limit
