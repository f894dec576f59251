"""What staff see and do, over real HTTP."""

import re

import pytest

from hub import messages, people, tickets
from hub.conversations import HeldBy
from hub.database import Database
from hub.messages import Message, Status
from hub.people import ContactWay
from hub.profile import Profile
from hub.tickets import Ticket, TicketStatus, Why
from hub.users import add_hub
from tests.conftest import SetClock
from tests.inbox import cast
from tests.inbox.conftest import SignIn


def ticket(database: Database, ticket_id: int) -> Ticket:
    with database.reading() as session:
        found = session.get_one(Ticket, ticket_id)
        assert found.conversation
        assert [event.kind for event in found.events]
        return found


def last_out(database: Database, ticket_id: int) -> Message:
    with database.reading() as session:
        return messages.transcript(session, ticket(database, ticket_id).conversation_id)[-1]


def links(text: str) -> list[int]:
    return [int(n) for n in re.findall(r'class="who-link" href="/inbox/tickets/(\d+)"', text)]


def test_twelve_tickets_on_a_monday_morning(
    sign_in: SignIn, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    ids = {r.number: cast.add_resident(sqlite, profile.id, r, clock()) for r in cast.CROWD}
    browser = sign_in("Ann")
    page = browser.get("/inbox/").text
    assert links(page)[0] == ids[cast.DAWN.number]
    assert len(links(page)) == 12
    assert "Nobody has seen this yet" in page
    assert "1 urgent" in page
    for words in ("Money and debt", "Asked for a person", "waiting 13 hours", "•••001", "Rita"):
        assert words in page
    # Words of a resident are only on the page of the ticket, where reading is recorded.
    assert "bailiffs" not in page
    assert "+447700900" not in page
    browser.post(f"/inbox/tickets/{ids[1]}/claim")
    assert links(browser.get("/inbox/mine").text) == [ids[1]]
    assert ids[1] not in links(browser.get("/inbox/").text)
    assert "With you" in browser.get("/inbox/all").text
    assert "With Ann" in sign_in("Joe").get("/inbox/all").text


def test_urgent_is_unseen_until_somebody_opens_it(sign_in: SignIn, dawn: int) -> None:
    ann, joe = sign_in("Ann"), sign_in("Joe")
    assert "Nobody has seen this yet" in joe.get("/inbox/").text
    ann.get(f"/inbox/tickets/{dawn}/live")
    assert "Nobody has seen this yet" in joe.get("/inbox/").text
    page = ann.get(f"/inbox/tickets/{dawn}").text
    assert "Urgent: Abuse at home" in page
    assert "do not call, answer by message only" in page
    assert "Nothing may be shared yet" in page
    assert "Nobody has seen this yet" not in joe.get("/inbox/").text


def test_a_page_that_is_open_is_not_somebody_who_sees_it(
    sign_in: SignIn, dawn: int, sqlite: Database, clock: SetClock
) -> None:
    ann = sign_in("Ann")
    ann.get(f"/inbox/tickets/{dawn}")
    clock.move(minutes=40)
    with sqlite.writing() as session:
        talk = session.get_one(Ticket, dawn).conversation
        tickets.open_for(
            session, talk, why=Why.RISK, now=clock(), urgent=True, risks=("violence_now",)
        )
    live = ann.get(f"/inbox/tickets/{dawn}/live")
    assert live.status_code == 200
    assert "Nobody has seen this yet" in live.text
    assert "I have seen this" in live.text
    ann.post(f"/inbox/tickets/{dawn}/seen")
    assert "Nobody has seen this yet" not in ann.get("/inbox/").text


def test_live_updates_are_only_for_those_whose_reading_is_recorded(
    sign_in: SignIn, rita: int
) -> None:
    joe = sign_in("Joe")
    refused = joe.get(f"/inbox/tickets/{rita}/live")
    assert refused.status_code == 409
    assert "bailiffs" not in refused.text
    joe.get(f"/inbox/tickets/{rita}")
    assert "bailiffs" in joe.get(f"/inbox/tickets/{rita}/live").text


def test_the_page_of_a_ticket_says_everything(sign_in: SignIn, rita: int, sqlite: Database) -> None:
    page = sign_in("Ann").get(f"/inbox/tickets/{rita}").text
    for words in (
        "no food in and a letter from the bailiffs",
        "my grandkids round the table on a sunday",
        "Cooks",
        "Food",
        "Money and debt",
        "Going alone, worry or trust",
        "Croxteth Community Pantry",
        "She would like help with food first",
        "only with: hub staff and Croxteth Community Pantry",
        "A text is safe",
        "not before 9",
        "tomorrow, Monday, after 10am",
        "yes 👍",
        "Delivered",
        "Croxteth, L11",
        "Ticket opened",
    ):
        assert words in page, words
    assert "+447700900001" not in page
    assert "Read" in [e.kind.title() for e in ticket(sqlite, rita).events]


def test_consent_taken_back_means_nothing_may_be_shared(
    sign_in: SignIn, rita: int, sqlite: Database, clock: SetClock
) -> None:
    with sqlite.writing() as session:
        person = session.get_one(Ticket, rita).person_id
        people.withdraw_consent(session, person, clock())
    page = sign_in("Ann").get(f"/inbox/tickets/{rita}").text
    assert "Nothing may be shared yet" in page
    assert "took an agreement back" in page
    assert "She would like help with food first" not in page


def test_from_picking_up_to_closing(sign_in: SignIn, rita: int, sqlite: Database) -> None:
    ann, url = sign_in("Ann"), f"/inbox/tickets/{rita}"
    assert "With you" in ann.post(f"{url}/claim").text
    assert ticket(sqlite, rita).conversation.held_by == HeldBy.PERSON
    shown = ann.post(f"{url}/reply", text="Hello Rita, Ann here. Shall we meet at 2?")
    assert shown.status_code == 200
    assert "Waiting to be sent" in shown.text
    sent = last_out(sqlite, rita)
    assert (sent.text, sent.status) == ("Hello Rita, Ann here. Shall we meet at 2?", Status.QUEUED)
    assert "Rang the pantry." in ann.post(f"{url}/notes", text="Rang the pantry.").text
    introduced = ann.post(f"{url}/introduction", to="Mo, volunteer", service="The Pantry").text
    assert "Mo, volunteer, The Pantry" in introduced
    closed = ann.post(f"{url}/outcome", outcome="attended", text="Came with her grandson.").text
    assert "They got there." in closed
    assert "The assistant answers again" in closed
    found = ticket(sqlite, rita)
    assert (found.status, found.conversation.held_by) == (TicketStatus.ATTENDED, HeldBy.BOT)
    assert links(ann.get("/inbox/all").text) == []
    assert links(ann.get("/inbox/all?closed=1").text) == [rita]
    kinds = [event.kind for event in found.events]
    assert kinds[-6:] == ["read", "claimed", "replied", "note", "introduced", "closed"]


def test_a_second_claim_names_the_holder(sign_in: SignIn, rita: int, sqlite: Database) -> None:
    ann, joe, url = sign_in("Ann"), sign_in("Joe"), f"/inbox/tickets/{rita}"
    old = joe.hidden(url)
    ann.post(f"{url}/claim")
    refused = joe.client.post(f"{url}/claim", data=old)
    assert refused.status_code == 409
    assert "Ann has already picked up this ticket." in refused.text
    holder = ticket(sqlite, rita).claimed_by_id
    assert holder is not None
    with sqlite.reading() as session:
        assert session.get_one(people.User, holder).name == "Ann"


def test_a_stale_form_shows_what_changed_and_keeps_what_was_typed(
    sign_in: SignIn, rita: int, sqlite: Database
) -> None:
    ann, joe, url = sign_in("Ann"), sign_in("Joe"), f"/inbox/tickets/{rita}"
    ann.post(f"{url}/claim")
    old = ann.hidden(url)
    joe.post(f"{url}/notes", text="Her sister rang: she is at the shop.")
    refused = ann.client.post(f"{url}/reply", data={**old, "text": "I'll be <late>, Rita"})
    assert refused.status_code == 409
    assert "changed while you had it open" in refused.text
    meanwhile = refused.text.split("This happened meanwhile")[1].split("</section>")[0]
    assert "Note</b> by Joe" in meanwhile
    assert "she is at the shop" in meanwhile
    assert "Picked up" not in meanwhile
    assert "I&#39;ll be &lt;late&gt;, Rita</textarea>" in refused.text
    assert last_out(sqlite, rita).author != "staff"
    fresh = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', refused.text))
    again = ann.client.post(f"{url}/reply", data={**fresh, "text": "I'll be <late>, Rita"})
    assert again.status_code == 200
    assert last_out(sqlite, rita).text == "I'll be <late>, Rita"


def test_a_form_sent_twice_sends_one_message(sign_in: SignIn, rita: int, sqlite: Database) -> None:
    ann, url = sign_in("Ann"), f"/inbox/tickets/{rita}"
    ann.post(f"{url}/claim")
    form = {**ann.hidden(url), "text": "Hello Rita"}
    assert ann.client.post(f"{url}/reply", data=form).status_code == 200
    assert ann.client.post(f"{url}/reply", data=form).status_code == 409
    with sqlite.reading() as session:
        told = messages.transcript(session, ticket(sqlite, rita).conversation_id)
    assert [m.text for m in told].count("Hello Rita") == 1


@pytest.mark.parametrize(
    ("action", "fields", "status", "words"),
    [
        ("reply", {"text": "  "}, 400, "Write your message first"),
        ("reply", {"text": "x" * 1601}, 400, "1,601 characters"),
        ("notes", {"text": ""}, 400, "Write something in the note"),
        ("notes", {"text": "x" * 10_001}, 400, "10,000 characters"),
        ("notes", {"text": "x" * 200_000}, 413, "too long"),
        ("introduction", {"to": "Mo", "service": ""}, 400, "at which service"),
        ("outcome", {"text": "fine"}, 400, "how it ended"),
        ("outcome", {"outcome": "claimed"}, 400, "how it ended"),
        ("reply", {"text": "hi", "version": "x"}, 400, "That did not work"),
    ],
)
def test_a_form_that_cannot_be_kept_says_why(
    sign_in: SignIn, rita: int, action: str, fields: dict[str, str], status: int, words: str
) -> None:
    ann, url = sign_in("Ann"), f"/inbox/tickets/{rita}"
    ann.post(f"{url}/claim")
    answer = ann.post(f"{url}/{action}", **fields)
    assert answer.status_code == status
    assert words in answer.text
    if status == 400 and fields.get("text", "").strip() and "version" not in fields:
        assert f"{fields['text']}</textarea>" in answer.text


def test_only_the_holder_writes_to_the_resident(
    sign_in: SignIn, rita: int, sqlite: Database
) -> None:
    ann, joe, url = sign_in("Ann"), sign_in("Joe"), f"/inbox/tickets/{rita}"
    ann.post(f"{url}/claim")
    assert "Only Ann can reply" in joe.get(url).text
    refused = joe.post(f"{url}/reply", text="Hello from Joe")
    assert refused.status_code == 409
    assert "Hello from Joe</textarea>" in refused.text
    assert last_out(sqlite, rita).author != "staff"


def test_nothing_is_sent_where_neither_is_safe(
    sign_in: SignIn, rita: int, sqlite: Database, clock: SetClock
) -> None:
    ann, url = sign_in("Ann"), f"/inbox/tickets/{rita}"
    ann.post(f"{url}/claim")
    with sqlite.writing() as session:
        said = cast.arrive(session, "croxteth", cast.RITA, "neither", clock())
        people.set_safe_contact(
            session,
            said.conversation.person_id,
            way=ContactWay.NEITHER,
            message_id=said.id,
            now=clock(),
        )
    assert "Wait until they write to us" in ann.get(url).text
    refused = ann.post(f"{url}/reply", text="Hello Rita")
    assert refused.status_code == 409
    assert "Hello Rita</textarea>" in refused.text


def test_another_hubs_ticket_is_not_there(
    sign_in: SignIn, sqlite: Database, clock: SetClock
) -> None:
    with sqlite.writing() as session:
        add_hub(session, "jan-cunningham", "Jan Cunningham Wellbeing Hub")
    theirs = cast.add_resident(sqlite, "jan-cunningham", cast.RITA, clock())
    ann, url = sign_in("Ann"), f"/inbox/tickets/{theirs}"
    token = ann.hidden("/inbox/")["csrf"]
    assert links(ann.get("/inbox/all").text) == []
    for path in (url, f"{url}/live", f"/inbox/tickets/{10**12}", "/inbox/tickets/0"):
        found = ann.get(path)
        assert found.status_code == 404
        assert "There is nothing here" in found.text
    for action in ("claim", "seen", "release", "reply", "notes", "introduction", "outcome"):
        answer = ann.client.post(
            f"{url}/{action}",
            data={"csrf": token, "text": "x", "to": "x", "service": "x", "outcome": "attended"},
        )
        assert answer.status_code == 404
    assert [event.kind for event in ticket(sqlite, theirs).events] == ["opened", "promised"]


def test_what_a_resident_writes_is_only_text(
    sign_in: SignIn, rita: int, sqlite: Database, clock: SetClock
) -> None:
    nasty = '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7*7 }} \u202e'
    with sqlite.writing() as session:
        said = cast.arrive(session, "croxteth", cast.RITA, nasty, clock())
        tickets.open_for(session, said.conversation, why=Why.HUMAN, now=clock(), own_words=(nasty,))
        said.conversation.person.name = nasty
    page = sign_in("Ann").get(f"/inbox/tickets/{rita}").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "{{ 7*7 }}" in page


def test_a_promise_is_late_when_its_day_has_passed(
    sign_in: SignIn, rita: int, clock: SetClock
) -> None:
    ann = sign_in("Ann")
    assert "Promised tomorrow, Monday, after 10am" in ann.get("/inbox/").text
    clock.move(hours=11)
    assert "Late" not in ann.get("/inbox/").text
    clock.move(days=1)  # Monday night: the hub has closed
    ann = sign_in("Ann")
    assert "Late: promised today, after 10am" in ann.get("/inbox/").text
    clock.move(hours=10)
    assert "Late: promised yesterday, after 10am" in ann.get("/inbox/").text
    assert "It is late now" in ann.get(f"/inbox/tickets/{rita}").text


def test_a_message_that_did_not_get_there_is_shown(
    sign_in: SignIn, rita: int, sqlite: Database, clock: SetClock
) -> None:
    with sqlite.writing() as session:
        row = session.get_one(Message, last_out(sqlite, rita).id)
        messages.record_status(session, row, Status.FAILED, clock(), "The number does not exist.")
    ann = sign_in("Ann")
    assert "A message did not get there" in ann.get("/inbox/").text
    page = ann.get(f"/inbox/tickets/{rita}").text
    assert "Not delivered: The number does not exist." in page
