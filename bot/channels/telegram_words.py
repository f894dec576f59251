"""One private Telegram message as an inbound message: commands become words, media is named."""

import re
from typing import Any

from telegram import Message
from telegram.constants import MessageType

from bot.channels.base import Event, Ignored
from hub.messages import Inbound
from hub.people import Channel, Reach

# The commands that Telegram's menu shows, and the words that mean the same on every channel.
COMMANDS = {
    "start": "START",
    "help": "MENU",
    "menu": "MENU",
    "human": "HUMAN",
    "skip": "SKIP",
    "privacy": "PRIVACY",
    "delete": "DELETE",
    "stop": "STOP",
    "link": "LINK",
    "unlink": "UNLINK",
}
COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.S)
# t.me/<bot>?start=<payload>: where somebody found us, or a code to link two channels.
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
LINK_PAYLOAD = re.compile(r"link[-_](\d{6})")
# What a resident sends us; all other kinds are news about the chat itself.
SENT = {
    *("animation", "audio", "checklist", "contact", "dice", "document", "game", "gift"),
    *("giveaway", "invoice", "live_photo", "location", "paid_media", "passport_data", "photo"),
    *("poll", "sticker", "story", "text", "unique_gift", "venue", "video", "video_note"),
    *("voice", "web_app_data", "successful_payment"),
}
# Marks on a message, not kinds of it.
MARKS = {"effect_id", "reply_to_story", "sender_boost_count", "sender_business_bot"}
MARKS |= {"business_connection_id", "suggested_post_info"}
ABOUT_THE_CHAT = {str(kind) for kind in MessageType} - SENT - MARKS
NAMES = {"photo": "image/jpeg", "voice": "audio/ogg", "video_note": "video/mp4"}
NAMES |= {"sticker": "sticker", "poll": "poll", "dice": "dice", "game": "game", "story": "story"}
MOST_NAME = 100


def inbound(update_id: int, message: Message) -> Event:
    """What somebody wrote. Every kind of message is stored, so that every kind is answered."""
    text, came_by = words(message.text or message.caption or "")
    media = [*_media(message), *([{"came_by": came_by}] if came_by else [])]
    if not text and not media and message.location is None and _is_about_the_chat(message):
        # The timer for disappearing messages, say: whoever sets it does not want an answer.
        return Ignored("news about the chat")
    place = message.location
    return Inbound(
        reach=Reach(Channel.TELEGRAM, str(message.chat.id)),
        provider_id=f"update:{update_id}:m{message.message_id}",
        text=text,
        media=tuple(media),
        location=(place.latitude, place.longitude) if place else None,
        place=_venue(message),
        name=message.from_user.first_name if message.from_user else None,
    )


def words(text: str) -> tuple[str, str]:
    """The plain words of a text that may be a command, and the payload of a link to us."""
    found = COMMAND.fullmatch(text.strip())
    if found is None:
        return text, ""
    name, rest = found[1].lower(), (found[2] or "").strip()
    code = LINK_PAYLOAD.fullmatch(rest)
    if name == "start" and code is not None:
        return f"LINK {code[1]}", ""
    if name == "start" and PAYLOAD.fullmatch(rest):
        return COMMANDS["start"], rest
    if name == "start" and rest:
        return rest, ""
    if rest or name not in COMMANDS:
        # "/help he hit me": what follows is what matters, and no slash may look like a command.
        return f"{name} {rest}".strip(), ""
    return COMMANDS[name], ""


def rescued(raw: dict[str, Any]) -> Event | None:
    """A private message of a shape that the library cannot read: its words are kept."""
    message = raw.get("message")
    chat = message.get("chat") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(chat, dict):
        return None
    if chat.get("type") != "private" or not _whole(chat.get("id")):
        return None
    told = message.get("text") or message.get("caption")
    text = told if isinstance(told, str) else ""
    known_by = f":m{message['message_id']}" if _whole(message.get("message_id")) else ""
    return Inbound(
        reach=Reach(Channel.TELEGRAM, str(chat["id"])),
        provider_id=f"update:{raw['update_id']}{known_by}",
        text=words(text)[0],
        media=() if text else ({"content_type": "unknown"},),
    )


def _media(message: Message) -> list[dict[str, Any]]:
    """What came with the words, by kind and by Telegram's own id; nothing is fetched."""
    if message.contact is not None:
        contact = message.contact
        name = " ".join(filter(None, (contact.first_name, contact.last_name)))
        theirs = message.from_user is not None and contact.user_id == message.from_user.id
        return [{"contact": contact.phone_number, "name": name[:MOST_NAME], "theirs": theirs}]
    kind = next((name for name in sorted(SENT - {"text"}) if getattr(message, name, None)), None)
    if kind is None or kind in ("location", "venue"):
        return []
    thing = getattr(message, kind)
    # A photo comes in several sizes, the biggest last.
    biggest = thing[-1] if isinstance(thing, (list, tuple)) else thing
    told = getattr(biggest, "mime_type", None) or NAMES.get(kind, kind)
    item = {
        "url": f"telegram:{getattr(biggest, 'file_id', '')}",
        "content_type": str(told)[:MOST_NAME],
    }
    if message.media_group_id:
        item["album"] = message.media_group_id
    return [item]


def _venue(message: Message) -> str | None:
    if message.venue is None:
        return None
    return ", ".join(part for part in (message.venue.title, message.venue.address) if part)


def _is_about_the_chat(message: Message) -> bool:
    return any(getattr(message, kind, None) for kind in ABOUT_THE_CHAT)


def _whole(value: object) -> bool:
    return type(value) is int
