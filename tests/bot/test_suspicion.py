"""A faint danger: asked about calmly, never dropped, and never in the way for long."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot import gate, suspicion
from bot.gate_words import URGENCY
from bot.reading import all_is_well, not_safe
from bot.situation import Situation
from hub.calendar import Calendar
from hub.profile import Profile
from hub.turns import Answer
from hub.words import Words
from nlu.heard import Heard, Scored
from tests.conftest import SUNDAY_NIGHT

SON = "my son is 15 and hes stopped going to school"


@pytest.fixture
def situation(profile: Profile) -> Situation:
    words = Words.load("en", hub=profile.name)
    return Situation(words, Calendar(profile).next_reply(SUNDAY_NIGHT), SUNDAY_NIGHT)


def faintly(*risks: str, **more: Any) -> Heard:
    return Heard(risks=tuple(Scored(risk, 0.1) for risk in risks), **more)


def said(answer: Answer) -> str:
    return "\n".join(reply.text for reply in answer.replies)


def asked(situation: Situation, heard: Heard, text: str = SON) -> dict[str, Any]:
    """The state once the calm question was put."""
    return dict(gate.answer(situation, {}, heard, text, new=False).state or {})


def test_only_a_low_score_with_no_words_behind_it_is_faint() -> None:
    assert suspicion.faint(faintly("child_at_risk", "suicide"))
    assert not suspicion.faint(Heard())
    assert not suspicion.faint(Heard(risks=(Scored("suicide", 0.1, ("end it",), named=True),)))
    assert not suspicion.faint(Heard(risks=(Scored("suicide", 0.6),)))
    both = Heard(risks=(Scored("suicide", 0.1), Scored("domestic_abuse", 0.5)))
    assert not suspicion.faint(both), "one strong risk is a danger, whatever stands beside it"


@pytest.mark.parametrize("risk", URGENCY)
def test_each_faint_risk_is_asked_about_with_the_way_out_and_a_ticket(
    situation: Situation, risk: str
) -> None:
    heard = faintly(risk)
    assert gate.must_answer(situation, {}, heard, SON)
    answer = gate.answer(situation, {}, heard, SON, new=True)
    text = said(answer)
    assert text.count("?") == 1
    assert "999" in text
    assert "computer" in text
    assert "no person is reading" not in text, "it is not shouted"
    assert answer.urgent
    assert len(answer.effects) == 2
    if risk in ("suicide", "self_harm"):
        assert "116 123" in text


def test_a_child_gets_the_line_of_a_child(situation: Situation) -> None:
    text = said(gate.answer(situation, {}, faintly("suicide", age=14), SON, new=False))
    assert "0800 1111" in text
    assert "Samaritans" not in text


@pytest.mark.parametrize(
    "text",
    [
        "yes", "yes we're fine", "yeah were all ok", "were fine", "hes fine",
        "no nothing like that",
        "no hes fine he just wont get up", "everyones ok thanks", "yes just worried about school",
        "course we are", "aye", "the kids are fine", "all good", "i am safe",
        "yes but i need help getting him back to school",
    ],
)  # fmt: skip
def test_yes_hands_back_what_was_written(situation: Situation, text: str) -> None:
    assert all_is_well(text), text
    state = asked(situation, faintly("child_at_risk"))
    back = suspicion.handed_back(situation, state, Heard(), text, 7)
    assert back is not None
    assert back.safe
    assert back.text.startswith(SON)


@pytest.mark.parametrize(
    "text",
    [
        "no", "nope", "not really", "no he isnt", "im not safe", "im scared of him", "no were not",
        "not sure", "dunno", "yes but im scared", "yes but not for long", "no one is safe",
        "help", "no im frightened", "he isnt", "ok", "ok i rang them", "ok what do i do",
        "yes please help", "ok calling 999 now", "yes but hes coming back", "yes in my car",
        "i dont feel safe", "no my husband is here", "no there is nobody",
    ],
)  # fmt: skip
def test_what_is_no_yes_is_not_taken_for_one(situation: Situation, text: str) -> None:
    assert not all_is_well(text), text
    state = asked(situation, faintly("child_at_risk"))
    assert suspicion.handed_back(situation, state, Heard(), text, 7) is None
    assert gate.must_answer(situation, state, Heard(), text)


@pytest.mark.parametrize("risk", URGENCY)
def test_no_leads_into_the_safety_path(situation: Situation, risk: str) -> None:
    state = asked(situation, faintly(risk))
    assert not_safe("no we're not")
    answer = gate.answer(situation, state, Heard(), "no we're not", new=False)
    after = (answer.state or {})["safety"]
    assert after["asked"] in ("company", "contact")
    assert risk in after["risks"]
    assert "check" not in after
    assert said(answer).count("?") == 1
    assert "999" in said(answer)
    assert "no person is reading this now" in said(answer)


def test_a_strong_danger_while_it_is_asked_is_answered_as_one(situation: Situation) -> None:
    state = asked(situation, faintly("child_at_risk"))
    strong = Heard(risks=(Scored("domestic_abuse", 0.8, ("hits me",)),))
    assert suspicion.handed_back(situation, state, strong, "yes but he hits me", 7) is None
    answer = gate.answer(situation, state, strong, "yes but he hits me", new=False)
    assert "0808 2000 247" in said(answer)
    assert (answer.state or {})["safety"]["asked"] == "safe"


def test_asked_twice_then_on_with_it_and_the_suspicion_stands(situation: Situation) -> None:
    state = asked(situation, faintly("child_at_risk"))
    vague = "i just want him back in school"
    again = gate.answer(situation, state, Heard(), vague, new=False)
    assert "YES or NO" in said(again)
    assert said(again).count("?") == 1
    state |= again.state or {}
    back = suspicion.handed_back(situation, state, Heard(), "he was always so bright", 8)
    assert back is not None
    assert not back.safe
    assert back.text.splitlines() == [SON, vague, "he was always so bright"]


def test_heard_faintly_again_and_never_answered_is_no_longer_faint(situation: Situation) -> None:
    heard = faintly("child_at_risk")
    state = asked(situation, heard)
    state |= gate.answer(situation, state, heard, "he stays in his room", new=False).state or {}
    loud = gate.answer(situation, state, heard, "he wont say what it is", new=False)
    assert "0808 800 5000" in said(loud)
    assert (loud.state or {})["safety"]["asked"] == "safe"


def test_once_cleared_it_is_not_asked_again_the_same_night(situation: Situation) -> None:
    heard = faintly("child_at_risk")
    state = {"safety": {"at": SUNDAY_NIGHT.isoformat(), "checked": {"people": _iso(situation)}}}
    assert not gate.must_answer(situation, state, heard, SON)
    assert gate.must_answer(situation, state, faintly("suicide"), SON), "another kind is asked"
    later = replace(situation, now=situation.now + timedelta(hours=13))
    assert gate.must_answer(later, state, heard, SON)


def test_after_a_night_the_question_no_longer_stands_in_the_way(situation: Situation) -> None:
    state = asked(situation, faintly("child_at_risk"))
    later = replace(situation, now=situation.now + timedelta(hours=20))
    back = suspicion.handed_back(later, state, Heard(), "hello", 9)
    assert back is not None
    assert back.text == f"{SON}\nhello"
    assert not back.lead


def test_a_need_beside_it_is_safe_at_once_and_part_of_a_danger_in_the_end(
    situation: Situation,
) -> None:
    heard = replace(faintly("domestic_abuse"), needs=(Scored("family", 0.9), Scored("food", 0.9)))
    state = asked(situation, heard)
    assert [need["id"] for need in state["needs"]] == ["family", "food"]
    answer = gate.answer(situation, state, Heard(), "no", new=False)
    after = {need["id"]: need["status"] for need in (answer.state or {})["needs"]}
    assert after == {"family": "with_person", "food": "open"}


def test_skip_and_commands_work_while_it_is_asked(situation: Situation) -> None:
    state = asked(situation, faintly("child_at_risk"))
    back = suspicion.handed_back(situation, state, Heard(), "SKIP", 9)
    assert back is not None
    assert back.text == SON
    assert "Staff at" in said(gate.answer(situation, state, Heard(), "privacy", new=False))


def test_there_are_keys_to_tap_where_the_channel_has_them(situation: Situation) -> None:
    on_telegram = replace(situation, channel="telegram")
    answer = gate.answer(on_telegram, {}, faintly("child_at_risk"), SON, new=True)
    assert answer.replies[0].options == ("YES", "NO")
    assert not gate.answer(situation, {}, faintly("suicide"), SON, new=True).replies[0].options
    loud = Heard(risks=(Scored("no_essentials", 0.9),))
    practical = gate.answer(on_telegram, {}, loud, "no food", new=True)
    assert practical.replies[0].options == ("CALL", "TEXT", "NEITHER")


def _iso(situation: Situation) -> str:
    return situation.now.isoformat()


def test_a_yes_with_something_frightening_in_it_is_no_yes(situation: Situation) -> None:
    state = asked(situation, faintly("child_at_risk"))
    again = faintly("violence_now")
    assert suspicion.handed_back(situation, state, again, "yes all fine", 7) is None


def test_a_no_the_next_day_still_says_what_to_do(situation: Situation) -> None:
    state = asked(situation, faintly("child_at_risk"))
    later = replace(situation, now=situation.now + timedelta(hours=14))
    back = suspicion.handed_back(later, state, Heard(), "no we're not safe", 7)
    assert back is not None
    assert "999" in situation.words.text(back.lead)
    assert suspicion.handed_back(later, state, faintly("suicide"), "whats the point", 8) is None
    assert gate.must_answer(later, state, faintly("suicide"), "whats the point")


@pytest.mark.parametrize("text", ["HUMAN", "DELETE", "what did you say"])
def test_what_is_asked_for_is_not_taken_for_an_answer(situation: Situation, text: str) -> None:
    state = asked(situation, faintly("child_at_risk"))
    state["safety"]["check"]["times"] = suspicion.TWICE
    assert suspicion.handed_back(situation, state, Heard(), text, 7) is None


@pytest.mark.parametrize("heard", [faintly("suicide"), Heard(risks=(Scored("suicide", 0.9),))])
def test_a_question_put_while_a_worker_holds_takes_no_consent(
    situation: Situation, heard: Heard
) -> None:
    answer = gate.alert(situation, {"stage": "consent"}, heard, SON)
    assert (answer.state or {})["stage"] == "returned"


def test_a_bed_is_not_asked_after_where_a_blow_was_heard_beside_it(situation: Situation) -> None:
    state = asked(situation, faintly("no_shelter_tonight"))
    assert state["safety"]["check"]["kind"] == "shelter"
    state = asked(situation, faintly("no_shelter_tonight", "violence_now"))
    assert state["safety"]["check"]["kind"] == "people"
