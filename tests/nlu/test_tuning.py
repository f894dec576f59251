"""The tuning really learns: a few texts, a few rounds, and an adapter that can be used."""

from pathlib import Path

import numpy as np
import pytest

from nlu.adapter import Adapter
from nlu.embedding import Embedding
from nlu.head import Head
from nlu.tuning import Course, Tuning, start

TEXTS = [
    ("no food in the cupboards", 0),
    ("the kids are hungry", 0),
    ("nothing to eat till friday", 0),
    ("can i get a food parcel", 0),
    ("looking for a job", 1),
    ("help with my cv please", 1),
    ("been sacked this morning", 1),
    ("interview on thursday", 1),
]


@pytest.mark.parametrize("first", [0, 4])
def test_a_few_rounds_learn_a_few_texts(first: int, tmp_path: Path) -> None:
    embedding, rng = Embedding.open(), np.random.default_rng(0)
    truth = np.eye(2, dtype=np.float32)[[need for _, need in TEXTS]]
    parts, kept = start(embedding, rng, rank=4), []
    head = Head.blank(("food", "work"), embedding.dimensions, rng)
    said: list[str] = []
    tuning = Tuning(embedding, parts, head, Course(12, first, 2e-3, 1e-2), say=said.append)
    tuning.run([text for text, _ in TEXTS], truth, kept.append)
    assert len(kept) == len(said) == 12
    kept[-1].save(tmp_path / "adapter.safetensors")
    adapter = Adapter.load(tmp_path / "adapter.safetensors")
    assert adapter is not None
    assert adapter.head is not None
    for number in range(first):
        assert not adapter.parts[f"{number}.up.B"].any(), "a lower layer has moved"
    assert adapter.parts["5.up.B"].any()
    bent = adapter.apply(Embedding.open())
    asked = ["we are starving, is there a food bank", "any jobs going in the warehouse"]
    scores = bent.read(asked, adapter.head.scores, 2)
    assert scores[0, 0] > scores[0, 1]
    assert scores[1, 1] > scores[1, 0]
