"""The web process's application: every route under one roof, with health and metrics."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from app.house import House
from bot.simulator import make_simulator_router
from bot.webhooks import make_router as make_webhooks
from hub import migrations, queues
from inbox.app import add_inbox


def make_web(house: House) -> FastAPI:
    """The whole web application. The database must have the newest schema."""
    settings = house.settings

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        house.channels.close()
        house.database.close()

    web = FastAPI(
        title="Good Help", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    web.include_router(make_webhooks(house.database, house.channels, settings, house.clock))
    add_inbox(
        web,
        house.database,
        settings,
        house.profile,
        house.calendar,
        house.words,
        house.clock,
        house.channels.fetch,
    )
    if settings.simulator:
        web.include_router(make_simulator_router(house.database, settings, house.clock))
    _add_health(web, house)

    @web.get("/", include_in_schema=False)
    def home() -> RedirectResponse:
        return RedirectResponse("/simulator" if settings.simulator else "/inbox/")

    return web


def _add_health(web: FastAPI, house: House) -> None:
    @web.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @web.get("/readyz")
    def readyz() -> JSONResponse:
        """Ready when the record is reachable and current and Rasa has a model.

        Without Rasa the gate and the holding reply still work, so the reason is told, and the
        answer is 503 only where nothing could be stored.
        """
        reasons = []
        status = 200
        try:
            if not migrations.is_current(house.database):
                reasons.append("the database has an older schema: run `goodhelp migrate`")
                status = 503
        except SQLAlchemyError:
            reasons.append("the database does not answer")
            status = 503
        if not _rasa_ready(house):
            reasons.append("Rasa is not ready: residents get the safety gate and a holding reply")
        return JSONResponse({"ready": not reasons, "reasons": reasons}, status_code=status)

    @web.get("/metrics")
    def metrics(request: Request) -> Response:
        registry = CollectorRegistry()
        with house.database.reading() as session:
            queues.collect(session, registry, house.profile.id, house.clock())
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _rasa_ready(house: House) -> bool:
    try:
        answer = httpx.get(f"{house.settings.rasa_url}/status", timeout=2)
        actions = httpx.get(house.settings.action_url.replace("/webhook", "/health"), timeout=2)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and actions.status_code == 200
