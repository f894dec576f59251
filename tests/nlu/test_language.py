"""Languages are told apart, and short Scouse stays English."""

import pytest

from nlu import texts
from nlu.language import Language


@pytest.fixture(scope="module")
def language() -> Language:
    return Language()


@pytest.mark.parametrize(
    "text",
    ["ta la", "me mam", "no", "si", "boss that", "scran?", "L11", "ok", "non", "gegs", "😀", "la"],
)
def test_short_english_stays_english(language: Language, text: str) -> None:
    assert language.of(text) == "en"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Nie mam nic do jedzenia, proszę o pomoc", "pl"),
        ("أحتاج مساعدة من فضلك", "ar"),
        ("من کمک می خواهم", "fa"),
        ("Мені потрібна допомога", "uk"),
        ("no tengo dinero para la comida", "es"),
        ("nu am bani pentru chirie", "ro"),
        ("需要帮助", "zh"),
    ],
)
def test_another_language_is_told(language: Language, text: str, code: str) -> None:
    assert language.of(text) == code


def test_most_of_our_texts_in_other_languages_are_told(language: Language) -> None:
    foreign = [t for t in texts.read(texts.training_files()) if t.language != "en"]
    right = sum(language.of(text.text) == text.language for text in foreign)
    assert right >= 0.93 * len(foreign)
