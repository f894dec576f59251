"""The demo's made-up numbers fill the reports, are marked, and pretend to be nobody."""

from sqlalchemy import select

from app import demo_numbers
from hub import after_reports, reports
from hub.database import Database
from hub.kept import MadeUpPerson
from hub.messages import Message
from hub.people import Address, Person
from hub.profile import Profile
from hub.tickets import Ticket
from tests.conftest import SetClock


def test_they_fill_every_report_and_some_numbers_stay_hidden(
    sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    with sqlite.writing() as session:
        assert demo_numbers.add(session, profile, clock()) == demo_numbers.PEOPLE
    first, last = reports.period(clock().date())
    rule = profile.suppression
    with sqlite.reading() as session:
        visits = reports.visits(session, profile.id, first, last)
        unmet = reports.unmet(session, profile.id, clock().replace(month=8))
        after = after_reports.answers(session, profile.id, clock().replace(month=8))
    tables = [
        reports.unmet_table(unmet, rule),
        reports.ward_table(visits, rule),
        reports.new_people_table(visits, rule),
        reports.contacts_table(visits, rule),
        reports.weeks_table(visits, first, rule),
        after_reports.met_table(after, rule),
        after_reports.useful_table(after, rule),
        after_reports.outcome_table(after, rule),
    ]
    for table in tables:
        shown = [number for row in table.rows for number in row.numbers]
        assert sum(1 for number in shown if number.value) >= 2, table
    hidden = [n.text for row in tables[0].rows for n in row.numbers if n.value is None]
    assert "fewer than 10" in hidden and "not shown" in hidden
    assert float(after_reports.mean_usefulness(after, rule)) > 7


def test_they_are_marked_once_and_are_nobody(
    sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    with sqlite.writing() as session:
        demo_numbers.add(session, profile, clock())
    with sqlite.writing() as session:
        assert demo_numbers.add(session, profile, clock()) == 0
        assert after_reports.made_up(session, profile.id) == demo_numbers.PEOPLE
        people = set(session.scalars(select(Person.id)))
        assert people == set(session.scalars(select(MadeUpPerson.person_id)))
        for kind in (Address, Message, Ticket):
            assert session.scalars(select(kind)).all() == [], kind
        assert set(session.scalars(select(Person.name))) == {None}
