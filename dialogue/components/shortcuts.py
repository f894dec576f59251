"""Two small patches of Rasa 3.6.21: work that gives the same result each time is not repeated.

Measured with py-spy on the island under load, in shares of its time for a turn:

- A third went into comparing each message with every rule, twice: once as a text, once as an
  intent. None of our rules is written on a text, and each turn begins with an empty tracker, so
  there are few situations (intent, stage, what was heard) and the rules that fit are remembered.
- A tenth went into building an empty domain, for a warning about intents that the domain does
  not know. `tests/dialogue` checks that before any message comes.

What is predicted stays the same. `validation.py` has the third patch.
"""

from typing import Any

from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import State

MOST_REMEMBERED = 5_000
_compare = RulePolicy._get_possible_keys
_find = RulePolicy._find_action_from_rules


def take() -> None:
    """Put the patches in place. Calling it again changes nothing."""
    MessageProcessor._check_for_unseen_features = _nothing  # type: ignore[method-assign]
    RulePolicy._get_possible_keys = _possible_keys  # type: ignore[method-assign]
    RulePolicy._find_action_from_rules = _find_by_intent  # type: ignore[method-assign]


def _possible_keys(self: RulePolicy, lookup: dict[str, str], states: list[State]) -> set[str]:
    # While a model is trained the rules grow: their number is part of what is remembered.
    known_by = (id(lookup), len(lookup), repr(states))
    remembered: dict[Any, set[str]] = self.__dict__.setdefault("_goodhelp_remembered", {})
    if known_by not in remembered:
        if len(remembered) >= MOST_REMEMBERED:
            remembered.clear()
        remembered[known_by] = _compare(self, lookup, states)
    return set(remembered[known_by])


def _find_by_intent(
    self: RulePolicy, tracker: Any, domain: Any, use_text_for_last_user_input: bool
) -> tuple[str | None, str | None, bool]:
    if use_text_for_last_user_input:
        return None, None, False
    return _find(self, tracker, domain, use_text_for_last_user_input)


def _nothing(self: MessageProcessor, parse_data: Any) -> None:
    """No warning."""
