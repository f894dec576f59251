"""Coordinators' pages: unmet needs and the hub's published reports, as charts and tables."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from hub import after_reports, reports
from hub.reports import Row, Table
from inbox import charts
from inbox.doors import Visitor
from inbox.labels import label
from inbox.pages import Inbox
from inbox.times import spoken_date

# Kinds of rows that have words for every id.
LABELLED = ("needs", "answers", "bands", "outcomes")
# A picture may carry its own style, and nothing else.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Section:
    """One report: what it is called, what is counted, its table and its chart."""

    id: str
    title: str
    counted: str
    corner: str
    row_kind: str
    column_kind: str
    total: str
    table: Table

    @property
    def drawable(self) -> bool:
        """Whether any number of the chart may be shown."""
        last = [row.numbers[-1].value for row in self.table.rows]
        first = [row.numbers[0].value for row in self.table.rows]
        return any(last) or (self.row_kind == "weeks" and any(first))

    def row_label(self, row: Row) -> str:
        """The words for a row."""
        if row is self.table.total:
            return self.total
        if row.id.startswith("_") or self.row_kind in LABELLED:
            return label(self.row_kind, row.id)
        return _week(row.id) if self.row_kind == "weeks" else row.id

    def column_label(self, column: str) -> str:
        """The words for a column."""
        return label(self.column_kind, column)

    def picture(self) -> str:
        """The chart, as SVG."""
        names = [self.row_label(row) for row in self.table.rows]
        if self.row_kind == "weeks":
            series = [
                (self.column_label(column), [row.numbers[at].value for row in self.table.rows])
                for at, column in enumerate(self.table.columns)
            ]
            return charts.columns(names, series)
        # Of several columns (need by reason) the last holds the people of the whole row.
        return charts.bars(names, [row.numbers[-1].value for row in self.table.rows])


def make_insights(inbox: Inbox) -> APIRouter:
    """The routes under /insights/."""
    router = APIRouter(prefix="/insights")
    Coordinator = Annotated[Visitor, Depends(inbox.doors.coordinator)]

    def sections(hub_id: str) -> tuple[dict[str, Section], date, date]:
        first, last = reports.period(inbox.calendar.today(inbox.clock()))
        begin = datetime.combine(first, time(), tzinfo=inbox.calendar.zone).astimezone(UTC)
        with inbox.database.reading() as session:
            visits = reports.visits(session, hub_id, first, last)
            unmet = reports.unmet(session, hub_id, begin)
            after = after_reports.answers(session, hub_id, begin)
        rule = inbox.profile.suppression
        tables: dict[str, Callable[[], Table]] = {
            "unmet": lambda: reports.unmet_table(unmet, rule),
            "wards": lambda: reports.ward_table(visits, rule),
            "new-people": lambda: reports.new_people_table(visits, rule),
            "contacts": lambda: reports.contacts_table(visits, rule),
            "weeks": lambda: reports.weeks_table(visits, first, rule),
            "met": lambda: after_reports.met_table(after, rule),
            "useful": lambda: after_reports.useful_table(after, rule),
            "outcomes": lambda: after_reports.outcome_table(after, rule),
        }
        made = {id: _section(id, make()) for id, make in tables.items()}
        mean = after_reports.mean_usefulness(after, rule)
        if mean:
            said = f"{made['useful'].counted} The mean of all answers is {mean}."
            made["useful"] = replace(made["useful"], counted=said)
        return made, first, last

    @router.get("/")
    def overview(request: Request, visitor: Coordinator) -> HTMLResponse:
        found, first, last = sections(visitor.user.hub_id)
        totals = found["weeks"].table.total.numbers
        with inbox.database.reading() as session:
            made_up = after_reports.made_up(session, visitor.user.hub_id)
        return inbox.page(
            request,
            "insights.html",
            visitor,
            sections=list(found.values()),
            first=spoken_date(first),
            last=spoken_date(last),
            contacts=totals[0],
            people=totals[1],
            rule=inbox.profile.suppression,
            made_up=made_up,
        )

    @router.get("/charts/{name}.svg")
    def chart(visitor: Coordinator, name: str) -> Response:
        found = sections(visitor.user.hub_id)[0].get(name)
        if found is None:
            raise HTTPException(404)
        return Response(
            found.picture(),
            media_type="image/svg+xml",
            headers={"Content-Security-Policy": PICTURE_POLICY},
        )

    return router


def _section(id: str, table: Table) -> Section:
    words = {
        "unmet": (
            "Needs that were not met",
            "People, by need and by the reason why it was not met.",
            "Need",
            "needs",
            "reasons",
            "All people",
        ),
        "wards": (
            "Where people live",
            "People, by ward. The top three.",
            "Ward",
            "wards",
            "columns",
            "All people",
        ),
        "new-people": (
            "Why new people came",
            "People in touch for the first time, by their main reason. The top five.",
            "Main reason",
            "needs",
            "columns",
            "All new people",
        ),
        "contacts": (
            "Why people were in touch",
            "All contacts, by main reason. The top five.",
            "Main reason",
            "needs",
            "columns",
            "All contacts",
        ),
        "weeks": (
            "Contacts each week",
            "Contacts, and the people behind them, over twelve weeks.",
            "Week from",
            "weeks",
            "columns",
            "All twelve weeks",
        ),
        "met": (
            "Did they meet?",
            "People who were asked some days after an introduction, by their last answer.",
            "Answer",
            "answers",
            "columns",
            "All who were asked",
        ),
        "useful": (
            "How useful we were",
            "People, by the number from 1 to 10 that they gave.",
            "Number given",
            "bands",
            "columns",
            "All who gave one",
        ),
        "outcomes": (
            "What has changed",
            "People who answered a question about life in their neighbourhood.",
            "Question",
            "outcomes",
            "columns",
            "",
        ),
    }
    return Section(id, *words[id], table)


def _week(monday: str) -> str:
    day = date.fromisoformat(monday)
    return f"{day.day} {day:%b}"
