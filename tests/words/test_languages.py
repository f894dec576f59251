"""Another language, or a hub's own voice: what is missing or broken is found before it is read."""

from pathlib import Path

import pytest

from hub.settings import ROOT
from hub.words import FOLDER, Words, gaps

LANGUAGES = sorted(path for path in FOLDER.glob("*.yml") if path.stem != "en")
VOICES = sorted((ROOT / "hubs").glob("*/words/*.yml"))


@pytest.mark.parametrize("file", LANGUAGES, ids=lambda path: path.stem)
def test_no_language_lacks_a_line(file: Path) -> None:
    assert gaps(file, whole=True) == []


@pytest.mark.parametrize("file", VOICES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_no_hub_breaks_a_line(file: Path) -> None:
    assert gaps(file, whole=False) == []


def test_gaps_are_found(tmp_path: Path) -> None:
    (tmp_path / "en.yml").write_text(
        "greet: Hello\nask: {text: 'Is {need} right?', options: ['YES', 'NO']}\nbye: Bye {hub}\n"
    )
    half = tmp_path / "xx.yml"
    half.write_text("ask: {text: 'Xx {nede}?', options: ['XX', 'NO']}\nold: Xx\n")
    assert gaps(half, whole=True, folder=tmp_path) == [
        "ask: the options must be the words that are understood",
        "ask: {nede} is not known here",
        "ask: {need} is lost",
        "bye: missing",
        "greet: missing",
        "old: no such line in English",
    ]
    assert "greet: missing" not in gaps(half, whole=False, folder=tmp_path)


def test_a_missing_line_is_said_in_english_and_a_hub_has_its_own_voice(tmp_path: Path) -> None:
    (tmp_path / "en.yml").write_text("greet: Hello\nbye: Bye\nmore: Tell me more\n")
    (tmp_path / "xx.yml").write_text("greet: Xx\n")
    own = tmp_path / "own"
    own.mkdir()
    (own / "xx.yml").write_text("bye: Our own bye from {hub}\n")
    words = Words.load("xx", folder=tmp_path, own=own, hub="Good Help Testing")
    assert words.text("greet") == "Xx"
    assert words.text("bye") == "Our own bye from Good Help Testing"
    assert words.text("more") == "Tell me more"
