"""What the pages show of the record: plain values, made while the session is open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hub import links, messages, replies, tickets, triage, window
from hub.calendar import Calendar
from hub.messages import Author, Direction, Kind, Message, Status
from hub.people import Address, Channel, Consent, ContactWay, Person, User
from hub.tickets import Ticket, TicketEvent
from hub.triage import Shelf, Talk
from inbox.labels import label
from inbox.times import ago, due, when

FILES = {
    "image": "a photo",
    "audio": "a voice message",
    "video": "a video",
    "photosize": "a photo",
    "text/vcard": "a contact card",
    "text/x-vcard": "a contact card",
    "application/pdf": "a PDF",
    "sticker": "a sticker",
    "poll": "a poll",
    "unknown": "something that we cannot read",
}
# The last message that went out did not get there.
TROUBLE = (Status.FAILED, Status.HELD)


@dataclass(frozen=True)
class Ways:
    """How a WhatsApp reply gets through late: a template, or SMS."""

    template: bool = False
    texts: bool = False


NO_WAYS = Ways()


@dataclass(frozen=True)
class Line:
    """One ticket in a list."""

    id: int
    who: str
    masked: str
    channel: str
    why: str
    needs: tuple[str, ...]
    risks: tuple[str, ...]
    urgent: bool
    unseen: bool
    waited: str
    due: str
    late: bool
    holder: str
    mine: bool
    status: str
    closed: str
    wrote: str
    trouble: bool


@dataclass(frozen=True)
class Attached:
    """A picture, voice note, file or pin. `number` opens it, None where nothing can be."""

    what: str
    number: int | None


@dataclass(frozen=True)
class Bubble:
    """One message of a transcript."""

    id: int
    incoming: bool
    author: str
    text: str
    options: tuple[str, ...]
    media: tuple[Attached, ...]
    note: str
    edited: str
    edited_at: str
    deleted_at: str
    at: str
    delivery: str
    reason: str
    trouble: bool


@dataclass(frozen=True)
class TrailLine:
    """One line of a ticket's trail."""

    what: str
    who: str
    text: str
    at: str


@dataclass(frozen=True)
class Agreed:
    """One consent: to whom, which exact words, since when; withdrawn or not."""

    recipient: str
    words: str
    at: str
    withdrawn: str


@dataclass(frozen=True)
class Elsewhere:
    """Another phone or app of the same person, and the ticket that is open there (0: none)."""

    channel: str
    masked: str
    ticket_id: int
    holder: str


@dataclass(frozen=True)
class Page:
    """One ticket as its page shows it."""

    line: Line
    version: int
    last_event: int
    own_words: tuple[str, ...]
    good_life: str
    strengths: tuple[str, ...]
    barriers: tuple[str, ...]
    service: str
    promise: str
    promised_at: str
    agreed: tuple[Agreed, ...]
    way: str
    way_label: str
    way_known: bool
    times: str
    home: str
    transcript: tuple[Bubble, ...]
    trail: tuple[TrailLine, ...]
    may_not_write: str
    profile_name: str
    window: str
    window_open: bool
    sms: bool
    claimed_at: str
    elsewhere: tuple[Elsewhere, ...]


