"""Every line that a resident can read, as a frightened person on a cheap phone gets it."""

import re
from collections.abc import Iterator
from string import Formatter

import pytest
import textstat

from bot import gate_words
from hub.gsm7 import parts
from hub.profile import Profile
from hub.settings import ROOT
from hub.words import Words

# What is filled in, as long as it may be. `service` is a long name from the demo directory.
SAMPLES = {
    "hub": "Good Help Croxteth",
    "when": "tomorrow, Monday, after 10am",
    "words": "there is a letter off the bailiffs and I cannot open it on my own",
    "need": "crime and trouble nearby",
    "needs": "money and debt, losing someone, company and heating and energy",
    "service": "Young people's housing project",
    "recipient": "hub staff and Young people's housing project",
    "reach": "0151 496 0140",
    "fact": "Tuesday 10am to 2pm",
    "venue": "Croxteth Good Help Hub, 1 Lantern Way, Croxteth, Liverpool",
    "days": "90",
    "count": "12",
    "notes": "a year",
    "name": "Bernadette",
    "said": "the room upstairs was cold and nobody told me where to go",
    "did": "There is a sign at the door now, and a heater in the room upstairs.",
    "things": "your name, your age, what you are good at and what gets in your way",
    "area": "L11",
    "until": "The Rape and Sexual Abuse Support Line is there day and night: 0808 500 2222.",
    "code": "482913",
    "option": "SOMETHING ELSE",
}
# Names and parts of lines; never a text of their own.
PARTS_ONLY = ("need_words.", "need_names.", "languages.")
TWO_PARTS = 306
WORDS_AT_MOST = 20
READING_AGE = 11
# Told after something bad was said: nothing here may sound like a party.
CHEER = re.compile(
    r"\b(great|awesome|amazing|fantastic|wonderful|brilliant|excellent|perfect|yay|hooray|"
    r"congratulations|well done|no worries|exciting|happy to|glad to hear)\b|!",
    re.I,
)
# The gate's own question is the safe one for each kind of risk.
ASKS_SAFE = re.compile(r"safe right now\?$")
ASKS_CONTACT = re.compile(r"CALL.*TEXT.*NEITHER\?$")
WORDS = Words.load("en", hub=SAMPLES["hub"])
KEYS = WORDS.keys()
RISKS = (
    "suicide", "self_harm", "overdose_medical", "violence_now", "domestic_abuse",
    "sexual_violence", "child_at_risk", "adult_at_risk", "harm_to_others",
    "no_shelter_tonight", "no_essentials",
)  # fmt: skip


def lines(*, whole: bool = True) -> Iterator[tuple[str, str]]:
    """Every English text, filled in as it would be said."""
    for key in KEYS:
        if whole and key.startswith(PARTS_ONLY) and key != "languages.other":
            continue
        if key.startswith("languages.") and key != "languages.other":
            continue
        for reply in WORDS.say(key, **{name: SAMPLES[name] for name in names(key)}):
            yield key, "\n".join([reply.text, *(f"1 {option}" for option in reply.options)])


def names(key: str) -> set[str]:
    """What a line wants filled in."""
    entry = WORDS._entry(key)
    texts = entry if isinstance(entry, list) else [entry]
    bare = [text if isinstance(text, str) else text["text"] for text in texts]
    found = {name for text in bare for _, name, _, _ in Formatter().parse(str(text)) if name}
    return found - {"hub"}


ALL = list(lines())


@pytest.mark.parametrize(("key", "text"), ALL, ids=[key for key, _ in ALL])
class TestEveryLine:
    """Rules for every line."""

    def test_fits_into_two_parts_of_plain_sms(self, key: str, text: str) -> None:
        counted = parts(text)
        assert counted.encoding == "GSM-7"
        assert counted.units <= TWO_PARTS

    def test_sentences_are_short(self, key: str, text: str) -> None:
        for sentence in re.split(r"(?<=[.!?:])\s+|\n", text):
            assert len(sentence.split()) <= WORDS_AT_MOST, sentence

    def test_asks_one_thing_at_most_and_never_why(self, key: str, text: str) -> None:
        assert text.count("?") <= 1
        assert not re.search(r"\bwhy\b", text, re.I)

    def test_no_cheer_and_no_bullets(self, key: str, text: str) -> None:
        assert not CHEER.search(text)
        assert not re.search(r"^\s*[-*•]", text, re.M)


