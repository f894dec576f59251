"""Processes are killed at random while residents write: nothing is lost or said twice.

The short form runs with all tests. `make faults` kills fifty times, on both databases.
"""

import random
import time

import pytest

from tests.faults.conftest import KILLS, LONG, on_one
from tests.faults.world import PATIENCE, World

pytestmark = [pytest.mark.stack, pytest.mark.timeout(3000)]

RESIDENTS = 6 if LONG else 3
# The dialogue takes long to start again, so it is not killed as often as the others.
VICTIMS = ("worker", "web", "worker", "actions", "worker", "web", "worker", "actions")
RASA_EVERY = 16


@on_one("postgresql")
def test_killed_while_residents_write(world: World) -> None:
    chance = random.Random(20261122)
    with world.residents_write(RESIDENTS, pause=0.8):
        for number in range(KILLS):
            time.sleep(chance.uniform(0.1, 3.0))
            rasa = number % RASA_EVERY == RASA_EVERY - 1
            victim = "rasa" if rasa else VICTIMS[number % len(VICTIMS)]
            world.kill(victim)
            # It is only hit in the middle of something when it is at work again.
            world.back(victim)
    world.stack.wait_until_ready(PATIENCE)
    world.settle()
    print(f"{KILLS} kills at random: {world.check()}")
