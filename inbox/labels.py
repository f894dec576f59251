"""What staff read in place of an id, from `labels.yml`."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "labels.yml"


def label(kind: str, name: str | None) -> str:
    """The plain words for an id, as in `label("needs", "food")`. An unknown id reads as itself."""
    if not name:
        return ""
    found = _labels().get(kind, {}).get(name)
    return str(found) if found else name.replace("_", " ").capitalize()


@cache
def _labels() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded
