"""The command line as somebody meets it: real processes, real files, plain words on trouble."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.settings import ROOT

FEED = ROOT / "hubs" / "croxteth" / "directory.json"


def goodhelp(
    folder: Path, *arguments: str, given: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line with a record of its own and no other setting of ours."""
    environment = {name: v for name, v in os.environ.items() if not name.startswith("GOODHELP_")}
    environment |= {
        "GOODHELP_DATABASE_URL": f"sqlite:///{folder / 'record.sqlite3'}",
        "GOODHELP_MODELS_FOLDER": str(folder / "models"),
        **{f"GOODHELP_{name.upper()}": value for name, value in settings.items()},
    }
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_a_directory_is_read_in_then_matched(tmp_path: Path) -> None:
    first = goodhelp(tmp_path, "sync", str(FEED), "--as", "croxteth")
    assert first.returncode == 0, first.stderr
    added = json.loads(first.stdout)
    assert added["added"] >= 60
    assert added["rejected"] == []
    again = json.loads(goodhelp(tmp_path, "sync", str(FEED), "--as", "croxteth").stdout)
    assert (again["added"], again["unchanged"]) == (0, added["added"])

    asked = json.dumps({"id": "a", "needs": ["food"], "postcode": "L11", "age": 40})
    found = goodhelp(tmp_path, "match", "--top", "3", given=asked + "\nnot json\n")
    assert found.returncode == 0, found.stderr
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert lines[0]["id"] == "a"
    assert 1 <= len(lines[0]["services"]) <= 3
    assert all(service["why"] for service in lines[0]["services"])
    assert "error" in lines[1]


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    assert json.loads(goodhelp(tmp_path, "sync", str(FEED), "--dry-run").stdout)["added"] >= 60
    assert json.loads(goodhelp(tmp_path, "sync", str(FEED), "--dry-run").stdout)["added"] >= 60


def test_a_broken_file_is_explained_and_the_last_good_directory_stays(tmp_path: Path) -> None:
    goodhelp(tmp_path, "sync", str(FEED))
    broken = tmp_path / "broken.json"
    broken.write_text('{"contents": [')
    run = goodhelp(tmp_path, "sync", str(broken))
    assert run.returncode == 1
    assert "broken.json is not JSON: line 1" in run.stderr
    again = json.loads(goodhelp(tmp_path, "sync", str(FEED)).stdout)
    assert again["unchanged"] >= 60


def test_hearing_works_offline_with_no_model_and_no_record(tmp_path: Path) -> None:
    texts = ["i want to end my life", "no food in the house", "", "\u0000"]
    given = "\n".join(json.dumps({"id": n, "text": text}) for n, text in enumerate(texts))
    run = goodhelp(tmp_path, "hear", given=given + "\n{broken\n")
    assert run.returncode == 0, run.stderr
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    assert [row.get("id") for row in rows[:4]] == [0, 1, 2, 3]
    assert "suicide" in [risk["id"] for risk in rows[0]["risks"]]
    assert set(rows[0]) == {
        *("id", "needs", "risks", "strengths", "barriers"),
        *("postcode", "language", "answerable"),
    }
    assert "error" in rows[4]
    assert not (tmp_path / "record.sqlite3").exists()


def test_check_says_what_needs_a_person(tmp_path: Path) -> None:
    goodhelp(tmp_path, "migrate")
    run = goodhelp(tmp_path, "check")
    assert run.returncode == 1
    assert "helpline Samaritans was never checked" in run.stdout
    assert "no directory was ever read in" in run.stdout


def test_staff_are_added_with_a_password_that_is_never_an_argument(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("correct horse battery")
    arguments = ("user", "add", "Ann", "staff", "--password-file", str(secret))
    assert goodhelp(tmp_path, *arguments).returncode == 0
    twice = goodhelp(tmp_path, *arguments)
    assert twice.returncode == 2
    assert "already somebody with that name" in twice.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"database_url": "postgresql://127.0.0.1:1/none"}, "GOODHELP_ENCRYPTION_KEY is not set"),
        ({"hub": "nowhere"}, "hub.yml is missing in nowhere/"),
        ({"encryption_key": "c2hvcnQ="}, "32 random bytes"),
    ],
)
def test_a_wrong_setting_is_one_line_that_says_what_to_do(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    run = goodhelp(tmp_path, "sync", str(FEED), **settings)
    assert run.returncode == 2
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_the_web_does_not_start_on_an_old_schema_or_with_weak_keys(tmp_path: Path) -> None:
    assert "run `goodhelp migrate`" in goodhelp(tmp_path, "serve").stderr
    goodhelp(tmp_path, "migrate")
    assert "GOODHELP_SECRET_KEY" in goodhelp(tmp_path, "serve").stderr


def test_the_bot_is_paused_and_resumed_by_one_command(tmp_path: Path) -> None:
    assert goodhelp(tmp_path, "migrate").returncode == 0
    assert goodhelp(tmp_path, "pause", "sms").returncode == 0
    assert "paused on sms" in goodhelp(tmp_path, "check").stdout
    assert goodhelp(tmp_path, "resume", "sms").returncode == 0
    assert "paused on sms" not in goodhelp(tmp_path, "check").stdout
    wrong = goodhelp(tmp_path, "pause", "pigeon")
    assert wrong.returncode == 2
    assert "pigeon" in wrong.stderr
