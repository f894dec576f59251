"""Which of the 27 needs a service helps with, how we know, and how the service works."""

from directory_sync.records import ServiceRecord
from hub.crosswalk import OUR_NEEDS, Crosswalk

NEEDS_AT_MOST = 5
# What a service's name says counts for this many mentions in its description.
NAME_WEIGHT = 4
ENOUGH = 2


def needs_of(record: ServiceRecord, crosswalk: Crosswalk) -> list[tuple[str, str]]:
    """(need, source) with the main need first.

    The feed's own word counts first, then the crosswalk of its taxonomy terms, and only where
    both are silent the words of its name and description.
    """
    said = [t.code for t in record.terms if t.taxonomy == OUR_NEEDS and t.code in crosswalk.means]
    if said:
        return [(need, "feed") for need in dict.fromkeys(said) if need]
    counts: dict[str, int] = {}
    for term in record.terms:
        for need in crosswalk.of_term(term.taxonomy or "", term.code or "", term.name or ""):
            counts[need] = counts.get(need, 0) + 1
    if counts:
        ordered = sorted(counts, key=lambda need: -counts[need])
        return [(need, "crosswalk") for need in ordered[:NEEDS_AT_MOST]]
    counts = crosswalk.counts(record.description or "")
    for need in crosswalk.of_words(record.name):
        counts[need] = counts.get(need, 0) + NAME_WEIGHT
    ordered = sorted(counts, key=lambda need: -counts[need])
    return [(need, "words") for need in ordered if counts[need] >= ENOUGH][:NEEDS_AT_MOST]


def features_of(record: ServiceRecord, crosswalk: Crosswalk) -> list[str]:
    """How a service works (`goodhelp-features`), as said by its terms."""
    found: list[str] = []
    for term in record.terms:
        found.extend(
            crosswalk.feature_of_term(term.taxonomy or "", term.code or "", term.name or "")
        )
    return list(dict.fromkeys(found))
