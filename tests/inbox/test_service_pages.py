"""Correcting a record from a ticket, and deciding whether two records are one service."""

import csv
from pathlib import Path

import pytest
from sqlalchemy import select

from directory_sync.run import sync
from hub.corrections import Correction
from hub.database import Database
from hub.profile import Profile
from hub.services import Service
from hub.tickets import Ticket
from hub.twins import Twin, TwinStatus
from tests.conftest import SetClock
from tests.directory_sync.feeds import HUB, service, write
from tests.inbox.conftest import SignIn


@pytest.fixture
def key(sqlite: Database, profile: Profile, tmp_path: Path, clock: SetClock) -> int:
    one = service("hall", at=HUB, name="Warm & Hall", phones=[{"number": "0151 496 0000"}])
    sync(sqlite, profile, write(tmp_path / "town.json", one), clock=clock, feed_id="town")
    with sqlite.reading() as session:
        return session.scalars(select(Service.key)).one()


def test_a_worker_corrects_a_service_from_a_ticket(
    sign_in: SignIn, sqlite: Database, rita: int, key: int
) -> None:
    with sqlite.writing() as session:
        ticket = session.get_one(Ticket, rita)
        ticket.conversation.state = {**ticket.conversation.state, "shown": ["hall", "unknown"]}
    ann, page = sign_in("Ann"), f"/inbox/services/{key}?ticket={rita}"
    assert page in ann.get(f"/inbox/tickets/{rita}").text
    assert "0151 496 0000" in ann.get(page).text and "Warm &amp; Hall" in ann.get(page).text
    url = f"/inbox/services/{key}/correction"
    refused = ann.post(url, page, field="phone", value="ring <b>Jo</b>")
    assert refused.status_code == 400 and "ring &lt;b&gt;Jo" in refused.text
    done = ann.post(url, page, field="phone", value="0151 496 0999")
    assert "We say: <b>0151 496 0999</b>" in done.text and "Take this back" in done.text
    ann.post(url, page, field="closed", value="=the shutters are down")
    trail = ann.get(f"/inbox/tickets/{rita}").text
    assert "Corrected the record of a service" in trail and "Phone of Warm &amp; Hall" in trail
    bev = sign_in("Bev")
    listed = bev.get("/insights/directory").text
    assert "0151 496 0999" in listed and "the shutters are down" in listed
    rows = list(csv.reader(bev.get("/insights/directory/town.csv").text.splitlines()))
    assert [row[4] for row in rows if row[2] == "Staff know better"] == [
        "closed: offer it no more. =the shutters are down",
        "should be: 0151 496 0999 (the record says: 0151 496 0000)",
    ]
    with sqlite.reading() as session:
        one = session.scalars(select(Correction.id).where(Correction.field == "phone")).one()
    back = ann.post(f"/inbox/services/{key}/withdrawal", page, correction=str(one))
    assert "Taken back" in back.text and "We say: <b>0151 496 0999" not in back.text
    again = ann.post(f"/inbox/services/{key}/withdrawal", page, correction=str(one))
    assert again.status_code == 409
    for wrong in (f"/inbox/services/{key + 5}", "/inbox/services/99999999999"):
        assert ann.get(wrong).status_code == 404


def test_a_coordinator_decides_pairs_one_after_the_other(
    sign_in: SignIn, sqlite: Database, profile: Profile, tmp_path: Path, clock: SetClock, key: int
) -> None:
    like = service("same", at=HUB, name="Warm Hall and Kitchen", phones=[{"number": "01514960000"}])
    sync(sqlite, profile, write(tmp_path / "other.json", like), clock=clock, feed_id="other")
    bev, page = sign_in("Bev"), "/insights/directory/twins"
    assert page in bev.get("/insights/directory").text
    shown = bev.get(page).text
    assert "Warm &amp; Hall" in shown and "Warm Hall and Kitchen" in shown
    assert "<b>1</b> pair to look at" in shown
    with sqlite.reading() as session:
        twin = session.scalars(select(Twin.key)).one()
    assert bev.post(f"{page}/{twin}/decision", page, same="perhaps").status_code == 400
    done = bev.post(f"{page}/{twin}/decision", page, same="yes").text
    assert "No pair waits for you" in done and "are one service now" in done
    with sqlite.reading() as session:
        rests = session.scalars(select(Service).where(Service.twin_of.is_not(None))).one()
        assert (rests.id, session.get_one(Twin, twin).decided_by) == ("same", "Bev")
    undone = bev.post(f"{page}/{twin}/undoing", f"{page}?done={twin}").text
    assert "<b>1</b> pair to look at" in undone
    bev.post(f"{page}/{twin}/decision", page, same="no")
    with sqlite.reading() as session:
        assert session.get_one(Twin, twin).status == TwinStatus.DIFFERENT
        assert not session.scalars(select(Service).where(Service.twin_of.is_not(None))).all()
    ann = sign_in("Ann")
    assert ann.get(page).status_code == 403
    assert bev.post(f"{page}/9999/decision", f"{page}?done={twin}", same="no").status_code == 404
