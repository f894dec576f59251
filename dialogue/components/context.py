"""Lift what the caller knows about a turn into entities, so that rules can act on it."""

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, METADATA
from rasa.shared.nlu.training_data.message import Message

from dialogue.components import shortcuts, validation

NOTHING, NEEDS, OOS = "nothing", "needs", "oos"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class TurnContext(GraphComponent):
    """Two entities for each message, from its metadata.

    `stage` is where the conversation stands. `heard` is `needs`, `nothing` or `oos` (out of
    scope: nothing a hub assistant can deal with). Both fill slots of the same name, and rules
    are conditioned on those.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "TurnContext":
        """Make the component, in training and when a model is loaded."""
        validation.compile_once()
        shortcuts.take()
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities. A message without metadata is left as it is."""
        for message in messages:
            metadata = message.get(METADATA) or {}
            if metadata.get("stage"):
                found = {"stage": metadata["stage"], "heard": heard(metadata)}
                entities = message.get(ENTITIES, [])
                message.set(
                    ENTITIES,
                    entities + [_entity(name, value) for name, value in found.items()],
                    add_to_output=True,
                )
        return messages


def heard(metadata: dict[str, Any]) -> str:
    """In one word what the hearer made of the message."""
    report = metadata.get("heard") or {}
    if report.get("needs"):
        return NEEDS
    return NOTHING if report.get("answerable", True) else OOS


def _entity(name: str, value: str) -> dict[str, Any]:
    return {"entity": name, "value": value, "start": 0, "end": 0, "extractor": "TurnContext"}
