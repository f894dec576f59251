"""Twilio's REST API: the real client, redirected to `TWILIO_API_URL`.

Loaded only where a Twilio channel is set up: the client is big, and its import opens a socket.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from bot.channels.base import Accepted, Event, News, NotSent, Outgoing, Unsure, is_loopback
from bot.channels.errors import NO_CONNECTION, TEMPLATE, TOO_MANY, twilio_problem
from bot.channels.twilio import STATUS_PATH, problem_of, status_of, with_numbers
from hub.messages import Inbound, Kind, Status
from hub.people import Channel, Reach
from hub.settings import Settings

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
# Twilio's clock and ours may differ; a message can only have been made after it was queued.
CLOCK_SLACK = timedelta(hours=1)
LOOK_AT = 50
A_PAGE = 1_000
# More than a phone sends, but for long films.
MOST_BYTES = 20 * 1024 * 1024
API = "https://api.twilio.com"

# A page of a list that is refused is a bare TwilioException.
NO_LIST = (TwilioException, TwilioServiceException, httpx.HTTPError, ValueError)

# The text and its options, in; what `messages.create` takes, out; None where numbered lines do.
Choices = Callable[[str, tuple[str, ...]], dict[str, str] | None]


class RedirectingClient(HttpClient):  # type: ignore[misc]
    """Twilio's HTTP client over httpx, with the host of `TWILIO_API_URL`.

    httpx tells a call that never left from one that was cut off: that decides over a resend.
    """

    def __init__(self, api_url: str) -> None:
        self._base = urlsplit(api_url)
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx.Client(timeout=timeout, trust_env=not is_loopback(api_url))

    def home(self, uri: str) -> str:
        """Where a call to one of Twilio's hosts really goes: there, or to the one stand-in."""
        if self._base.hostname == "api.twilio.com":
            return uri
        asked = urlsplit(uri)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        return asked._replace(path=self._base.path.rstrip("/") + asked.path).geturl()

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Make the call. Raises httpx's own errors."""
        # The client hands JSON over as an object and says so in the headers.
        is_json = "json" in (headers or {}).get("Content-Type", "")
        body: dict[str, Any] = {"json": data} if is_json else {"data": data}
        answer = self._client.request(
            method, self.home(uri), params=params or None, headers=headers, auth=auth, **body
        )
        return Response(answer.status_code, answer.text, answer.headers)

    def download(self, url: str, auth: tuple[str, str]) -> tuple[str, bytes] | None:
        """A file, where there is one that is not too big. Raises httpx's own errors.

        Twilio sends us on to where files are kept; our sign-in does not go along.
        """
        content = bytearray()
        with self._client.stream("GET", url, auth=auth, follow_redirects=True) as answer:
            if answer.status_code != 200:
                return None
            for part in answer.iter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    return None
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return kind, bytes(content)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


