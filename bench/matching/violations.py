"""Whether anybody is offered what is not for them, read again from the record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.house import House
from hub.services import Attribute, Service, ServiceArea

AGES = (None, 15, 30, 70)
SEXES = (None, "female", "male")
POSTCODES = (None, "L11", "L25", "M1 1AE")
EVERYWHERE = re.compile(r"national|nationwide|england|united kingdom|\buk\b|great britain", re.I)


@dataclass(frozen=True)
class Checked:
    """How many offers were looked at, and what was wrong: a reason and a service for each."""

    offers: int
    found: tuple[tuple[str, str], ...]


def check(house: House, session: Session, texts: Sequence[str], now: datetime) -> Checked:
    """Every message once, each time by somebody else somewhere else."""
    offers = 0
    found: list[tuple[str, str]] = []
    people = cycle((age, sex, code) for age in AGES for sex in SEXES for code in POSTCODES)
    for text, (age, sex, code) in zip(texts, people, strict=False):
        needs = house.hearer.hear(text).need_ids
        answer = house.matcher(
            session, needs, words=text, when=now, age=age, sex=sex, outcode=code, limit=10
        )
        for match in answer.matches:
            offers += 1
            service = session.scalars(
                select(Service).where(
                    Service.id == match.service_id, Service.hub_id == house.profile.id
                )
            ).one()
            for reason in _wrong(session, service, age, sex, code, match):
                found.append((reason, match.service_id))
    return Checked(offers, tuple(found))


def _wrong(
    session: Session,
    service: Service,
    age: int | None,
    sex: str | None,
    code: str | None,
    match: Any,
) -> Iterator[str]:
    features = set(
        session.scalars(
            select(Attribute.code).where(
                Attribute.service_key == service.key, Attribute.taxonomy == "goodhelp-features"
            )
        )
    )
    if service.status != "active" or service.withdrawn_at is not None or "full" in features:
        yield "closed"
    if age is not None and service.minimum_age is not None and age < service.minimum_age:
        yield "too young"
    if age is not None and service.maximum_age is not None and age >= service.maximum_age + 1:
        yield "too old"
    if (sex == "male" and "women_only" in features) or (sex == "female" and "men_only" in features):
        yield "sex"
    if "confidential_address" in features and "private" not in match.where:
        yield "address"
    areas = list(
        session.scalars(select(ServiceArea.name).where(ServiceArea.service_key == service.key))
    )
    if (
        code
        and code.startswith("M")
        and areas
        and not any(map(EVERYWHERE.search, filter(None, areas)))
    ):
        yield "area"
