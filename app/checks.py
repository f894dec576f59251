"""What needs a person before or while the hub is live. Each line says what to do."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.house import House
from bot.channels.errors import SENDER, SET_UP, TEMPLATE
from hub import (
    channel_health,
    erasure,
    follow_ups,
    migrations,
    pauses,
    queues,
    retention,
)
from hub.services import SyncRun
from hub.twins import to_look_at

HELPLINE_DAYS = 90
FEED_DAYS = 8
QUEUE_MINUTES = 5
FOLLOW_UP_DAYS = 1
# Reasons that somebody at the hub can do something about.
OUR_FAULT = (SET_UP, SENDER, TEMPLATE)


def every_check(house: House) -> list[str]:
    """Every problem found, in plain words; an empty list when nothing needs a person."""
    return [*_settings(house), *_helplines(house), *_record(house)]


def _settings(house: House) -> Iterator[str]:
    if len(house.settings.secret_key.get_secret_value()) < 32:
        yield "GOODHELP_SECRET_KEY is missing or short: run `goodhelp keys`."
    for name, problem in house.channels.problems().items():
        yield f"channel {name}: {problem}"
    if not (house.hearer_model / "model.json").exists():
        yield "no trained hearer: needs are heard by words only. Run `make train`."


def _helplines(house: House) -> Iterator[str]:
    today = house.calendar.today(house.clock())
    for line in house.profile.helplines:
        if line.verified_on is None:
            yield f"helpline {line.name} was never checked: ring it, then set verified_on."
        elif today - line.verified_on > timedelta(days=HELPLINE_DAYS):
            yield f"helpline {line.name} was last checked on {line.verified_on}: check it again."


def _record(house: House) -> Iterator[str]:
    if not migrations.is_current(house.database):
        yield "the database has an older schema: run `goodhelp migrate`."
        return
    now = house.clock()
    with house.database.reading() as session:
        last = session.scalar(select(SyncRun.ended_at).order_by(SyncRun.id.desc()).limit(1))
        if last is None:
            yield "no directory was ever read in: run `goodhelp sync`."
        elif now - last > timedelta(days=FEED_DAYS):
            yield f"the directory was last read in on {last:%d %B %Y}: run `goodhelp sync`."
        twins = to_look_at(session, house.profile.id)
        for stop in pauses.all_of(session, house.profile.id):
            since = f"{stop.since:%d %B, %H:%M}"
            yield f"the bot is paused on {stop.channel} since {since}: `goodhelp resume`."
        depths = queues.depths(session, house.profile.id, now)
        waiting = channel_health.reasons_for_waiting(session, house.profile.id)
        yield from _keeping(house, session)
    if twins:
        yield f"{twins} pairs of services from two feeds may be the same: `goodhelp twins`."
    if depths.oldest_inbound_seconds > QUEUE_MINUTES * 60:
        yield f"a resident has waited {depths.oldest_inbound_seconds:.0f} seconds for an answer."
    for reason, count in waiting.items():
        if reason in OUR_FAULT:
            yield f"{count} messages wait. {reason} Run `goodhelp channels`."


def _keeping(house: House, session: Session) -> Iterator[str]:
    """What is kept too long, what waits for a person's decision, follow-ups nobody sends."""
    now, hub_id = house.clock(), house.profile.id
    for rule in retention.report(session, house.profile, now):
        if rule.overdue:
            yield (
                f"{rule.overdue} rows of {rule.name} are older than {rule.days} days: "
                "`goodhelp work` deletes them; is it running?"
            )
    held = len(erasure.waiting_for_a_person(session, hub_id))
    if held:
        yield (
            f"{held} of those who asked to be deleted have a note that is kept for safeguarding: "
            "a coordinator decides under What we keep."
        )
    stuck = follow_ups.due(session, hub_id, now - timedelta(days=FOLLOW_UP_DAYS))
    if stuck:
        yield f"{len(stuck)} follow-ups are overdue: is `goodhelp work` running?"
