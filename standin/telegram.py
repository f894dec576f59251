"""Telegram's Bot API, as much of it as a bot needs that sends and is called by webhook."""

import asyncio
import json
import time
from typing import Any
from urllib.parse import parse_qsl

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from standin.state import Sent, State

MOST_CHARACTERS = 4096


def make_router(state: State) -> APIRouter:
    """The routes under `/bot{token}`."""
    router = APIRouter(prefix="/bot{token}")

    @router.post("/sendMessage")
    async def send(token: str, request: Request) -> JSONResponse:
        state.calls += 1
        told = await _fields(request)
        to, text = str(told.get("chat_id", "")), str(told.get("text", ""))
        fault = state.fault("telegram", to)
        if fault is not None and fault.kind == "refuse":
            return _error(fault.http, retry_after=fault.retry_after)
        if to in state.stopped:
            return _error(403, "Forbidden: bot was blocked by the user")
        if not text.strip():
            return _error(400, "Bad Request: message text is empty")
        if len(text) > MOST_CHARACTERS:
            return _error(400, "Bad Request: message is too long")
        if not to.lstrip("-").isdigit():
            return _error(400, "Bad Request: chat not found")
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        number = len(state.sent) + 1
        made = Sent("telegram", str(number), to, "bot", text, state.clock(), _options(told))
        made.status = "sent"
        state.sent.append(made)
        if fault is not None and fault.kind == "accept_then_hang":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind == "accept_then_refuse":
            return _error(fault.http)
        chat = {"id": int(to), "type": "private"}
        return _ok({"message_id": number, "date": int(time.time()), "chat": chat, "text": text})

    @router.post("/getMe")
    @router.get("/getMe")
    async def get_me(token: str) -> JSONResponse:
        return _ok({"id": 1, "is_bot": True, "first_name": "Stand-in", "username": "standin_bot"})

    @router.post("/{method}")
    async def other(token: str, method: str) -> JSONResponse:
        if method in ("setWebhook", "deleteWebhook", "answerCallbackQuery", "setMyCommands"):
            return _ok(True)
        return _error(404, "Not Found")

    return router


def update(number: int, chat: int, text: str, name: str = "Rita") -> dict[str, Any]:
    """A private text message as Telegram posts it."""
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": name},
            "from": {"id": chat, "is_bot": False, "first_name": name},
            "text": text,
        },
    }


async def post_update(url: str, secret: str, body: dict[str, Any]) -> int:
    """Post an update as Telegram would. Gives the HTTP status."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    async with httpx.AsyncClient(timeout=15, trust_env=False) as client:
        answer = await client.post(url, json=body, headers=headers)
    return answer.status_code


async def _fields(request: Request) -> dict[str, Any]:
    body = await request.body()
    if "json" in request.headers.get("content-type", ""):
        found: dict[str, Any] = json.loads(body)
        return found
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _options(told: dict[str, Any]) -> list[str]:
    markup = told.get("reply_markup") or {}
    markup = json.loads(markup) if isinstance(markup, str) else markup
    rows = markup.get("keyboard") or markup.get("inline_keyboard") or []
    return [key if isinstance(key, str) else str(key["text"]) for row in rows for key in row]


def _ok(result: object) -> JSONResponse:
    return JSONResponse({"ok": True, "result": result})


def _error(http: int, words: str = "", retry_after: int = 0) -> JSONResponse:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": http,
        "description": words or f"Error {http}",
    }
    if http == 429:
        body["parameters"] = {"retry_after": retry_after}
    return JSONResponse(body, status_code=http)
