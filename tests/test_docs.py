"""The documents are right: links lead somewhere, every command is named, no one is missing."""

import re
from pathlib import Path

import pytest

from app.cli import app
from hub.settings import ROOT

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "hubs/*/*.md", "standin/*.md")
    for path in ROOT.glob(pattern)
)
LINK = re.compile(r"\]\(([^)#]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for command in app.registered_commands:
        name = command.name or command.callback.__name__.replace("_", "-")  # type: ignore[union-attr]
        assert f"`{name}" in readme or f" {name}" in readme, name


def test_every_make_target_explains_itself() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^([a-z][a-z-]*):", makefile, re.M)
    assert {"demo", "test", "check", "eval", "bench-turns"} <= set(targets)
    for target in targets:
        assert re.search(rf"^{target}:.*## \w", makefile, re.M), target
