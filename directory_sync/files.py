"""What a file or folder is, whatever it is called: JSON, GeoJSON, a package, a spreadsheet."""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from directory_sync.contracts import contract, is_contract
from directory_sync.fetch import MEGABYTE, Limits, SourceFailed, parse_json
from directory_sync.geojson import is_geojson, read_geojson
from directory_sync.package import is_package, read_package
from directory_sync.sheet import read_sheet
from directory_sync.stream import LISTS, services_streamed

Progress = Callable[[str, int, int | None], None]
# Larger files are read piece by piece.
STREAMED = 8 * MEGABYTE
LINES = (".ndjson", ".jsonl")
INSIDE = (".csv", ".tsv", ".xlsx", ".json", ".geojson", *LINES)
SHEETS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")


def read_path(path: Path, limits: Limits, progress: Progress) -> Iterator[Any]:
    """Raw services of a file or folder. Raises SourceFailed, saying what would be read."""
    if is_package(path):
        yield from read_package(path, progress)
    elif path.is_dir():
        yield from _folder(path, limits, progress)
    elif path.is_file():
        yield from _file(path, limits, progress)
    else:
        raise SourceFailed(f"{path.name or path} is neither a file nor an address")


def services_in(page: Any) -> list[Any] | None:
    """The services of a page in any supplier's envelope; None where there is no such thing."""
    if isinstance(page, list):
        return page
    if not isinstance(page, dict):
        return None
    for name in LISTS:
        if isinstance(page.get(name), list):
            return list(page[name])
        # One envelope in another: {"data": {"services": [...]}}.
        if isinstance(page.get(name), dict):
            inner = services_in(page[name])
            if inner is not None:
                return inner
            # By their ids: {"services": {"12": {...}}}.
            by_id = page[name]
            if by_id and all(isinstance(one, dict) and "name" in one for one in by_id.values()):
                return [{"id": key, **one} for key, one in by_id.items()]
    if "name" in page and "id" in page:
        return [page]
    return None


def _folder(path: Path, limits: Limits, progress: Progress) -> Iterator[Any]:
    """A folder of JSON files, each with one service or many."""
    files = sorted(path.glob("*.json"))
    files = [file for file in files if file.name != "datapackage.json"]
    if not files:
        raise SourceFailed(
            f"the folder {path.name} has no services.csv and no JSON files of services"
        )
    for number, file in enumerate(files):
        progress("reading files", number + 1, len(files))
        try:
            yield from _json(file, limits, progress)
        except SourceFailed as failed:
            # One broken file of many is a record that could not be read, not the end of the run.
            yield {"id": file.name, "_refused": "file", "_reason": str(failed)}


def _file(path: Path, limits: Limits, progress: Progress) -> Iterator[Any]:
    if path.suffix.lower() in SHEETS:
        yield from read_sheet(path, progress)
        return
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] == b"PK":
        if _is_workbook(path):
            yield from read_sheet(path, progress)
        elif others := _others(path):
            yield from _zipped(path, others, limits, progress)
        else:
            yield from read_package(path, progress)
        return
    yield from _json(path, limits, progress)


def _json(path: Path, limits: Limits, progress: Progress) -> Iterator[Any]:
    size = path.stat().st_size
    if size > limits.total_bytes:
        raise SourceFailed(f"{path.name} is larger than {limits.total_bytes // MEGABYTE} MB")
    if size > STREAMED and not _is_whole(path):
        for number, item in enumerate(services_streamed(path)):
            progress("reading services", number + 1, None)
            yield from of_organizations([contract(item) if is_contract(item) else item])
        return
    if size > limits.response_bytes:
        raise SourceFailed(f"{path.name} is larger than {limits.response_bytes // MEGABYTE} MB")
    try:
        body = path.read_bytes()
    except OSError as error:
        raise SourceFailed(f"{path.name} cannot be read: {error.strerror}") from None
    if path.suffix.lower() in LINES or _is_lines(body):
        yield from _lines(body)
        return
    yield from services_of_json(parse_json(body, path.name), path.stem)


def _is_lines(body: bytes) -> bool:
    """Whether each line is an object of its own, and the whole is none."""
    first, _, rest = body.strip().partition(b"\n")
    if not (first.startswith(b"{") and first.rstrip().endswith(b"}")):
        return False
    if not rest.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return False


def _lines(body: bytes) -> Iterator[Any]:
    """JSON lines. One that cannot be read is a record that is refused."""
    for number, line in enumerate(body.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield from of_organizations([parse_json(line, f"line {number}")])
        except SourceFailed as failed:
            yield {"id": f"line {number}", "_refused": "line", "_reason": str(failed)}


def of_organizations(items: Iterable[Any]) -> Iterator[Any]:
    """Services as they are, and those that stand in their organisation: `organizations?full`."""
    for item in items:
        inner = item.get("services") if isinstance(item, dict) else None
        if not isinstance(inner, list) or "organization" in item or "organization_id" in item:
            yield item
            continue
        owner = {name: value for name, value in item.items() if name != "services"}
        for one in inner:
            yield {"organization": owner, **one} if isinstance(one, dict) else one


def _others(path: Path) -> list[zipfile.ZipInfo]:
    """What can be read in a zip that is no data package: spreadsheets, JSON, GeoJSON."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                member
                for member in archive.infolist()
                if not member.is_dir()
                and not Path(member.filename).name.startswith(".")
                and "__MACOSX" not in Path(member.filename).parts
            ]
    except (zipfile.BadZipFile, OSError):
        return []
    names = {Path(member.filename).name.lower() for member in members}
    if names & {"services.csv", "service.csv", "datapackage.json"}:
        return []
    return [member for member in members if Path(member.filename).suffix.lower() in INSIDE]


def _zipped(
    path: Path, members: list[zipfile.ZipInfo], limits: Limits, progress: Progress
) -> Iterator[Any]:
    with tempfile.TemporaryDirectory(prefix="goodhelp-") as folder, zipfile.ZipFile(path) as whole:
        for number, member in enumerate(members):
            # The size is the archive's own word: no more than that is ever read.
            if member.file_size > limits.response_bytes:
                raise SourceFailed(f"{path.name} holds a file that is too large")
            name = Path(member.filename)
            inner = Path(folder) / f"{number}" / f"{name.stem[:80]}{name.suffix.lower()}"
            inner.parent.mkdir()
            try:
                with whole.open(member) as file:
                    inner.write_bytes(file.read(member.file_size))
            except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
                raise SourceFailed(f"{path.name} cannot be unpacked: {error}") from None
            yield from _file(inner, limits, progress)


def services_of_json(value: Any, name: str) -> Iterator[Any]:
    """Services of parsed JSON: GeoJSON, contracts, or a page of Open Referral UK or HSDS."""
    if is_geojson(value):
        yield from read_geojson(value, name)
        return
    if is_contract(value):
        yield contract(value)
        return
    found = services_in(value)
    if found is None:
        raise SourceFailed(f"{name} holds no list of services")
    for item in of_organizations(found):
        yield contract(item) if is_contract(item) else item


def _is_whole(path: Path) -> bool:
    """Whether a file has to be read in one piece: GeoJSON is no list of services."""
    with path.open("rb") as file:
        return b'"FeatureCollection"' in file.read(4096)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False
