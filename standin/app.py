"""The stand-in as one web application, with routes of its own to watch it and make it fail."""

from typing import Any, Literal

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from standin import telegram, telegram_says, twilio
from standin.state import Fault, State


class Said(BaseModel):
    """A resident writes. `sender` is a number (E.164), or a chat id for Telegram.

    `sid` repeats an earlier message (a duplicate); `fields` overrides Twilio's form fields.
    """

    channel: Literal["sms", "whatsapp", "telegram"] = "sms"
    sender: str
    text: str = Field(default="", max_length=20_000)
    to: str = "+447700900000"
    sid: str | None = None
    fields: dict[str, str] = {}


class Target(BaseModel):
    """Where the stand-in posts what a resident says, and how it proves who it is.

    `public_url` is what Twilio signs, where it differs from `url`.
    """

    url: str = "http://127.0.0.1:8000"
    public_url: str = ""
    account_sid: str = "AC" + "0" * 32
    auth_token: str = ""
    telegram_secret: str = ""


def make_app(target: Target | None = None) -> FastAPI:
    """A fresh stand-in with nothing sent. `app.state.standin` is what it remembers."""
    app = FastAPI(title="Stand-in for Twilio and Telegram", docs_url=None, redoc_url=None)
    state = State()
    app.state.standin = state
    target = target or Target()
    app.include_router(_own_routes(state, target))
    app.include_router(telegram_says.make_router(state, target))
    app.include_router(twilio.make_router(state), include_in_schema=False)
    app.include_router(telegram.make_router(state), include_in_schema=False)
    return app


def _own_routes(state: State, target: Target) -> APIRouter:
    router = APIRouter()

    @router.get("/sent")
    async def sent(to: str | None = None) -> list[dict[str, Any]]:
        """Everything that was sent, oldest first; only to one address with `?to=`."""
        return [one.as_json() for one in state.sent if to in (None, one.to)]

    @router.delete("/sent", status_code=204)
    async def forget() -> None:
        """Start anew: nothing sent, nobody stopped, no faults."""
        state.clear()

    @router.post("/faults", status_code=201)
    async def fail(fault: Fault) -> Fault:
        """Make the next sends fail."""
        state.faults.append(fault)
        return fault

    @router.post("/said")
    async def say(said: Said) -> JSONResponse:
        """Have a resident write. Answers with the status that the webhook gave."""
        if said.channel == "telegram":
            number = int(said.sid, 16) if said.sid else state.telegram.next_update()
            told = telegram_says.update(number, int(said.sender), said.text)
            status = await telegram_says.tell(state, target.url, target.telegram_secret, told)
            return JSONResponse({"status": status, "sid": said.sid or f"{number:x}"})
        prefix = "whatsapp:" if said.channel == "whatsapp" else ""
        sender = prefix + said.sender
        twilio.note_stop(state, sender, said.text)
        more = {"MessageSid": said.sid, "SmsSid": said.sid} if said.sid else {}
        params = twilio.inbound(
            said.text, sender, prefix + said.to, target.account_sid, **more | said.fields
        )
        path = "/webhooks/twilio/message"
        public = (target.public_url or target.url) + path
        status = await twilio.post_signed(target.auth_token, target.url + path, public, params)
        return JSONResponse({"status": status, "sid": params["MessageSid"]})

    return router
