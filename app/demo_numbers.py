"""Made-up numbers for the demo hub: enough to see reports, unmet needs and suppression.

Nobody of them exists: no name, no number to call, no word is made up, only who was counted when.
Each is marked (`made_up_people`), and every page that counts them says so. Only `goodhelp demo`
calls this, never a hub.
"""

import random
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import topics
from hub.calendar import Calendar
from hub.follow_ups import FollowUp, Met, Stage
from hub.kept import MadeUpPerson
from hub.people import Person
from hub.profile import Profile
from hub.topics import Unmet

PEOPLE = 140
WEEKS = 12
# Shapes, not facts: which reasons are common and which so rare that they must stay hidden.
NEEDS = {
    "benefits": 20, "debt": 19, "food": 18, "housing": 16, "loneliness": 13, "mental_health": 12,
    "work": 11, "energy": 9, "digital": 6, "family": 5, "legal": 3, "bereavement": 2,
}  # fmt: skip
WARDS = {"Croxteth": 60, "Norris Green": 26, "Croxteth Country Park": 14, "": 12}
UNMET = {
    ("housing", Unmet.FULL): 15,
    ("mental_health", Unmet.FULL): 14,
    ("energy", Unmet.NO_SERVICE): 13,
    ("loneliness", Unmet.CLOSED_THEN): 12,
    ("debt", Unmet.CLOSED_THEN): 11,
    ("digital", Unmet.TOO_FAR): 6,
    ("legal", Unmet.INELIGIBLE): 3,
}
MET = {Met.MET: 62, Met.NOT_YET: 15, Met.NOT_MET: 12, None: 11}


def add(session: Session, profile: Profile, now: datetime) -> int:
    """Add the made-up people of a hub, once; how many were added."""
    there = select(MadeUpPerson).join(Person).where(Person.hub_id == profile.id).limit(1)
    if session.scalar(there) is not None:
        return 0
    # The same numbers in every demo, so that two people talk about the same picture.
    chance = random.Random(11)
    calendar = Calendar(profile)
    today = calendar.today(now)
    people = []
    for _ in range(PEOPLE):
        person = Person(hub_id=profile.id, created_at=now, strengths=[], barriers=[], language="en")
        session.add(person)
        people.append(person)
    session.flush()
    session.add_all([MadeUpPerson(person_id=person.id) for person in people])
    for person in people:
        _visits(session, profile, chance, person, calendar, today)
    for (need, reason), count in UNMET.items():
        for person in chance.sample(people, count):
            at = now - timedelta(days=chance.randrange(1, 7 * WEEKS - 7))
            topics.record_unmet(session, profile.id, person.id, need, reason, at)
    for person in chance.sample(people, 72):
        session.add(_follow_up(profile, chance, person, now))
    return len(people)


def _visits(
    session: Session,
    profile: Profile,
    chance: random.Random,
    person: Person,
    calendar: Calendar,
    today: date,
) -> None:
    """Some days on which the hub was open, more of them in the later weeks."""
    need = _one_of(chance, NEEDS)
    ward = _one_of(chance, WARDS) or None
    first = int((1 - chance.random() ** 1.5) * 7 * (WEEKS - 1))
    days = sorted({first, *(chance.randrange(0, first + 1) for _ in range(chance.choice(OFTEN)))})
    for ago in reversed(days):
        day = today - timedelta(days=ago)
        if calendar.hours(day) is not None:
            topics.record_contact(session, profile.id, person.id, day, need=need, ward=ward)


OFTEN = (0, 0, 1, 1, 2, 3, 5)


def _follow_up(profile: Profile, chance: random.Random, person: Person, now: datetime) -> FollowUp:
    met = _one_of(chance, MET)
    asked = datetime.combine(
        (now - timedelta(days=chance.randrange(2, 60))).date(), time(11), tzinfo=now.tzinfo
    )
    rated = met in (Met.MET, Met.NOT_MET) and chance.random() < 0.9
    useful = chance.choice((7, 8, 9, 9, 10) if met == Met.MET else (5, 6, 7))
    told = profile.follow_up_outcomes if rated and chance.random() < 0.7 else ()
    return FollowUp(
        hub_id=profile.id,
        person_id=person.id,
        stage=Stage.ANSWERED if met else Stage.ASKED,
        due_at=asked,
        asked_at=asked,
        answered_at=asked + timedelta(hours=2) if met else None,
        answer=met,
        usefulness=useful if rated else None,
        outcomes={name: chance.random() < 0.75 for name in told},
        created_at=asked - timedelta(days=7),
    )


def _one_of[K](chance: random.Random, weights: dict[K, int]) -> K:
    return chance.choices(list(weights), weights=list(weights.values()))[0]
