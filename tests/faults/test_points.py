"""A process dies before and after each commit and each call; nothing is lost or said twice.

The short form runs with all tests: the points where most is at stake. `make faults` goes
through every point in `hub/points.py`, on both databases.
"""

import signal
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from hub import points
from hub.conversations import conversation_for
from hub.messages import Author, Reply, queue_reply
from hub.people import Channel, Reach, find_or_create
from tests.faults.conftest import IN_THE_LONG_FORM, LONG, on_one
from tests.faults.world import PATIENCE, World

pytestmark = [pytest.mark.stack, pytest.mark.timeout(3000)]

SHORT = ("arrival.after", "action.after", "send.before", "send.after")
Stir = Callable[[World, str], None]


def text(world: World, who: str) -> None:
    world.text(who, "hiya, struggling with the bills")


def danger(world: World, who: str) -> None:
    world.text(who, "i want to kill myself")


def hunger_twice(world: World, who: str) -> None:
    """The second time it is answered already: a person is told, and Rasa looks for help."""
    for _ in range(2):
        world.text(who, "ive got no food in the house for today and no money")


def without_actions(world: World, who: str) -> None:
    world.stack.children["actions"].kill()
    text(world, who)


def too_busy(world: World, who: str) -> None:
    world.fault(kind="refuse", http=429, code=20429, to=who)
    text(world, who)


def taken_without_an_answer(world: World, who: str) -> None:
    world.fault(kind="accept_then_refuse", http=502, to=who)
    text(world, who)


def not_taken_without_an_answer(world: World, who: str) -> None:
    world.fault(kind="refuse", http=503, to=who)
    text(world, who)


def whatsapp_after_a_day(world: World, who: str) -> None:
    now = datetime.now(UTC)
    with world.database.writing() as session:
        address = find_or_create(session, "croxteth", Reach(Channel.WHATSAPP, who), now)
        address.last_inbound_at = now - timedelta(hours=25)
        conversation = conversation_for(session, address, now)
        reply = Reply("Monday it is")
        queue_reply(session, conversation, reply, author=Author.STAFF, now=now)


def only_in_the_list(world: World, who: str) -> None:
    world.only_in_the_list(who, "hello, is anybody there")


STIRS: dict[str, Stir] = {
    "turn": danger,
    "called": hunger_twice,
    "released": without_actions,
    "held": whatsapp_after_a_day,
    "refused": too_busy,
    "unsure": taken_without_an_answer,
    "look-claim": taken_without_an_answer,
    "look-up": taken_without_an_answer,
    "found": taken_without_an_answer,
    "again": not_taken_without_an_answer,
    "swept": only_in_the_list,
}


@on_one("sqlite")
def test_killed_at_each_point(world: World) -> None:
    chosen = points.every() if LONG else list(SHORT)
    # One process after the other; what leaves the action server dead comes last.
    chosen.sort(key=lambda one: (points.NAMES[one.partition(".")[0]][0], one[:8] == "released"))
    for point, following in zip(chosen, [*chosen[1:], ""], strict=True):
        name, after = point.partition(".")[0], following.partition(".")[0]
        again = not after or points.NAMES[name][0] != points.NAMES[after][0]
        die_at(world, point, again=again)
    world.settle()
    print(f"{len(chosen)} points: {world.check()}")


@IN_THE_LONG_FORM
@pytest.mark.parametrize("point", ["action.before", "action.after"])
def test_rasa_killed_around_its_actions_commit(world: World, point: str) -> None:
    rasa = world.stack.children["rasa"]
    world.armed("actions", f"{point}:1:{rasa.process.pid}")
    world.answers()
    text(world, world.resident())
    assert rasa.process.wait(PATIENCE) == -signal.SIGKILL
    world.stack.start("rasa")
    world.kill("actions")
    # Meanwhile the gate and the holding reply work alone.
    danger(world, world.resident())
    world.settle()
    world.stack.wait_until_ready(PATIENCE)
    print(f"Rasa killed at {point}: {world.check()}")


def die_at(world: World, point: str, *, again: bool) -> None:
    """Kill a process at a point. It is started anew unless the next one is the same."""
    name = point.partition(".")[0]
    process, _ = points.NAMES[name]
    child = world.armed(process, point)
    if process != "worker":
        world.answers()
    # A web process that dies before it answers is called again, so this takes until it is back.
    stir = STIRS.get(name, text)
    with world.meanwhile(partial(stir, world, world.resident())):
        try:
            code = child.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{point} was never reached:\n{child.last_words()}")
        assert code == -signal.SIGKILL, child.last_words()
        if again or process == "web":
            world.stack.start(process)
        if world.stack.children["actions"].ended:
            world.stack.start("actions")
