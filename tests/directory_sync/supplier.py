"""A supplier that speaks real HTTP on a free port: pages are functions of the request."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

# Path and parameters in; a JSON value, or (status, headers, body), out.
Answer = Callable[[str, dict[str, str]], Any]
Raw = tuple[int, dict[str, str], bytes]


class Supplier:
    """What was asked of it, and where it is."""

    def __init__(self, answer: Answer, etag: str = "") -> None:
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._answer = answer
        supplier = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                supplier.asked.append(self.path)
                supplier.headers.append(
                    {name.lower(): value for name, value in self.headers.items()}
                )
                if etag and self.headers.get("If-None-Match") == etag:
                    self.send_response(304)
                    self.end_headers()
                    return
                parts = urlsplit(self.path)
                params = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                found = supplier._answer(parts.path, params)
                raw = found if isinstance(found, tuple) else json_answer(found)
                self.send_response(raw[0])
                for name, value in raw[1].items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw[2])))
                self.end_headers()
                self.wfile.write(raw[2])

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.origin}"

    @contextmanager
    def running(self) -> Iterator["Supplier"]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def json_answer(value: Any, status: int = 200) -> Raw:
    """A JSON body."""
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def gzipped(body: bytes) -> Raw:
    """A packed body."""
    return 200, {"Content-Encoding": "gzip"}, gzip.compress(body)


MISSING: Raw = (404, {}, b"not here")
