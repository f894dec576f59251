"""The gate by itself: right words, one question, never a trap, with nothing else running."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
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


def after(situation: Situation, told: Heard) -> dict[str, Any]:
    """The state once a message with a risk was answered."""
    return gate.answer(situation, {}, told, "what they wrote", new=False).state or {}


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
    heard_so_far = [said(second)]
    state: dict[str, Any] = {**(first.state or {}), **(second.state or {})}
    for _ in range(6):
        again = gate.answer(situation, state, heard("suicide"), "i want to die", new=False)
        state |= again.state or {}
        heard_so_far.append(said(again))
    assert all(one != after for one, after in pairwise(heard_so_far))
    assert all("116 123" in one for one in heard_so_far)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", "safe_yes"),
        ("yeah im ok", "safe_yes"),
        ("I'm safe", "safe_yes"),
        ("no", "safe_no_crisis"),
        ("not really", "safe_no_crisis"),
        ("yes but hes downstairs and im not safe", "safe_no_crisis"),
        ("i dunno", "safe_no_crisis"),
        ("HELP", "safe_no_crisis"),
        ("no, he's playing a game in the next room", "safe_no_crisis"),
        ("I'm not joking", "safe_no_crisis"),
        ("he has a job at the depot", "safe_unclear"),
        ("yes but he's here", "safe_unclear"),
        ("ok i took them", "safe_unclear"),
        ("I'm fine, he's gone for now but back at 6", "safe_unclear"),
        ("y do you care", "safe_unclear"),
        ("forget i said anything", "safe_unclear"),
        ("sorry i was being dramatic", "safe_unclear"),
        ("skip", "safe_unclear"),
    ],
)
def test_are_you_safe_and_who_can_be_with_you(
    situation: Situation, text: str, expected: str
) -> None:
    state = after(situation, heard("suicide"))
    answer = gate.answer(situation, state, Heard(), text, new=False)
    words = situation.words
    assert said(answer) == f"{words.text(f'gate.{expected}')}\n{words.text('gate.ask_company')}"
    assert (answer.state or {})["safety"]["asked"] == "company"


@pytest.mark.parametrize(
    "text",
    [
        "soz was only joking",
        "it was from a film",
        "no no i was only joking",
        "wrong person sorry",
        "its just a saying",
    ],
)
@pytest.mark.parametrize("asked", [None, "safe", "company", "contact"])
def test_a_false_alarm_ends_gently_and_a_person_still_looks(
    situation: Situation, text: str, asked: str | None
) -> None:
    state = after(situation, heard("suicide"))
    state["safety"]["asked"] = asked
    assert gate.must_answer(situation, state, Heard(), text)
    answer = gate.answer(situation, state, Heard(), text, new=False)
    glad, on = (situation.words.text(f"gate.{key}") for key in ("glad_ok", "carry_on"))
    assert said(answer) == f"{glad}\n{on}"
    assert len(answer.effects) == 1
    assert not gate.must_answer(situation, {**state, **(answer.state or {})}, Heard(), "ok")


def test_the_safety_path_from_danger_to_a_promise(situation: Situation) -> None:
    state = after(situation, heard("self_harm"))
    texts = []
    for text in ("no", "my sister is coming", "text"):
        answer = gate.answer(situation, state, Heard(), text, new=False)
        state |= answer.state or {}
        texts.append(said(answer))
    assert "Move away from anything" in texts[0] and texts[0].endswith("be with you now?")
    assert texts[1].endswith("CALL, TEXT, or NEITHER?")
    assert "will text you tomorrow, Monday, after 10am" in texts[2]
    assert "day and night" in texts[2]
    assert "I'm still here" in texts[2]


def test_somebody_who_is_alone_is_told_who_is_there_all_night(situation: Situation) -> None:
    state = after(situation, heard("domestic_abuse"))
    state |= gate.answer(situation, state, Heard(), "yes", new=False).state or {}
    answer = gate.answer(situation, state, Heard(), "no one", new=False)
    assert "You do not have to be alone with this." in said(answer)
    assert "0808 2000 247" in said(answer)


@pytest.mark.parametrize("text", ["nobody", "on my own", "not really", "no one"])
def test_a_bare_answer_is_not_a_new_danger(situation: Situation, text: str) -> None:
    """Some sound desolate by themselves; the ticket is urgent already."""
    state = after(situation, heard("domestic_abuse"))
    answer = gate.answer(situation, state, heard("suicide"), text, new=False)
    assert "Samaritans" not in said(answer)
    assert said(answer).endswith("be with you now?")


def test_while_attacked_nobody_is_asked_who_could_come(situation: Situation) -> None:
    state = after(situation, heard("violence_now"))
    answer = gate.answer(situation, state, Heard(), "no", new=False)
    assert "lock yourself in" in said(answer)
    assert said(answer).endswith("CALL, TEXT, or NEITHER?")


def test_the_way_to_be_reached_is_taken_when_it_comes_early(situation: Situation) -> None:
    state = after(situation, heard("suicide"))
    state |= gate.answer(situation, state, Heard(), "yes", new=False).state or {}
    answer = gate.answer(situation, state, Heard(), "just text me", new=False)
    assert "will text you" in said(answer)


@pytest.mark.parametrize("command", ["HUMAN", "privacy", "Delete", "what did you say?"])
def test_a_command_is_answered_and_the_question_stays(situation: Situation, command: str) -> None:
    state = after(situation, heard("suicide"))
    answer = gate.answer(situation, state, Heard(), command, new=False)
    assert said(answer).endswith("Are you safe right now?")
    assert said(answer).count("?") == 1
    state |= answer.state or {}
    assert state["safety"]["asked"] == "safe"


def test_skip_leaves_out_each_question(situation: Situation) -> None:
    state = after(situation, heard("suicide"))
    for _ in range(3):
        state |= gate.answer(situation, state, Heard(), "skip", new=False).state or {}
    assert not gate.must_answer(situation, state, Heard(), "skip")


def test_a_need_that_is_the_danger_itself_is_left_to_the_worker(situation: Situation) -> None:
    """Nobody who told of a rape is asked whether to look at crime and trouble nearby."""
    told = heard("sexual_violence", needs=(Scored("crime_asb", 0.9), Scored("debt", 0.9)))
    state = after(situation, told)
    assert [(need["id"], need["status"]) for need in state["needs"]] == [
        ("crime_asb", "with_person"),
        ("debt", "open"),
    ]
    answer = Answer()
    for text in ("yes", "yes", "text"):
        answer = gate.answer(situation, state, Heard(), text, new=False)
        state |= answer.state or {}
    assert "There is no hurry" in said(answer) and "money and debt" in said(answer)
    assert "crime" not in said(answer)


@pytest.mark.parametrize("risk", gate.URGENCY)
def test_a_child_is_never_sent_to_a_line_for_grown_ups(situation: Situation, risk: str) -> None:
    text = said(gate.answer(situation, {}, heard(risk, age=13), "x", new=True))
    for line in ("Samaritans", "Domestic Abuse Helpline", "Rape", "Hourglass", "Citizens", "NSPCC"):
        assert line not in text
    assert "999" in text
    if risk not in ("overdose_medical", "violence_now"):
        assert "0800 1111" in text


@pytest.mark.parametrize("risk", ["overdose_medical", "domestic_abuse", "sexual_violence"])
def test_who_reports_another_person_hears_words_for_a_friend(
    situation: Situation, risk: str
) -> None:
    told = Heard(risks=(Scored(risk, 0.9, ("her",)),), third_party=True)
    answer = gate.answer(situation, {}, told, "my neighbour told me about her", new=False)
    assert re.search(r"\b(them|they)\b", said(answer))
    assert (answer.state or {})["third_party"] is True


def test_a_worker_who_holds_the_talk_is_alerted_and_said_so(situation: Situation) -> None:
    first = gate.alert(situation, {}, heard("suicide"), "i want to die")
    assert "116 123" in said(first)
    assert "marked this as urgent for the worker" in said(first)
    assert len(first.effects) == 1
    again = gate.alert(situation, first.state or {}, heard("suicide"), "i mean it")
    assert said(again) != said(first)
    assert not gate.must_answer(situation, first.state or {}, Heard(), "yes")


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
    """Four odd answers later the conversation goes on."""
    state: dict[str, Any] = {}
    state |= gate.answer(situation, state, heard("self_harm"), "x", new=True).state or {}
    for _ in range(4):
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
