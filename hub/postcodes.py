"""Every postcode of the country, offline: an SQLite file that `goodhelp places load` writes.

It holds public reference data and nothing about anybody. Each host keeps its own copy.
"""

import sqlite3
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hub.settings import ROOT

SHARED = ROOT / "var" / "postcodes.sqlite3"
NAME = "postcodes.sqlite3"
# About a hundred metres: near enough for a bus, not the door.
DECIMALS = 3


@dataclass(frozen=True)
class Spot:
    """The middle of a postcode, a sector or a district. Degrees, WGS 84.

    `ward` and `council` are names, of the year in `Postcodes.vintage`; only for a whole postcode.
    """

    latitude: float
    longitude: float
    ward: str | None = None
    council: str | None = None


class Postcodes:
    """Look-ups in one such file."""

    def __init__(self, path: Path) -> None:
        # Any thread may ask; nothing is ever written here.
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._file = sqlite3.connect(uri, uri=True, check_same_thread=False)

    @property
    def vintage(self) -> str:
        """The year of the wards, and the file they came from; empty where it is not said."""
        return self._meta("vintage")

    @property
    def count(self) -> int:
        """How many postcodes there are."""
        return int(self._meta("rows") or 0)

    def find(self, outcode: str, sector: str | None = None, unit: str | None = None) -> Spot | None:
        """The postcode as far as it is given, else the sector, else the district; or None."""
        if sector and unit:
            row = self._file.execute(
                "SELECT p.latitude, p.longitude, w.name, c.name FROM postcodes p"
                " LEFT JOIN names w ON w.code = p.ward LEFT JOIN names c ON c.code = p.council"
                " WHERE p.postcode = ?",
                (outcode + sector + unit,),
            ).fetchone()
            if row and row[0] is not None:
                return Spot(round(row[0], DECIMALS), round(row[1], DECIMALS), row[2], row[3])
        for part in (f"{outcode} {sector}" if sector else None, outcode):
            row = (
                part
                and self._file.execute(
                    "SELECT latitude, longitude FROM parts WHERE part = ?", (part,)
                ).fetchone()
            )
            if row:
                return Spot(round(row[0], DECIMALS), round(row[1], DECIMALS))
        return None

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _meta(self, key: str) -> str:
        row = self._file.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""


@cache
def postcodes_of(folder: Path) -> Postcodes | None:
    """The postcodes of a hub: a file in its own folder, else the one all share; None without."""
    for path in (folder / NAME, SHARED):
        if path.is_file():
            return Postcodes(path)
    return None
