"""People, contacts and unmet needs are counted once, and stay what they were."""

from datetime import date

import pytest
from sqlalchemy import func, select

from hub import people, topics
from hub.database import Database
from hub.people import Channel, Reach
from hub.topics import Contact, Unmet, UnmetNeed
from tests.conftest import SetClock

HUB = "croxteth"


@pytest.fixture
def rita(database: Database, clock: SetClock) -> int:
    """Rita's id."""
    with database.writing() as session:
        reach = Reach(Channel.SMS, "+447700900001")
        return people.find_or_create(session, HUB, reach, clock()).person_id


def test_an_unmet_need_counts_once_in_thirty_days_and_its_last_reason_holds(
    database: Database, clock: SetClock, rita: int
) -> None:
    with database.writing() as session:
        topics.record_unmet(session, HUB, rita, "food", Unmet.TOO_FAR, clock())
        topics.record_unmet(session, HUB, rita, "debt", Unmet.FULL, clock())
    clock.move(days=29)
    with database.writing() as session:
        topics.record_unmet(session, HUB, rita, "food", Unmet.FULL, clock())
        rows = session.execute(select(UnmetNeed.need, UnmetNeed.reason)).all()
        assert sorted(map(tuple, rows)) == [("debt", "full"), ("food", "full")]
    clock.move(days=2)
    with database.writing() as session:
        topics.record_unmet(session, HUB, rita, "food", Unmet.COST, clock())
        assert session.scalar(select(func.count()).select_from(UnmetNeed)) == 3


def test_a_contact_is_one_person_on_one_day(database: Database, clock: SetClock, rita: int) -> None:
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    with database.writing() as session:
        topics.record_contact(session, HUB, rita, monday)
        topics.record_contact(session, HUB, rita, monday, need="food")
        topics.record_contact(session, HUB, rita, monday, need="debt", ward="Croxteth")
        topics.record_contact(session, HUB, rita, tuesday, need="debt")
    with database.reading() as session:
        rows = session.scalars(select(Contact).order_by(Contact.day)).all()
        found = [(row.day, row.need, row.ward, row.first) for row in rows]
    assert found == [
        (monday, "food", "Croxteth", True),
        (tuesday, "debt", None, False),
    ]
