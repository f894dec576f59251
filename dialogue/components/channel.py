"""The one way in: Rasa's `rest` channel, honest about failures and silent about words.

Rasa's own REST channel answers 200 with an empty list when a turn broke, and writes the
resident's words to the log. This one answers 500 and logs the kind of error and our message id.
An empty turn is a failure too: the actions mark one that is silent on purpose.
"""

import gc
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

log = logging.getLogger(__name__)


class TurnInput(InputChannel):
    """Takes `{"sender", "message", "metadata"}` at `/webhooks/rest/webhook`."""

    @classmethod
    def name(cls) -> str:
        """The name in the path."""
        return "rest"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes of the channel."""
        routes = Blueprint("turns", __name__)

        @routes.listener("after_server_start")
        async def settle(*_: Any) -> None:
            # The model and Rasa itself stay: no need to look through them in somebody's turn.
            gc.collect()
            gc.freeze()
            gc.set_threshold(20_000, 20, 20)

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            body = request.json if isinstance(request.json, dict) else {}
            text, sender = body.get("message"), body.get("sender")
            metadata = body.get("metadata") or {}
            if not isinstance(text, str) or not sender or not isinstance(metadata, dict):
                return response.json({"error": "needs a sender and a message"}, status=400)
            said = CollectingOutputChannel()
            message = UserMessage(
                text, said, str(sender), input_channel=self.name(), metadata=metadata
            )
            try:
                await on_new_message(message)
            except Exception as error:
                kind, number = type(error).__name__, metadata.get("message_id")
                log.error("turn failed error=%s message=%s", kind, number)
                return response.json({"error": kind}, status=500)
            if not said.messages:
                # An action that fails is swallowed inside Rasa. One that is silent says so.
                log.error("turn empty message=%s", metadata.get("message_id"))
                return response.json({"error": "empty"}, status=500)
            return response.json(said.messages)

        return routes
