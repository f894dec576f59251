"""The four processes: web, worker, action server, Rasa. Each runs until it is told to stop."""

import os
import signal
import sys
import threading
import time

import uvicorn
from fastapi import FastAPI

from app.house import House
from app.memory import settle
from bot.channels.base import is_loopback
from hub import points
from hub.errors import Misconfigured
from hub.settings import ROOT, Settings

# After SIGTERM the worker finishes what it can in this time; giving back the rest takes a moment.
STOP_SECONDS = 8.0
# The island needs nothing else: no secret, no database, no provider.
HANDED_OVER = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "OMP_NUM_THREADS")


def serve(house: House, host: str, port: int) -> None:
    """The web process: webhooks, inbox, insights, health; the simulator where it is turned on."""
    from app.web import make_web

    arm(house.settings)
    _uvicorn(make_web(house), host, port)


def act(house: House, port: int) -> None:
    """The action server, on loopback."""
    from actions.answers import every
    from actions.server import make_app

    arm(house.settings)
    # Read once, so that the first resident of the day does not wait for it.
    with house.database.reading() as session:
        complete = house.matcher.prepare_words(session)
    if not complete:
        # Until the meanings of new services are made, matching goes by needs and words.
        threading.Thread(target=house.read_directory, name="meanings", daemon=True).start()
    _uvicorn(make_app(every(house.office)), "127.0.0.1", port)


def work(house: House) -> None:
    """The worker: answers conversations, sends replies, until SIGTERM or Ctrl-C."""
    from bot.worker import Worker

    arm(house.settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker = Worker(
        house.desk,
        lease_seconds=house.settings.lease_seconds,
        deliverer=house.deliverer,
        chores=house.chores,
    )
    poller = house.poller
    settle()
    worker.start()
    house.sweep.start()
    if poller is not None:
        poller.start()
    print("worker ready", flush=True)
    stop.wait()
    until = time.monotonic() + STOP_SECONDS
    worker.claim_no_more()
    if poller is not None:
        poller.stop(2.0)
    house.sweep.stop(1.0)
    if not worker.stop(until - time.monotonic()):
        print("what did not end in time was given back; the next worker takes it up", flush=True)
        os._exit(0)
    house.channels.close()
    house.database.close()


def rasa(settings: Settings, port: int) -> None:
    """Become the Rasa process. The island is given no setting of ours but the action address."""
    script = ROOT / "dialogue" / "serve.py"
    environment = {name: os.environ[name] for name in HANDED_OVER if name in os.environ}
    environment["PYTHONWARNINGS"] = "ignore"
    command = [sys.executable, str(script), "--port", str(port), "--actions", settings.action_url]
    os.execve(command[0], command, environment)


def arm(settings: Settings) -> None:
    """Set the trap of `GOODHELP_STOP_AT`, where nobody real can fall into it."""
    if not settings.stop_at:
        return
    outside = [settings.public_url]
    if settings.twilio_account_sid:
        outside.append(settings.twilio_api_url)
    if settings.telegram_token.get_secret_value():
        outside.append(settings.telegram_api_url)
    if not all(is_loopback(url) for url in outside):
        raise Misconfigured(
            "GOODHELP_STOP_AT kills processes, for tests with a stand-in on this machine only: "
            "take it out of the settings"
        )
    points.arm(settings.stop_at)


def _uvicorn(app: FastAPI, host: str, port: int) -> None:
    settle()
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=5,
        server_header=False,
    )
