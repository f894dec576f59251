"""Told to stop, or to live with another clock, in the middle of turns and sends."""

import os
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from hub.conversations import Conversation
from hub.messages import Direction, Message, Status
from tests.faults.conftest import IN_THE_LONG_FORM, on_one
from tests.faults.world import ON_ONE_DATABASE, PATIENCE, World

pytestmark = [pytest.mark.stack, pytest.mark.timeout(3000)]

# What is promised.
WITHIN_SECONDS = 10.0


def in_hand(world: World) -> tuple[int, int]:
    """How many turns and sends somebody holds."""
    with world.database.reading() as session:
        turns = session.scalar(
            select(func.count(Conversation.id)).where(Conversation.lease_token.is_not(None))
        )
        sends = session.scalar(
            select(func.count(Message.id)).where(
                Message.direction == Direction.OUT, Message.status == Status.SENDING
            )
        )
    return turns or 0, sends or 0


@on_one("sqlite")
def test_a_worker_that_is_told_to_stop_holds_nothing_after_ten_seconds(world: World) -> None:
    """Rasa hangs and so does Twilio: neither the turns nor the sends can be finished."""
    world.settle()
    rasa = os.getpgid(world.stack.children["rasa"].process.pid)
    slow, waiting = world.resident(), [world.resident() for _ in range(6)]
    world.fault(kind="accept_then_hang", seconds=30, to=slow)
    world.text(slow, "i want to kill myself")
    os.killpg(rasa, signal.SIGSTOP)
    try:
        for who in waiting:
            world.text(who, "hiya, struggling with the bills")
        until = time.monotonic() + PATIENCE
        while (held := in_hand(world))[0] < 4 or not held[1]:
            assert time.monotonic() < until, held
            time.sleep(0.05)
        worker = world.stack.children["worker"].process
        worker.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert worker.wait(60) == 0
        took = time.monotonic() - began
    finally:
        os.killpg(rasa, signal.SIGCONT)
    assert took < WITHIN_SECONDS
    assert in_hand(world) == (0, 0)
    world.stack.start("worker")
    world.settle()
    print(f"stopped in {took:.1f} s with {held} in hand: {world.check()}")


@IN_THE_LONG_FORM
def test_a_clock_an_hour_forward_and_back(world: World) -> None:
    """Every process dies under load and comes back with another time; then once more."""
    with world.residents_write(3, pause=0.5):
        for hours in (1, -1, 0):
            time.sleep(2)
            now = datetime.now(UTC)
            other = f"{(now + timedelta(hours=hours)).isoformat()} since {now.isoformat()}"
            for name in ON_ONE_DATABASE:
                world.stack.children[name].kill()
                world.stack.start(name, **({"GOODHELP_CLOCK": other} if hours else {}))
            world.answers()
    world.settle()
    print(f"clock an hour forward and back: {world.check()}")
