"""A burst of webhooks on the web process alone: `python -m bench.burst`.

A tenth are told twice and a hundredth are forged. All that is valid must be stored once, all
that is forged refused, and the acknowledgement must come soon. The caller is as lean as can be
(bare sockets), so that it is not what is measured.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import func, select

from app.demo import prepare
from app.house import House
from app.stack import Stack, free_port
from bench.load import ACCOUNT, NUMBER, TOKEN, percentile
from bench.turns import database
from hub.crypto import new_key
from hub.messages import Direction, Message
from hub.settings import Settings
from standin import twilio

PATH = "/webhooks/twilio/message"
FORGED, TWICE = 0.01, 0.10


def main() -> None:
    """Fire, count what was stored, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--webhooks", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--kind", choices=("SQLite", "PostgreSQL"), default="SQLite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(options.kind, Path(folder)) as url:
        port = free_port()
        environment = {
            "GOODHELP_DATABASE_URL": url,
            "GOODHELP_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "GOODHELP_SECRET_KEY": new_key(),
            "GOODHELP_ENCRYPTION_KEY": new_key(),
            "GOODHELP_TWILIO_ACCOUNT_SID": ACCOUNT,
            "GOODHELP_TWILIO_AUTH_TOKEN": TOKEN,
            "GOODHELP_SMS_NUMBER": NUMBER,
        }
        given = {name.removeprefix("GOODHELP_").lower(): v for name, v in environment.items()}
        house = House(Settings(_env_file=None, **given))  # type: ignore[arg-type]
        prepare(house, "a password for the bench")
        stack = Stack(port, environment, Path(folder) / "logs")
        stack.logs.mkdir()
        web = stack.start("web")
        try:
            asyncio.run(_answers(port))
            before, busy = resident_mb(web.process.pid), processor_seconds(web.process.pid)
            calls = burst(options.webhooks, stack.url)
            began = time.perf_counter()
            times, answers = asyncio.run(fire(port, calls, options.connections))
            seconds = time.perf_counter() - began
            after = resident_mb(web.process.pid)
            busy = processor_seconds(web.process.pid) - busy
        finally:
            stack.stop()
        with house.database.reading() as session:
            stored = session.scalar(
                select(func.count(Message.id)).where(Message.direction == Direction.IN)
            )
        house.database.close()
    valid = len({sid for sid, _, forged in calls if not forged})
    forged = sum(forged for *_, forged in calls)
    print(f"{len(calls)} webhooks in {seconds:.1f} s: {len(calls) / seconds:.0f} a second")
    print(f"valid {valid}, stored {stored}; forged {forged}; answers {dict(answers)}")
    print(
        f"acknowledged p50 {percentile(times, 50) * 1000:.0f} ms, "
        f"p99 {percentile(times, 99) * 1000:.0f} ms; memory {before:.0f} -> {after:.0f} MB; "
        f"{busy / len(calls) * 1000:.1f} ms of processor time each"
    )
    assert stored == valid, "a message was lost or stored twice"
    assert answers[403] == forged, "a forged call was not refused, or a valid one was"


def burst(number: int, url: str) -> list[tuple[str, bytes, bool]]:
    """So many calls as bytes, with their ids and whether they are forged; always the same ones."""
    chance = random.Random(7)
    calls: list[tuple[str, bytes, bool]] = []
    for count in range(number):
        if calls and chance.random() < TWICE:
            calls.append(chance.choice(calls[-200:]))
            continue
        forged = chance.random() < FORGED
        params = twilio.inbound(f"no food in, day {count}", sender(chance), NUMBER, ACCOUNT)
        signature = twilio.sign("another token" if forged else TOKEN, url + PATH, params)
        calls.append((params["MessageSid"], request(params, signature), forged))
    return calls


def sender(chance: random.Random) -> str:
    """One of a thousand residents."""
    return f"+4477009{chance.randrange(1000):05d}"


def request(params: dict[str, str], signature: str) -> bytes:
    """One call over HTTP/1.1."""
    body = urlencode(params).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Twilio-Signature: {signature}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def fire(
    port: int, calls: list[tuple[str, bytes, bool]], connections: int
) -> tuple[list[float], Counter[int]]:
    """All calls over so many connections; seconds of each, and how often each status came."""
    waiting = iter(calls)
    times: list[float] = []
    answers: Counter[int] = Counter()

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _, data, _ in waiting:
            began = time.perf_counter()
            writer.write(data)
            answers[await _status(reader)] += 1
            times.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    return times, answers


async def _status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((line for line in head.splitlines() if line.startswith("content-length:")), ":0")
    await reader.readexactly(int(length.partition(":")[2]))
    return int(head.split(" ", 2)[1])


async def _answers(port: int) -> None:
    for _ in range(240):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.25)
        else:
            writer.close()
            return
    raise TimeoutError("the web process did not start")


def processor_seconds(pid: int) -> float:
    """Processor time of a process up to now."""
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
