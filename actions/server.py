"""The action server: rasa-sdk's executor behind one route of our own, on loopback.

rasa-sdk's bundled server holds old pins and has left orphans on SIGTERM; its executor is all
that is needed (docs/decisions/0003).
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException

from actions.turn import ResidentAction


def make_app(actions: Iterable[ResidentAction]) -> FastAPI:
    """An application that Rasa's `action_endpoint` can call at `/webhook`."""
    executor = ActionExecutor()
    names = []
    for action in actions:
        executor.register_action(action)
        names.append(action.name())
    app = FastAPI(title="Good Help actions", docs_url=None, redoc_url=None, openapi_url=None)

    # A plain function: each call runs in a thread of its own, so one slow look-up in the
    # directory does not keep the others waiting.
    @app.post("/webhook")
    def webhook(call: dict[str, Any]) -> JSONResponse:
        try:
            return JSONResponse(asyncio.run(executor.run(call)))
        except ActionNotFoundException as missing:
            body = {"error": str(missing), "action_name": call.get("next_action")}
            return JSONResponse(body, status_code=404)

    @app.get("/health")
    def health() -> dict[str, Any]:
        return {"status": "ok", "actions": sorted(names)}

    return app
