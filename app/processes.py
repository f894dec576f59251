"""The four processes: web, worker, action server, Rasa. Each runs until it is told to stop."""

import os
import signal
import sys
import threading

import uvicorn
from fastapi import FastAPI

from app.house import House
from app.memory import settle
from hub.settings import ROOT, Settings

# The island needs nothing else: no secret, no database, no provider.
HANDED_OVER = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "OMP_NUM_THREADS")


def serve(house: House, host: str, port: int) -> None:
    """The web process: webhooks, inbox, insights, health; the simulator where it is turned on."""
    from app.web import make_web

    _uvicorn(make_web(house), host, port)


def act(house: House, port: int) -> None:
    """The action server, on loopback."""
    from actions.answers import every
    from actions.server import make_app

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

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker = Worker(
        house.desk,
        lease_seconds=house.settings.lease_seconds,
        deliver=house.deliverer.claim,
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
    if poller is not None:
        # First: what it still stores is answered by the next worker.
        poller.stop(3.0)
    house.sweep.stop()
    if not worker.stop():
        print("a turn did not end in time; it is taken up again by the next worker", flush=True)
        os._exit(1)
    house.channels.close()
    house.database.close()


def rasa(settings: Settings, port: int) -> None:
    """Become the Rasa process. The island is given no setting of ours but the action address."""
    script = ROOT / "dialogue" / "serve.py"
    environment = {name: os.environ[name] for name in HANDED_OVER if name in os.environ}
    environment["PYTHONWARNINGS"] = "ignore"
    command = [sys.executable, str(script), "--port", str(port), "--actions", settings.action_url]
    os.execve(command[0], command, environment)


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
