"""Every id that can be stored has words that staff can read."""

from collections.abc import Iterable

import pytest
import yaml

from hub.messages import Author, Status
from hub.people import Channel, ContactWay, Role
from hub.settings import ROOT
from hub.tickets import TicketStatus, Why
from hub.topics import Unmet
from inbox.labels import FILE


def ids(path: str) -> list[str]:
    found = yaml.safe_load((ROOT / "nlu" / path).read_text())
    return [item["id"] for item in found] if isinstance(found, list) else list(found)


KINDS: dict[str, Iterable[str]] = {
    "needs": ids("taxonomy/needs.yml"),
    "risks": ids("taxonomy/risks.yml"),
    "strengths": ids("lexicon/strengths.yml"),
    "barriers": ids("lexicon/barriers.yml"),
    "why": Why,
    "status": TicketStatus,
    "reasons": Unmet,
    "channels": Channel,
    "ways": ContactWay,
    "authors": Author,
    "roles": Role,
    "delivery": set(Status) - {Status.RECEIVED, Status.HANDLED},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_id_has_a_label(kind: str) -> None:
    labels = yaml.safe_load(FILE.read_text())[kind]
    assert [name for name in KINDS[kind] if str(name) not in labels] == []
