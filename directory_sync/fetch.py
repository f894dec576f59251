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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import httpx

from hub.errors import Refused

if TYPE_CHECKING:
    from directory_sync.kept import Kept, PageKept

MEGABYTE = 1024 * 1024
# A busy supplier is asked so often, with waits of so many seconds where it names none.
BUSY = (429, 503)
TRIES = 3
WAIT, LONGEST_WAIT = 2.0, 300
LONGEST_PAUSE = 1.0
AGENT = "GoodHelp directory_sync (reads Open Referral UK for a neighbourhood hub)"


class SourceFailed(Refused):
    """A source cannot be read; the directory stays as it was."""

    staff_words = "The directory could not be read. The last good one is still in use."


class NotAnswered(SourceFailed):
    """A page answered with a status that is no success; `status` is 0 where nothing came."""

    def __init__(self, detail: str, status: int = 0) -> None:
        super().__init__(detail)
        self.status = status


class NotNow(NotAnswered):
    """A supplier is busy and says, or lets us guess, how many seconds to `wait`."""

    def __init__(self, detail: str, status: int, wait: float) -> None:
        super().__init__(detail, status)
        self.wait = wait


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


@dataclass(frozen=True)
class Key:
    """A supplier's key. It goes to `origin` ("host:port") alone, whatever redirects say.

    It is put on at the last moment, in a header or a parameter, so that no report can hold it.
    """

    origin: str
    secret: str = field(repr=False)
    header: str = ""
    parameter: str = ""


class GuardedTransport(httpx.BaseTransport):
    """Calls the address it checked, and none that is private. `allow` holds "host:port" origins.

    With `plain_http` public addresses may be called without TLS, where nothing is read of them.
    """

    def __init__(
        self, allow: Iterable[str] = (), key: Key | None = None, *, plain_http: bool = False
    ) -> None:
        self._allow, self._key, self._plain_http = frozenset(allow), key, plain_http
        self._inner = httpx.HTTPTransport(retries=1)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Check, pin, send."""
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        allowed = f"{url.host}:{port}" in self._allow
        plain = url.scheme == "http" and not (allowed or self._plain_http)
        if url.scheme not in ("http", "https") or plain:
            raise SourceFailed(f"{url.scheme}://{url.host} is not https")
        address = _address(url.host, port, allowed)
        headers = request.headers.copy()
        if self._key and self._key.origin == f"{url.host}:{port}":
            if self._key.header:
                headers[self._key.header] = self._key.secret
            if self._key.parameter:
                url = url.copy_merge_params({self._key.parameter: self._key.secret})
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=address),
            headers=headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        return self._inner.handle_request(pinned)

    def close(self) -> None:
        """Give the connections back."""
        self._inner.close()


class Fetcher:
    """One reading of one source: counts bytes and seconds over all of its pages.

    One request at a time. After each answer we wait as long as it took, up to a second, so that
    a small supplier is never busy with us for more than half of its time. What `kept` has is
    asked for on condition that it changed.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        allow: Iterable[str] = (),
        *,
        kept: "Kept | None" = None,
        key: Key | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._kept = kept
        self._pause = 0.0
        self._client = httpx.Client(
            transport=GuardedTransport(allow, key),
            follow_redirects=True,
            max_redirects=self.limits.redirects,
            timeout=self.limits.seconds_a_request,
            trust_env=False,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": AGENT,
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
        name = str(where.copy_with(username=None, password=None))
        before = self._kept.page(name) if self._kept else None
        if before and before.fresh:
            return before.body
        for tries in range(TRIES):
            time.sleep(min(self._pause, max(0.0, self._until - time.monotonic())))
            try:
                return self._asked(where, name, before)
            except NotNow as error:
                if tries + 1 == TRIES or time.monotonic() + error.wait > self._until:
                    raise
                self._pause = error.wait
        raise AssertionError("unreachable")

    def _asked(self, where: httpx.URL, name: str, before: "PageKept | None") -> bytes:
        began = time.monotonic()
        try:
            with self._client.stream("GET", where, headers=_conditions(before)) as response:
                if response.status_code == 304 and before:
                    etag, modified, body = before.etag, before.modified, before.body
                elif response.is_success:
                    body = self._body(response)
                    etag = response.headers.get("etag", "")[:500]
                    modified = response.headers.get("last-modified", "")[:100]
                else:
                    said = f"{_short(where)} answered {response.status_code}"
                    if response.status_code in BUSY:
                        raise NotNow(said, response.status_code, _wait(response))
                    raise NotAnswered(said, response.status_code)
        except httpx.TooManyRedirects:
            raise SourceFailed(f"{_short(where)} redirects too often") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotAnswered(f"{_short(where)}: {type(error).__name__}") from None
        self._pause = min(time.monotonic() - began, LONGEST_PAUSE)
        if self._kept:
            self._kept.keep_page(name, etag, modified, body)
        return body

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


def _conditions(before: "PageKept | None") -> dict[str, str]:
    found = {}
    if before and before.etag:
        found["If-None-Match"] = before.etag
    if before and before.modified:
        found["If-Modified-Since"] = before.modified
    return found


def _wait(response: httpx.Response) -> float:
    """Seconds that a busy supplier asks for, in either form of the header."""
    said = response.headers.get("retry-after", "").strip()
    if said.isdigit():
        return float(min(int(said), LONGEST_WAIT))
    try:
        moment = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return WAIT
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), float(LONGEST_WAIT))


def parse_json(body: bytes, where: str) -> Any:
    """JSON from bytes. Raises SourceFailed saying where it breaks."""
    try:
        if body.startswith((b"\xff\xfe", b"\xfe\xff")):
            return json.loads(body.decode("utf-16"))
        return json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SourceFailed(
            f"{where} is not UTF-8 at byte {error.start}: save it as UTF-8"
        ) from None
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
