"""Does a web address still answer? Asked as carefully as a feed; nothing of the answer is read."""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass

import httpx

from directory_sync.fetch import AGENT, GuardedTransport, SourceFailed

REDIRECTS = 5
SECONDS = 10.0
SAYS: tuple[tuple[type[Exception], str], ...] = (
    (httpx.TooManyRedirects, "redirects for ever"),
    (httpx.TimeoutException, "did not answer in time"),
    (httpx.ConnectError, "nobody answers there"),
    (httpx.InvalidURL, "is no address"),
    (httpx.HTTPError, "broke off"),
)


@dataclass(frozen=True)
class Answer:
    """HTTP's status, 0 where nobody answered, and the same in plain words."""

    status: int
    said: str


class Asker:
    """Asks addresses one at a time. Only public ones, each redirect checked; http is allowed.

    `allow` names "host:port" origins that may be private, for tests.
    """

    def __init__(self, allow: Iterable[str] = ()) -> None:
        self._client = httpx.Client(
            transport=GuardedTransport(allow, plain_http=True),
            follow_redirects=True,
            max_redirects=REDIRECTS,
            timeout=SECONDS,
            trust_env=False,
            headers={"User-Agent": AGENT, "Accept": "*/*"},
        )

    def __enter__(self) -> "Asker":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, url: str) -> Answer:
        """What an address answers: to HEAD, and to GET where a site does not know HEAD."""
        try:
            status = self._client.head(url).status_code
            if status >= 400:
                with self._client.stream("GET", url) as response:
                    status = response.status_code
        except SourceFailed as refused:
            return Answer(0, str(refused))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(0, _said(error))
        return Answer(status, "answers" if status < 400 else f"answers {status}")


def _said(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "has no valid certificate"
        cause = cause.__cause__ or cause.__context__
    return next(said for kind, said in SAYS if isinstance(error, kind))
