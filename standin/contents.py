"""Twilio's Content API: content with buttons or lists, sent by its sid, and its approval.

Nothing is judged here: content that is handed in for approval is approved at once.
"""

import json
import re
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from standin.state import State, new_sid

VARIABLE = re.compile(r"\{\{(\w+)\}\}")
NOT_IN_A_VARIABLE = re.compile(r"[\n\r\t]| {4}")
# Kinds of content that WhatsApp lets nobody begin with.
ONLY_IN_ANSWER = "twilio/list-picker"


def make_router(state: State) -> APIRouter:
    """The routes under `/v1/Content`."""
    router = APIRouter(prefix="/v1/Content")

    @router.post("")
    async def create(request: Request) -> JSONResponse:
        told = json.loads(await request.body())
        sid = new_sid("HX")
        state.contents[sid] = told | {"sid": sid, "approval": "unsubmitted"}
        return JSONResponse(_resource(state.contents[sid], state.clock()), status_code=201)

    @router.get("")
    async def show() -> JSONResponse:
        listed = [_resource(one, state.clock()) for one in state.contents.values()]
        meta = {"key": "contents", "next_page_url": None, "page": 0, "page_size": 1000}
        return JSONResponse({"contents": listed, "meta": meta})

    @router.post("/{sid}/ApprovalRequests/whatsapp")
    async def hand_in(sid: str) -> JSONResponse:
        if sid not in state.contents:
            return JSONResponse({"code": 20404, "status": 404, "message": "-"}, status_code=404)
        state.contents[sid]["approval"] = "approved"
        return JSONResponse({"name": sid, "category": "UTILITY", "status": "received"}, 201)

    @router.get("/{sid}/ApprovalRequests")
    async def approval(sid: str) -> JSONResponse:
        if sid not in state.contents:
            return JSONResponse({"code": 20404, "status": 404, "message": "-"}, status_code=404)
        told = {"status": state.contents[sid]["approval"], "rejection_reason": ""}
        return JSONResponse({"sid": sid, "whatsapp": told})

    return router


def shown(state: State, sid: str, variables: str) -> tuple[str, list[str]] | int:
    """The body and the options of a content with its variables, or Twilio's error code."""
    content = state.contents.get(sid)
    if content is None:
        return 21655
    try:
        values = {str(key): str(value) for key, value in json.loads(variables).items()}
    except (ValueError, AttributeError):
        return 21656
    if any(not value or NOT_IN_A_VARIABLE.search(value) for value in values.values()):
        return 21656
    (part,) = content["types"].values()
    options = [*part.get("actions", []), *part.get("items", [])]
    filled = [_filled(one.get("title") or one["item"], values) for one in options]
    return _filled(part["body"], values), filled


def opens(state: State, sid: str | None) -> bool:
    """Whether this content may be the first word after 24 hours: approved, and no list."""
    content = state.contents.get(sid or "")
    if content is None or content["approval"] != "approved":
        return False
    return ONLY_IN_ANSWER not in content["types"]


def _filled(text: str, values: dict[str, str]) -> str:
    return VARIABLE.sub(lambda found: values.get(found[1], ""), text)


def _resource(content: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "sid": content["sid"],
        "friendly_name": content.get("friendly_name"),
        "language": content.get("language"),
        "variables": content.get("variables", {}),
        "types": content["types"],
        "date_created": at.isoformat(),
        "date_updated": at.isoformat(),
    }
