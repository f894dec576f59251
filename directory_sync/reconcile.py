"""What a reading of a feed changes. Pure: hashes in, a plan out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

HOLD_BACK_SHARE = 0.2


@dataclass(frozen=True)
class Plan:
    """The ids of services to add, change and withdraw, and those that stay as they are."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    @property
    def stored(self) -> int:
        """How many services the directory held before."""
        return len(self.changed) + len(self.withdrawn) + len(self.unchanged)

    def without(self, ids: Collection[str]) -> "Plan":
        """What is left to write when some of the added ones are written already."""
        gone = set(ids)
        added = tuple(i for i in self.added if i not in gone)
        return Plan(added, self.changed, self.withdrawn, self.unchanged)

    def is_suspicious(self, share: float = HOLD_BACK_SHARE) -> bool:
        """Whether more than `share` of what is stored would be withdrawn."""
        return len(self.withdrawn) > share * self.stored


def reconcile(
    stored: Mapping[str, str],
    incoming: Mapping[str, str],
    unreadable: Collection[str] = (),
    *,
    partial: bool = False,
) -> Plan:
    """Compare content hashes by id.

    Where `incoming` is `partial`, what is not in it stays. `unreadable` ids were listed by the
    feed but could not be read this time: what we have of them stays.
    """
    kept = set(stored) if partial else set(unreadable)
    return Plan(
        added=tuple(i for i in incoming if i not in stored),
        changed=tuple(i for i, h in incoming.items() if i in stored and stored[i] != h),
        withdrawn=tuple(i for i in stored if i not in incoming and i not in kept),
        unchanged=tuple(
            i
            for i, h in stored.items()
            if incoming.get(i) == h or (i not in incoming and i in kept)
        ),
    )
