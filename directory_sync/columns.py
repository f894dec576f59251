"""The columns of a hub's spreadsheet, and which heading means which."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from rapidfuzz.distance import OSA

FILE = Path(__file__).with_name("columns.yml")
# A heading may differ in one letter of six, two of twelve.
SLIP = 6


@dataclass(frozen=True)
class Column:
    """One column: what it becomes, its heading in the template, and how a cell is read."""

    field: str
    heading: str
    kind: str
    also: tuple[str, ...] = ()
    needed: bool = False
    hidden: bool = False
    help: str = ""
    example: str = ""


@cache
def columns() -> tuple[Column, ...]:
    """All columns, in the order of the template."""
    # As written: "no" and "y" are headings here, not yes and no.
    rows = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return tuple(
        Column(
            **{
                **row,
                "also": tuple(row.get("also", ())),
                "needed": row.get("needed") == "true",
                "hidden": row.get("hidden") == "true",
            }
        )
        for row in rows
    )


@cache
def column_of(heading: str) -> Column | None:
    """The column that a heading means: exactly, by another name, or but for a slip of the pen."""
    said = plain(heading)
    if not said:
        return None
    names = {plain(name): column for column in columns() for name in (column.heading, *column.also)}
    if said in names:
        return names[said]
    if len(said) < SLIP:
        return None
    near = sorted((OSA.distance(said, name), name) for name in names if len(name) >= SLIP)
    distance, name = near[0]
    return names[name] if distance <= len(name) // SLIP else None


def plain(heading: str) -> str:
    """A heading by its letters alone, without brackets: "Post-code *" as "postcode"."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\(.*?\)", "", heading.lower()))
