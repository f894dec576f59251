"""`goodhelp export`: everything about one person, found by a ticket or by their number."""

from typing import Any

from sqlalchemy import select

from app.house import House
from hub import export, tickets
from hub.errors import BadInput
from hub.people import Channel, Person, Reach
from hub.tickets import Ticket


def everything(house: House, ticket_id: int, number: str) -> dict[str, Any]:
    """All of it, as plain values. Written into the trail of the ticket it was found by.

    The number is asked for, never an argument: those stay in the shell's history.
    Raises BadInput where there is no such ticket or number.
    """
    hub_id, now = house.profile.id, house.clock()
    with house.database.writing() as session:
        if not ticket_id:
            person: Person = export.find(session, hub_id, _reach(number))
            return export.everything(session, person, now)
        ticket = session.scalar(
            select(Ticket).where(Ticket.id == ticket_id, Ticket.hub_id == hub_id)
        )
        if ticket is None:
            raise BadInput(f"there is no ticket {ticket_id} at this hub")
        tickets.add_event(session, ticket, "exported", now)
        return export.everything(session, ticket.person, now)


def _reach(text: str) -> Reach:
    channel, _, value = text.strip().partition(" ")
    if channel not in list(Channel) or not value.strip():
        raise BadInput("write the channel, a space and the number, as in: sms +447700900001")
    return Reach(Channel(channel), value.strip())
