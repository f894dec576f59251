"""The walls of the house hold: who may import whom, and what importing may do."""

import ast
import subprocess
import sys

import pytest

from hub.settings import ROOT, Settings

PACKAGES = ("app", "hub", "nlu", "bot", "actions", "directory_sync", "inbox", "standin")
SOURCES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations/versions" not in path.as_posix()
)


def test_the_import_contracts_hold() -> None:
    lint = ROOT / ".venv" / "bin" / "lint-imports"
    run = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_importing_everything_opens_nothing() -> None:
    """No engine, socket, thread or file of ours is made by an import."""
    modules = ["app.cli", "app.web", "app.processes", "bot.worker", "actions.server", "inbox.app"]
    script = (
        "import sys, threading\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(event)"
        " if event in ('socket.connect', 'socket.bind', 'sqlite3.connect') else None)\n"
        f"for name in {modules!r}: __import__(name)\n"
        "assert not opened, opened\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_can_be_held_in_the_head(path) -> None:  # type: ignore[no-untyped-def]
    lines = path.read_text().splitlines()
    assert len(lines) <= 400, "past 400 lines something wants a room of its own"
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring, "a module says in its first line what it is for"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_explained(name: str) -> None:
    field = Settings.model_fields[name]
    assert field.description
    documented = (ROOT / "docs" / "settings.md").read_text()
    assert f"`GOODHELP_{name.upper()}`" in documented, "run `python -m app.reference`"
