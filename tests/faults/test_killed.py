"""Processes are killed without warning while residents write: nothing is lost or said twice.

The short form runs with all tests. `make faults` kills fifty times, on both databases.
"""

import os
import random
import time
from pathlib import Path

import httpx
import pytest

from standin.app import make_app
from tests.conftest import fresh_postgresql
from tests.faults.world import running, write_while
from tests.serving import served

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

KILLS = int(os.environ.get("GOODHELP_FAULTS_KILLS", "3"))
KINDS = ("sqlite", "postgresql") if KILLS > 3 else ("sqlite",)
RESIDENTS = 6
# The dialogue takes long to start again, so it is not killed as often as the others.
VICTIMS = ("worker", "worker", "worker", "web", "actions", "worker", "web", "rasa")


@pytest.mark.parametrize("kind", KINDS)
def test_killed_while_residents_write(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'faults.sqlite3'}"
    if kind == "postgresql":
        url = fresh_postgresql(request.getfixturevalue("postgresql"), "faults")
    chance = random.Random(20261122)
    with served(make_app()) as provider, running(url, provider, tmp_path) as world:
        httpx.delete(f"{provider}/sent")
        residents = write_while(world, RESIDENTS, texts=4 + 2 * KILLS, pause=0.8)
        for number in range(KILLS):
            time.sleep(chance.uniform(0.3, 2.5))
            name = VICTIMS[number % len(VICTIMS)]
            world.stack.children[name].kill()
            world.stack.start(name)
            if name == "rasa":
                world.stack.wait_until_ready()
        for resident in residents:
            resident.join()
        world.stack.wait_until_ready()
        world.settle()
        world.check()
