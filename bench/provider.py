"""A Twilio that takes every message at once and only counts: it must not be what is measured."""

import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

SETTLE_SECONDS = 0.15


class Provider:
    """Takes sends on a free port of loopback. Use it with `with`."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._changed = threading.Condition()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length", "0"))
                form = parse_qs(self.rfile.read(size).decode())
                number = provider.took(form["To"][0])
                body = f'{{"sid": "SM{number:032d}", "status": "queued"}}'.encode()
                self.send_response(201)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def took(self, to: str) -> int:
        """Count one message; how many there are in all."""
        with self._changed:
            self._counts[to] += 1
            self._changed.notify_all()
            return self._counts.total()

    def count(self, to: str) -> int:
        """How many messages somebody was sent."""
        with self._changed:
            return self._counts[to]

    def wait(self, to: str, *, more_than: int, seconds: float) -> None:
        """Return when somebody was sent more than so many. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._counts[to] > more_than, seconds):
                raise TimeoutError("no reply came")

    def settle(self, to: str) -> None:
        """Wait until nothing more comes for a moment."""
        while True:
            before = self.count(to)
            time.sleep(SETTLE_SECONDS)
            if self.count(to) == before:
                return
