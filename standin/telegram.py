"""Telegram's Bot API, as much of it as a bot for private conversations needs.

Shapes and refusals after the Bot API's own description. Updates come by webhook once one is set
(`setWebhook`) or wait for `getUpdates`; both at once is a conflict, as at Telegram.
"""

import asyncio
import base64
import json
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from standin.state import Fault, Sent, State
from standin.telegram_state import OLDEST_QUERY, Telegram

MOST_CHARACTERS = 4096
MOST_DATA = 64
BLOCKED = "Forbidden: bot was blocked by the user"
WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
ANOTHER_POLLER = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
Fields = dict[str, Any]
# One grey dot.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGOoBwAAgQCAyePKwgAAAABJRU5ErkJggg=="
)


class Refused(Exception):
    """The call is answered with an error."""

    def __init__(self, http: int, words: str = "", retry_after: int = 0) -> None:
        super().__init__(words)
        self.http, self.words, self.retry_after = http, words, retry_after


def make_router(state: State) -> APIRouter:
    """The routes under `/bot{token}` and `/file/bot{token}`."""
    router = APIRouter(prefix="/bot{token}")
    files = APIRouter(prefix="/file/bot{token}")
    methods = {
        "sendMessage": _send,
        "editMessageText": _edit,
        "editMessageReplyMarkup": _edit,
        "answerCallbackQuery": _answer_query,
        "getUpdates": _get_updates,
        "setWebhook": _set_webhook,
        "deleteWebhook": _delete_webhook,
        "getWebhookInfo": _webhook_info,
        "getMe": _me,
        "leaveChat": _leave,
        "getFile": _file,
    }

    @files.get("/{path:path}")
    async def file(token: str, path: str) -> Response:
        return Response(PICTURE, media_type="application/octet-stream")

    @router.api_route("/{method}", methods=["GET", "POST"])
    async def call(token: str, method: str, request: Request) -> JSONResponse:
        state.calls += 1
        told = await _fields(request)
        bot = state.telegram
        fault = state.fault("telegram", str(told.get("chat_id", "")), method)
        try:
            if ":" not in token or token in bot.bad_tokens:
                raise Refused(401, "Unauthorized")
            if fault is not None and fault.kind == "refuse":
                raise Refused(fault.http, fault.words, fault.retry_after)
            if method in methods:
                result = await methods[method](state, bot, told)
            elif method.startswith(("setMy", "getMy")):
                result = _about_me(bot, method, told)
            else:
                raise Refused(404, "Not Found")
            await _late(fault)
        except Refused as refusal:
            return _error(refusal)
        return JSONResponse({"ok": True, "result": result})

    whole = APIRouter()
    whole.include_router(files)
    whole.include_router(router)
    return whole


async def _late(fault: Fault | None) -> None:
    """What goes wrong after the call was carried out."""
    if fault is None:
        return
    if fault.kind in ("slow", "accept_then_hang"):
        await asyncio.sleep(fault.seconds)
    if fault.kind == "accept_then_refuse":
        raise Refused(fault.http)


