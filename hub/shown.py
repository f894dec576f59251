"""Which services a resident was shown, for whoever takes up their ticket."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.services import Service
from hub.tickets import Ticket

AT_MOST = 12


def shown(session: Session, ticket: Ticket) -> list[Service]:
    """The services of a ticket and its conversation, the chosen one first, each once."""
    ids = list(dict.fromkeys(_ids(ticket)))[:AT_MOST]
    rows = session.scalars(
        select(Service)
        .where(Service.hub_id == ticket.hub_id, Service.id.in_(ids))
        # Of two feeds with the same id the one that is offered.
        .order_by(Service.withdrawn_at.is_not(None), Service.twin_of.is_not(None), Service.key)
    )
    found: dict[str, Service] = {}
    for row in rows:
        found.setdefault(row.id, row)
    return [found[one] for one in ids if one in found]


def _ids(ticket: Ticket) -> Iterator[str]:
    """As the dialogue keeps them (`actions/state.py`)."""
    if ticket.service_id:
        yield ticket.service_id
    state = ticket.conversation.state or {}
    for name in ("chosen", "last_service"):
        if isinstance(state.get(name), dict):
            yield str(state[name].get("service_id"))
    for name in ("offers", "earlier"):
        yield from (str(one.get("service_id")) for one in state.get(name) or ())
    yield from map(str, state.get("shown") or ())
