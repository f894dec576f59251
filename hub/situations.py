"""Situations: what people say, and what a directory calls the help for it (`situations.tsv`).

They are finer than the 27 needs. A message is compared with what people say; a service with what
directories call the help. This bridges a chatty text and a directory of strangers, whose terms
nobody has mapped.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("situations.tsv")
# A need that ends in this marks help that nobody is offered who did not speak of it.
SENSITIVE = "!"


@dataclass(frozen=True)
class Situation:
    """`calls` are names of the help, the plainest first; `says` are words of people."""

    need: str
    calls: tuple[str, ...]
    says: tuple[str, ...]
    sensitive: bool = False


@cache
def situations() -> tuple[Situation, ...]:
    """Every situation that ships with us, in the order of the file."""
    return read(FILE)


def read(path: Path) -> tuple[Situation, ...]:
    """The situations of one file. Raises ValueError with the line that cannot be read."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        parts = line.split("\t")
        if len(parts) != 3:
            raise ValueError(f"{path.name}, line {number}: three parts with tabs between")
        need, calls, says = parts
        found.append(
            Situation(need.rstrip(SENSITIVE), _parts(calls), _parts(says), need.endswith(SENSITIVE))
        )
    return tuple(found)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in (part.strip() for part in text.split(";")) if part)
