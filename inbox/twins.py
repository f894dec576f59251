"""Two records that may be one service, side by side, for a coordinator to decide."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from hub import twins
from hub.corrections import Field, fed
from hub.crosswalk import OUR_FEATURES, OUR_NEEDS, plain
from hub.services import Service
from hub.twins import DECIDED, Twin, TwinStatus
from inbox.doors import Visitor
from inbox.labels import label
from inbox.pages import Inbox

Fields = dict[str, str]
HERE = "/insights/directory/twins"
LONGEST = 600


@dataclass(frozen=True)
class Line:
    """One field of both records."""

    name: str
    first: str
    second: str
    differs: bool


def make_twins(inbox: Inbox) -> APIRouter:
    """The routes under /insights/directory/twins."""
    router = APIRouter(prefix=HERE)
    Coordinator = Annotated[Visitor, Depends(inbox.doors.coordinator)]
    Form = Annotated[Fields, Depends(inbox.doors.form)]

    @router.get("")
    def pair(request: Request, visitor: Coordinator, after: int = 0, done: int = 0) -> HTMLResponse:
        hub_id = visitor.user.hub_id
        with inbox.database.reading() as session:
            twin = twins.next_pair(session, hub_id, min(max(after, 0), 2**31 - 1))
            last = session.get(Twin, done) if 0 < done < 2**31 else None
            last = last if last and last.hub_id == hub_id and last.status in DECIDED else None
            values = {
                "left": twins.to_look_at(session, hub_id),
                "twin": twin,
                "lines": _lines(session, twin) if twin else [],
                "reasons": twin.reasons.split("; ") if twin else [],
                "last": last,
                "last_names": [session.get_one(Service, k).name for k in _keys(last)],
                "merged": bool(last) and last is not None and last.status == TwinStatus.MERGED,
            }
        return inbox.page(request, "twins.html", visitor, **values)

    @router.post("/{key}/decision")
    def decide(visitor: Coordinator, key: int, form: Form) -> Response:
        said = form.get("same", "")
        if said not in ("yes", "no"):
            raise HTTPException(400)
        with inbox.database.writing() as session:
            twin = _find(session, visitor, key)
            twins.decide(session, twin, said == "yes", visitor.user.name, inbox.clock())
        return RedirectResponse(f"{HERE}?after={key}&done={key}", status_code=303)

    @router.post("/{key}/undoing")
    def undo(visitor: Coordinator, key: int, form: Form) -> Response:
        with inbox.database.writing() as session:
            twins.take_back(session, _find(session, visitor, key))
        return RedirectResponse(f"{HERE}?after={key - 1}", status_code=303)

    return router


def _find(session: Session, visitor: Visitor, key: int) -> Twin:
    twin = session.get(Twin, key, with_for_update=True) if 0 < key < 2**31 else None
    if twin is None or twin.hub_id != visitor.user.hub_id:
        raise HTTPException(404)
    return twin


def _keys(twin: Twin | None) -> tuple[int, ...]:
    return (twin.first_key, twin.second_key) if twin else ()


def _lines(session: Session, twin: Twin) -> list[Line]:
    first, second = (dict(_record(session.get_one(Service, key))) for key in _keys(twin))
    return [
        Line(name, first[name], second[name], _tight(first[name]) != _tight(second[name]))
        for name in first
        if first[name] or second[name]
    ]


def _tight(text: str) -> str:
    """What is said, however it is spaced: 01514960000 is 0151 496 0000."""
    return "".join(plain(text).split())


def _record(service: Service) -> list[tuple[str, str]]:
    places = [at.location for at in service.places]
    ages = [service.minimum_age, service.maximum_age]
    terms = [a for a in service.attributes if a.taxonomy not in (OUR_FEATURES, OUR_NEEDS)]
    return [
        ("Name", service.name),
        ("From", f"{service.feed_id}, {service.id}"),
        ("Run by", service.organization.name if service.organization else ""),
        ("Where", "; ".join(_joined(p.name, p.address, p.city, p.postal_code) for p in places)),
        ("Phone", ", ".join(phone.number for phone in service.phones)),
        ("E-mail", fed(service, Field.EMAIL)),
        ("Web address", service.url or ""),
        ("Times", fed(service, Field.TIMES)),
        ("Ages", " to ".join("?" if a is None else f"{a:g}" for a in ages) if any(ages) else ""),
        ("For whom", (service.eligibility_description or "")[:LONGEST]),
        ("Cost", (service.fees_description or "")[:LONGEST]),
        ("Needs", ", ".join(label("needs", need.need) for need in service.needs)),
        ("Categories", ", ".join(a.name or a.code for a in terms)),
        ("Description", (service.description or "")[:LONGEST]),
        ("Confirmed", f"{service.assured_date:%d.%m.%Y}" if service.assured_date else ""),
    ]


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)
