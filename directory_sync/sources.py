"""Where services come from: an Open Referral UK API (3.0 or 1.0), or a file, here or at an address.

Each source gives raw services one at a time, as the supplier sent them. Reading all of it is the
rule: suppliers' counts and filters are taken as hints, never as truth.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from directory_sync.fetch import Fetcher, Key, Limits, NotAnswered, SourceFailed
from directory_sync.files import (
    Progress,
    of_organizations,
    read_path,
    services_in,
    services_of_json,
)
from directory_sync.geojson import is_geojson
from directory_sync.kept import Kept

# What ends like this is fetched whole and read as a file.
FILES = (".csv", ".tsv", ".xlsx", ".zip", ".geojson")
# A list item with none of these gives one-to-one fields only: its detail has to be fetched.
DETAILS = (
    "schedules",
    "service_at_locations",
    "attributes",
    "service_areas",
    "cost_options",
    "regular_schedules",
    "service_taxonomys",
    "eligibilitys",
)
PAGE_SIZE = 100
# So many pages in a row may hold nothing new while the supplier says that there are more.
EMPTY_AT_MOST = 3


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Progress that nobody watches."""


def read_source(
    source: str,
    *,
    limits: Limits | None = None,
    allow: Iterable[str] = (),
    progress: Progress = silent,
    kept: Kept | None = None,
    key: Key | None = None,
    since: datetime | None = None,
) -> Iterator[Any]:
    """Raw services of a source: a path or an address. Raises SourceFailed.

    With `since`, an API is asked for what changed after it; one that does not follow gives all.

    A record whose detail page fails comes as `{"id": …, "_failed": reason}`.
    """
    limits = limits or Limits()
    if urlsplit(source).scheme in ("http", "https"):
        is_file = urlsplit(source).path.lower().endswith(FILES)
        with Fetcher(limits, allow, kept=kept, key=key) as fetcher:
            if is_file:
                found = read_download(fetcher, source, progress)
            else:
                found = read_api(fetcher, source, progress, since)
            yield from _at_most(found, limits)
        return
    yield from _at_most(read_path(Path(source), limits, progress), limits)


def read_download(fetcher: Fetcher, url: str, progress: Progress) -> Iterator[Any]:
    """Services of a file at an address: a spreadsheet, a zipped package, GeoJSON."""
    name = Path(urlsplit(url).path).name
    with tempfile.TemporaryDirectory(prefix="goodhelp-") as folder:
        path = Path(folder) / (re.sub(r"[^A-Za-z0-9._-]+", "_", name)[-100:] or "download")
        path.write_bytes(fetcher.read(url))
        yield from read_path(path, fetcher.limits, progress)


def read_api(
    fetcher: Fetcher, source: str, progress: Progress, since: datetime | None = None
) -> Iterator[Any]:
    """Every service of an API, page by page, with its details."""
    url, page, full = _first_page(fetcher, source, since)
    if is_geojson(page):
        yield from services_of_json(page, Path(urlsplit(url).path).stem)
        return
    found = services_in(page)
    if found is None:
        raise SourceFailed(f"{source} answers without a list of services")
    if isinstance(page, dict) and False in (page.get("first_page"), page.get("first")):
        # This supplier counts pages from nought.
        found = [*(services_in(fetcher.json(url, {**full, "page": "0"})) or []), *found]
    seen: set[str] = set()
    done, number, empty = 0, 1, 0
    after: str | None = None
    while True:
        # What an earlier page had is old; twice on one page is a fault that is reported later.
        fresh = [item for item in found if _name(item) not in seen]
        seen.update(map(_name, found))
        for item in fresh:
            done += 1
            progress("reading services", done, _total(page))
            yield from of_organizations([_detailed(fetcher, url, item)])
        if not isinstance(page, dict):
            return
        if not fresh:
            # A page of nothing new ends it, unless the supplier says that there are more.
            empty += 1
            if empty > EMPTY_AT_MOST or number >= _pages(page):
                return
        number += 1
        if number > fetcher.limits.pages:
            raise SourceFailed(f"has more than {fetcher.limits.pages} pages")
        before, after = after, _next(page, url)
        if before and not after:
            return
        try:
            if after:
                page = fetcher.json(after)
            else:
                page = fetcher.json(url, {**full, "page": str(number)})
        except NotAnswered as error:
            # Beyond the last page some suppliers answer with an error; before it, we stop.
            if _claims_last(page) and 400 <= error.status < 500:
                return
            raise
        found = services_in(page) or []


