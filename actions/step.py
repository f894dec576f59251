"""What one turn comes to, built up piece by piece."""

from dataclasses import dataclass, replace
from typing import Any, Self

from actions.state import State
from hub.messages import Reply
from hub.turns import Effect


@dataclass(frozen=True)
class Step:
    """The state after a turn, what is said, and what is written with it."""

    state: State
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()

    def say(self, *replies: Reply) -> Self:
        """Say more, after what is said already."""
        return replace(self, replies=self.replies + replies)

    def first(self, *replies: Reply) -> Self:
        """Say something before the rest."""
        return replace(self, replies=replies + self.replies)

    def do(self, *effects: Effect) -> Self:
        """Write more, in the same transaction."""
        return replace(self, effects=self.effects + effects)

    def but(self, **changes: Any) -> Self:
        """The same step with the state changed."""
        return replace(self, state=self.state.but(**changes))
