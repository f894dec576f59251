"""A rehearsed time is the same in every process, also in one that starts later."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.clock import clock_from


def test_real_time_is_the_default() -> None:
    assert abs(clock_from("")() - datetime.now(UTC)) < timedelta(seconds=1)


def test_a_rehearsed_time_runs_on_from_one_moment() -> None:
    since = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    early = clock_from(f"2026-11-22T00:30:00+00:00 since {since}")
    late = clock_from(f"2026-11-22T00:30:00+00:00 since {since}")
    assert abs(early() - late()) < timedelta(seconds=1)
    assert abs(early() - datetime(2026, 11, 22, 0, 35, tzinfo=UTC)) < timedelta(seconds=1)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        clock_from("2026-11-22T00:30:00")
