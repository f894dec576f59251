"""A cast of invented residents and workers, put into a record through the hub's own verbs.

Nobody here exists. The numbers are from Ofcom's range for drama (07700 900000 to 900999).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from hub import messages, people, tickets, topics
from hub.calendar import Calendar
from hub.conversations import Conversation
from hub.database import Database
from hub.messages import Author, Inbound, Message, Reply, Status
from hub.people import Channel, ContactWay, Reach, Role, User
from hub.profile import load_profile
from hub.settings import ROOT
from hub.tickets import Ticket, Why
from hub.topics import Unmet

PASSWORD = "tea-and-toast-11"
STAFF = (("Ann", Role.STAFF), ("Joe", Role.STAFF), ("Bev", Role.COORDINATOR))
CALENDAR = Calendar(load_profile(ROOT / "hubs" / "croxteth"))


@dataclass(frozen=True)
class Resident:
    """Somebody invented: a number, a first text, and what was heard in it."""

    number: int
    text: str
    needs: tuple[str, ...] = ()
    why: Why = Why.INTRODUCTION
    name: str | None = None
    risks: tuple[str, ...] = ()
    channel: Channel = Channel.SMS
    hours_ago: float = 1

    @property
    def reach(self) -> Reach:
        """Their number."""
        return Reach(self.channel, f"+447700900{self.number:03d}")


RITA = Resident(
    1,
    "no food in and a letter from the bailiffs. i used to cook for forty at the school",
    ("food", "debt"),
    name="Rita Marsh",
    hours_ago=10,
)
DAWN = Resident(
    2,
    "he has taken my bank card again and i cant leave the house",
    ("domestic_abuse",),
    Why.RISK,
    risks=("domestic_abuse",),
    hours_ago=2,
)
SAM = Resident(
    3,
    "moved here in the summer and dont know anyone",
    ("loneliness", "activities"),
    hours_ago=30,
    channel=Channel.WHATSAPP,
)
CROWD = (
    DAWN,
    RITA,
    SAM,
    Resident(4, "can i talk to a real person", (), Why.HUMAN, hours_ago=13),
    Resident(5, "landlord wont fix the damp, my lad has asthma", ("housing", "physical_health"),
             name="Kemi", hours_ago=9),
    Resident(6, "nie mowie po angielsku", (), Why.LANGUAGE, hours_ago=8),
    Resident(7, "worried about the old fella next door, hes 80 and got no food in",
             ("caring", "food"), Why.THIRD_PARTY, hours_ago=7, channel=Channel.TELEGRAM),
    Resident(8, "want to get back to work but my cv is ancient", ("work", "digital"), hours_ago=6),
    Resident(9, "meter is on emergency till tuesday", ("energy", "debt"), name="Col",
             hours_ago=5),
    Resident(10, "kids smashing bottles outside every night", ("crime_asb", "environment"),
             hours_ago=4),
    Resident(11, "i want to learn to read so i can read to my grandson", ("learning", "family"),
             name="Maureen", hours_ago=3),
    Resident(12, "uc stopped my money and the form makes no sense", ("benefits", "digital"),
             hours_ago=0.2),
)  # fmt: skip


def add_staff(database: Database, hub_id: str, now: datetime) -> None:
    """Ann and Joe (staff) and Bev (coordinator). Their password is hashed once for all tests."""
    with database.writing() as session:
        for name, role in STAFF:
            session.add(
                User(
                    hub_id=hub_id,
                    name=name,
                    role=role,
                    password_hash=hashed(),
                    active=True,
                    created_at=now,
                )
            )


@cache
def hashed() -> str:
    """The password as `hub.users` keeps it."""
    return PasswordHasher().hash(PASSWORD)


def arrive(session: Session, hub_id: str, resident: Resident, text: str, now: datetime) -> Message:
    """A text of a resident comes in and counts as handled."""
    count = session.query(Message).count()
    inbound = Inbound(resident.reach, f"SM{count:06d}", text)
    received = messages.receive(session, hub_id, inbound, now)
    message = session.get_one(Message, received.message_id)
    message.status = Status.HANDLED
    message.conversation.done_seq = message.conversation.last_seq
    message.conversation.waiting_since = None
    return message


def answer(
    session: Session, conversation: Conversation, text: str, now: datetime, **how: object
) -> Message:
    """The assistant says something, and it was delivered."""
    options = tuple(how.pop("options", ()))  # type: ignore[arg-type]
    author = how.pop("author", Author.BOT)
    sent = messages.queue_reply(session, conversation, Reply(text, options), author=author, now=now)  # type: ignore[arg-type]
    messages.record_status(session, sent, Status.DELIVERED, now)
    return sent


def add_resident(database: Database, hub_id: str, resident: Resident, now: datetime) -> int:
    """A resident with a first text, an answer and an open ticket; the ticket's id."""
    at = now - timedelta(hours=resident.hours_ago)
    with database.writing() as session:
        message = arrive(session, hub_id, resident, resident.text, at)
        conversation, person = message.conversation, message.conversation.person
        person.name = resident.name
        urgent = bool(resident.risks)
        safe = "I'm glad you told me. Is it safe to CALL, TEXT, or NEITHER?"
        kind = "Good Help Croxteth here. I'm a computer, not a person. Thank you for telling me."
        answer(session, conversation, safe if urgent else kind, at + timedelta(seconds=4),
               author=Author.GATE if urgent else Author.BOT)  # fmt: skip
        topics.record_contact(
            session, hub_id, person.id, at.date(),
            need=resident.needs[0] if resident.needs else None,
        )  # fmt: skip
        return tickets.open_for(
            session,
            conversation,
            why=resident.why,
            now=at,
            message_id=message.id,
            urgent=urgent,
            needs=resident.needs,
            risks=resident.risks,
            own_words=(resident.text,),
            reply_promised=CALENDAR.next_reply(at).text,
        ).id


