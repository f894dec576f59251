"""What is said about a service, in short plain words that fit a text message."""

import re
from datetime import datetime

from hub.candidates import Candidate
from hub.schedules import NOT_KNOWN

PLAIN = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "•": "-",
        "\u00a0": " ",
    }
)
REASONS_AT_MOST = 4


def texted(text: str) -> str:
    """Straight quotes and dashes only: curly ones double the price of an SMS."""
    return text.translate(PLAIN)


def clipped(text: str, at_most: int) -> str:
    """The words that fit, for names and places, where a full stop ends no sentence."""
    words = texted(" ".join(text.split()))
    if len(words) > at_most:
        words = words[: at_most + 1].rpartition(" ")[0] or words[:at_most]
    return words.rstrip(" .,;:")


def shortened(text: str, at_most: int) -> str:
    """The first sentences that fit, or the words that do; no full stop at the end."""
    words = texted(" ".join(text.split()))
    if len(words) > at_most:
        cut = words[: at_most + 1]
        ends = [match.start() for match in re.finditer(r"[.!?](?= )", cut)]
        words = words[: ends[-1]] if ends else cut.rpartition(" ")[0] or words[:at_most]
    return words.rstrip(" .,;:")


def spoken_cost(candidate: Candidate) -> str | None:
    """ "free", "£4 a visit", or None where the record does not say."""
    if candidate.free:
        return "free"
    if candidate.fees:
        return shortened(candidate.fees, 80)
    prices = [price for price in candidate.prices if price.amount is not None]
    if not prices:
        return None
    least = min(prices, key=lambda price: price.amount or 0)
    amount = f"£{least.amount:.2f}".removesuffix(".00")
    return shortened(f"{'from ' if len(prices) > 1 else ''}{amount} {least.words}", 80)


def spoken_when(candidate: Candidate, now: datetime) -> str:
    """The next time, "any time, day or night", or "times not known"."""
    return candidate.times.spoken(now)


def spoken_where(candidate: Candidate) -> str | None:
    """The place, or how it comes to people; None where the record does not say.

    A confidential address is never said, even where a feed sends one.
    """
    if "confidential_address" in candidate.features:
        return "the address is private, they will tell you"
    if candidate.spots:
        spot = candidate.spots[0]
        street = (spot.address or "").partition(",")[0].strip()
        parts = [part for part in (spot.name, street) if part]
        if len(parts) == 2 and (parts[1] in parts[0] or parts[0] in parts[1]):
            parts = [max(parts, key=len)]
        if parts:
            return clipped(", ".join(parts), 80)
        return spot.postal_code
    if "visits_home" in candidate.features:
        return "at your home"
    if "by_phone" in candidate.features:
        return "by phone"
    if "online" in candidate.features:
        return "by text" if candidate.text_to else "online"
    return None


def spoken_ages(candidate: Candidate) -> str | None:
    """ "aged 60 and over", "aged 11 to 16"."""
    low, high = candidate.minimum_age, candidate.maximum_age
    if low and high is not None:
        return f"aged {low:g} to {high:g}"
    if low:
        return f"aged {low:g} and over"
    return f"aged {high:g} and under" if high is not None else None


def spoken_eligibility(candidate: Candidate) -> str | None:
    """Whom it is for; None where the record does not say."""
    if candidate.eligibility:
        return shortened(candidate.eligibility, 140)
    people = _people(candidate)
    ages = spoken_ages(candidate)
    if people is None and ages is None:
        return None
    return f"for {people or 'people'}{f' {ages}' if ages else ''}"


def spoken_booking(candidate: Candidate) -> str | None:
    """How to start: "just turn up", "a worker refers you", or the record's own words."""
    if "full" in candidate.features:
        return "taking nobody new at present"
    if candidate.booking:
        return shortened(candidate.booking, 120)
    if "referral_only" in candidate.features:
        return "a worker refers you"
    if "drop_in" in candidate.features:
        return "just turn up"
    return None


def reasons(
    candidate: Candidate, *, when: str, travel: str | None, barriers: frozenset[str]
) -> tuple[str, ...]:
    """Why this one, at most four: what answers a barrier comes first."""
    has = candidate.features
    cost = spoken_cost(candidate)
    why = []
    if people := _people(candidate):
        why.append(f"for {people}")
    if barriers & {"social", "physical"} and "visits_home" in has:
        why.append("they can come to you")
    if "social" in barriers and "accompanies" in has:
        why.append("someone can go with you")
    if barriers & {"practical", "procedural", "informational"} and "helps_with_forms" in has:
        why.append("help with forms")
    if cost == "free" or "financial" in barriers:
        why.append(cost or "ask about the cost")
    if when != NOT_KNOWN:
        why.append(when)
    if travel and candidate.spots and "confidential_address" not in has:
        why.append(travel)
    elif "by_phone" in has and not candidate.spots:
        why.append("by phone")
    if "referral_only" in has:
        why.append("a worker refers you")
    elif "drop_in" in has:
        why.append("just turn up")
    if "visits_home" in has:
        why.append("they can come to you")
    if candidate.wait and len(why) < REASONS_AT_MOST:
        why.append(f"wait: {shortened(candidate.wait, 40).lower()}")
    return tuple(dict.fromkeys(why))[:REASONS_AT_MOST]


def _people(candidate: Candidate) -> str | None:
    if "women_only" in candidate.features:
        return "women"
    return "men" if "men_only" in candidate.features else None
