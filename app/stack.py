"""The four processes as one: started together, ready together, gone together.

The demo, the walk through one resident's story and the benchmarks all stand on this.
"""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from hub.errors import GoodHelpError
from hub.settings import ROOT

START_SECONDS = 180.0
STOP_SECONDS = 12.0
# Below what Linux (32768) and others (49152) hand to outgoing calls.
PORTS = range(20_000, 32_768)


class NotStarted(GoodHelpError):
    """A process ended before it was ready, or took too long; the message has its last words."""


@dataclass
class Child:
    """One process, by the name a newcomer would call it, and where its log is."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def ended(self) -> bool:
        """Whether it has stopped."""
        return self.process.poll() is not None

    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def kill(self) -> None:
        """SIGKILL, as a power cut would. Nothing happens where it is dead already."""
        _signal(self, signal.SIGKILL)
        self.process.wait()


@dataclass
class Stack:
    """Web, worker, action server and Rasa with one set of settings. Use it with `with`.

    `environment` is what the processes are given besides our own environment; the ports of
    Rasa and of the action server are chosen here. `logs` is a folder.
    """

    port: int
    environment: dict[str, str]
    logs: Path
    tell: Callable[[str], None] = lambda _: None
    children: dict[str, Child] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rasa_port, self._action_port = free_port(), free_port()
        self.environment = {
            "GOODHELP_PUBLIC_URL": os.environ.get("GOODHELP_PUBLIC_URL", self.url),
            **self.environment,
            **self._one_clock(),
            "GOODHELP_RASA_URL": f"http://127.0.0.1:{self._rasa_port}",
            "GOODHELP_ACTION_URL": f"http://127.0.0.1:{self._action_port}/webhook",
            # The small matrices here are quicker on one thread each, and two cores are shared.
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }

    def _one_clock(self) -> dict[str, str]:
        """A rehearsed time runs on from one moment in all processes, also in restarted ones."""
        setting = self.environment.get("GOODHELP_CLOCK", os.environ.get("GOODHELP_CLOCK", ""))
        if not setting or " since " in setting:
            return {}
        return {"GOODHELP_CLOCK": f"{setting} since {datetime.now(UTC).isoformat()}"}

    @property
    def url(self) -> str:
        """Where the web process answers."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        try:
            for name in self.commands():
                self.start(name)
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def commands(self) -> dict[str, list[str]]:
        """The command of each process."""
        return {
            "rasa": ["rasa", "--port", str(self._rasa_port)],
            "actions": ["actions", "--port", str(self._action_port)],
            "worker": ["work"],
            "web": ["serve", "--port", str(self.port)],
        }

    def start(self, name: str, **more: str) -> Child:
        """Start one of the processes, or start it again; `more` is added to its environment.

        One that still runs is killed first: the two would fight over a port or a lease.
        """
        if name in self.children:
            self.children[name].kill()
        log = self.logs / f"{name}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", *self.commands()[name]],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=die_with_parent,
                cwd=ROOT,
                env={**os.environ, **self.environment, **more},
            )
        self.children[name] = Child(name, log, process)
        return self.children[name]

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Return when a message would be answered. Raises NotStarted with the reason."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for child in self.children.values():
                if child.ended:
                    raise NotStarted(f"{child.name} did not start:\n{child.last_words()}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=3).json()["ready"]:
                    return
            except (httpx.HTTPError, ValueError):
                pass
            time.sleep(0.25)
        raise NotStarted(f"not ready after {seconds:.0f} seconds; the logs are in {self.logs.name}")

    def first_ended(self) -> Child | None:
        """A process that has stopped by itself, if there is one."""
        return next((child for child in self.children.values() if child.ended), None)

    def stop(self) -> None:
        """Ask, wait, then insist. Each process leads a group, so nothing is left behind."""
        for child in self.children.values():
            _signal(child, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.tell(f"{child.name} did not stop when asked; it is stopped now.")
        for child in self.children.values():
            _signal(child, signal.SIGKILL)
            child.process.wait()


def free_port() -> int:
    """A TCP port on loopback that nothing uses now.

    Not one that the system hands to outgoing calls: while a process that listens on it is started
    again, a call of somebody else would take it away.
    """
    for _ in range(100):
        port = random.choice(PORTS)
        if is_free(port):
            return port
    raise NotStarted(f"no free port from {PORTS.start} to {PORTS.stop - 1}")


def is_free(port: int) -> bool:
    """Whether a TCP port on loopback can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _signal(child: Child, number: int) -> None:
    try:
        os.killpg(child.process.pid, number)
    except ProcessLookupError:
        return


def die_with_parent() -> None:
    """For `preexec_fn`: on Linux a child is told to stop when its parent is killed.

    So nothing is left running where the parent had no chance to clean up.
    """
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