class Views:
    """Turns rows into what is shown, for one user at one moment."""

    def __init__(
        self,
        session: Session,
        calendar: Calendar,
        user: User,
        now: datetime,
        ways: Ways = NO_WAYS,
    ) -> None:
        self._ways = ways
        self._session = session
        self._calendar = calendar
        self._user = user
        self._now = now

    def lines(self, shelf: Shelf) -> list[Line]:
        """The tickets of a list."""
        found = triage.listed(self._session, self._user, shelf)
        talks = triage.talks(self._session, [ticket.conversation_id for ticket in found])
        promised = triage.promised_at(self._session, [ticket.id for ticket in found])
        return [
            self._line(t, talks.get(t.conversation_id, Talk()), promised.get(t.id, t.created_at))
            for t in found
        ]

    def page(self, ticket: Ticket) -> Page:
        """Everything about one ticket."""
        person, safe = ticket.person, ticket.person.safe_contact
        talks = triage.talks(self._session, [ticket.conversation_id])
        way = ContactWay(safe.way) if safe else ContactWay.UNKNOWN
        promised = triage.promised_at(self._session, [ticket.id])
        promised_at = promised.get(ticket.id, ticket.created_at)
        bubbles = messages.transcript(self._session, ticket.conversation_id)
        return Page(
            line=self._line(ticket, talks.get(ticket.conversation_id, Talk()), promised_at),
            version=ticket.version,
            last_event=ticket.events[-1].id if ticket.events else 0,
            own_words=tuple(ticket.own_words),
            good_life=ticket.good_life or "",
            strengths=_labels("strengths", [*ticket.strengths, *person.strengths]),
            barriers=_labels("barriers", [*ticket.barriers, *person.barriers]),
            service=ticket.service_name or "",
            promise=ticket.reply_promised or "",
            promised_at=self._when(promised_at),
            agreed=tuple(
                Agreed(
                    row.recipient, row.words, self._when(row.given_at), self._when(row.withdrawn_at)
                )
                for row in triage.consents(self._session, ticket)
            ),
            way=way,
            way_label=label("ways", way),
            way_known=way != ContactWay.UNKNOWN,
            times=(safe.times or "") if safe else "",
            home=", ".join(part for part in (person.ward, person.outcode) if part),
            transcript=tuple(self._bubble(message) for message in _told(bubbles)),
            trail=tuple(self.trail_line(event) for event in ticket.events),
            may_not_write=replies.why_not_write(self._session, ticket, self._now) or "",
            profile_name=ticket.conversation.address.profile_name or "",
            window=self._window(ticket),
            window_open=self._window_open(ticket),
            sms=_is_sms(ticket),
            claimed_at=self._when(ticket.claimed_at),
            elsewhere=tuple(self._elsewhere(ticket)),
        )

    def _elsewhere(self, ticket: Ticket) -> Iterator[Elsewhere]:
        """Where else the same person writes to us, by their own proof."""
        for person_id in links.others(self._session, ticket.person_id):
            person = self._session.get_one(Person, person_id)
            other = tickets.open_ticket(self._session, person_id)
            holder = other.claimed_by.name if other and other.claimed_by else ""
            for address in person.addresses:
                yield Elsewhere(
                    channel=label("channels", _played(address)),
                    masked=address.masked,
                    ticket_id=other.id if other else 0,
                    holder=holder,
                )

    def trail_line(self, event: TicketEvent) -> TrailLine:
        """One line of a trail in plain words."""
        text = event.text or ""
        if event.kind in ("opened", "added"):
            text = label("why", text)
        who = event.user.name if event.user else ""
        return TrailLine(label("events", event.kind), who, text, self._when(event.at))

    def _line(self, ticket: Ticket, talk: Talk, promised_at: datetime) -> Line:
        said, late = due(self._calendar, promised_at, self._now)
        holder = ticket.claimed_by.name if ticket.claimed_by else ""
        risks = _labels("risks", ticket.risks)
        waits = bool(holder) and not talk.answered and talk.last_in_at is not None
        return Line(
            id=ticket.id,
            who=_who(ticket.person),
            masked=ticket.conversation.address.masked,
            channel=label("channels", _channel(ticket)),
            why=label("why", ticket.why),
            needs=tuple(need for need in _labels("needs", ticket.needs) if need not in risks),
            risks=risks,
            urgent=ticket.urgent,
            unseen=ticket.urgent and ticket.first_seen_at is None and ticket.closed_at is None,
            waited=ago(ticket.created_at, self._now),
            due=said if ticket.reply_promised else "",
            late=late and bool(ticket.reply_promised) and not holder,
            holder=holder,
            mine=ticket.claimed_by_id == self._user.id,
            status=label("status", ticket.status),
            closed=self._when(ticket.closed_at),
            wrote=ago(talk.last_in_at, self._now) if waits and talk.last_in_at else "",
            trouble=talk.delivery in TROUBLE,
        )

    def _agreed(self, row: Consent) -> Agreed:
        return Agreed(
            row.recipient, row.words, self._when(row.given_at), self._when(row.withdrawn_at)
        )

    def _bubble(self, message: Message) -> Bubble:
        incoming = message.direction == Direction.IN
        author = label("authors", message.author)
        if message.author == Author.STAFF and message.user_id is not None:
            sender = self._session.get(User, message.user_id)
            author = sender.name if sender else author
        return Bubble(
            id=message.id,
            incoming=incoming,
            author=author,
            text=message.text,
            options=tuple(message.options),
            media=tuple(_media(message)),
            note=_note(message),
            edited=message.edited_text or "",
            edited_at=self._when(message.edited_at),
            deleted_at=self._when(message.deleted_at),
            at=self._when(message.created_at),
            delivery="" if incoming else label("delivery", message.status),
            # "Held back" stands before it.
            reason="" if incoming else (message.reason or "").removeprefix("Held: "),
            trouble=not incoming and message.status in TROUBLE,
        )

    def _window_open(self, ticket: Ticket) -> bool:
        closes = window.closes_at(ticket.conversation.address)
        return closes is None or self._now < closes

    def _window(self, ticket: Ticket) -> str:
        """What WhatsApp's 24 hours mean for the next reply; empty on every other channel."""
        closes = window.closes_at(ticket.conversation.address)
        if closes is None:
            return ""
        if self._now < closes:
            return f"WhatsApp lets you write freely until {self._when(closes)}."
        over = "WhatsApp's 24 hours are over."
        if self._ways.template:
            return f"{over} We ask them to write back. Your reply goes out when they do."
        if self._ways.texts and window.may_text(self._session, ticket.conversation):
            return f"{over} Your reply goes out as a text message to the same number."
        return f"{over} Your reply waits until they write to us."

    def _when(self, at: datetime | None) -> str:
        return when(at, self._now, self._calendar.zone) if at else ""


