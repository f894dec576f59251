"""Live updates: the browser is told that something changed and fetches its page again."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from hub import triage
from inbox.doors import Visitor
from inbox.news import News
from inbox.pages import Inbox


def make_live(inbox: Inbox) -> APIRouter:
    """/inbox/events (Server-Sent Events) and /inbox/live/mark (the same for polling)."""
    router = APIRouter(prefix="/inbox")
    Who = Annotated[Visitor, Depends(inbox.doors.visitor)]

    def read(hub_id: str) -> str:
        with inbox.database.reading() as session:
            return triage.mark(session, hub_id)

    news = News(read)

    @router.get("/events", response_class=EventSourceResponse)
    async def events(visitor: Who) -> AsyncIterator[ServerSentEvent]:
        async for mark in news.follow(visitor.user.hub_id):
            yield ServerSentEvent(raw_data=mark, event="mark", retry=2000)

    @router.get("/live/mark")
    async def mark(visitor: Who) -> PlainTextResponse:
        return PlainTextResponse(await news.mark(visitor.user.hub_id))

    return router
