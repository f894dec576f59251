"""A ticket is held by one person, loses nothing, and never brings somebody into danger."""

import threading

import pytest

from hub import messages, people, replies, tickets, triage
from hub.conversations import HeldBy
from hub.database import Database
from hub.errors import BadInput, ClaimRefused, NotAllowed, NotSafe, StaleEdit
from hub.messages import Author, Message, Status
from hub.people import ContactWay, User
from hub.tickets import OUTCOMES, Ticket, TicketStatus, Why
from hub.triage import Shelf
from hub.users import add_hub, add_user, known
from tests.conftest import SetClock
from tests.inbox import cast

HUB = "croxteth"


@pytest.fixture
def staff(database: Database, clock: SetClock) -> dict[str, User]:
    """Ann, Joe and Bev."""
    cast.add_staff(database, HUB, clock())
    with database.reading() as session:
        found = {name: known(session, HUB, name) for name, _ in cast.STAFF}
    return {name: user for name, user in found.items() if user}


@pytest.fixture
def rita(database: Database, clock: SetClock) -> int:
    """Rita's ticket, with her whole story."""
    ticket_id = cast.add_resident(database, HUB, cast.RITA, clock())
    cast.tell_ritas_story(database, ticket_id, clock())
    return ticket_id


@pytest.fixture
def dawn(database: Database, clock: SetClock) -> int:
    """Dawn's urgent ticket."""
    return cast.add_resident(database, HUB, cast.DAWN, clock())


def claimed(database: Database, ticket_id: int, user: User, clock: SetClock) -> None:
    with database.writing() as session:
        tickets.claim(session, tickets.lock(session, ticket_id, user), user, clock())


def reply(database: Database, ticket_id: int, user: User, text: str, clock: SetClock) -> int:
    with database.writing() as session:
        ticket = tickets.lock(session, ticket_id, user)
        return replies.reply(session, ticket, user, text, clock()).id


def test_a_second_reason_joins_the_open_ticket_and_raises_it(
    database: Database, clock: SetClock, rita: int
) -> None:
    with database.writing() as session:
        talk = session.get_one(Ticket, rita).conversation
        before = session.get_one(Ticket, rita).version
        again = tickets.open_for(
            session,
            talk,
            why=Why.RISK,
            now=clock(),
            urgent=True,
            needs=("food", "energy"),
            risks=("no_essentials",),
            own_words=("the meter has gone as well",),
        )
        assert again.id == rita
        assert again.needs == ["food", "debt", "energy"]
        assert again.own_words[-1] == "the meter has gone as well"
        assert (again.why, again.urgent, again.version) == (Why.RISK, True, before + 1)
        assert again.good_life == "my grandkids round the table on a sunday"


def test_a_calmer_reason_does_not_lower_it(database: Database, clock: SetClock, dawn: int) -> None:
    with database.writing() as session:
        talk = session.get_one(Ticket, dawn).conversation
        again = tickets.open_for(session, talk, why=Why.INTRODUCTION, now=clock())
        assert (again.why, again.urgent) == (Why.RISK, True)


def test_new_danger_is_unseen_again_though_the_ticket_was_read(
    database: Database, clock: SetClock, dawn: int, staff: dict[str, User]
) -> None:
    ann = staff["Ann"]
    with database.writing() as session:
        tickets.seen(session, session.get_one(Ticket, dawn), ann, clock())
        assert triage.unseen_urgent(session, ann) == 0
    clock.move(minutes=5)
    with database.writing() as session:
        talk = session.get_one(Ticket, dawn).conversation
        tickets.open_for(session, talk, why=Why.RISK, now=clock(), urgent=True)
    with database.writing() as session:
        assert triage.unseen_urgent(session, ann) == 1
        tickets.seen(session, session.get_one(Ticket, dawn), ann, clock())
    with database.reading() as session:
        read = [e for e in session.get_one(Ticket, dawn).events if e.kind == "read"]
        assert [event.user_id for event in read] == [ann.id, ann.id]


