"""What was heard in one message: plain values, no behaviour beyond printing themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Scored:
    """One need or risk that counts as heard.

    `score` is a calibrated probability from 0 to 1. `words` are the words of the message
    that made it, or that spoke for it most; every risk has some. `named` is True where a
    pattern that people wrote and can answer for found them, and not only what was learnt.
    """

    id: str
    score: float
    words: tuple[str, ...] = ()
    named: bool = False


@dataclass(frozen=True)
class Heard:
    """All that was heard in one message. Needs and risks come strongest first."""

    needs: tuple[Scored, ...] = ()
    risks: tuple[Scored, ...] = ()
    strengths: tuple[str, ...] = ()
    barriers: tuple[str, ...] = ()
    postcode: str | None = None
    place: str | None = None
    language: str = "en"
    answerable: bool = True
    age: int | None = None
    third_party: bool = False

    @property
    def need_ids(self) -> tuple[str, ...]:
        return tuple(need.id for need in self.needs)

    @property
    def risk_ids(self) -> tuple[str, ...]:
        return tuple(risk.id for risk in self.risks)

    def to_json(self) -> dict[str, Any]:
        """The shape `goodhelp hear` prints, without the message's own id."""
        return {
            "needs": [_scored(need) for need in self.needs],
            "risks": [_scored(risk) for risk in self.risks],
            "strengths": list(self.strengths),
            "barriers": list(self.barriers),
            "postcode": self.postcode,
            "language": self.language,
            "answerable": bool(self.answerable),
        }


def _scored(item: Scored) -> dict[str, Any]:
    return {"id": item.id, "score": round(float(item.score), 3)}
