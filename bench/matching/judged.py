"""The judged set: messages, and how well each service of a directory would serve them."""

from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("judged.tsv")
GRADES = (3, 2, 1)


@dataclass(frozen=True)
class Judged:
    """One message. `grades` holds what is not 0, by the service's id or name."""

    id: str
    directory: str
    part: str
    text: str
    grades: dict[str, int]


def read(path: Path = FILE) -> list[Judged]:
    """Every judged message. Raises ValueError with the line that cannot be read."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        parts = line.split("\t")
        if len(parts) != 4 + len(GRADES):
            raise ValueError(f"{path.name}, line {number}: {4 + len(GRADES)} columns with tabs")
        grades = {
            one.strip(): grade
            for grade, names in zip(GRADES, parts[4:], strict=True)
            for one in names.split(";")
            if one.strip()
        }
        found.append(Judged(*parts[:4], grades))
    return found
