"""All 11 risks with no model at all: plainly said, hinted at, and innocent words."""

import pytest

from nlu import risk_words, risks, taxonomy
from nlu.normalise import plain

PLAIN = [
    ("suicide", "i want to kill myself"),
    ("suicide", "kms tbh"),
    ("suicide", "theyd all be better off without me"),
    ("self_harm", "ive been cutting myself again"),
    ("self_harm", "she self harms, 14"),
    ("overdose_medical", "hes took loads of tablets"),
    ("overdose_medical", "bad chest pains n cant breathe"),
    ("violence_now", "theres a lad outside with a machete"),
    ("violence_now", "he is kicking my door in"),
    ("domestic_abuse", "my husband hits me"),
    ("domestic_abuse", "he wont let me leave the house"),
    ("sexual_violence", "i was raped"),
    ("sexual_violence", "he says he will share my nudes"),
    ("child_at_risk", "next doors kids are left on their own all night"),
    ("child_at_risk", "im 13 and my dad hits me, scared to go home"),
    ("adult_at_risk", "carer is taking her pension"),
    ("adult_at_risk", "my nan is wandering in the road at night, dementia"),
    ("harm_to_others", "im going to stab him"),
    ("harm_to_others", "voices telling me to hurt people"),
    ("no_shelter_tonight", "nowhere to sleep tonight"),
    ("no_shelter_tonight", "got kicked out today with me bags"),
    ("no_essentials", "no food in and the kids are starving"),
    ("no_essentials", "leccy has gone and no heating"),
]
HINTS = [
    ("suicide", "whats the point"),
    ("self_harm", "hides the razors"),
    ("overdose_medical", "shes gone all clammy and grey"),
    ("violence_now", "they are banging on everything and shouting outside"),
    ("domestic_abuse", "im scared of his temper"),
    ("sexual_violence", "i feel dirty since that night"),
    ("child_at_risk", "the little girl next door is always hungry and dirty"),
    ("adult_at_risk", "strangers in and out of the old mans flat"),
    ("harm_to_others", "i swear i will snap"),
    ("no_shelter_tonight", "its getting dark and ive got my bags"),
    ("no_essentials", "the fridge is bare"),
]
INNOCENT = [
    "kill time till the bus",
    "that exam killed me haha",
    "see you tuesday, thanks for the cuppa",
    "could murder a brew",
    "overdosed on mince pies",
    "the film had a suicide in it",
    "scared of spiders",
    "my phone has died",
    "nowhere to park",
    "what time does the knitting group start",
]


def _ids(text: str) -> set[str]:
    return {risk.id for risk in risks.by_words(plain(text))}


def _plain_ids(text: str) -> set[str]:
    return {risk for risk, found in risk_words.find(plain(text)).items() if found.plain}


@pytest.mark.parametrize(("risk", "text"), PLAIN)
def test_plain_words_raise_a_risk_by_themselves(risk: str, text: str) -> None:
    heard = {one.id: one for one in risks.by_words(plain(text))}
    assert risk in heard
    assert heard[risk].score >= risks.BY_PLAIN_WORDS
    assert heard[risk].words, "a flag says which words made it"


@pytest.mark.parametrize(("risk", "text"), HINTS)
def test_a_hint_counts_where_there_is_no_model(risk: str, text: str) -> None:
    assert risk in _ids(text)


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_words_raise_nothing_plainly(text: str) -> None:
    assert _plain_ids(text) == set()


def test_every_risk_has_a_plain_and_a_hinted_example() -> None:
    assert {risk for risk, _ in PLAIN} == set(taxonomy.risk_ids())
    assert {risk for risk, _ in HINTS} == set(taxonomy.risk_ids())


def test_an_innocent_sentence_does_not_excuse_the_next_one() -> None:
    assert "suicide" in _plain_ids("that film was good. i want to kill myself")
