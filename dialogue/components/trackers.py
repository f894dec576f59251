"""A tracker store that keeps nothing."""

from collections.abc import Iterable
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker


class ForgetfulTrackerStore(TrackerStore):
    """Each turn begins with an empty tracker and leaves none behind.

    What the conversation knows is in our own record and comes with each message. So a
    resident's words never stay on the island, nothing has to be erased here, turn 300 costs
    what turn 3 does, and any Rasa process can take any turn.
    """

    def __init__(self, domain: Any = None, event_broker: Any = None, **kwargs: Any) -> None:
        super().__init__(domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep nothing."""

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Nothing was kept."""
        return None

    async def keys(self) -> Iterable[str]:
        """No conversation is known."""
        return []
