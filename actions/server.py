"""The action server: rasa-sdk's executor behind one route of our own, on loopback.

rasa-sdk's bundled server holds old pins and has left orphans on SIGTERM; its executor is all
that is needed (docs/decisions/0004).
"""

import json
from collections.abc import Coroutine, Iterable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
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

    def take(body: bytes) -> Response:
        try:
            call = json.loads(body)
        except ValueError:
            call = None
        if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict):
            return _json({"error": "needs a JSON object with next_action and tracker"}, 400)
        try:
            return _json(_ended(executor.run(call)))
        except ActionNotFoundException as missing:
            return _json({"error": str(missing), "action_name": call.get("next_action")}, 404)

    # Each call runs in a thread of its own, so one slow look-up in the directory does not keep
    # the others waiting. It is a bare route: nothing is read or checked twice.
    async def webhook(request: Request) -> Response:
        return await run_in_threadpool(take, await request.body())

    app.add_route("/webhook", webhook, methods=["POST"])

    @app.get("/health")
    def health() -> dict[str, Any]:
        return {"status": "ok", "actions": sorted(names)}

    return app


def _ended[T](running: Coroutine[Any, Any, T]) -> T:
    """The result of the executor. Our actions wait for nothing, so no event loop is made for it."""
    try:
        running.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    running.close()
    raise TypeError("an action must be a plain function")


def _json(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status, media_type="application/json")
