"""What residents do on Telegram, as updates to the bot."""

import time
from typing import Any, Protocol

import httpx
from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from standin.state import State
from standin.telegram_state import BOT, Update

RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages"),
    *("can_manage_video_chats", "can_restrict_members", "can_promote_members"),
    *("can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories"),
    "can_delete_stories",
)


class Where(Protocol):
    """Where updates are posted while the bot has asked for neither a webhook nor polled."""

    url: str
    telegram_secret: str


class Tap(BaseModel):
    """A resident taps a key: `key` counts from 0, on the newest keyboard they were sent.

    `message` names an older one. `late` is so late that Telegram leaves the message's text out.
    """

    sender: str
    key: int = Field(ge=0)
    message: str | None = None
    late: bool = False


def make_router(state: State, where: Where) -> APIRouter:
    """The routes under `/telegram`, for whoever plays a resident."""
    router = APIRouter(prefix="/telegram")

    @router.get("")
    async def bot() -> dict[str, Any]:
        """What the bot has set up: webhook, commands, texts; which taps it has answered."""
        known = state.telegram
        return {
            "webhook": known.webhook,
            "about": known.about,
            "answered": known.answered,
            "left": sorted(known.left),
            "waiting": len(known.waiting),
            "confirmed": known.confirmed,
        }

    @router.post("/updates")
    async def any_update(body: dict[str, Any]) -> dict[str, int]:
        """Give the bot an update as it stands here; `update_id` is filled in where it lacks."""
        body.setdefault("update_id", state.telegram.next_update())
        return {"status": await tell(state, where.url, where.telegram_secret, body)}

    @router.post("/taps")
    async def tap(tap: Tap) -> dict[str, int]:
        """Tap a key."""
        found = state.find(
            lambda one: (
                one.provider == "telegram"
                and one.to == tap.sender
                and tap.message in (None, one.id)
                and (tap.message is not None or bool(one.data))
            )
        )
        if not found or tap.key >= len(found[0].first_data):
            raise HTTPException(404, "no such key")
        number = state.telegram.next_update()
        body = state.telegram.tap(found[0], tap.key, number, late=tap.late)
        return {"status": await tell(state, where.url, where.telegram_secret, body)}

    return router


async def tell(state: State, url: str, secret: str, body: Update) -> int:
    """Give the bot an update: by its webhook, or for `getUpdates`; then it waits, which is 200.

    Where the bot has asked for neither yet it is posted to `url`.
    """
    bot = state.telegram
    if "my_chat_member" in body:
        _note(state, body["my_chat_member"])
    if not bot.webhook and bot.polled:
        bot.waiting.append(body)
        return 200
    if bot.webhook:
        url, secret = bot.webhook, bot.secret
    else:
        url = f"{url}/webhooks/telegram"
    status = await post_update(url, secret, body)
    bot.last_error = "" if status < 300 else f"Wrong response from the webhook: {status}"
    return status


def _note(state: State, change: Update) -> None:
    """Somebody who blocks the bot gets nothing more, until they let it in again."""
    chat, status = str(change["chat"]["id"]), change["new_chat_member"]["status"]
    if status == "kicked":
        state.stopped.add(chat)
    else:
        state.stopped.discard(chat)
        state.telegram.left.discard(chat)


def update(number: int, chat: int, text: str, name: str = "Rita", /, **more: Any) -> Update:
    """A private message as Telegram sends it. `more` adds fields, as in `sticker={...}`."""
    message: Update = {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": chat, "type": "private", "first_name": name},
        "from": {"id": chat, "is_bot": False, "first_name": name},
    }
    if text:
        message["text"] = text
    return {"update_id": number, "message": message | more}


def edited(number: int, of: Update, text: str) -> Update:
    """The message of an earlier update, in other words."""
    message = of["message"] | {"text": text, "edit_date": int(time.time())}
    return {"update_id": number, "edited_message": message}


def standing(number: int, chat: int, status: str, kind: str = "private") -> Update:
    """The bot's standing in a chat has changed: "kicked" by a person is blocked."""
    before = "member" if status in ("kicked", "left") else "kicked"
    until = {"until_date": 0}
    return {
        "update_id": number,
        "my_chat_member": {
            "chat": {"id": chat, "type": kind, "title": "Group"},
            "from": {"id": abs(chat), "is_bot": False, "first_name": "Rita"},
            "date": int(time.time()),
            "old_chat_member": {
                "user": BOT,
                "status": before,
                **(until if before == "kicked" else {}),
            },
            "new_chat_member": {
                "user": BOT,
                "status": status,
                **(until if status == "kicked" else {}),
                **(dict.fromkeys(RIGHTS, True) if status == "administrator" else {}),
            },
        },
    }


async def post_update(url: str, secret: str, body: Update) -> int:
    """Post an update as Telegram would. Gives the HTTP status."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    async with httpx.AsyncClient(timeout=15, trust_env=False) as client:
        answer = await client.post(url, json=body, headers=headers)
    return answer.status_code
