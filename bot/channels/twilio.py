"""Twilio, shared by SMS and WhatsApp: the signature, the two webhooks, its words and ours."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from bot.channels.base import Call, Changed, Event, Ignored, News, is_loopback
from bot.channels.errors import Problem, twilio_problem
from hub.errors import BadInput
from hub.messages import Inbound, Kind, Status
from hub.people import Channel, Reach
from hub.settings import Settings

MESSAGE_PATH = "/webhooks/twilio/message"
STATUS_PATH = "/webhooks/twilio/status"
WHATSAPP = "whatsapp:"
MOST_FIELDS = 200
MOST_ADDRESS = 100

# What Advanced Opt-Out says it took a message for, whatever word the hub chose.
OPT_OUT_TYPES = {"STOP": Kind.STOP, "START": Kind.START, "HELP": Kind.HELP}
# Twilio documents no webhook for these two; should WhatsApp's own names come through, they are
# understood.
EDITED, TAKEN_BACK = {"edit", "edited"}, {"revoke", "revoked", "delete", "deleted"}

ON_ITS_WAY = {"queued", "accepted", "scheduled", "sending", "sent"}
ARRIVED = {"delivered", "read", "partially_delivered"}
LOST = {"failed", "undelivered", "canceled"}


class _TwilioDoor:
    accepted = 204

    def __init__(self, settings: Settings) -> None:
        self._token = settings.twilio_auth_token.get_secret_value()

    def verify(self, call: Call) -> bool:
        """Whether Twilio signed this call. Without a token nothing is believed."""
        return bool(self._token) and signed(self._token, call)

    def close(self) -> None:
        """A door to Twilio holds nothing open."""


class TwilioMessages(_TwilioDoor):
    """Where texts and WhatsApp messages come in."""

    path = MESSAGE_PATH

    def parse(self, call: Call) -> Event:
        """The message. Raises BadInput where it has no id or sender."""
        form = fields(call)
        sender, sid = form.get("From", ""), form.get("MessageSid") or form.get("SmsSid", "")
        if not sid or not sender or len(sender) > MOST_ADDRESS:
            raise BadInput("a message needs MessageSid and From")
        channel = Channel.WHATSAPP if sender.startswith(WHATSAPP) else Channel.SMS
        media, location, text = tuple(_media(form)), _location(form), _text(form)
        inbound = Inbound(
            reach=Reach(channel, sender.removeprefix(WHATSAPP)),
            provider_id=sid,
            text=text,
            media=media,
            location=location,
            place=_place(form),
            name=form.get("ProfileName") or None,
            kind=_kind(form, empty=not (text.strip() or media or location)),
        )
        told = form.get("MessageType", "").lower()
        changed = form.get("OriginalMessageSid") or form.get("OriginalRepliedMessageSid") or sid
        if told in TAKEN_BACK:
            return Changed(channel, changed, None)
        return Changed(channel, changed, text, inbound) if told in EDITED else inbound


class TwilioStatus(_TwilioDoor):
    """Where Twilio tells what became of a message."""

    path = STATUS_PATH

    def parse(self, call: Call) -> Event:
        """The news. Raises BadInput where it does not say about which message."""
        form = fields(call)
        sid = form.get("MessageSid") or form.get("SmsSid", "")
        if not sid or len(sid) > MOST_ADDRESS or not sid.isascii() or not sid.isprintable():
            raise BadInput("a status needs MessageSid")
        told = form.get("MessageStatus") or form.get("SmsStatus", "")
        status = status_of(told)
        if status is None:
            return Ignored("a status that changes nothing")
        ours = parse_qs(urlsplit(call.url).query).get("message", [""])[0]
        our_id = int(ours) if ours.isascii() and ours.isdigit() and len(ours) < 18 else None
        code = form.get("ErrorCode", "")
        problem = problem_of(status, int(code) if code.isascii() and code.isdigit() else None)
        return News((Channel.SMS, Channel.WHATSAPP), sid, our_id, status, problem)


def signed(token: str, call: Call) -> bool:
    """Whether `X-Twilio-Signature` fits. A JSON body must carry its own hash in the URL."""
    signature = call.headers.get("x-twilio-signature", "")
    if not signature or not signature.isascii():
        return False
    kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            if not _body_is_hashed(call):
                return False
            return bool(RequestValidator(token).validate(call.url, {}, signature))
        if kind not in ("application/x-www-form-urlencoded", ""):
            return False
        return bool(RequestValidator(token).validate(call.url, fields(call), signature))
    except (ValueError, TypeError, RecursionError, BadInput):
        return False


def fields(call: Call) -> ImmutableMultiDict[str, str]:
    """The form's fields, repeated ones kept. Raises BadInput where it is no form in UTF-8."""
    try:
        pairs = parse_qsl(
            call.body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=bool(call.body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise BadInput("not a form") from error
    return ImmutableMultiDict(pairs)


def with_numbers(text: str, options: tuple[str, ...]) -> str:
    """The text with its options as numbered lines: the resident types the number."""
    if any(option.isdigit() for option in options):
        # The text counts its choices already.
        return text
    lines = [f"{number} {option}" for number, option in enumerate(options, start=1)]
    return "\n".join([text, *lines])


def status_of(told: str) -> Status | None:
    """Our word for Twilio's. None for what says nothing about a message that we sent."""
    if told in ON_ITS_WAY:
        return Status.SENT
    if told in ARRIVED:
        return Status.DELIVERED
    return Status.FAILED if told in LOST else None


def problems(settings: Settings, number: str, setting: str) -> str | None:
    """What keeps a Twilio channel from working, or None. An unused channel has no problem."""
    if not number:
        return None
    token = settings.twilio_auth_token.get_secret_value()
    if not settings.twilio_account_sid or not token:
        return "set GOODHELP_TWILIO_ACCOUNT_SID and GOODHELP_TWILIO_AUTH_TOKEN."
    if not (number.startswith("+") and number[1:].isdigit()):
        return f"{setting} must look like +447700900123."
    if is_loopback(settings.public_url) and not is_loopback(settings.twilio_api_url):
        return "GOODHELP_PUBLIC_URL must be an address that Twilio can reach."
    return None


def usable(settings: Settings, number: str) -> bool:
    """Whether there is enough to send with."""
    token = settings.twilio_auth_token.get_secret_value()
    return bool(number and settings.twilio_account_sid and token)


def problem_of(status: Status, code: int | None) -> Problem | None:
    """Why it failed, where it did."""
    return twilio_problem(code) if status == Status.FAILED else None


def _body_is_hashed(call: Call) -> bool:
    told = parse_qs(urlsplit(call.url).query).get("bodySHA256", [""])
    body = hashlib.sha256(call.body).hexdigest()
    json.loads(call.body)
    return len(told) == 1 and told[0].isascii() and hmac.compare_digest(body, told[0].lower())


def _text(form: ImmutableMultiDict[str, str]) -> str:
    """What they wrote or tapped. A tapped choice comes with our own id: the whole option."""
    tapped = form.get("ButtonPayload") or form.get("ListId")
    return tapped or form.get("Body") or form.get("ButtonText") or form.get("ListTitle", "")


def _kind(form: ImmutableMultiDict[str, str], *, empty: bool) -> Kind | None:
    told = OPT_OUT_TYPES.get(form.get("OptOutType", "").upper())
    return told or (
        Kind.UNSUPPORTED if empty and form.get("MessageType", "text") != "text" else None
    )


def _place(form: ImmutableMultiDict[str, str]) -> str | None:
    named = (form.get("Label", ""), form.get("Address", ""))
    return ", ".join(part for part in named if part) or None


def _media(form: ImmutableMultiDict[str, str]) -> Iterator[dict[str, Any]]:
    told = form.get("NumMedia", "0")
    count = int(told) if told.isascii() and told.isdigit() and len(told) < 3 else 0
    for number in range(min(count, 10)):
        url = form.get(f"MediaUrl{number}")
        if url:
            kind = form.get(f"MediaContentType{number}", "application/octet-stream")
            yield {"url": url[:2000], "content_type": kind[:100]}


def _location(form: ImmutableMultiDict[str, str]) -> tuple[float, float] | None:
    try:
        place = (float(form["Latitude"]), float(form["Longitude"]))
    except (KeyError, ValueError):
        return None
    return place if abs(place[0]) <= 90 and abs(place[1]) <= 180 else None