def tell_ritas_story(database: Database, ticket_id: int, now: datetime) -> None:
    """Rita's whole conversation: a good life, a service, her consent and what is safe."""
    share = (
        "Rita has no food in and a letter from bailiffs. She would like help with food first, "
        "then the letter. She used to cook for forty at a school."
    )
    with database.writing() as session:
        ticket = session.get_one(Ticket, ticket_id)
        talk, person = ticket.conversation, ticket.person
        at = ticket.created_at + timedelta(minutes=1)
        answer(session, talk, "What does a good life look like to you?", at)
        arrive(session, talk.hub_id, RITA, "my grandkids round the table on a sunday", at)
        answer(session, talk, "You talked about food, and money and debt. Have I got that right?",
               at, options=("Yes", "No", "Something else"))  # fmt: skip
        arrive(session, talk.hub_id, RITA, "yes 👍", at)
        told = arrive(session, talk.hub_id, RITA, "yes tell them. text is best, not before 9", at)
        sent = answer(
            session, talk, f"Someone from the hub will text you {ticket.reply_promised}.", at
        )
        sent.status = Status.SENT
        person.outcode, person.ward = "L11", "Croxteth"
        people.set_safe_contact(session, person.id, way=ContactWay.TEXT, times="not before 9",
                                message_id=told.id, now=at)  # fmt: skip
        people.give_consent(
            session,
            person.id,
            recipient="hub staff and Croxteth Community Pantry",
            words=share,
            message_id=told.id,
            now=at,
            ticket_id=ticket.id,
        )
        tickets.open_for(
            session, talk, why=Why.INTRODUCTION, now=at,
            strengths=("cooking",), barriers=("financial", "social"),
            good_life="my grandkids round the table on a sunday",
            service_id="pantry", service_name="Croxteth Community Pantry", share_words=share,
        )  # fmt: skip


def add_weeks(database: Database, hub_id: str, today: date, now: datetime) -> None:
    """Twelve weeks of invented contacts and unmet needs, enough to fill the reports."""
    wards = ("Croxteth", "Norris Green", "Croxteth Country Park", "Fazakerley", "Yew Tree", None)
    needs = ("food", "debt", "benefits", "housing", "loneliness", "work", "mental_health", None)
    with database.writing() as session:
        for n in range(160):
            reach = Reach(Channel.SMS, f"+447700901{n:03d}")
            person = people.find_or_create(session, hub_id, reach, now).person
            ward, need = wards[min(n % 11 // 2, 5)], needs[min(n % 17 // 2, 7)]
            for visit in range(1 + n % 4):
                day = today - timedelta(days=(n * 5 + visit * 9) % 82)
                topics.record_contact(session, hub_id, person.id, day, need=need, ward=ward)
            if n % 4 and need:
                reason = (Unmet.NO_SERVICE, Unmet.CLOSED_THEN, Unmet.TOO_FAR)[min(n % 5 // 2, 2)]
                topics.record_unmet(session, hub_id, person.id, need, reason, now)