async def _send(state: State, bot: Telegram, told: Fields) -> Fields:
    to, text = str(told.get("chat_id", "")), str(told.get("text", ""))
    if not to.lstrip("-").isdigit() or to in bot.unknown:
        raise Refused(400, "Bad Request: chat not found")
    if to in state.stopped:
        raise Refused(403, BLOCKED)
    if to in bot.left:
        raise Refused(403, "Forbidden: bot was kicked from the group chat")
    if to in bot.upgraded:
        raise Refused(400, "Bad Request: group chat was upgraded to a supergroup chat")
    if not text.strip():
        raise Refused(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > MOST_CHARACTERS:
        raise Refused(400, "Bad Request: message is too long")
    number = bot.next_message()
    made = Sent("telegram", str(number), to, "bot", text, state.clock())
    made.options, made.data = _keys(told)
    made.first_data = made.data
    made.status = "sent"
    state.sent.append(made)
    return bot.message(made)


async def _edit(state: State, bot: Telegram, told: Fields) -> Fields:
    """Another text, another keyboard, or none."""
    wanted = str(told.get("message_id", ""))
    found = state.find(
        lambda one: one.provider == "telegram" and one.id == wanted and one.to == _to(told)
    )
    if not found:
        raise Refused(400, "Bad Request: message to edit not found")
    if found[0].to in state.stopped:
        raise Refused(403, BLOCKED)
    options, data = _keys(told)
    text = str(told.get("text", found[0].text))
    if (text, options, data) == (found[0].text, found[0].options, found[0].data):
        raise Refused(400, "Bad Request: message is not modified")
    found[0].text, found[0].options, found[0].data = text, options, data
    return bot.message(found[0])


async def _answer_query(state: State, bot: Telegram, told: Fields) -> bool:
    """Within some seconds of the tap, and once."""
    query = str(told.get("callback_query_id", ""))
    asked_at = bot.open_queries.pop(query, None)
    if asked_at is None or time.monotonic() - asked_at > OLDEST_QUERY:
        raise Refused(
            400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        )
    bot.answered.append({"id": query, "text": str(told.get("text", ""))})
    return True


async def _get_updates(state: State, bot: Telegram, told: Fields) -> list[Fields]:
    if bot.webhook:
        raise Refused(409, WEBHOOK_IS_SET)
    bot.polled = True
    mine = bot.begin_poll()
    offset, limit = int(told.get("offset", 0)), int(told.get("limit", 100))
    bot.confirm(offset)
    until = time.monotonic() + min(float(told.get("timeout", 0)), 50)
    while not bot.waiting and time.monotonic() < until:
        await asyncio.sleep(0.02)
        if bot.webhook:
            raise Refused(409, WEBHOOK_IS_SET)
        if mine != bot.poll:
            raise Refused(409, ANOTHER_POLLER)
    return bot.waiting[: max(1, min(limit, 100))]


async def _set_webhook(state: State, bot: Telegram, told: Fields) -> bool:
    url = str(told.get("url", ""))
    local = (urlsplit(url).hostname or "") in ("127.0.0.1", "localhost")
    if url and not url.startswith("https://") and not local:
        raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    bot.webhook, bot.secret = url, str(told.get("secret_token", ""))
    bot.allowed = _json(told.get("allowed_updates")) or []
    return True


async def _delete_webhook(state: State, bot: Telegram, told: Fields) -> bool:
    bot.webhook = bot.secret = ""
    if str(told.get("drop_pending_updates", "")).lower() == "true":
        bot.waiting.clear()
    return True


async def _webhook_info(state: State, bot: Telegram, told: Fields) -> Fields:
    info: Fields = {
        "url": bot.webhook,
        "has_custom_certificate": False,
        "pending_update_count": len(bot.waiting),
        "allowed_updates": bot.allowed,
    }
    if bot.last_error:
        info |= {"last_error_date": int(time.time()), "last_error_message": bot.last_error}
    return info


async def _me(state: State, bot: Telegram, told: Fields) -> Fields:
    return bot.me


async def _leave(state: State, bot: Telegram, told: Fields) -> bool:
    if _to(told) in bot.left:
        raise Refused(403, "Forbidden: bot is not a member of the group chat")
    bot.left.add(_to(told))
    return True


async def _file(state: State, bot: Telegram, told: Fields) -> Fields:
    """Every file is the same small picture."""
    file_id = str(told.get("file_id", ""))
    if not file_id or file_id in bot.unknown:
        raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    path = f"photos/{file_id}.png"
    return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_path": path}


def _about_me(bot: Telegram, method: str, told: Fields) -> object:
    """Commands and profile texts: kept, and given back."""
    name = method[len("setMy") :]
    if method.startswith("setMy"):
        bot.about[name] = {key: _json(value) for key, value in told.items()}
        return True
    kept = bot.about.get(name, {})
    return kept.get("commands", []) if name == "Commands" else kept


async def _fields(request: Request) -> Fields:
    body = await request.body()
    told: Fields = dict(request.query_params)
    if "json" in request.headers.get("content-type", ""):
        return told | dict(json.loads(body or b"{}"))
    return told | dict(parse_qsl(body.decode(), keep_blank_values=True))


def _keys(told: Fields) -> tuple[list[str], list[str]]:
    """The words on the keys of a keyboard, and what each sends back."""
    markup = _json(told.get("reply_markup")) or {}
    rows = markup.get("keyboard") or markup.get("inline_keyboard") or []
    keys = [{"text": key} if isinstance(key, str) else key for row in rows for key in row]
    for key in keys:
        if len(str(key.get("callback_data", "")).encode()) > MOST_DATA:
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    return [str(key["text"]) for key in keys], [str(key.get("callback_data", "")) for key in keys]


def _json(value: object) -> Any:
    """A parameter that is JSON; forms carry it as text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _to(told: Fields) -> str:
    return str(told.get("chat_id", ""))


def _error(refusal: Refused) -> JSONResponse:
    body: Fields = {
        "ok": False,
        "error_code": refusal.http,
        "description": refusal.words or f"Error {refusal.http}",
    }
    if refusal.http == 429:
        body["description"] = f"Too Many Requests: retry after {refusal.retry_after}"
        body["parameters"] = {"retry_after": refusal.retry_after}
    return JSONResponse(body, status_code=refusal.http)
