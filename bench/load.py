"""Residents who write: so many at once, each waiting for an answer; or so many texts a second.

They post what Twilio would post, signed. The same load is put on
whatever is measured (`Target`).
"""

import asyncio
import random
import statistics
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.provider import Provider
from standin import twilio

ACCOUNT, TOKEN, NUMBER = "AC" + "1" * 32, "bench", "+447700900000"
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
# A text that nothing answers for so long counts as not answered.
PATIENCE = 30.0
# Before the next text a resident looks whether more of the answer comes.
SETTLE = 0.15


@dataclass(frozen=True)
class Target:
    """Where the texts are posted on loopback, and as which URL they are signed."""

    port: int
    path: str

    @property
    def url(self) -> str:
        """The URL of the webhook."""
        return f"http://127.0.0.1:{self.port}{self.path}"


@dataclass
class Times:
    """Seconds from post to first reply, and from post to acknowledgement, over all turns."""

    replies: list[float] = field(default_factory=list)
    acknowledged: list[float] = field(default_factory=list)
    unanswered: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Answered turns a second."""
        return len(self.replies) / self.seconds

    def at(self, percent: int) -> float:
        """The percentile of the first replies, in ms."""
        return percentile(self.replies, percent) * 1000


def closed(target: Target, provider: Provider, *, residents: int, turns: int, first: int) -> Times:
    """Let so many residents write at once, each `turns / residents` times, one after the other."""
    times = Times()
    each = max(1, turns // residents)

    async def live(number: int) -> None:
        resident = _Resident(target, provider, number)
        for turn in range(each):
            await resident.turn(TALK[turn % len(TALK)], times)
            await resident.settle()

    async def all_of_them() -> None:
        began = time.perf_counter()
        await asyncio.gather(*(live(first + number) for number in range(residents)))
        times.seconds = time.perf_counter() - began

    provider.run(all_of_them())
    return times


def steady(
    target: Target, provider: Provider, *, per_second: float, seconds: float, first: int
) -> Times:
    """So many texts a second come in by chance (always the same), whether answered or not.

    A resident has talked through when the ten texts are written; then the next one comes.
    """
    times = Times()
    chance = random.Random(5)
    at_once = int(per_second * 6)

    async def write(resident: "_Resident", text: str, after: float, began: float) -> None:
        await asyncio.sleep(began + after - time.perf_counter())
        await resident.turn(text, times)

    async def all_of_them() -> None:
        residents: list[_Resident] = []
        writing: list[asyncio.Task[None]] = []
        began, after, number = time.perf_counter(), 0.0, 0
        while (after := after + chance.expovariate(per_second)) < seconds:
            talk, place = divmod(number, at_once * len(TALK))
            turn, who = divmod(place, at_once)
            if turn == 0:
                residents.append(_Resident(target, provider, first + talk * at_once + who))
            resident = residents[talk * at_once + who]
            writing.append(asyncio.create_task(write(resident, TALK[turn], after, began)))
            number += 1
        await asyncio.gather(*writing)
        times.seconds = time.perf_counter() - began

    provider.run(all_of_them())
    return times


def percentile(values: list[float], at: int) -> float:
    """The `at`-th percentile."""
    return statistics.quantiles(values, n=100)[at - 1] if len(values) > 1 else values[0]


class _Resident:
    """One number."""

    def __init__(self, target: Target, provider: Provider, number: int) -> None:
        self._target = target
        self._provider = provider
        self._number = f"+4477009{number:05d}"

    async def turn(self, text: str, times: Times) -> None:
        """Write, wait for the acknowledgement and for the first text of the answer."""
        before = self._provider.count(self._number)
        request = self._request(text)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._post(request)
            times.acknowledged.append(time.perf_counter() - began)
            came = await self._provider.arrival(self._number, before, PATIENCE)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            times.unanswered += 1
            print(f"not answered: {text!r} of {self._number}", file=sys.stderr)
        else:
            times.replies.append(came - began)

    async def settle(self) -> None:
        """Wait until nothing more comes for a moment."""
        before = -1
        while before != (before := self._provider.count(self._number)):
            await asyncio.sleep(SETTLE)

    async def _post(self, request: bytes) -> None:
        # A connection for each call: one that is kept may be hung up on just as we write.
        reader, writer = await asyncio.open_connection("127.0.0.1", self._target.port)
        try:
            writer.write(request)
            status = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split(" ", 2)[1]
        finally:
            writer.close()
        if status not in ("200", "204"):
            raise OSError(f"the webhook answered {status}")

    def _request(self, text: str) -> bytes:
        params = twilio.inbound(text, self._number, NUMBER, ACCOUNT)
        body = urlencode(params).encode()
        head = (
            f"POST {self._target.path} HTTP/1.1\r\nHost: 127.0.0.1:{self._target.port}\r\n"
            "Connection: close\r\n"
            f"X-Twilio-Signature: {twilio.sign(TOKEN, self._target.url, params)}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body
