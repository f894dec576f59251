"""Getting JSON from a supplier without trusting it: where to, how much, how long, how deep.

Only https and public addresses, unless the caller allows an origin by name. The address that was
checked is the address that is called, so a name cannot change its mind in between, and every
redirect passes the same check.
"""

import ipaddress
import json
import socket
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from hub.errors import Refused

MEGABYTE = 1024 * 1024


class SourceFailed(Refused):
    """A source cannot be read; the directory stays as it was."""

    staff_words = "The directory could not be read. The last good one is still in use."


class NotAnswered(SourceFailed):
    """A page answered with a status that is no success; `status` is 0 where nothing came."""

    def __init__(self, detail: str, status: int = 0) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True)
class Limits:
    """How much a source may ask of us."""

    response_bytes: int = 64 * MEGABYTE
    total_bytes: int = 1024 * MEGABYTE
    seconds: float = 1800.0
    seconds_a_request: float = 30.0
    redirects: int = 5
    pages: int = 20_000
    records: int = 200_000


class GuardedTransport(httpx.BaseTransport):
    """Calls the address it checked, and none that is private. `allow` holds "host:port" origins."""

    def __init__(self, allow: Iterable[str] = ()) -> None:
        self._allow = frozenset(allow)
        self._inner = httpx.HTTPTransport(retries=1)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Check, pin, send."""
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        allowed = f"{url.host}:{port}" in self._allow
        if url.scheme not in ("http", "https") or (url.scheme == "http" and not allowed):
            raise SourceFailed(f"{url.scheme}://{url.host} is not https")
        address = _address(url.host, port, allowed)
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        return self._inner.handle_request(pinned)

    def close(self) -> None:
        """Give the connections back."""
        self._inner.close()


class Fetcher:
    """One reading of one source: counts bytes and seconds over all of its pages."""

    def __init__(self, limits: Limits | None = None, allow: Iterable[str] = ()) -> None:
        self.limits = limits or Limits()
        self._client = httpx.Client(
            transport=GuardedTransport(allow),
            follow_redirects=True,
            max_redirects=self.limits.redirects,
            timeout=self.limits.seconds_a_request,
            trust_env=False,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": "GoodHelp directory_sync",
            },
        )
        self._until = time.monotonic() + self.limits.seconds
        self._bytes = 0

    def __enter__(self) -> "Fetcher":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def json(self, url: str, params: dict[str, str] | None = None) -> Any:
        """The JSON at an address. Raises SourceFailed, or NotAnswered with the status."""
        return parse_json(self.read(url, params), _short(httpx.URL(url)))

    def read(self, url: str, params: dict[str, str] | None = None) -> bytes:
        """What stands at an address. Raises SourceFailed, or NotAnswered with the status."""
        where = httpx.URL(url).copy_merge_params(params or {})
        try:
            with self._client.stream("GET", where) as response:
                if not response.is_success:
                    raise NotAnswered(
                        f"{_short(where)} answered {response.status_code}", response.status_code
                    )
                return self._body(response)
        except httpx.TooManyRedirects:
            raise SourceFailed(f"{_short(where)} redirects too often") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotAnswered(f"{_short(where)}: {type(error).__name__}") from None

    def _body(self, response: httpx.Response) -> bytes:
        encoding = response.headers.get("content-encoding", "identity").lower()
        if encoding not in ("identity", "gzip", "deflate"):
            raise SourceFailed(f"an answer came packed as {encoding[:20]}")
        unpack = None if encoding == "identity" else zlib.decompressobj(zlib.MAX_WBITS | 32)
        body = bytearray()
        for chunk in response.iter_raw():
            if time.monotonic() > self._until:
                raise SourceFailed(f"took longer than {self.limits.seconds:g} seconds")
            room = self.limits.response_bytes - len(body) + 1
            try:
                # No more than there is room for is ever unpacked, so a bomb cannot go off.
                body += unpack.decompress(chunk, room) if unpack else chunk
            except zlib.error:
                raise SourceFailed("an answer could not be unpacked") from None
            if len(body) > self.limits.response_bytes or (unpack and unpack.unconsumed_tail):
                raise SourceFailed(
                    f"an answer is larger than {self.limits.response_bytes // MEGABYTE} MB"
                )
        self._bytes += len(body)
        if self._bytes > self.limits.total_bytes:
            raise SourceFailed(f"is larger than {self.limits.total_bytes // MEGABYTE} MB")
        return bytes(body)


def parse_json(body: bytes, where: str) -> Any:
    """JSON from bytes. Raises SourceFailed saying where it breaks."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SourceFailed(f"{where} is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise SourceFailed(
            f"{where} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None
    except (RecursionError, ValueError):
        raise SourceFailed(f"{where} is nested too deeply or holds an impossible number") from None


def origin_of(url: str) -> str:
    """`host:port` of an address, as `allow` wants it."""
    parts = httpx.URL(url)
    return f"{parts.host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _address(host: str, port: int, allowed: bool) -> str:
    """One address of a host, all of which are public or allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SourceFailed(f"{host[:100]} has no address") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not allowed:
        for address in addresses:
            if not _public(address):
                raise SourceFailed(f"{host[:100]} is not a public address")
    return addresses[0]


def _public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return _public(str(inner))
        # 64:ff9b::/96 carries an IPv4 address that a gateway may reach.
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return _public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def _short(url: httpx.URL) -> str:
    """An address for a report: no credentials, no query."""
    return str(url.copy_with(username=None, password=None, query=None))[:200]
