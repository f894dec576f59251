"""Rasa, the action server and the embedding model stopped in turn: the gate waits for none."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.walk.conftest import World

pytestmark = pytest.mark.stack

WITHIN = 2.0
DANGER = "i want to kill myself"


@contextmanager
def killed(world: World, name: str) -> Iterator[None]:
    """Without one of the processes, as after a crash."""
    world.stack.children[name].kill()
    try:
        yield
    finally:
        world.stack.start(name)
        world.stack.wait_until_ready()


@contextmanager
def hung(world: World, name: str) -> Iterator[None]:
    """One of the processes takes calls and answers none."""
    group = os.getpgid(world.stack.children[name].process.pid)
    os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(group, signal.SIGCONT)


@contextmanager
def without_the_model(world: World) -> Iterator[None]:
    """The worker is started anew and finds no embedding model: it hears by words alone."""
    world.stack.children["worker"].kill()
    world.stack.environment["GOODHELP_EMBEDDING_MODEL"] = "there_is_none"
    world.stack.start("worker")
    # It is up once it has answered somebody.
    world.resident("+447700900800").asks("hello")
    try:
        yield
    finally:
        world.stack.children["worker"].kill()
        del world.stack.environment["GOODHELP_EMBEDDING_MODEL"]
        world.stack.start("worker")
        world.stack.wait_until_ready()


GONE: dict[str, Callable[[World], AbstractContextManager[None]]] = {
    "rasa killed": lambda world: killed(world, "rasa"),
    "rasa hangs": lambda world: hung(world, "rasa"),
    "actions killed": lambda world: killed(world, "actions"),
    "actions hang": lambda world: hung(world, "actions"),
    "no embedding model": without_the_model,
}


@pytest.mark.parametrize("gone", GONE)
def test_the_gate_answers_within_two_seconds(world: World, gone: str) -> None:
    at = list(GONE).index(gone)
    with GONE[gone](world):
        # Another person's turn is under way, and this one's own first text too.
        world.resident(f"+44770090070{at}").writes("i need help with my bills")
        sam = world.resident(f"+44770090060{at}")
        sam.writes("hello")
        time.sleep(0.3)
        began = time.monotonic()
        assert sam.writes(DANGER).is_success
        while "116 123" not in "\n".join(sam.sent()):
            assert time.monotonic() - began < WITHIN, sam.sent()
            time.sleep(0.02)
        said = "\n".join(sam.sent())
        assert "Are you safe right now?" in said
