"""Webhooks: verify, parse, store, and only then a 2xx. Nothing is computed before that."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from bot.arrivals import store
from bot.channels.base import Call, Door, Errand, Event, Ignored, Ways
from bot.channels.registry import Registry
from hub.clock import Clock
from hub.database import Database, trouble
from hub.errors import BadInput, DatabaseBusy
from hub.settings import Settings
from hub.writer import Work, Writer

log = logging.getLogger(__name__)

# 20,000 characters of emoji are 240 KB once they are percent-encoded.
MOST_BYTES = 256 * 1024
# Two calls about the same new row: the one that comes second finds it when it tries again.
TRIES = 3


def make_router(
    database: Database, registry: Registry, settings: Settings, clock: Clock
) -> APIRouter:
    """One route for each door of the registry."""
    router = APIRouter()
    safe = _keeper(database)

    async def keep(event: Event) -> None:
        await safe(lambda session: store(session, settings.hub, event, clock(), registry.ways))

    for door in registry.doors:
        _add(router, door, settings, keep)
    return router


def _add(
    router: APIRouter,
    door: Door,
    settings: Settings,
    keep: Callable[[Event], Awaitable[None]],
) -> None:
    public = settings.public_url.rstrip("/") + door.path

    @router.post(door.path, include_in_schema=False)
    async def take(request: Request) -> Response:
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        query = request.url.query
        call = Call(f"{public}?{query}" if query else public, dict(request.headers), body)
        if not door.verify(call):
            log.warning("refused: not signed path=%s", door.path)
            return Response(status_code=403)
        try:
            told = door.parse(call)
            event = told.event if isinstance(told, Errand) else told
            if isinstance(event, Ignored):
                log.info("ignored: %s", event.why)
            else:
                await keep(event)
            if isinstance(told, Errand):
                await run_in_threadpool(told.run)
        except BadInput as error:
            log.warning("refused: %s path=%s", error, door.path)
            return Response(status_code=400)
        except (SQLAlchemyError, DatabaseBusy) as error:
            log.error("not stored, 503 told: %s path=%s", trouble(error), door.path)
            return Response(status_code=503, headers={"Retry-After": "5"})
        return Response(status_code=door.accepted)


def take_in(
    database: Database, hub_id: str, told: Event | Errand, clock: Clock, ways: Ways
) -> None:
    """What a webhook does with a call, for an event that was fetched: store, then its errand."""
    event = told.event if isinstance(told, Errand) else told
    if isinstance(event, Ignored):
        log.info("ignored: %s", event.why)
    else:
        _commit(database, lambda session: store(session, hub_id, event, clock(), ways))
    if isinstance(told, Errand):
        told.run()


def _keeper(database: Database) -> Callable[[Work], Awaitable[None]]:
    """How a piece of work is made safe: in good company on SQLite, by itself on PostgreSQL."""
    if database.is_sqlite:
        writer = Writer(database)

        async def together(work: Work) -> None:
            await asyncio.wrap_future(writer.write(work))

        return together

    async def alone(work: Work) -> None:
        await run_in_threadpool(_commit, database, work)

    return alone


def _commit(database: Database, work: Work) -> None:
    """One transaction. A concurrent twin makes it fail once; then it is found as a duplicate."""
    for left in reversed(range(TRIES)):
        try:
            with database.writing("arrival") as session:
                work(session)
            return
        except IntegrityError:
            if not left:
                raise


async def _body(request: Request) -> bytes | None:
    """The body, or None where it is too big. It is never held in memory to find that out."""
    told = request.headers.get("content-length", "0")
    if not (told.isascii() and told.isdigit()) or int(told) > MOST_BYTES:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)
