"""`goodhelp demo`: the whole product on one machine, from nothing, with one URL at the end."""

import os
import secrets
import signal
import time

from rich.console import Console

from app import demo_numbers
from app.house import House
from app.stack import NotStarted, Stack, is_free
from hub import users
from hub.crypto import new_key
from hub.people import Role
from hub.settings import ROOT, Settings

FOLDER = ROOT / "var" / "demo"
CAST = (("Ann", Role.STAFF), ("Joe", Role.STAFF), ("Bev", Role.COORDINATOR))

console = Console(highlight=False)


def run(port: int) -> int:
    """Set the demo up, start its four processes, wait for Ctrl-C, stop all of them."""
    if not is_free(port):
        console.print(f"Port {port} is in use. Try another: PORT={port + 1} make demo")
        return 1
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    environment = _environment()
    os.environ.update(environment)
    password = environment["GOODHELP_DEMO_PASSWORD"]
    try:
        console.print("Preparing the demo hub and its directory ...")
        prepare(House(Settings()), password)
        add_numbers(House(Settings()))
        console.print("Starting. Rasa takes the longest, about half a minute ...")
        with Stack(port, environment, FOLDER, console.print) as stack:
            _welcome(stack, password)
            return _watch(stack)
    except NotStarted as reason:
        console.print(str(reason))
        return 1
    except (KeyboardInterrupt, SystemExit):
        return 0
    finally:
        console.print("Everything has stopped.")


def prepare(house: House, password: str) -> None:
    """Schema, hub, staff and directory. Safe to run again."""
    with house.prepare().writing() as session:
        for name, role in CAST:
            if not users.known(session, house.profile.id, name):
                users.add_user(session, house.profile.id, name, role, password, house.clock())
    for feed in house.profile.feeds:
        result = house.sync(feed.id)
        if result.exit_status:
            console.print(f"The directory {feed.id} was not read in: {result.detail}")


def add_numbers(house: House) -> None:
    """Past numbers to look at, made up and marked as such; once, and only for the demo."""
    with house.database.writing() as session:
        demo_numbers.add(session, house.profile, house.clock())
    house.database.close()


def _environment() -> dict[str, str]:
    """The demo's settings. Keys are made once and kept beside its database."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for log in FOLDER.glob("*.log"):
        log.unlink()
    keys = FOLDER / "keys.env"
    if not keys.exists():
        keys.touch(mode=0o600)
        keys.write_text(
            f"GOODHELP_SECRET_KEY={new_key()}\n"
            f"GOODHELP_ENCRYPTION_KEY={new_key()}\n"
            f"GOODHELP_DEMO_PASSWORD={'-'.join(secrets.token_hex(2) for _ in range(3))}\n"
        )
    # What is set outside wins: a demo can be pointed at a real number or another database.
    return {
        **dict(line.split("=", 1) for line in keys.read_text().split()),
        "GOODHELP_DATABASE_URL": f"sqlite:///{FOLDER / 'goodhelp.sqlite3'}",
        "GOODHELP_HUB": "croxteth",
        "GOODHELP_SIMULATOR": "true",
        **{name: value for name, value in os.environ.items() if name.startswith("GOODHELP_")},
    }


def _welcome(stack: Stack, password: str) -> None:
    console.print(
        f"\n[bold]Good Help is ready:[/bold]  {stack.url}/simulator\n\n"
        "Play a resident on a phone and a worker in the inbox, side by side.\n"
        f"Sign in as Ann (staff), Joe (staff) or Bev (coordinator); the password is {password}\n"
        "Ctrl-C stops everything. Nothing leaves this machine.\n"
    )


def _watch(stack: Stack) -> int:
    while (child := stack.first_ended()) is None:
        time.sleep(1)
    console.print(f"{child.name} has stopped. Its last words:\n{child.last_words()}")
    return 1


def _leave(*_: object) -> None:
    raise SystemExit(0)
