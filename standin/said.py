"""What a resident says through the stand-in, and where it is posted."""

from typing import Literal

from pydantic import BaseModel, Field


class Said(BaseModel):
    """A resident writes. `sender` is a number (E.164), or a chat id for Telegram.

    `sid` repeats an earlier message (a duplicate); `fields` overrides Twilio's form fields;
    `media` are content types of what is sent along. A `lost` message is in Twilio's list, but
    its webhook never comes; `minutes_ago` dates it.
    """

    channel: Literal["sms", "whatsapp", "telegram"] = "sms"
    sender: str
    text: str = Field(default="", max_length=20_000)
    to: str = "+447700900000"
    sid: str | None = None
    fields: dict[str, str] = {}
    media: list[str] = []
    lost: bool = False
    minutes_ago: float = Field(default=0, ge=0)


class Target(BaseModel):
    """Where the stand-in posts what a resident says, and how it proves who it is.

    `public_url` is what Twilio signs, where it differs from `url`; `media_url` is where pictures
    are fetched: the stand-in's own address.
    """

    url: str = "http://127.0.0.1:8000"
    public_url: str = ""
    account_sid: str = "AC" + "0" * 32
    auth_token: str = ""
    telegram_secret: str = ""
    media_url: str = ""