def test_reading_age_is_at_most_eleven() -> None:
    """Automated Readability Index (a school grade, by letters and words) plus five, over the lines
    of each group: single lines are too short to be measured. Numbers and what is filled in are
    left out. Measures that count syllables would need a word list from the network."""
    groups: dict[str, list[str]] = {}
    for key, _ in ALL:
        bare = WORDS._entry(key)
        texts = bare if isinstance(bare, list) else [bare]
        for text in texts:
            plain = text if isinstance(text, str) else text["text"]
            plain = re.sub(r"\{\w+\}|\d[\d ]*", " it ", str(plain))
            groups.setdefault(key.split(".")[0], []).append(plain.strip())
    ages = {
        name: textstat.automated_readability_index(" ".join(texts)) + 5
        for name, texts in groups.items()
        if len(" ".join(texts).split()) >= 40
    }
    assert len(ages) >= 6
    assert {name: age for name, age in ages.items() if age > READING_AGE} == {}


@pytest.mark.parametrize("risk", RISKS)
def test_each_gate_reply_ends_with_its_question(risk: str) -> None:
    asks = ASKS_CONTACT if risk.startswith("no_") else ASKS_SAFE
    for key in (f"gate.{risk}", f"gate.{risk}_again"):
        assert asks.search(WORDS.text(key)), key
        assert re.search(r"\b(999|111|116 123)\b", WORDS.text(key)), key


def test_each_variant_of_a_gate_reply_has_its_second_wording() -> None:
    for key in {*gate_words.YOUNG.values(), *gate_words.SOMEONE_ELSE.values()}:
        asks = ASKS_CONTACT if key.startswith("no_") else ASKS_SAFE
        assert asks.search(WORDS.text(f"gate.{key}")), key
        assert asks.search(WORDS.text(f"gate.{key}_again")), key
        assert WORDS.text(f"gate.{key}") != WORDS.text(f"gate.{key}_again")


def test_each_kind_of_danger_names_somebody_who_is_there_all_night() -> None:
    for kind in {*gate_words.KINDS.values(), "young"}:
        assert re.search(
            r"\b(999|116 123|0808 2000 247|0808 500 2222|111)\b",
            WORDS.text(f"gate.all_night_{kind}"),
        )


def test_every_number_is_in_the_hubs_helplines(profile: Profile) -> None:
    """Nobody is sent to a number that is not kept, and checked, as data."""
    known = {"999", "55"}
    for line in profile.helplines:
        known |= {_digits(text) for text in (line.number, line.text_to) if text}
    for key in KEYS:
        if not key.startswith(("gate.", "odd.", "first_contact.")):
            continue
        text = re.sub(r"\{\w+\}|option 2", "", str(WORDS._entry(key)))
        said = {_digits(found) for found in re.findall(r"\d[\d ]*\d", text)}
        assert said <= known, key


def test_no_word_of_ours_is_one_that_the_provider_acts_on() -> None:
    """Twilio answers these itself, and some of them end all texts: they are not ours to use."""
    theirs = r"\b(STOP|STOPALL|UNSUBSCRIBE|END|QUIT|CANCEL|REVOKE|OPTOUT|HELP|INFO)\b"
    for key, text in ALL:
        assert not re.search(theirs, text), key


def test_every_key_the_code_asks_for_is_there() -> None:
    pattern = re.compile(r"""(?:say|text)\(\s*"([a-z_]+(?:\.[a-z_0-9]+)*)\"""")
    keys = set(KEYS)
    asked: set[str] = set()
    for folder in ("actions", "bot"):
        for path in (ROOT / folder).rglob("*.py"):
            asked |= set(pattern.findall(path.read_text(encoding="utf-8")))
    missing = {
        key for key in asked if key not in keys and not any(k.startswith(f"{key}.") for k in keys)
    }
    assert asked and missing == set()


def test_every_need_and_strength_has_its_words() -> None:
    from nlu import taxonomy
    from nlu.words import read

    for need in taxonomy.need_ids():
        assert WORDS.text(f"need_names.{need}") == WORDS.text(f"need_names.{need}").strip().lower()
        assert WORDS.text(f"need_words.{need}")
    for strength in read("strengths"):
        assert WORDS.text(f"strengths.{strength}")


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
