"""The four processes: web, worker, action server, Rasa. Each runs until it is told to stop."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from app.house import House
from hub.errors import Misconfigured
from hub.settings import ROOT, Settings

ISLAND = ROOT / "dialogue"


def serve(house: House, host: str, port: int) -> None:
    """The web process: webhooks, inbox, insights, health; the simulator where it is turned on."""
    from app.web import make_web

    _uvicorn(make_web(house), host, port)


def act(house: House, port: int) -> None:
    """The action server, on loopback."""
    from actions.registry import every_action
    from actions.server import make_app

    _uvicorn(make_app(every_action(house.office)), "127.0.0.1", port)


def work(house: House) -> None:
    """The worker: answers conversations, sends replies, until SIGTERM or Ctrl-C."""
    from bot.worker import Worker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker = Worker(
        house.desk,
        lease_seconds=house.settings.lease_seconds,
        deliver=house.deliverer.deliver_next,
    )
    worker.start()
    print("worker ready", flush=True)
    stop.wait()
    if not worker.stop():
        print("a turn did not end in time; it is taken up again by the next worker", flush=True)
        os._exit(1)


def island_command(settings: Settings, model: Path, port: int) -> tuple[list[str], dict[str, str]]:
    """The command and environment that start Rasa on loopback. Raises Misconfigured if missing."""
    rasa = ISLAND / ".venv" / "bin" / "rasa"
    if not rasa.exists():
        raise Misconfigured("the Rasa side is not set up: run `make setup`")
    if not model.exists():
        raise Misconfigured("there is no Rasa model: run `make train`")
    environment = {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_HOST": "127.0.0.1",
        "PYTHONPATH": str(ISLAND),
        "ACTION_ENDPOINT_URL": settings.action_url,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }
    # The island holds no secret: nothing of ours but the action address goes over.
    environment = {
        name: value for name, value in environment.items() if not name.startswith("GOODHELP_")
    }
    command = [
        str(rasa),
        "run",
        "--model",
        str(model),
        "--port",
        str(port),
        "--interface",
        "127.0.0.1",
        "--endpoints",
        str(ISLAND / "endpoints.yml"),
        "--credentials",
        str(ISLAND / "credentials.yml"),
    ]
    return command, environment


def rasa(settings: Settings, model: Path, port: int) -> None:
    """Become the Rasa process."""
    command, environment = island_command(settings, model, port)
    os.chdir(ISLAND)
    os.execve(command[0], command, environment)


def _uvicorn(app: FastAPI, host: str, port: int) -> None:
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        server_header=False,
    )


def run_and_wait(command: list[str]) -> int:
    """Run a command of ours in this environment; its exit status."""
    return subprocess.call([sys.executable, "-m", *command])
