"""What the directory's record says about one service, for a resident who asks."""

import re
from typing import Any

from sqlalchemy import select

from actions import plain
from actions.turn import Turn
from hub.services import Service

FACT_AT_MOST = 110
# "where is it" and "is there a lift" sound alike to the classifier; the words tell them apart.
ACCESS = re.compile(
    r"\b(lift|stairs?|steps?|step.?free|wheelchair|access\w*|ramp|toilet|loop)\b", re.I
)
# Which field of the match answers which question.
FIELDS = {"booking": "booking", "who": "eligibility"}
NOT_KNOWN = ("not known", "ask where", "ask about")


def of(turn: Turn, offer: dict[str, Any], asked: str) -> str:
    """What is known of `cost`, `when`, `where`, `booking` or `who`; empty where nothing is."""
    if asked == "where" and ACCESS.search(turn.text):
        return _tidy(_access(turn, offer["service_id"]))
    fact = str(offer.get(FIELDS.get(asked, asked)) or "")
    return "" if any(words in fact for words in NOT_KNOWN) else _tidy(fact)


def _access(turn: Turn, service_id: str) -> str:
    with turn.office.database.reading() as session:
        service = session.scalar(
            select(Service).where(
                Service.hub_id == turn.office.profile.id,
                Service.id == service_id,
                Service.withdrawn_at.is_(None),
            )
        )
        said = (place.location.accessibility for place in (service.places if service else ()))
        return next(filter(None, said), "")


def _tidy(fact: str) -> str:
    return plain.clipped(plain.plain(fact), FACT_AT_MOST).rstrip(" .,;")
