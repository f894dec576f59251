"""The page with three phones beside the inbox. Only on this machine, only when it is turned on."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from inbox.errors import is_local
from inbox.pages import Inbox

# What a newcomer can tap to begin: invented, one of each kind of message we get.
FIRST_MESSAGES = (
    "no food in and a letter from the bailiffs",
    "just moved here, dont know anyone. i used to love cooking for people",
    "my landlord wont fix the damp and my lad has asthma",
)
SKINS = (("sms", "Text message"), ("whatsapp", "WhatsApp"), ("telegram", "Telegram"))


def make_simulator_page(inbox: Inbox) -> APIRouter:
    """The route /simulator."""
    router = APIRouter()

    @router.get("/simulator")
    def simulator(request: Request) -> HTMLResponse:
        if not is_local(request):
            raise HTTPException(404)
        return inbox.page(
            request,
            "simulator.html",
            None,
            200,
            skins=SKINS,
            first_messages=FIRST_MESSAGES,
            short_name=inbox.profile.short_name,
        )

    return router