def _next(page: dict[str, Any], url: str) -> str | None:
    """The address of the next page, where a supplier that counts no pages names one."""
    if any(name in page for name in ("total_pages", "totalPages", "page_number", "number")):
        return None
    named = [page.get("next"), page.get("next_page_url"), page.get("@odata.nextLink")]
    for links in (page.get("links"), page.get("_links"), page.get("meta")):
        if isinstance(links, dict):
            named += [links.get("next"), links.get("next_page_url")]
        for one in links if isinstance(links, list) else ():
            if isinstance(one, dict) and one.get("rel") == "next":
                named.append(one.get("href"))
    for one in named:
        target = one.get("href") if isinstance(one, dict) else one
        if isinstance(target, str) and target and not target.isdigit():
            found = urljoin(url, target)
            # It may not send us to somebody else, nor our key.
            if urlsplit(found)[:2] == urlsplit(url)[:2]:
                return found
    return None


def _pages(page: dict[str, Any]) -> int:
    """How many pages there are, as the supplier says; 0 where it does not."""
    return _number(page, "total_pages", "totalPages", default=0)


def _first_page(
    fetcher: Fetcher, source: str, since: datetime | None = None
) -> tuple[str, Any, dict[str, str]]:
    """The address that lists services, its first page, and the parameters it took."""
    url = source.rstrip("/")
    path = urlsplit(url).path
    is_list = path.endswith(("/services", ".json"))
    full = {"per_page": str(PAGE_SIZE), "full": "true"}
    tries: list[tuple[str, dict[str, str]]] = []
    if not is_list:
        tries = [(f"{url}/services", full), (f"{url}/services", {})]
    tries += [(url, {} if path.endswith(".json") else full), (url, {})]
    if since is not None:
        after = {"modified_after": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        tries = [(address, {**params, **after}) for address, params in tries if params] + tries
    last: SourceFailed | None = None
    for address, params in tries:
        try:
            page = fetcher.json(address, {**params, "page": "1"} if params else {})
        except NotAnswered as error:
            last = last or error
            if error.status == 0:
                break
            continue
        if services_in(page) is not None or is_geojson(page):
            return address, page, params
    raise last or SourceFailed(f"{source} answers without a list of services")


def _detailed(fetcher: Fetcher, url: str, item: Any) -> Any:
    if not isinstance(item, dict) or any(name in item for name in (*DETAILS, "services")):
        return item
    if url.endswith(".json") or not isinstance(item.get("id"), str | int):
        return item
    try:
        detail = fetcher.json(f"{url}/{quote(str(item['id']), safe='')}")
    except NotAnswered as error:
        return {"id": item["id"], "_failed": str(error)}
    if isinstance(detail, dict) and detail.get("id", item["id"]) == item["id"]:
        return {**item, **detail}
    return {"id": item["id"], "_failed": "its detail page is of another service"}


def _name(item: Any) -> str:
    return str(item.get("id")) if isinstance(item, dict) else repr(item)[:200]


def _claims_last(page: Any) -> bool:
    if not isinstance(page, dict):
        return True
    if page.get("last_page") is True or page.get("last") is True or page.get("empty") is True:
        return True
    pages = _number(page, "total_pages", "totalPages", default=0)
    return 0 < pages <= _number(page, "page_number", "number", default=1)


def _total(page: Any) -> int | None:
    total = _number(page, "total_items", "totalElements", default=0)
    return total or None


def _number(page: Any, *names: str, default: int) -> int:
    for name in names:
        value = page.get(name) if isinstance(page, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return default


def _at_most(services: Iterable[Any], limits: Limits) -> Iterator[Any]:
    for number, service in enumerate(services):
        if number >= limits.records:
            raise SourceFailed(f"has more than {limits.records} services")
        yield service
