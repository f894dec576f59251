"""Four small patches of Rasa 3.6.21: work that gives the same result each time is not repeated.

Measured with py-spy on the island under load, in shares of its time for a turn:

- A third went into comparing each message with every rule, twice: once as a text, once as an
  intent. None of our rules is written on a text, and each turn begins with an empty tracker, so
  there are few situations (intent, stage, what was heard) and the rules that fit are remembered.
- A tenth went into building an empty domain, for a warning about intents that the domain does
  not know. `tests/dialogue` checks that before any message comes.
- Most messages of a talk are short answers ("yes", "2", "L11"). How one is read depends on its
  words, the stage and what was heard, so for these the reading is remembered.
- Each call of an action opened a connection of its own (a seventh of the time). Now one is kept
  for as long as the action server keeps it, and less.

What is predicted stays the same. `validation.py` has one more patch.
"""

import asyncio
import pickle
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
from rasa.core.channels.channel import UserMessage
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import State
from rasa.utils.endpoints import DEFAULT_REQUEST_TIMEOUT, EndpointConfig

MOST_REMEMBERED = 5_000
SHORT_CHARACTERS = 12
# The action server hangs up after five seconds without a call.
KEPT_SECONDS = 2.0
_compare = RulePolicy._get_possible_keys
_find = RulePolicy._find_action_from_rules
_parse = MessageProcessor._parse_message_with_graph
_session = EndpointConfig.session
_connectors: "WeakKeyDictionary[Any, aiohttp.TCPConnector]" = WeakKeyDictionary()


def take() -> None:
    """Put the patches in place. Calling it again changes nothing."""
    MessageProcessor._check_for_unseen_features = _nothing  # type: ignore[method-assign]
    RulePolicy._get_possible_keys = _possible_keys  # type: ignore[method-assign]
    RulePolicy._find_action_from_rules = _find_by_intent  # type: ignore[method-assign]
    MessageProcessor._parse_message_with_graph = _parse_once  # type: ignore[method-assign]
    EndpointConfig.session = _kept_session  # type: ignore[method-assign]


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


def _parse_once(
    self: MessageProcessor,
    message: UserMessage,
    tracker: Any,
    only_output_properties: bool = True,
) -> Any:
    text, told = message.text or "", message.metadata or {}
    if len(text) > SHORT_CHARACTERS or not only_output_properties:
        return _parse(self, message, tracker, only_output_properties)
    known_by = (text, told.get("stage"), repr(told.get("heard")))
    remembered: dict[Any, bytes] = self.__dict__.setdefault("_goodhelp_parsed", {})
    if known_by not in remembered:
        if len(remembered) >= MOST_REMEMBERED:
            remembered.clear()
        remembered[known_by] = pickle.dumps(_parse(self, message, tracker))
    # Always a copy: what is read is changed later on.
    return pickle.loads(remembered[known_by])


def _kept_session(self: EndpointConfig) -> aiohttp.ClientSession:
    if self.basic_auth:
        return _session(self)
    loop = asyncio.get_running_loop()
    if loop not in _connectors:
        _connectors[loop] = aiohttp.TCPConnector(keepalive_timeout=KEPT_SECONDS)
    return aiohttp.ClientSession(
        connector=_connectors[loop],
        connector_owner=False,
        headers=self.headers,
        timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
    )
