"""The simulator's JSON: what the three phones on the page send and show. Loopback only."""

import ipaddress
import json
import re
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from bot.channels import simulator
from bot.channels.telegram_words import words
from hub import messages, outbox, taps
from hub.clock import Clock
from hub.conversations import Conversation
from hub.database import Database
from hub.errors import BadInput
from hub.messages import Direction, Inbound, Kind, Message, Status
from hub.people import Reach
from hub.settings import Settings
from hub.taps import Tap

PHONE = re.compile(r"[A-Za-z0-9-]{1,40}")
TAP = re.compile(r"([0-9]{1,9}):([0-9]{1,3})")
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
MOST_BYTES = 128 * 1024
PHOTO = ({"url": "simulator:photo", "content_type": "image/jpeg"},)
SHOWN = (Status.SENT, Status.DELIVERED, Status.RECEIVED, Status.HANDLED)
ON_THEIR_WAY = (Status.QUEUED, Status.SENDING, Status.UNKNOWN)
# A reply is shown within a second; one that takes longer must not hide what came after it.
PATIENCE = timedelta(seconds=10)


def make_simulator_router(database: Database, settings: Settings, clock: Clock) -> APIRouter:
    """The API under `/simulator/api`; without `settings.simulator` every call is a 404."""

    def allowed(request: Request) -> None:
        if not settings.simulator or not _is_local(request):
            raise HTTPException(404)

    router = APIRouter(prefix="/simulator/api", dependencies=[Depends(allowed)])

    @router.post("/{skin}/messages", include_in_schema=False)
    async def send(skin: str, request: Request) -> JSONResponse:
        said = await _said(request)
        text, phone = said.get("text", ""), said.get("phone", "")
        _check(skin, phone)
        known_by = said.get("id") or f"tapped-{uuid.uuid4().hex}"
        here = simulator.reach(skin, phone)
        told = _tap(said["tap"], here, known_by) if "tap" in said else None
        inbound = Inbound(
            reach=here,
            provider_id=known_by,
            text=words(text)[0] if skin == "telegram" else text,
            media=PHOTO if said.get("photo") else (),
        )
        try:
            stored = await run_in_threadpool(_store, database, settings.hub, told or inbound, clock)
        except BadInput as error:
            raise HTTPException(400, str(error)) from None
        return JSONResponse({"id": stored}, status_code=201)

    @router.get("/{skin}/messages", include_in_schema=False)
    def show(skin: str, phone: str, after: int = 0) -> list[dict[str, Any]]:
        _check(skin, phone)
        with database.reading() as session:
            return _shown(session, settings.hub, simulator.reach(skin, phone), after, clock)

    return router


def _tap(told: str, here: Reach, known_by: str) -> Tap:
    """A tapped key: "17:0" is the first option of message 17. Anything else is a 400."""
    found = TAP.fullmatch(told)
    if found is None:
        raise HTTPException(400, 'tap: a message and the place of its option, as in "17:0"')
    return Tap(here, known_by, int(found[1]), int(found[2]))


def _store(database: Database, hub_id: str, told: Inbound | Tap, clock: Clock) -> int:
    with database.writing() as session:
        if isinstance(told, Tap):
            return taps.receive(session, hub_id, told, clock()).message_id
        return messages.receive(session, hub_id, told, clock()).message_id


def _shown(
    session: Session, hub_id: str, reach: Reach, after: int, clock: Clock
) -> list[dict[str, Any]]:
    """What the phone shows, oldest first: never past a reply that is about to come."""
    address_id = outbox.known_address(session, hub_id, reach)
    rows = session.scalars(
        select(Message)
        .join(Conversation)
        .where(Conversation.address_id == address_id, Message.id > after)
        .order_by(Message.id)
    )
    now, shown = clock(), []
    for row in rows:
        due = row.not_before is None or row.not_before <= now
        if row.status in ON_THEIR_WAY and due and now - row.created_at < PATIENCE:
            break
        if row.status in SHOWN:
            shown.append(_as_json(row))
    return shown


def _as_json(row: Message) -> dict[str, Any]:
    return {
        "id": row.id,
        "direction": str(Direction(row.direction)),
        "text": row.text,
        "options": list(row.options),
        "tapped": row.reply_to_id if row.kind == Kind.TAP else None,
        "status": row.status,
        "at": row.created_at.isoformat(),
    }


def _check(skin: str, phone: str) -> None:
    if skin not in simulator.SKINS:
        raise HTTPException(404)
    if not PHONE.fullmatch(phone):
        raise HTTPException(400, "phone: up to 40 letters, digits and dashes")


async def _said(request: Request) -> dict[str, str]:
    """The fields of a JSON object or a form. Anything else is a 400."""
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise HTTPException(413)
    try:
        if "json" in request.headers.get("content-type", ""):
            found = json.loads(body)
        else:
            found = dict(parse_qsl(body.decode(), keep_blank_values=True))
    except (ValueError, RecursionError):
        raise HTTPException(400, "not JSON and not a form") from None
    if not isinstance(found, dict):
        raise HTTPException(400, "not an object")
    return {str(name): value for name, value in found.items() if isinstance(value, str)} | (
        {"photo": "yes"} if found.get("photo") is True else {}
    )


def _is_local(request: Request) -> bool:
    """Called from this machine, by a page of this machine."""
    try:
        here = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return here and request.url.hostname in LOCAL_NAMES and origin in (None, own)
