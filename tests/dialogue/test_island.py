"""The island's files agree with each other and with the actions they name."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.answers import every
from actions.answers.otherwise import IN_WORDS, YES_NO
from actions.state import TALK
from actions.turn import Office
from hub.settings import ROOT

DATA = ROOT / "dialogue" / "data"
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
STAGES = set(DOMAIN["slots"]["stage"]["values"])
EXAMPLES_AT_LEAST = 40


def examples() -> dict[str, list[str]]:
    """Every training text by intent."""
    found: dict[str, list[str]] = {}
    for path in sorted((DATA / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if "intent" in block:
                lines = block["examples"].splitlines()
                found.setdefault(block["intent"], []).extend(line[2:] for line in lines)
    return found


def rules() -> list[dict[str, Any]]:
    """Every rule."""
    paths = sorted((DATA / "rules").glob("*.yml"))
    return [
        rule for path in paths for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
    ]


def test_the_domain_names_exactly_the_actions_there_are() -> None:
    office: Any = object.__new__(Office)
    names = [action.name() for action in every(office)]
    assert sorted(names) == sorted(DOMAIN["actions"])
    assert len(names) == len(set(names))


def test_each_intent_has_many_examples_and_none_is_taught_as_two_things() -> None:
    taught = examples()
    assert set(taught) == set(DOMAIN["intents"])
    few = {name: len(set(texts)) for name, texts in taught.items()}
    assert {name: count for name, count in few.items() if count < EXAMPLES_AT_LEAST} == {}
    meanings: dict[str, set[str]] = {}
    for name, texts in taught.items():
        for text in texts:
            meanings.setdefault(re.sub(r"\W+", " ", text.lower()).strip(), set()).add(name)
    assert {text: names for text, names in meanings.items() if len(names) > 1} == {}


def test_every_stage_has_a_way_of_taking_any_answer() -> None:
    assert set(IN_WORDS) | set(YES_NO) == STAGES
    assert set(TALK) <= STAGES


def test_rules_speak_of_stages_intents_and_actions_that_exist() -> None:
    intents = {*DOMAIN["intents"], "nlu_fallback"}
    for rule in rules():
        for condition in rule.get("condition", []):
            for slots in condition["slot_was_set"]:
                assert slots.get("stage", "new") in STAGES, rule["rule"]
                assert slots.get("heard", "needs") in DOMAIN["slots"]["heard"]["values"]
        *asked, done = rule["steps"]
        named = [step for part in asked for step in part.get("or", [part])]
        assert {step["intent"] for step in named} <= intents, rule["rule"]
        assert done["action"] in DOMAIN["actions"], rule["rule"]


def test_each_rule_has_one_action_so_that_a_turn_has_one() -> None:
    for rule in rules():
        assert sum("action" in step for step in rule["steps"]) == 1, rule["rule"]


def test_the_model_is_named_by_what_it_is_trained_from(tmp_path: Path) -> None:
    def path() -> str:
        command = [sys.executable, str(ROOT / "dialogue" / "train.py"), "--path"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert path() == path()
    assert re.fullmatch(r"[0-9a-f]{12}\.tar\.gz", Path(path()).name)


@pytest.mark.stack
def test_rasa_finds_nothing_wrong_with_its_files() -> None:
    """`rasa data validate`, with its warnings read: it returns 0 on many of them."""
    command = [
        str(ROOT / "dialogue" / ".venv" / "bin" / "python"), "-m", "rasa", "data", "validate",
        "--data", "dialogue/data", "--domain", "domain.yml", "--config", "config.yml",
        "--fail-on-warnings",
    ]  # fmt: skip
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "RASA_TELEMETRY_ENABLED": "false"},
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-2000:]
    for trouble in ("is not used in any story or rule", "conflict found", "is not listed"):
        assert trouble not in said, [line for line in said.splitlines() if trouble in line]
