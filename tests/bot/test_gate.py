"""The gate by itself: right words, one question, never a trap, with nothing else running."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot import gate
from bot.gate import Situation
from hub.calendar import Calendar
from hub.contact_way import contact_way
from hub.people import ContactWay
from hub.profile import Profile
from hub.turns import Answer
from hub.words import Words
from nlu.heard import Heard, Scored
from tests.conftest import SUNDAY_NIGHT


@pytest.fixture
def situation(profile: Profile) -> Situation:
    words = Words.load("en", hub=profile.name)
    return Situation(words, Calendar(profile).next_reply(SUNDAY_NIGHT), SUNDAY_NIGHT)


def heard(*risks: str, **more: Any) -> Heard:
    return Heard(risks=tuple(Scored(risk, 0.9) for risk in risks), **more)


def said(answer: Answer) -> str:
    return "\n".join(reply.text for reply in answer.replies)


@pytest.mark.parametrize("risk", gate.URGENCY)
def test_each_risk_has_words_a_question_and_an_urgent_ticket(
    situation: Situation, risk: str
) -> None:
    answer = gate.answer(situation, {}, heard(risk), "what they wrote", new=True)
    text = said(answer)
    assert answer.urgent
    assert len(answer.effects) == 1
    assert "?" in answer.replies[0].text
    assert "999" in text
    assert "no person is reading this now" in text
    assert "tomorrow, Monday, after 10am" in text
    assert "computer" in text
    for cheer in ("great", "well done", "brilliant", "!", "why"):
        assert cheer not in text.lower()


def test_the_most_pressing_of_several_risks_is_answered_first(situation: Situation) -> None:
    both = heard("no_essentials", "overdose_medical")
    assert "call 999 now" in said(gate.answer(situation, {}, both, "x", new=False))


def test_a_child_is_given_a_line_for_children(situation: Situation) -> None:
    young = heard("suicide", age=14)
    assert "Childline" in said(gate.answer(situation, {}, young, "x", new=False))


def test_a_worried_friend_is_spoken_to_as_a_friend(situation: Situation) -> None:
    other = heard("suicide", third_party=True)
    assert "their life" in said(gate.answer(situation, {}, other, "x", new=False))


def test_the_same_words_are_not_said_twice(situation: Situation) -> None:
    first = gate.answer(situation, {}, heard("suicide"), "x", new=True)
    second = gate.answer(situation, first.state or {}, heard("suicide"), "still", new=False)
    assert said(first) != said(second)
    assert len(second.replies) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", "safe_yes"),
        ("yeah im ok", "safe_yes"),
        ("I'm safe", "safe_yes"),
        ("no", "safe_no"),
        ("not really", "safe_no"),
        ("yes but hes downstairs and im not safe", "safe_no"),
        ("i dunno", "safe_no"),
        ("HELP", "safe_no"),
        ("no, he's playing a game in the next room", "safe_no"),
        ("I'm not joking", "safe_no"),
        ("soz was only joking", "glad_ok"),
        ("it was from a film", "glad_ok"),
        ("he has a job at the depot", "safe_unclear"),
        ("yes but he's here", "safe_unclear"),
        ("ok i took them", "safe_unclear"),
        ("I'm fine, he's gone for now but back at 6", "safe_unclear"),
        ("y do you care", "safe_unclear"),
    ],
)
def test_are_you_safe(situation: Situation, text: str, expected: str) -> None:
    state = gate.answer(situation, {}, heard("suicide"), "x", new=False).state or {}
    answer = gate.answer(situation, state, Heard(), text, new=False)
    assert said(answer) == "\n".join(r.text for r in situation.words.say(f"gate.{expected}"))


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("call", ContactWay.CALL),
        ("1", ContactWay.CALL),
        ("2", ContactWay.TEXT),
        ("3", ContactWay.NEITHER),
        ("CALL me please", ContactWay.CALL),
        ("text please", ContactWay.TEXT),
        ("yes text is fine", ContactWay.TEXT),
        ("text me dont ring he'll hear", ContactWay.TEXT),
        ("no calls, text only", ContactWay.TEXT),
        ("ring me but no texts", ContactWay.CALL),
        ("either is fine", ContactWay.TEXT),
        ("both", ContactWay.TEXT),
        ("neither", ContactWay.NEITHER),
        ("no its not safe", ContactWay.NEITHER),
        ("don't call or text me", ContactWay.NEITHER),
        ("not safe to call or text", ContactWay.NEITHER),
        ("neither call nor text", ContactWay.NEITHER),
        ("can't ring can't text", ContactWay.NEITHER),
        ("please don't call", ContactWay.UNKNOWN),
        ("he has my phone", ContactWay.NEITHER),
        ("he checks my phone", ContactWay.NEITHER),
        ("call me never", ContactWay.UNKNOWN),
        ("it isnt safe to ring", ContactWay.UNKNOWN),
        ("he reads every message", ContactWay.UNKNOWN),
        ("what do you mean", ContactWay.UNKNOWN),
        ("my address is 22 Lantern Way", ContactWay.UNKNOWN),
        ("i need it by monday 1st", ContactWay.UNKNOWN),
    ],
)
def test_the_safe_way_to_reach_somebody(text: str, way: ContactWay) -> None:
    assert contact_way(text) is way


def test_nobody_is_trapped_in_the_safety_questions(situation: Situation) -> None:
    """Three odd answers later the conversation goes on."""
    state: dict[str, Any] = {}
    state |= gate.answer(situation, state, heard("self_harm"), "x", new=True).state or {}
    for _ in range(3):
        assert gate.must_answer(situation, state, Heard())
        state |= gate.answer(situation, state, Heard(), "purple", new=False).state or {}
    assert not gate.must_answer(situation, state, Heard())


def test_an_old_question_is_not_what_a_new_message_answers(situation: Situation) -> None:
    state = gate.answer(situation, {}, heard("suicide"), "x", new=True).state or {}
    later = replace(situation, now=situation.now + timedelta(days=30))
    assert not gate.must_answer(later, state, Heard())


def test_no_food_is_answered_once_and_then_food_is_looked_for(situation: Situation) -> None:
    hungry = heard("no_essentials", needs=(Scored("food", 0.9),))
    first = gate.answer(situation, {}, hungry, "no food in", new=True)
    after = gate.answer(situation, first.state or {}, Heard(), "text", new=False)
    assert after.state is not None
    assert after.state["stage"] == "next_need"
    assert "food" in said(after)
    state = {**(first.state or {}), **after.state}
    assert not gate.must_answer(situation, state, hungry)


def test_a_second_danger_in_the_same_message_has_its_own_line(situation: Situation) -> None:
    both = heard("suicide", "domestic_abuse")
    answer = gate.answer(situation, {}, both, "my husband hits me and i want to die", new=False)
    assert "116 123" in said(answer)
    assert "0808 2000 247" in said(answer)
    assert (answer.state or {})["safety"]["watched"]


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("told my mum I want to die", "your life"),
        ("my son makes me want to end it all", "your life"),
        ("i think my son wants to die", "their life"),
        ("my mate says he wants to die, i'm scared", "their life"),
    ],
)
def test_it_is_clear_whose_life_is_meant(situation: Situation, text: str, about: str) -> None:
    words = ("want to die",) if "want to die" in text else ("end it all", "wants to die")
    risk = Heard(risks=(Scored("suicide", 0.9, words),), third_party=True)
    assert about in said(gate.answer(situation, {}, risk, text, new=False))
