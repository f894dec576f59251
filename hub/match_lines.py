"""`goodhelp match`: one JSON object in, one out, as the contract has it."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol, TextIO

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.crosswalk import crosswalk
from hub.matching import Matcher


class HeardNeed(Protocol):
    """What we use of one need that was heard (`nlu.heard.Scored`)."""

    @property
    def id(self) -> str: ...
    @property
    def score(self) -> float: ...


class HeardWords(Protocol):
    """What we use of a hearing (`nlu.heard.Heard`)."""

    @property
    def needs(self) -> Sequence[HeardNeed]: ...
    @property
    def barriers(self) -> tuple[str, ...]: ...
    @property
    def strengths(self) -> tuple[str, ...]: ...
    @property
    def postcode(self) -> str | None: ...
    @property
    def age(self) -> int | None: ...
    @property
    def third_party(self) -> bool: ...


Hear = Callable[[str], HeardWords]


class Question(BaseModel):
    """One line in."""

    model_config = ConfigDict(extra="ignore")

    id: str | int | None = None
    text: str = ""
    needs: list[str] | None = None
    postcode: str | None = None
    when: datetime | None = None
    age: int | None = None
    sex: str | None = None
    channel: str = "sms"


def match_lines(
    lines: Iterable[str],
    out: TextIO,
    matcher: Matcher,
    session: Session,
    *,
    clock: Clock,
    hear: Hear | None = None,
    top: int = 10,
) -> None:
    """JSON lines in, a JSON line out for each, in the same order. Empty lines are skipped."""
    matcher.prepare(session)
    for line in lines:
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
        except ValueError:
            raw = None
        answer = answer_line(raw, matcher, session, clock=clock, hear=hear, top=top)
        out.write(json.dumps(answer, ensure_ascii=False) + "\n")
        out.flush()


def answer_line(
    raw: Any,
    matcher: Matcher,
    session: Session,
    *,
    clock: Clock,
    hear: Hear | None = None,
    top: int = 10,
) -> dict[str, Any]:
    """One line out: `services` with their reasons, and `unmet` needs with theirs.

    Needs that are not given are heard in the text, where `hear` is given. A line that cannot be
    read comes back with an `error` and no services.
    """
    try:
        question = Question.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "line"
        given = raw.get("id") if isinstance(raw, dict) else None
        return _refused(given, f"{where}: {first['msg']}")
    heard = hear(question.text) if hear and question.text else None
    known = crosswalk().means
    sure: dict[str, float] | None = None
    if question.needs is not None:
        needs = question.needs
        # Needs that are given are certain, and the words still say which help is meant.
        sure = dict.fromkeys(needs, 1.0) if question.text and needs else None
    else:
        sure = {need.id: need.score for need in heard.needs if need.id in known} if heard else {}
        needs = list(sure)
    when = question.when or clock()
    found = matcher(
        session,
        needs,
        words=question.text,
        sure=sure,
        when=when if when.tzinfo else when.replace(tzinfo=matcher.profile.zone),
        outcode=question.postcode or (heard.postcode if heard else None),
        age=question.age,
        sex=question.sex,
        barriers=heard.barriers if heard else (),
        strengths=heard.strengths if heard else (),
        channel=question.channel,
        limit=top,
    )
    return {
        "id": question.id,
        "services": [
            {
                "id": match.service_id,
                "name": match.name,
                "score": match.score,
                "need": match.need,
                "why": list(match.why),
            }
            for match in found.matches
        ],
        "unmet": [{"need": need, "reason": str(reason)} for need, reason in found.unmet],
    }


def _refused(given: Any, error: str) -> dict[str, Any]:
    return {"id": given, "services": [], "unmet": [], "error": error}
