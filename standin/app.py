"""The stand-in as one web application, with routes of its own to watch it and make it fail."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

from standin import contents, numbers, telegram, telegram_says, twilio, twilio_says
from standin.said import Said, Target
from standin.state import Fault, State


def make_app(target: Target | None = None) -> FastAPI:
    """A fresh stand-in with nothing sent. `app.state.standin` is what it remembers."""
    app = FastAPI(title="Stand-in for Twilio and Telegram", docs_url=None, redoc_url=None)
    state = State()
    app.state.standin = state
    target = target or Target()
    app.include_router(_own_routes(state, target))
    app.include_router(telegram_says.make_router(state, target))
    app.include_router(twilio.make_router(state), include_in_schema=False)
    app.include_router(contents.make_router(state), include_in_schema=False)
    app.include_router(numbers.make_router(state), include_in_schema=False)
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

    @router.post("/window", status_code=204)
    async def keep_window(on: bool = True) -> None:
        """Keep WhatsApp's 24 hours: free text to somebody silent for longer is not delivered."""
        state.window = on

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
        return JSONResponse(await twilio_says.say(state, target, said))

    return router
