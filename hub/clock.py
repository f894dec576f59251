"""The time, in one place. Stored in UTC, spoken in the hub's own zone."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def clock_from(setting: str) -> Clock:
    """A clock for `Settings.clock`: the real one, or one that starts at a given ISO time.

    The rehearsed clock still runs on, so that order and leases behave as they would. Written as
    "TIME since MOMENT" it runs on from that real moment, the same in every process.
    Raises ValueError where the setting is no ISO time with a zone.
    """
    if not setting:
        return lambda: datetime.now(UTC)
    start_at, _, since = setting.partition(" since ")
    start = datetime.fromisoformat(start_at)
    if start.tzinfo is None:
        raise ValueError("GOODHELP_CLOCK needs a zone, as in 2026-11-22T00:30:00+00:00")
    began = datetime.fromisoformat(since) if since else datetime.now(UTC)
    return lambda: start.astimezone(UTC) + (datetime.now(UTC) - began)
