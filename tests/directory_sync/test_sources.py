"""Reading suppliers over real HTTP: their quirks are tolerated, their size and aim are not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from directory_sync.fetch import Limits, SourceFailed
from directory_sync.sources import read_source
from tests.directory_sync.feeds import page, service
from tests.directory_sync.supplier import MISSING, Answer, Supplier, gzipped, json_answer

Read = Callable[..., tuple[list[str], Supplier]]
TEN = [service(f"s{number}") for number in range(10)]


@pytest.fixture
def read() -> Read:
    """Reads all services of a supplier that answers as given: their ids, and the supplier."""

    def reading(answer: Answer, path: str = "", **limits: Any) -> tuple[list[str], Supplier]:
        with Supplier(answer).running() as supplier:
            found = list(
                read_source(supplier.url + path, limits=Limits(**limits), allow=[supplier.origin])
            )
        return [item.get("id") for item in found], supplier

    return reading


def paged(per_page: int, **envelope: Any) -> Answer:
    """A supplier with pages from one, whose envelope says what it is told to say."""

    def answer(path: str, params: dict[str, str]) -> Any:
        if path != "/services":
            return MISSING
        start = (int(params.get("page", "1")) - 1) * per_page
        some = TEN[start : start + per_page]
        return {"contents": some, **envelope}

    return answer


QUIRKS: dict[str, Answer] = {
    "honest": paged(4, total_items=10, total_pages=3),
    "says there are three services": paged(4, total_items=3, total_pages=1),
    "always says it is the last page": paged(4, last_page=True, total_pages=1),
    "no counts at all": paged(4),
    "one page": lambda path, _: page(*TEN) if path == "/services" else MISSING,
    "ignores the page": lambda path, _: {"contents": TEN} if path == "/services" else MISSING,
    "a bare list": lambda path, _: TEN if path == "/services" else MISSING,
    "version 1.0": lambda path, p: (
        {"content": TEN[5:] if p.get("page") == "2" else TEN[:5] if p.get("page") == "1" else []}
        if path == "/services"
        else MISSING
    ),
}


@pytest.mark.parametrize("answer", QUIRKS.values(), ids=QUIRKS)
def test_every_service_is_read_once(read: Read, answer: Answer) -> None:
    assert read(answer)[0] == [f"s{number}" for number in range(10)]


def test_pages_counted_from_nought(read: Read) -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        number = int(params.get("page", "0"))
        some = TEN[number * 5 : number * 5 + 5]
        return {"content": some, "number": number, "first": number == 0, "last": number >= 1}

    assert sorted(read(answer)[0]) == sorted(item["id"] for item in TEN)


def test_an_error_beyond_the_last_page_is_the_end(read: Read) -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        number = int(params.get("page", "1"))
        return {"contents": TEN[:5], "last_page": True} if number == 1 else MISSING

    assert len(read(answer)[0]) == 5


def test_an_error_before_the_last_page_fails_the_reading(read: Read) -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        number = int(params.get("page", "1"))
        return {"contents": TEN[:5], "last_page": False} if number == 1 else MISSING

    with pytest.raises(SourceFailed, match="404"):
        read(answer)


def test_parameters_that_are_refused_are_left_out(read: Read) -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        if params:
            return 400, {}, b"unknown parameter"
        return page(*TEN) if path == "/services" else MISSING

    assert len(read(answer)[0]) == 10


def test_details_are_fetched_and_a_broken_one_does_not_stop_the_rest(read: Read) -> None:
    short = [{"id": name, "name": name} for name in ("a", "b/../c", "d")]

    def answer(path: str, params: dict[str, str]) -> Any:
        if path == "/services":
            return page(*short)
        if path == "/services/a":
            return service("a", schedules=[])
        if path == "/services/b%2F..%2Fc":
            return service("b/../c")
        return json_answer({"error": "oops"}, 500)

    with Supplier(answer).running() as supplier:
        found = list(read_source(supplier.url, allow=[supplier.origin]))
    assert [item.get("_failed", "") for item in found][:2] == ["", ""]
    assert "500" in found[2]["_failed"]


def test_a_list_address_and_a_file_address_are_both_understood(read: Read) -> None:
    assert len(read(paged(4), "/services")[0]) == 10
    found, supplier = read(lambda path, _: page(*TEN), "/export/all.json")
    assert len(found) == 10
    assert supplier.asked[0] == "/export/all.json"


def test_a_packed_answer_is_unpacked(read: Read) -> None:
    import json

    assert len(read(lambda path, _: gzipped(json.dumps(page(*TEN)).encode()))[0]) == 10


REFUSED: dict[str, tuple[Answer, str]] = {
    "a bomb": (lambda *_: gzipped(b" " * 50_000_000), "larger than"),
    "a large answer": (lambda *_: (200, {}, b" " * 3_000_000), "larger than"),
    "too deep": (lambda *_: (200, {}, b"[" * 500_000), "too deeply"),
    "not JSON": (lambda *_: (200, {}, b"<html>"), "line 1, column 1"),
    "not UTF-8": (lambda *_: (200, {}, b'{"\xff"'), "not UTF-8"),
    "no services": (lambda *_: {"message": "hello"}, "without a list"),
    "round and round": (lambda *_: (302, {"Location": "/again"}, b""), "redirects too often"),
    "to a private address": (
        lambda *_: (302, {"Location": "http://169.254.169.254/latest"}, b""),
        "not https",
    ),
    "to a private address with TLS": (
        lambda *_: (302, {"Location": "https://10.0.0.1/x"}, b""),
        "not a public address",
    ),
    "to a file": (lambda *_: (302, {"Location": "file:///etc/passwd"}, b""), "file|Unsupported"),
    "to another port": (
        lambda *_: (302, {"Location": "https://localhost:1/x"}, b""),
        "not a public address",
    ),
}


@pytest.mark.parametrize(("answer", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(read: Read, answer: Answer, said: str) -> None:
    with pytest.raises(SourceFailed, match=said):
        read(answer, response_bytes=1024 * 1024)


def test_time_runs_out(read: Read) -> None:
    with pytest.raises(SourceFailed, match="longer than"):
        read(paged(4), seconds=0.0)


def test_so_many_services_and_no_more(read: Read) -> None:
    with pytest.raises(SourceFailed, match="more than 7 services"):
        read(paged(4), records=7)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/feed",
        "https://127.0.0.1/feed",
        "https://localhost/feed",
        "https://10.1.2.3/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "https://100.64.0.1/",
    ],
)
def test_only_https_and_public_addresses_unless_allowed(url: str) -> None:
    with pytest.raises(SourceFailed, match=r"not https|not a public address"):
        list(read_source(url))


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    path.write_text("{\n  broken")
    with pytest.raises(SourceFailed, match=r"feed\.json is not JSON: line 2, column 3"):
        list(read_source(str(path)))
    with pytest.raises(SourceFailed, match="neither a file nor an address"):
        list(read_source(str(tmp_path / "nothing.json")))
