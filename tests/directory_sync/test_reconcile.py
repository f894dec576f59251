"""What a reading changes, by hashes alone."""

from directory_sync.reconcile import Plan, reconcile


def test_each_id_has_one_fate() -> None:
    stored = {"same": "1", "changed": "1", "gone": "1", "unreadable": "1"}
    incoming = {"same": "1", "changed": "2", "new": "1"}
    assert reconcile(stored, incoming, {"unreadable", "never seen"}) == Plan(
        added=("new",),
        changed=("changed",),
        withdrawn=("gone",),
        unchanged=("same", "unreadable"),
    )


def test_more_than_a_fifth_is_suspicious() -> None:
    stored = {str(number): "1" for number in range(10)}
    two_gone = reconcile(stored, {k: "1" for k in stored if k not in ("0", "1")})
    three_gone = reconcile(stored, {k: "1" for k in stored if k not in ("0", "1", "2")})
    assert not two_gone.is_suspicious()
    assert three_gone.is_suspicious()
    assert not reconcile({}, {"a": "1"}).is_suspicious()
