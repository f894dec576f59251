"""Twilio's Messages resource: create, list, fetch, and signed callbacks.

Shapes after Twilio's REST API, 2010-04-01. Texts are checked as Twilio checks them: a number
in E.164, a body of 1 to 1,600 characters, nobody who has sent STOP.
"""

import asyncio
import base64
import hashlib
import hmac
import re
from contextlib import suppress
from datetime import date, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from standin import contents
from standin.state import Fault, Sent, State, new_sid

E164 = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}")
STOP = {"stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"}
START = {"start", "yes", "unstop"}
NEWS = ("sent", "delivered")
# A picture of one dot (GIF).
DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==")
WORDS = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    21211: "Invalid 'To' Phone Number",
    21602: "Message body is required",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit",
}


def make_router(state: State) -> APIRouter:
    """The routes under `/2010-04-01`."""
    router = APIRouter(prefix="/2010-04-01/Accounts/{account}")
    tasks: set[asyncio.Task[None]] = set()

    @router.post("/Messages.json")
    async def create(account: str, request: Request) -> JSONResponse:
        state.calls += 1
        token = _token(request, account)
        if token is None:
            return _error(401, 20003)
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        to, body = form.get("To", ""), form.get("Body", "")
        fault = state.fault("twilio", to)
        if fault is not None and fault.kind == "refuse":
            return _error(fault.http, fault.code)
        content = form.get("ContentSid")
        if content is not None:
            shown = contents.shown(state, content, form.get("ContentVariables", "{}"))
            if isinstance(shown, int):
                return _error(400, shown)
            body, options = shown
        else:
            options = []
        problem = _problem(state, to, body)
        if problem is not None:
            return _error(400, problem)
        made = Sent(
            provider="twilio",
            id=new_sid(),
            to=to,
            sender=form.get("From", ""),
            text=body,
            at=state.clock(),
            options=options,
            callback=form.get("StatusCallback"),
            content=content,
        )
        if to.startswith("whatsapp:") and not contents.opens(state, content):
            fault = fault or _window(state, to)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        state.sent.append(made)
        task = asyncio.create_task(_report(made, account, token, fault))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        if fault is not None and fault.kind == "accept_then_hang":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind == "accept_then_refuse":
            return _error(fault.http, fault.code)
        return JSONResponse(_resource(made, account), status_code=201)

    @router.get("/Messages.json")
    async def show(account: str, request: Request) -> JSONResponse:
        if _token(request, account) is None:
            return _error(401, 20003)
        fault = state.fault("twilio", "", "list")
        if fault is not None:
            return _error(fault.http, fault.code)
        asked = request.query_params
        found = state.find(
            lambda one: (
                one.provider == "twilio"
                and asked.get("To") in (None, one.to)
                and asked.get("From") in (None, one.sender)
                and _on_day(one.at, asked)
            )
        )
        size, page = int(asked.get("PageSize", 50)), int(asked.get("Page", 0))
        part = found[page * size : (page + 1) * size]
        path = f"/2010-04-01/Accounts/{account}/Messages.json"
        more = urlencode({**asked, "PageSize": size, "Page": page + 1})
        following = f"{path}?{more}" if len(found) > (page + 1) * size else None
        return JSONResponse(
            {
                "messages": [_resource(one, account) for one in part],
                "page": page,
                "page_size": size,
                "next_page_uri": following,
                "previous_page_uri": None,
                "first_page_uri": path,
                "uri": path,
                "start": page * size,
                "end": page * size + len(part),
            }
        )

    @router.get("/Messages/{sid}/Media.json")
    async def media(account: str, sid: str, request: Request) -> JSONResponse:
        if _token(request, account) is None:
            return _error(401, 20003)
        found = state.find(lambda one: one.id == sid)
        listed = [_media(account, sid, kind, n) for n, kind in enumerate(found[0].media)]
        return JSONResponse({"media_list": listed, "next_page_uri": None, "page": 0})

    @router.get("/Messages/{sid}/Media/{name}")
    async def picture(account: str, sid: str, name: str, request: Request) -> Response:
        if _token(request, account) is None:
            return _error(401, 20003)
        found = state.find(lambda one: one.id == sid)
        number = int(name[2:], 16)
        if not found or number >= len(found[0].media):
            return _error(404, 20404)
        return Response(DOT, media_type=found[0].media[number])

    @router.get("/Messages/{sid}.json")
    async def fetch(account: str, sid: str, request: Request) -> JSONResponse:
        if _token(request, account) is None:
            return _error(401, 20003)
        found = state.find(lambda one: one.id == sid)
        return JSONResponse(_resource(found[0], account)) if found else _error(404, 20404)

    return router


def sign(token: str, url: str, params: dict[str, str]) -> str:
    """Twilio's signature of a form post to `url`."""
    text = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


