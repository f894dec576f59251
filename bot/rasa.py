"""The only Rasa client: one turn, one call."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from hub.errors import LeftForDanger, TurnFailed

# Rasa answers one after the other: more calls at once would only age in its queue.
AT_ONCE = 4
FAILURES = 4
REST_SECONDS = 10.0
# While a turn takes longer than this, what comes in behind it is looked at.
LOOK_EVERY = 0.4


@dataclass(frozen=True)
class Ask:
    """What Rasa is told about one message.

    `heard` is the message as `nlu` heard it, and is kept with it; `more` is heard only for this
    turn. `stage` is where the conversation stands. What the resident said goes as the text;
    `token` lets the action prove whose turn it is.
    """

    conversation_id: int
    message_id: int
    token: str
    text: str
    stage: str
    heard: dict[str, Any]
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def sender(self) -> str:
        """The tracker's name. The island keeps none, so turn 300 costs what turn 3 does."""
        return str(self.conversation_id)

    def body(self) -> dict[str, Any]:
        """The JSON of the `rest` channel."""
        return {
            "sender": self.sender,
            "message": plain(self.text),
            "metadata": {
                "conversation_id": self.conversation_id,
                "message_id": self.message_id,
                "token": self.token,
                "stage": self.stage,
                "heard": self.heard,
                "more": self.more,
            },
        }


class Rasa:
    """A client that is opened once for each worker. `ask` raises TurnFailed, nothing else."""

    def __init__(self, url: str, timeout: float) -> None:
        self._client = httpx.Client(base_url=url, timeout=timeout)
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._failures = 0
        self._rest_until = 0.0

    def ask(self, ask: Ask, *, leave: Callable[[], bool] = lambda: False) -> None:
        """Have Rasa take a turn. Its replies are rows written by the action, not this answer.

        The island logs an exception and still answers 200, so an answer proves nothing: the
        caller looks for the handled row. `leave` is asked now and then while Rasa is slow: where
        it says so, LeftForDanger is raised and the call is left to its time-out.
        """
        failed: list[TurnFailed] = []
        ended = threading.Event()

        def call() -> None:
            try:
                self._post(ask)
            except TurnFailed as failure:
                failed.append(failure)
            finally:
                ended.set()

        threading.Thread(target=call, name="rasa-turn", daemon=True).start()
        while not ended.wait(LOOK_EVERY):
            if leave():
                raise LeftForDanger()
        if failed:
            raise failed[0]

    def _post(self, ask: Ask) -> None:
        with self._room:
            if time.monotonic() < self._rest_until:
                raise TurnFailed("Rasa: left alone for a moment after failing")
            try:
                self._client.post("/webhooks/rest/webhook", json=ask.body()).raise_for_status()
            except (httpx.HTTPError, ValueError) as error:
                raise TurnFailed(f"Rasa: {type(error).__name__}") from None

    def went(self, *, well: bool) -> None:
        """Told after each turn. A Rasa that fails in a row is left alone for some seconds.

        So a Rasa that hangs does not keep every worker waiting for its time-out while others,
        who may be in danger, stand behind.
        """
        self._failures = 0 if well else self._failures + 1
        if self._failures >= FAILURES:
            self._rest_until = time.monotonic() + REST_SECONDS
            self._failures = 0

    @property
    def resting(self) -> bool:
        """Whether Rasa is being left alone."""
        return time.monotonic() < self._rest_until

    def ready(self) -> bool:
        """Whether Rasa answers and has a model loaded."""
        try:
            answer = self._client.get("/status")
            return answer.status_code == 200 and bool(answer.json().get("model_file"))
        except (httpx.HTTPError, ValueError):
            return False

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


def plain(text: str) -> str:
    """A text that Rasa cannot take for a command: a leading slash names an intent there."""
    return re.sub(r"^[\s/]+", "", text).strip() or "..."
