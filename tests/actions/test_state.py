"""The state survives the record, and the gate's own way of keeping needs."""

from actions import hearing
from actions.state import NeedStatus, State


def test_it_comes_back_as_it_was_stored() -> None:
    state = State(stage="offer", needs=({"id": "food", "words": "x", "status": "open"},))
    assert State.from_json(state.to_json()) == state


def test_needs_of_the_gate_and_keys_of_others_are_taken_as_they_come() -> None:
    state = State.from_json({"needs": [{"id": "food", "words": "no food"}], "opted_out": False})
    assert state.with_status(NeedStatus.HEARD) == ("food",)
    assert state.stage == "new"


def test_a_need_is_kept_once_with_the_words_that_first_voiced_it() -> None:
    state, fresh = hearing.with_needs(State(stage="listening"), ("food", "debt"), "first words")
    assert fresh == ("food", "debt")
    state, fresh = hearing.with_needs(state, ("food",), "later words")
    assert fresh == ()
    assert state.words_for("food") == "first words"


def test_a_need_that_was_settled_is_a_need_again_when_it_comes_up() -> None:
    state, _ = hearing.with_needs(State(stage="offer"), ("food",), "then")
    state = state.mark(("food",), NeedStatus.MET)
    state, fresh = hearing.with_needs(state, ("food",), "now")
    assert fresh == ("food",)
    assert state.words_for("food") == "now"
    assert state.waiting == ("food",)


def test_in_the_middle_of_a_form_a_new_need_waits_without_a_summary() -> None:
    talking, _ = hearing.with_needs(State(stage="good_life"), ("food",), "x")
    asked, _ = hearing.with_needs(State(stage="consent"), ("food",), "x")
    assert talking.with_status(NeedStatus.HEARD) == ("food",)
    assert asked.with_status(NeedStatus.OPEN) == ("food",)
