"""Dead links: asked slowly, believed when sure, shown where they are mended."""

import socket
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.house import House
from app.links import LinksOnTime
from directory_sync.dead_links import Asker
from hub import link_checks, quality
from hub.crypto import new_key
from hub.link_checks import BELIEVED_AFTER, LinkCheck
from hub.settings import Settings
from tests.directory_sync.feeds import service, write
from tests.directory_sync.supplier import Supplier


def site(path: str, _: dict[str, str]) -> object:
    if path == "/moved":
        return (302, {"Location": "/here"}, b"")
    if path == "/inside":
        return (302, {"Location": "http://127.0.0.1:9/"}, b"")
    status = {"/gone": 404, "/blocked": 403, "/broken": 500}.get(path, 200)
    return (status, {}, b"x" * 5_000_000 if path == "/large" else b"x")


def house_of(tmp_path: Path, rate: int) -> House:
    house = House(
        Settings(
            _env_file=None,  # type: ignore[call-arg]
            database_url=f"sqlite:///{tmp_path / 'record.sqlite3'}",
            encryption_key=new_key(),
            sync_folder=tmp_path / "sync",
            link_checks_a_minute=rate,
        )
    )
    house.prepare()
    return house


@pytest.mark.parametrize(
    ("path", "status"),
    [("/here", 200), ("/moved", 200), ("/large", 200), ("/gone", 404), ("/broken", 500),
     ("/inside", 0)],
)  # fmt: skip
def test_an_address_is_asked_safely(path: str, status: int) -> None:
    with Supplier(site).running() as supplier, Asker([supplier.origin]) as asker:
        found = asker.ask(supplier.url + path)
        assert found.status == status
        assert len(supplier.asked) <= 4
    if path == "/inside":
        assert "not a public address" in found.said


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://[::1]/", "ftp://example.org/", "x"])
def test_nothing_of_our_own_is_asked(url: str) -> None:
    with Asker() as asker:
        assert asker.ask(url).status == 0


def test_the_worker_asks_what_is_due_and_the_page_shows_what_is_dead(tmp_path: Path) -> None:
    house = house_of(tmp_path, 4)
    clock = house.clock
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    with Supplier(site).running() as supplier:
        paths = ("here", "gone", "blocked", "broken")
        urls = [f"{supplier.url}/{path}" for path in paths] + [nobody]
        rows = [service(f"s{n}", url=url) for n, url in enumerate(urls)]
        house.sync(write(tmp_path / "feed.json", *rows, service("none")))
        chore = LinksOnTime(house, [supplier.origin, nobody.split("/")[2]])
        for day in range(BELIEVED_AFTER):
            at = clock() + timedelta(days=day, hours=day)
            house.__dict__["clock"] = lambda at=at: at
            with house.database.writing() as session:
                due = link_checks.claim(session, house.profile.id, at, 20)
            assert len(due) == (5 if day == 0 else 3)
            chore.ask(due)
            assert not chore(), "none is asked twice on one day"
    with house.database.reading() as session:
        checks = {row.url: row for row in session.scalars(select(LinkCheck))}
        dead = link_checks.dead(session, house.profile.id)
        (group,) = (
            one
            for one in quality.overview(session, house.profile.id, clock().date())
            if one.kind == "dead_link"
        )
    assert [checks[url].status for url in urls] == [200, 404, 403, 500, 0]
    assert set(dead) == {urls[1], urls[3], urls[4]}
    assert {fault.service_id for fault in group.first} == {"s1", "s3", "s4"}
    assert "answers 404" in next(f.detail for f in group.first if f.service_id == "s1")


def test_nothing_is_asked_where_it_is_turned_off(tmp_path: Path) -> None:
    house = house_of(tmp_path, 0)
    house.sync(write(tmp_path / "feed.json", service("a", url="https://example.org/")))
    assert not LinksOnTime(house)()
    with house.database.reading() as session:
        assert not session.scalars(select(LinkCheck)).all()
