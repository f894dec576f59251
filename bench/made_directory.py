"""A directory of any size, made from a small one: the same services again with other ids.

Each copy differs in its ids, its name and its description, so that no two are the same record.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from directory_sync.sources import read_source
from hub.settings import ROOT

DEMO = ROOT / "hubs" / "croxteth" / "directory.json"


def services(count: int, source: str = str(DEMO), changed: int = 0) -> Iterator[dict[str, Any]]:
    """So many services. The first `changed` of them have other words than they would have."""
    originals = [raw for raw in read_source(source) if isinstance(raw, dict) and "id" in raw]
    for number in range(count):
        copy, original = divmod(number, len(originals))
        made = _renamed(originals[original], f"-{copy}")
        made["name"] = f"{made['name']} {copy}"
        said = made.get("description") or ""
        made["description"] = f"{said} Number {number}{', changed' * (number < changed)}."
        yield made


def write(path: Path, count: int, source: str = str(DEMO), changed: int = 0) -> str:
    """A page of Open Referral UK with so many services; gives its path."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"total_items": {count}, "contents": [\n')
        for number, made in enumerate(services(count, source, changed)):
            file.write(",\n" * (number > 0) + json.dumps(made))
        file.write("\n]}\n")
    return str(path)


def _renamed(value: Any, ending: str) -> Any:
    """A copy in which every id ends otherwise; ids of terms stay, they are shared."""
    if isinstance(value, list):
        return [_renamed(item, ending) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: f"{item}{ending}"
        if name == "id" or (name.endswith("_id") and item)
        else item
        if name == "taxonomy_term"
        else _renamed(item, ending)
        for name, item in value.items()
    }


def main() -> None:
    """Write one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--from", dest="source", default=str(DEMO), help="any source we read")
    options = parser.parse_args()
    write(options.path, options.count, options.source)


if __name__ == "__main__":
    main()