class TwilioSender:
    """Sends through Twilio's REST API.

    `prefix` stands before each number ("whatsapp:"); `make_plain` has the last say over signs.
    `choices` gives the content to send in place of numbered lines, or None; `reopen` is the text
    of the approved template `template`.
    """

    def __init__(
        self,
        settings: Settings,
        channel: Channel,
        number: str,
        *,
        prefix: str = "",
        make_plain: Callable[[str], str] = str,
        choices: Choices | None = None,
        template: str = "",
        reopen: str | None = None,
    ) -> None:
        self.channel = channel
        self.reopen = reopen
        self._choices = choices
        self._template = template
        self._prefix = prefix
        self._make_plain = make_plain
        self._http = RedirectingClient(settings.twilio_api_url)
        self._account = settings.twilio_account_sid
        self._token = settings.twilio_auth_token.get_secret_value()
        self._client = Client(self._account, self._token, http_client=self._http)
        self._from = self._prefix + number
        self._callback = settings.public_url.rstrip("/") + STATUS_PATH

    def render(self, outgoing: Outgoing) -> str:
        """The text as it goes out."""
        return self._make_plain(with_numbers(outgoing.text, outgoing.options))

    def send(self, outgoing: Outgoing) -> Accepted:
        """Create the message. Twilio has no idempotency key, so our id goes in the callback.

        Buttons that Twilio refuses go out as numbered lines in the same breath: a refusal means
        that nothing was sent.
        """
        tapped = self._tapped(outgoing)
        if tapped is None:
            return self._create(outgoing, {"body": self.render(outgoing)})
        try:
            return self._create(outgoing, tapped)
        except NotSent as refusal:
            about_content = refusal.problem.words == TEMPLATE
            if not about_content or outgoing.kind == Kind.TEMPLATE:
                raise
        return self._create(outgoing, {"body": self.render(outgoing)})

    def _tapped(self, outgoing: Outgoing) -> dict[str, str] | None:
        if outgoing.kind == Kind.TEMPLATE:
            return {"content_sid": self._template}
        if self._choices is None or not outgoing.options or outgoing.attempt > 1:
            return None
        return self._choices(outgoing.text, outgoing.options)

    def _create(self, outgoing: Outgoing, content: dict[str, str]) -> Accepted:
        try:
            made = self._client.messages.create(
                to=self._prefix + outgoing.to,
                from_=self._from,
                status_callback=f"{self._callback}?message={outgoing.our_id}",
                **content,
            )
        except (TwilioRestException, TwilioServiceException) as error:
            raise _refusal(error) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise NotSent(NO_CONNECTION) from None
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unsure(type(error).__name__) from None
        return Accepted(str(made.sid))

    def look_up(self, outgoing: Outgoing) -> list[Accepted]:
        """Messages at Twilio with the same sender, receiver and body, the newest first."""
        # With buttons, what Twilio keeps as the body is the text without the options.
        texts = {_squeezed(self.render(outgoing)), _squeezed(outgoing.text)}
        since = outgoing.created_at - CLOCK_SLACK
        try:
            listed = self._client.messages.list(
                to=self._prefix + outgoing.to, from_=self._from, limit=LOOK_AT
            )
        except NO_LIST:
            raise NotSent(NO_CONNECTION) from None
        return [
            Accepted(str(one.sid), status, problem)
            for one in listed
            if _squeezed(one.body or "") in texts
            and (one.date_created is None or one.date_created.replace(tzinfo=UTC) >= since)
            and (status := status_of(one.status)) is not None
            for problem in [problem_of(status, one.error_code)]
        ]

    def since(self, moment: datetime) -> Iterator[Event]:
        """Messages to our number, oldest first, and what became of those from it."""
        try:
            came = self._client.messages.list(
                to=self._from, date_sent_after=moment, page_size=A_PAGE
            )
            yield from (self._inbound(one) for one in reversed(came) if one.direction == "inbound")
            went = self._client.messages.list(
                from_=self._from, date_sent_after=moment, page_size=A_PAGE
            )
        except NO_LIST:
            raise NotSent(NO_CONNECTION) from None
        for one in went:
            status = status_of(str(one.status))
            if status in (Status.DELIVERED, Status.FAILED) and one.direction != "inbound":
                problem = problem_of(status, one.error_code)
                yield News((Channel.SMS, Channel.WHATSAPP), str(one.sid), None, status, problem)

    def _inbound(self, one: Any) -> Inbound:
        """A listed message. Twilio's list knows no pins and no names."""
        at = one.date_sent or one.date_created
        return Inbound(
            reach=Reach(self.channel, str(one.from_).removeprefix(self._prefix)),
            provider_id=str(one.sid),
            text=one.body or "",
            media=tuple(self._attached(one.sid)) if int(one.num_media or 0) else (),
            sent_at=at.replace(tzinfo=UTC) if at else None,
        )

    def fetch(self, url: str) -> tuple[str, bytes] | None:
        """What a resident sent: its kind and its bytes. Only our own account's media are asked
        for, so a forged address leads nowhere; None where Twilio does not hand it over.
        """
        folder = f"/2010-04-01/Accounts/{self._account}/Messages/"
        if not url.startswith((API + folder, self._http.home(API) + folder)) or ".." in url:
            return None
        try:
            return self._http.download(self._http.home(url), (self._account, self._token))
        except httpx.HTTPError:
            return None

    def _attached(self, sid: str) -> list[dict[str, Any]]:
        try:
            found = self._client.messages(sid).media.list(limit=10)
        except NO_LIST:
            # That there was a picture is worth more than none of the message.
            return [{"content_type": "application/octet-stream"}]
        base = self._http.home(API)
        return [
            {
                "url": f"{base}{str(item.uri).removesuffix('.json')}",
                "content_type": str(item.content_type)[:100],
            }
            for item in found
        ]

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()


def _refusal(error: TwilioRestException | TwilioServiceException) -> NotSent | Unsure:
    status = int(error.status)
    # A gateway may say 5xx after the message was taken, so that is looked up first.
    if status >= 500:
        return Unsure(f"HTTP {status}")
    code = error.code if isinstance(error.code, int) and error.code != status else None
    problem = TOO_MANY if status == 429 and code is None else twilio_problem(code, status)
    return NotSent(problem)


def _squeezed(text: str) -> str:
    return " ".join(text.split())
