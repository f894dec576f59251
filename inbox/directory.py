"""Coordinators' page of the directory: readings, what to mend first, a report for each owner."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import func, select
from starlette.exceptions import HTTPException

from hub import corrections, quality, twins
from hub.corrections import Correction, Field
from hub.feeds import Feed, RunStatus
from hub.services import Service
from inbox.doors import Visitor
from inbox.labels import label
from inbox.pages import Inbox
from inbox.times import when

HEADINGS = ("Record", "Name", "What to mend", "Field", "Why")
# How long it is told that a correction fell away.
FELL_AWAY = timedelta(days=30)
# What a spreadsheet program would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def make_directory(inbox: Inbox) -> APIRouter:
    """The routes under /insights/directory."""
    router = APIRouter(prefix="/insights/directory")
    Coordinator = Annotated[Visitor, Depends(inbox.doors.coordinator)]

    @router.get("")
    def overview(request: Request, visitor: Coordinator) -> HTMLResponse:
        now, hub_id = inbox.clock(), visitor.user.hub_id
        zone = inbox.calendar.zone
        with inbox.database.reading() as session:
            live = Service.withdrawn_at.is_(None)
            rows = session.execute(
                select(Service.feed_id, func.count())
                .where(Service.hub_id == hub_id, live)
                .group_by(Service.feed_id)
            )
            counts: dict[str, int] = {row[0]: row[1] for row in rows}
            feeds = session.scalars(
                select(Feed).where(Feed.hub_id == hub_id).order_by(Feed.position, Feed.id)
            ).all()
            runs = quality.runs(session, hub_id)
            last = {run.feed_id: run for run in reversed(runs)}
            return inbox.page(
                request,
                "directory.html",
                visitor,
                feeds=[
                    {
                        "id": feed.id,
                        "owner": feed.owner,
                        "services": counts.get(feed.id, 0),
                        "at": when(feed.synced_at, now, zone) if feed.synced_at else "never",
                        "held": (
                            last[feed.id].detail
                            if feed.id in last and last[feed.id].status == RunStatus.HELD_BACK
                            else ""
                        ),
                        "failed": (
                            last[feed.id].detail
                            if feed.id in last and last[feed.id].status == RunStatus.FAILED
                            else ""
                        ),
                    }
                    for feed in feeds
                ],
                runs=[(run, when(run.started_at, now, zone)) for run in runs],
                faults=quality.overview(session, hub_id, inbox.calendar.today(now)),
                corrected=[
                    _corrected(row, now, zone)
                    for row in corrections.of_hub(session, hub_id, now - FELL_AWAY)
                ],
                pairs=twins.to_look_at(session, hub_id),
                total=sum(counts.values()),
                shown=quality.SHOWN,
            )

    @router.get("/{feed_id}.csv")
    def report(visitor: Coordinator, feed_id: str) -> Response:
        hub_id = visitor.user.hub_id
        with inbox.database.reading() as session:
            if session.get(Feed, (hub_id, feed_id)) is None:
                raise HTTPException(404)
            today = inbox.calendar.today(inbox.clock())
            rows = [
                (fault.service_id, fault.name, label("faults", fault.kind), "", fault.detail)
                for fault in quality.of_feed(session, hub_id, feed_id, today)
            ]
            rows += [
                (
                    row.service.id,
                    row.service.name,
                    "Staff know better",
                    label("correctable", row.field),
                    _for_owner(row),
                )
                for row in corrections.of_hub(session, hub_id, inbox.clock(), feed_id)
                if row.ended_at is None
            ]
            rows += [
                (
                    one.record_id,
                    "",
                    "A field was left out" if one.record_kept else "The record was refused",
                    one.field,
                    one.reason,
                )
                for one in quality.refusals(session, hub_id, feed_id)
            ]
        name = re.sub(r"[^A-Za-z0-9-]+", "-", feed_id)
        return Response(
            table(rows),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="to-mend-{name}.csv"'},
        )

    return router


def _corrected(row: Correction, now: datetime, zone: ZoneInfo) -> dict[str, object]:
    ended = ""
    if row.ended_at:
        ended = f"{label('corrections', row.ending)}, {when(row.ended_at, now, zone)}"
    return {
        "key": row.service_key,
        "name": row.service.name,
        "field": row.field,
        "ours": row.value,
        "fed": corrections.fed(row.service, Field(row.field)),
        "by": f"{row.by.name}, {when(row.at, now, zone)}",
        "ended": ended,
    }


def _for_owner(row: Correction) -> str:
    """A correction in words for the feed's owner. Who of the staff wrote it stays with us."""
    if row.field == Field.CLOSED:
        return f"closed: offer it no more. {row.value if row.value != 'closed' else ''}".strip()
    if row.field == Field.NOTE:
        return row.value
    fed = corrections.fed(row.service, Field(row.field))
    return f"should be: {row.value} (the record says: {fed or 'nothing'})"


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows as CSV with headings. No cell begins like a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row])
    # Excel takes UTF-8 for what it is only with the mark in front.
    return "\ufeff" + text.getvalue()