def test_reading_is_written_down_once_in_half_an_hour_for_each_reader(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    def read(name: str) -> None:
        with database.writing() as session:
            tickets.seen(session, session.get_one(Ticket, rita), staff[name], clock())

    read("Ann")
    clock.move(minutes=10)
    read("Ann")
    read("Joe")
    clock.move(minutes=30)
    read("Ann")
    with database.reading() as session:
        events = session.get_one(Ticket, rita).events
        readers = [e.user.name for e in events if e.kind == "read" and e.user]
    assert readers == ["Ann", "Joe", "Ann"]


def test_a_second_claim_is_refused_with_the_holders_name(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    claimed(database, rita, staff["Ann"], clock)
    with pytest.raises(ClaimRefused, match="Ann has already picked up"):
        claimed(database, rita, staff["Joe"], clock)
    with database.reading() as session:
        ticket = session.get_one(Ticket, rita)
        assert (ticket.claimed_by_id, ticket.status) == (staff["Ann"].id, TicketStatus.CLAIMED)
        assert ticket.conversation.held_by == HeldBy.PERSON


def test_of_two_claims_at_the_same_moment_one_wins(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    came_out: list[str] = []
    together = threading.Barrier(2)

    def claim(name: str) -> None:
        together.wait(10)
        try:
            claimed(database, rita, staff[name], clock)
            came_out.append("has it")
        except ClaimRefused:
            came_out.append("refused")

    threads = [threading.Thread(target=claim, args=(name,)) for name in ("Ann", "Joe")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(came_out) == ["has it", "refused"]


def test_a_ticket_put_back_waits_for_somebody_else(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    claimed(database, rita, staff["Ann"], clock)
    with database.writing() as session:
        ticket = tickets.lock(session, rita, staff["Ann"])
        tickets.release(session, ticket, staff["Ann"], clock())
    with database.reading() as session:
        assert session.get_one(Ticket, rita).conversation.held_by == HeldBy.WAITING
    claimed(database, rita, staff["Joe"], clock)


def test_only_the_holder_replies_introduces_and_closes(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    claimed(database, rita, staff["Ann"], clock)
    joe = staff["Joe"]
    with database.writing() as session:
        ticket = tickets.lock(session, rita, joe)
        with pytest.raises(ClaimRefused):
            replies.reply(session, ticket, joe, "hello", clock())
        with pytest.raises(ClaimRefused):
            tickets.introduce(session, ticket, joe, "Mo", "Pantry", clock())
        with pytest.raises(ClaimRefused):
            tickets.close(session, ticket, joe, TicketStatus.ATTENDED, "", clock())
        with pytest.raises(ClaimRefused):
            tickets.release(session, ticket, joe, clock())
        tickets.note(session, ticket, joe, "I know the family.", clock())


def test_a_reply_is_queued_on_the_residents_own_channel(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    claimed(database, rita, staff["Ann"], clock)
    sent = reply(database, rita, staff["Ann"], "Hello Rita,\r\nAnn here.\x00 ", clock)
    with database.reading() as session:
        message, ticket = session.get_one(Message, sent), session.get_one(Ticket, rita)
        assert message.text == "Hello Rita,\nAnn here."
        assert (message.author, message.user_id) == (Author.STAFF, staff["Ann"].id)
        assert (message.channel, message.status) == ("sms", Status.QUEUED)
        assert ticket.status == TicketStatus.ATTEMPTING
        assert ticket.events[-1].kind == "replied"
        assert ticket.events[-1].text is None


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (replies.MAX_REPLY + 1)])
def test_an_empty_or_endless_reply_is_refused(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User], text: str
) -> None:
    claimed(database, rita, staff["Ann"], clock)
    with pytest.raises(BadInput):
        reply(database, rita, staff["Ann"], text, clock)


def test_where_a_risk_was_heard_and_nothing_is_known_only_an_answer_goes_out(
    database: Database, clock: SetClock, dawn: int, staff: dict[str, User]
) -> None:
    ann = staff["Ann"]
    claimed(database, dawn, ann, clock)
    reply(database, dawn, ann, "I am here. Are you safe?", clock)
    clock.move(hours=25)
    with pytest.raises(NotSafe, match="do not know what is safe"):
        reply(database, dawn, ann, "Just checking on you", clock)
    with database.writing() as session:
        cast.arrive(session, HUB, cast.DAWN, "you can text me now", clock())
    reply(database, dawn, ann, "Thank you for writing", clock)


def test_after_neither_nothing_goes_out_until_they_write(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    ann = staff["Ann"]
    claimed(database, rita, ann, clock)
    with database.writing() as session:
        said = cast.arrive(session, HUB, cast.RITA, "neither", clock())
        person = said.conversation.person_id
        people.set_safe_contact(
            session, person, way=ContactWay.NEITHER, message_id=said.id, now=clock()
        )
    with pytest.raises(NotSafe, match="neither"):
        reply(database, rita, ann, "Hello Rita", clock)
    with database.writing() as session:
        cast.arrive(session, HUB, cast.RITA, "are you there?", clock())
    reply(database, rita, ann, "Yes, I am here", clock)


def test_an_opt_out_holds(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    claimed(database, rita, staff["Ann"], clock)
    with database.writing() as session:
        address = session.get_one(Ticket, rita).conversation.address
        address.opted_out_at = clock()
    with pytest.raises(NotSafe, match="stop texting"):
        reply(database, rita, staff["Ann"], "Hello Rita", clock)


def test_a_stale_edit_is_refused_and_nothing_is_written(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    with database.reading() as session:
        old = session.get_one(Ticket, rita).version
    claimed(database, rita, staff["Ann"], clock)
    with database.writing() as session, pytest.raises(StaleEdit):
        tickets.lock(session, rita, staff["Ann"], old)


def test_another_hubs_ticket_does_not_exist(database: Database, clock: SetClock, rita: int) -> None:
    with database.writing() as session:
        add_hub(session, "jan-cunningham", "Jan Cunningham Wellbeing Hub")
        pat = add_user(session, "jan-cunningham", "Pat", cast.STAFF[0][1], cast.PASSWORD, clock())
        with pytest.raises(NotAllowed):
            tickets.lock(session, rita, pat)
        with pytest.raises(NotAllowed):
            triage.find(session, pat, rita)
        assert all(not triage.listed(session, pat, shelf) for shelf in Shelf)
        assert set(triage.counts(session, pat).values()) == {0}


def test_closing_hands_the_conversation_back_and_a_new_reason_opens_a_new_ticket(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    ann, ticket_id = staff["Ann"], rita
    for outcome in OUTCOMES:
        claimed(database, ticket_id, ann, clock)
        with database.writing() as session:
            ticket = tickets.lock(session, ticket_id, ann)
            tickets.introduce(session, ticket, ann, "Mo, volunteer", "The Pantry", clock())
            assert ticket.status == TicketStatus.INTRODUCED
            tickets.close(session, ticket, ann, outcome, "She came with her grandson.", clock())
        with database.writing() as session:
            ticket = session.get_one(Ticket, ticket_id)
            assert (ticket.status, ticket.closed_at) == (outcome, clock())
            assert ticket.conversation.held_by == HeldBy.BOT
            assert ticket.conversation.state["stage"] == "returned"
            with pytest.raises(StaleEdit):
                tickets.close(session, ticket, ann, outcome, "", clock())
            with pytest.raises(ClaimRefused, match="closed"):
                tickets.claim(session, ticket, ann, clock())
            talk = ticket.conversation
            ticket_id = tickets.open_for(session, talk, why=Why.HUMAN, now=clock()).id
    with database.reading() as session:
        assert len(triage.listed(session, ann, Shelf.CLOSED)) == len(OUTCOMES)


def test_a_ticket_is_not_closed_without_an_outcome(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    claimed(database, rita, staff["Ann"], clock)
    with database.writing() as session:
        ticket = tickets.lock(session, rita, staff["Ann"])
        with pytest.raises(BadInput):
            tickets.close(session, ticket, staff["Ann"], TicketStatus.CLAIMED, "", clock())


def test_the_lists_are_urgent_first_then_oldest(
    database: Database, clock: SetClock, staff: dict[str, User]
) -> None:
    ids = {r.number: cast.add_resident(database, HUB, r, clock()) for r in cast.CROWD}
    claimed(database, ids[cast.RITA.number], staff["Ann"], clock)
    with database.reading() as session:
        everyone = triage.listed(session, staff["Ann"], Shelf.ALL)
        assert [t.id for t in everyone][:3] == [ids[2], ids[3], ids[4]]
        rest = [t.created_at for t in everyone[1:]]
        assert rest == sorted(rest)
        assert [t.id for t in triage.listed(session, staff["Ann"], Shelf.MINE)] == [ids[1]]
        assert ids[1] not in [t.id for t in triage.listed(session, staff["Joe"], Shelf.NEW)]
        assert triage.counts(session, staff["Joe"]) == {
            Shelf.NEW: 11, Shelf.MINE: 0, Shelf.ALL: 12,
        }  # fmt: skip


def test_a_list_tells_who_still_waits_for_an_answer(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    with database.reading() as session:
        talk_id = session.get_one(Ticket, rita).conversation_id
    claimed(database, rita, staff["Ann"], clock)

    def answered() -> bool:
        with database.reading() as session:
            return triage.talks(session, [talk_id])[talk_id].answered

    assert not answered()
    reply(database, rita, staff["Ann"], "Hello Rita", clock)
    assert answered()
    with database.writing() as session:
        cast.arrive(session, HUB, cast.RITA, "hiya", clock())
    assert not answered()


def test_the_mark_changes_with_everything_a_page_shows(
    database: Database, clock: SetClock, rita: int, staff: dict[str, User]
) -> None:
    marks: list[str] = []

    def look() -> None:
        with database.reading() as session:
            marks.append(triage.mark(session, HUB))

    look()
    look()
    assert marks[0] == marks.pop()
    clock.move(seconds=2)
    with database.writing() as session:
        message = cast.arrive(session, HUB, cast.RITA, "hiya", clock())
    look()
    clock.move(seconds=2)
    with database.writing() as session:
        tickets.seen(session, session.get_one(Ticket, rita), staff["Ann"], clock())
    look()
    claimed(database, rita, staff["Ann"], clock)
    look()
    sent = reply(database, rita, staff["Ann"], "Hello", clock)
    look()
    clock.move(seconds=2)
    with database.writing() as session:
        row = session.get_one(Message, sent)
        assert messages.record_status(session, row, Status.SENT, clock())
    look()
    clock.move(seconds=2)
    with database.writing() as session:
        ticket = tickets.lock(session, rita, staff["Ann"])
        tickets.close(session, ticket, staff["Ann"], TicketStatus.ATTENDED, "", clock())
    look()
    assert len(set(marks)) == len(marks) == 7
    assert message.id
    with database.reading() as session:
        assert triage.mark(session, "another-hub") != marks[-1]


def test_only_consent_for_this_ticket_may_be_shared(
    database: Database, clock: SetClock, rita: int
) -> None:
    with database.writing() as session:
        ticket = session.get_one(Ticket, rita)
        other = people.give_consent(
            session,
            ticket.person_id,
            recipient="somebody else",
            words="other words",
            message_id=None,
            now=clock(),
        )
        found = triage.consents(session, ticket)
        assert [row.words for row in found] == [ticket.share_words]
        assert other not in found
        assert people.withdraw_consent(session, ticket.person_id, clock()) == 2
        assert triage.consents(session, ticket)[0].withdrawn_at == clock()