def _who(person: Person) -> str:
    first = (person.name or "").split()
    return first[0] if first else f"Resident {person.id}"


def _labels(kind: str, ids: list[str]) -> tuple[str, ...]:
    return tuple(label(kind, name) for name in dict.fromkeys(ids))


def _channel(ticket: Ticket) -> str:
    return _played(ticket.conversation.address)


def _played(address: Address) -> str:
    """The channel; of a practice phone the one it plays."""
    if address.channel != Channel.SIMULATOR:
        return address.channel
    skin = address.value.partition(":")[0]
    return skin if skin in set(Channel) else address.channel


def _is_sms(ticket: Ticket) -> bool:
    return _channel(ticket) == Channel.SMS


def _told(transcript: list[Message]) -> Iterator[Message]:
    """Every message but edits that nobody answered: the message they changed shows them."""
    answered = {message.reply_to_id for message in transcript}
    return (m for m in transcript if m.kind != Kind.EDIT or m.id in answered)


def _media(message: Message) -> Iterator[Attached]:
    for number, item in enumerate(message.media):
        if "latitude" in item:
            place = f"a pin on the map: {item['latitude']:.4f}, {item['longitude']:.4f}"
            named = item.get("place")
            yield Attached(f"{place} ({named})" if named else place, None)
            continue
        if "contact" in item:
            whose = "their own" if item.get("theirs") else "said to be of"
            yield Attached(f"a phone number, {whose} {item.get('name')}: {item['contact']}", None)
            continue
        if "came_by" in item:
            yield Attached(f"the link they came by: {item['came_by']}", None)
            continue
        kind = str(item.get("content_type", ""))
        what = FILES.get(kind) or FILES.get(kind.split("/")[0], "a file")
        yield Attached(what, number if item.get("url") else None)


def _note(message: Message) -> str:
    """What is out of the ordinary about a message, for staff."""
    if message.kind is not None:
        return label("kinds", message.kind)
    address = message.conversation.address
    if message.direction == Direction.OUT and message.channel != address.channel:
        return "Sent as a text message: WhatsApp could not take it."
    return ""
