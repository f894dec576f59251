"""What a person can do, knows or has: heard before any need, by words a person can read."""

from __future__ import annotations

from nlu import words


def find(plain_text: str) -> dict[str, tuple[str, ...]]:
    """Strength ids voiced in a plain text, each with the words that voiced it."""
    return words.found("strengths", plain_text)
