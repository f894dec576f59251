"""The training texts: one labelled message a line, as `nlu/texts/*.tsv` keeps them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nlu import taxonomy

FOLDER = Path(__file__).parent / "texts"
# Settings and thresholds are chosen on the tuning part; the held-out part is for the end.
HELD_OUT, TUNING = "heldout", "tuning"
_WORD = re.compile(r"\w+")


class BadText(Exception):
    """A training line that cannot be read; names the file and the line."""


@dataclass(frozen=True)
class Text:
    """One message and what a careful hub worker would hear in it."""

    text: str
    needs: frozenset[str] = frozenset()
    risks: frozenset[str] = frozenset()
    barriers: frozenset[str] = frozenset()
    language: str = "en"
    oos: bool = False
    hard: bool = False
    indirect: bool = False
    source: str = ""


def training_files(folder: Path = FOLDER) -> list[Path]:
    return sorted(p for p in folder.glob("*.tsv") if not p.name.startswith((HELD_OUT, TUNING)))


def tuning_files(folder: Path = FOLDER) -> list[Path]:
    return sorted(folder.glob(f"{TUNING}*.tsv"))


def held_out_files(folder: Path = FOLDER) -> list[Path]:
    return sorted(folder.glob(f"{HELD_OUT}*.tsv"))


def read(files: list[Path]) -> list[Text]:
    """All texts of some files, in order. Raises BadText at the first line it cannot read."""
    return [text for file in files for text in _lines(file)]


def training(folder: Path = FOLDER) -> list[Text]:
    """What the English models learn from: no other language, and nothing of the held-out part.

    Two people asked to write a short message sometimes write the same one ("tell me a joke").
    """
    known = {_bare(t.text) for t in read([*tuning_files(folder), *held_out_files(folder)])}
    return _english(training_files(folder), known)


def tuning(folder: Path = FOLDER) -> list[Text]:
    """What settings are chosen on: English texts that no model or adapter has learnt from."""
    return _english(tuning_files(folder), {_bare(t.text) for t in held_out(folder)})


def held_out(folder: Path = FOLDER) -> list[Text]:
    """What the figures are measured on, and nothing else: English texts of other authors."""
    return _english(held_out_files(folder), set())


def _english(files: list[Path], known: set[str]) -> list[Text]:
    return [t for t in read(files) if t.language == "en" and _bare(t.text) not in known]


def _bare(message: str) -> str:
    return " ".join(_WORD.findall(message.lower()))


def _lines(file: Path) -> Iterator[Text]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if not line.strip() or line.startswith("#"):
                continue
            at = f"{file.name}:{number}"
            if line.count("\t") != 1:
                raise BadText(f"{at}: one tab between labels and message is needed")
            labels, message = line.split("\t")
            yield parse(labels, message, at)


def parse(labels: str, message: str, at: str = "") -> Text:
    """`food,!no_essentials,@financial,~indirect` and a message, as a Text."""
    marks = set(labels.split(","))
    needs = marks & set(taxonomy.need_ids())
    risks = {mark[1:] for mark in marks if mark.startswith("!")}
    barriers = {mark[1:] for mark in marks if mark.startswith("@")}
    languages = [mark[5:] for mark in marks if mark.startswith("lang:")]
    rest = {m for m in marks - needs if m[:1] not in "!@" and not m.startswith("lang:")}
    unknown = (
        (risks - set(taxonomy.risk_ids()))
        | (barriers - set(taxonomy.BARRIERS))
        | (rest - {"none", "oos", "~hard", "~indirect"})
    )
    if unknown:
        raise BadText(f"{at}: unknown label {sorted(unknown)[0]!r}")
    return Text(
        text=message,
        needs=frozenset(needs),
        risks=frozenset(risks),
        barriers=frozenset(barriers),
        language=languages[0] if languages else "en",
        oos="oos" in marks,
        hard="~hard" in marks,
        indirect="~indirect" in marks,
        source=at.split(":")[0],
    )
