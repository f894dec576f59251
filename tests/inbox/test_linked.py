"""What staff see of somebody who has linked two phones."""

from hub import links
from hub.database import Database
from hub.people import Person
from hub.profile import Profile
from hub.tickets import Ticket
from tests.conftest import SetClock
from tests.inbox import cast
from tests.inbox.conftest import SignIn


def test_each_ticket_names_the_other_and_shows_nothing_of_it(
    sign_in: SignIn, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    rita = cast.add_resident(sqlite, profile.id, cast.RITA, clock())
    dawn = cast.add_resident(sqlite, profile.id, cast.DAWN, clock())
    with sqlite.writing() as session:
        one = session.get_one(Ticket, rita).person_id
        other = session.get_one(Ticket, dawn).person_id
        code = links.make_code(session, session.get_one(Person, one), clock())
        assert code is not None
        links.enter(session, session.get_one(Person, other), code, clock())
    browser = sign_in("Ann")
    browser.post(f"/inbox/tickets/{dawn}/claim")
    page = browser.get(f"/inbox/tickets/{rita}").text
    assert "Also writes from" in page
    assert f'<a href="/inbox/tickets/{dawn}">ticket {dawn}</a>, with Ann' in page
    assert "They linked another phone or app" in page
    assert "bank card" not in page
    with sqlite.writing() as session:
        links.unlink(session, session.get_one(Person, other), clock())
    page = browser.get(f"/inbox/tickets/{rita}").text
    assert "Also writes from" not in page
    assert "They undid the link" in page