async def post_signed(token: str, url: str, public_url: str, params: dict[str, str]) -> int:
    """Post a form as Twilio would; `public_url` is what is signed. Gives the HTTP status."""
    headers = {
        "X-Twilio-Signature": sign(token, public_url, params),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    async with httpx.AsyncClient(timeout=15, trust_env=False) as client:
        answer = await client.post(url, content=urlencode(params), headers=headers)
    return answer.status_code


def inbound(text: str, sender: str, to: str, account: str, **more: str) -> dict[str, str]:
    """The fields of a message webhook. `more` overrides or adds, as in NumMedia="1"."""
    sid = new_sid()
    return {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": account,
        "From": sender,
        "To": to,
        "Body": text,
        "NumMedia": "0",
        "NumSegments": "1",
        "ApiVersion": "2010-04-01",
        **more,
    }


def note_stop(state: State, sender: str, text: str) -> None:
    """Keep who sent STOP or START, as Twilio does."""
    word = text.strip().lower()
    if word in STOP:
        state.stopped.add(sender)
    elif word in START:
        state.stopped.discard(sender)


async def _report(made: Sent, account: str, token: str, fault: Fault | None) -> None:
    """Tell the client's status webhook what became of the message, in the order asked for."""
    told = fault.statuses if fault is not None and fault.kind == "news" else list(NEWS)
    if fault is not None and fault.kind == "news":
        await asyncio.sleep(fault.seconds)
    for status in told:
        await asyncio.sleep(0.02)
        made.status = status
        params = {
            "MessageSid": made.id,
            "MessageStatus": status,
            "AccountSid": account,
            "To": made.to,
            "From": made.sender,
        }
        if status in ("failed", "undelivered") and fault is not None and fault.code:
            made.error_code = fault.code
            params["ErrorCode"] = str(fault.code)
        if made.callback:
            # Nobody there to hear it: the message goes its way all the same.
            with suppress(httpx.HTTPError):
                await post_signed(token, made.callback, made.callback, params)


def _media(account: str, sid: str, kind: str, number: int) -> dict[str, Any]:
    path = f"/2010-04-01/Accounts/{account}/Messages/{sid}/Media/ME{number:032x}"
    return {
        "sid": f"ME{number:032x}",
        "account_sid": account,
        "parent_sid": sid,
        "content_type": kind,
        "uri": f"{path}.json",
    }


def _problem(state: State, to: str, body: str) -> int | None:
    if not E164.fullmatch(to):
        return 21211
    if not body:
        return 21602
    if len(body) > 1600:
        return 21617
    return 21610 if to in state.stopped else None


def _window(state: State, to: str) -> Fault | None:
    """WhatsApp takes a free text late and says only later that it may not be delivered."""
    if state.may_write(to):
        return None
    return Fault(kind="news", statuses=["sent", "undelivered"], code=63016)


def _token(request: Request, account: str) -> str | None:
    """The auth token of the call, where the account it signs in with is the one it asks for."""
    kind, _, told = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, token = base64.b64decode(told).decode().partition(":")
    except ValueError:
        return None
    return token if kind.lower() == "basic" and user == account and token else None


def _on_day(at: datetime, asked: Any) -> bool:
    """Twilio takes a day or a moment, in UTC; a day stands for its whole length."""
    exact, before, after = (asked.get(name) for name in ("DateSent", "DateSent<", "DateSent>"))
    return (
        (exact is None or at.date() == date.fromisoformat(exact[:10]))
        and (before is None or _compares(at, before) <= 0)
        and (after is None or _compares(at, after) >= 0)
    )


def _compares(at: datetime, told: str) -> int:
    if len(told) <= 10:
        day = date.fromisoformat(told)
        return (at.date() > day) - (at.date() < day)
    moment = datetime.fromisoformat(told)
    # Twilio dates messages to the second.
    return (at.replace(microsecond=0) > moment) - (at < moment)


def _error(http: int, code: int | None) -> JSONResponse:
    words = WORDS.get(code or 0, "The stand-in was told to fail")
    body = {
        "code": code or http,
        "message": words,
        "more_info": f"https://www.twilio.com/docs/errors/{code or http}",
        "status": http,
    }
    return JSONResponse(body, status_code=http)


def _resource(one: Sent, account: str) -> dict[str, Any]:
    at = format_datetime(one.at)
    path = f"/2010-04-01/Accounts/{account}/Messages/{one.id}"
    return {
        "sid": one.id,
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": one.text,
        "from": one.sender,
        "to": one.to,
        "status": one.status,
        "direction": one.direction,
        "date_created": at,
        "date_updated": at,
        "date_sent": None if one.status == "queued" and one.direction != "inbound" else at,
        "error_code": one.error_code,
        "error_message": None,
        "messaging_service_sid": None,
        "num_media": str(len(one.media)),
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "uri": f"{path}.json",
        "subresource_uris": {"media": f"{path}/Media.json"},
    }
