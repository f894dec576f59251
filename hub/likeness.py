"""Are two services one? Pure: cards in, pairs out. Names, places and contacts are compared."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz.fuzz import token_set_ratio, token_sort_ratio

from hub.crosswalk import plain
from hub.places import distance_km

SAME_NAME, LIKE_NAME = 95.0, 82.0
SAME_PLACE_KM = 0.15
# More services than this under one key (a council's switchboard) say nothing about sameness.
CROWD = 40
PAIRS_AT_MOST = 20_000


@dataclass(frozen=True)
class Card:
    """What is compared of a service. `places` are (postcode, latitude, longitude)."""

    key: int
    feed: str
    name: str
    organization: str = ""
    contacts: tuple[str, ...] = ()
    places: tuple[tuple[str | None, float | None, float | None], ...] = ()
    ages: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True)
class Pair:
    """Two keys, the more trusted first; whether they are certainly one, and what speaks for it."""

    first: int
    second: int
    certain: bool
    reasons: tuple[str, ...]


def pairs_of(cards: Iterable[Card]) -> list[Pair]:
    """Pairs of services of different feeds that are or may be one.

    `cards` come in order of trust. Only services that share a postcode, a spot on the map or a
    contact are compared at all.
    """
    every = list(cards)
    found: dict[tuple[int, int], Pair] = {}
    blocks: dict[str, list[int]] = defaultdict(list)
    for number, card in enumerate(every):
        for mark in set(_marks(card)):
            blocks[mark].append(number)
    for numbers in blocks.values():
        if len(numbers) > CROWD:
            continue
        for place, one in enumerate(numbers):
            for other in numbers[place + 1 :]:
                if (one, other) in found or every[one].feed == every[other].feed:
                    continue
                pair = compared(every[one], every[other])
                if pair is not None and len(found) < PAIRS_AT_MOST:
                    found[one, other] = pair
    return [found[numbers] for numbers in sorted(found)]


def compared(first: Card, second: Card) -> Pair | None:
    """What two services have in common; None where that is too little to speak of.

    Certain is only what has the same name, the same place and a contact in common, and nothing
    that speaks against it.
    """
    mine, theirs = plain(first.name).strip(), plain(second.name).strip()
    same_name = mine == theirs or token_sort_ratio(mine, theirs) >= SAME_NAME
    like_name = same_name or token_set_ratio(mine, theirs) >= LIKE_NAME
    if not like_name:
        return None
    place = _same_place(first, second)
    contact = bool(set(_contacts(first)) & set(_contacts(second)))
    owner = bool(first.organization) and plain(first.organization) == plain(second.organization)
    against = first.ages != second.ages and None not in (*first.ages, *second.ages)
    if not (place or contact):
        return None
    reasons = [
        reason
        for reason, holds in (
            ("the same name", same_name),
            ("much the same name", not same_name),
            ("the same place", place),
            ("a contact in common", contact),
            ("the same organisation", owner),
            ("other ages", against),
        )
        if holds
    ]
    # What the less trusted one does not say of ages, it may not deny.
    certain = (
        same_name and place and (contact or owner) and second.ages in (first.ages, (None, None))
    )
    return Pair(first.key, second.key, certain, tuple(reasons))


def _marks(card: Card) -> Iterator[str]:
    for postcode, latitude, longitude in card.places:
        if postcode:
            yield f"postcode {_tight(postcode)}"
        if latitude is not None and longitude is not None:
            # Neighbouring squares too, or a line between two would part what is one.
            for north in (0, 1):
                for east in (0, 1):
                    yield f"spot {int(latitude * 300) + north} {int(longitude * 200) + east}"
    for contact in _contacts(card):
        yield f"contact {contact}"


def _contacts(card: Card) -> Iterator[str]:
    for contact in card.contacts:
        if "@" in contact:
            yield contact.strip().lower()
        elif re.search(r"[a-z]", contact, re.IGNORECASE):
            address = re.sub(r"^https?://(www\.)?", "", contact.strip().lower()).rstrip("/")
            # A page says more than a whole site, which a council has one of.
            if "/" in address:
                yield address
        else:
            digits = re.sub(r"\D", "", contact)
            yield digits.removeprefix("44").lstrip("0")


def _same_place(first: Card, second: Card) -> bool:
    for mine, *my_point in first.places:
        for theirs, *their_point in second.places:
            if mine and theirs and _tight(mine) == _tight(theirs):
                return True
            if None not in my_point and None not in their_point:
                here, there = (my_point[0], my_point[1]), (their_point[0], their_point[1])
                if distance_km(here, there) <= SAME_PLACE_KM:  # type: ignore[arg-type]
                    return True
    return False


def _tight(postcode: str) -> str:
    return re.sub(r"\W", "", postcode).upper()
