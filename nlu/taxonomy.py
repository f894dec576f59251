"""The two fixed lists of what can be heard: 27 needs and 11 risks, with what each means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "taxonomy"
BARRIERS = ("informational", "procedural", "financial", "physical", "practical", "social")


@dataclass(frozen=True)
class Need:
    id: str
    label: str
    means: str


@dataclass(frozen=True)
class Risk:
    """`reply` names the kind of safety reply; `urgency` is `now` or `next_opening`."""

    id: str
    means: str
    reply: str
    urgency: str


@cache
def needs() -> tuple[Need, ...]:
    rows = yaml.safe_load((FOLDER / "needs.yml").read_text(encoding="utf-8"))
    return tuple(Need(row["id"], row["label"], row["means"]) for row in rows)


@cache
def risks() -> tuple[Risk, ...]:
    rows = yaml.safe_load((FOLDER / "risks.yml").read_text(encoding="utf-8"))
    return tuple(Risk(row["id"], row["means"], row["reply"], row["urgency"]) for row in rows)


def need_ids() -> tuple[str, ...]:
    return tuple(need.id for need in needs())


def risk_ids() -> tuple[str, ...]:
    return tuple(risk.id for risk in risks())
