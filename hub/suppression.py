"""Small numbers stay hidden: nothing under the threshold, and nothing that gives it away."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from hub.profile import Suppression


@dataclass(frozen=True)
class Shown:
    """A number as a coordinator sees it. `value` is rounded, None where it is not shown."""

    value: int | None
    text: str


def protect[K: Hashable](
    counts: Mapping[K, int],
    lines: Sequence[Sequence[K]],
    rule: Suppression,
    people: Mapping[K, int] | None = None,
) -> dict[K, Shown]:
    """Hide small counts and as many others as keep them hidden; round the rest.

    Each line is a row or column of a table with its total as the last key. Of a line whose
    total is shown, no cell or at least two are hidden, and the hidden ones together hold at
    least `rule.threshold` people: so nothing can be got by subtraction. `people` holds the
    people behind each count where the counts are of something else (contacts); by default
    the counts are people.
    """
    behind = people or counts
    few = {key for key, n in behind.items() if 0 < n < rule.threshold}
    hidden = set(few)
    while True:
        found = [key for line in lines if (key := _to_hide(line, behind, hidden, rule)) is not None]
        if not found:
            break
        hidden.update(found)
    return {key: _shown(n, key in few, key in hidden, rule) for key, n in counts.items()}


def _to_hide[K: Hashable](
    line: Sequence[K], people: Mapping[K, int], hidden: set[K], rule: Suppression
) -> K | None:
    """The next count of a line to hide, or None where the line gives nothing away."""
    cells, total = line[:-1], line[-1]
    covered = [key for key in cells if key in hidden]
    if not covered and total not in hidden:
        return None
    if total in hidden:
        safe = bool(covered)
    else:
        safe = len(covered) >= 2 and sum(people[key] for key in covered) >= rule.threshold
    if safe:
        return None
    open_cells = [key for key in cells if key not in hidden and people[key] > 0]
    if open_cells:
        return min(open_cells, key=lambda key: people[key])
    return total if total not in hidden and people[total] > 0 else None


def _shown(n: int, few: bool, hidden: bool, rule: Suppression) -> Shown:
    if few:
        return Shown(None, f"fewer than {rule.threshold}")
    if hidden:
        return Shown(None, "not shown")
    rounded = (2 * n + rule.rounding) // (2 * rule.rounding) * rule.rounding
    return Shown(rounded, f"{rounded:,}")
