"""A Twilio that takes every message at once and notes when: it must not be what is measured.

It runs on an event loop in a thread of its own; the residents of `bench/load.py` live on the same
loop, so that a message that has come in is known at once and costs little.
"""

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs


class Provider:
    """Takes sends on a free port of loopback. Use it with `with`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._arrived: defaultdict[str, list[float]] = defaultdict(list)
        self._news: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._taken = 0
        self._port = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._port = self.run(self._listen())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the loop of the provider and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def count(self, to: str) -> int:
        """How many messages somebody was sent."""
        return len(self._arrived[to])

    async def arrival(self, to: str, number: int, seconds: float) -> float:
        """When message `number` (from 0) came for somebody, as `perf_counter` tells it.

        Raises TimeoutError where it does not come within `seconds`.
        """
        async with asyncio.timeout(seconds):
            while len(self._arrived[to]) <= number:
                self._news[to].clear()
                await self._news[to].wait()
        return self._arrived[to][number]

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _close(self) -> None:
        self._server.close()
        # Connections that the other side keeps open end here.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                size = head.partition("content-length:")[2].partition("\r\n")[0]
                form = parse_qs((await reader.readexactly(int(size or 0))).decode())
                if head.startswith("post"):
                    self._note(form["To"][0])
                    body = f'{{"sid": "SM{self._taken:032d}", "status": "queued"}}'.encode()
                else:
                    # Somebody reads the list for what the webhooks missed: nothing.
                    body = b'{"messages": []}'
                writer.write(
                    b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                    % (b"201 Created" if head.startswith("post") else b"200 OK", len(body), body)
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def _note(self, to: str) -> None:
        self._taken += 1
        self._arrived[to].append(time.perf_counter())
        self._news[to].set()
