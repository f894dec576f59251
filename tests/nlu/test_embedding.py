"""The encoder gives the similarities that its makers published."""

import numpy as np
import pytest

from nlu import train
from nlu.adapter import Adapter
from nlu.backward import backward, begin, forward, pad
from nlu.embedding import Embedding, EmbeddingMissing
from nlu.tuning import merge

SENTENCES = [
    "The weather is lovely today.",
    "It's so sunny outside!",
    "He drove to the stadium.",
]


@pytest.fixture(scope="module")
def embedding() -> Embedding:
    return Embedding.open()


def test_the_published_similarities(embedding: Embedding) -> None:
    vectors = embedding.encode(SENTENCES)
    like = vectors @ vectors.T
    assert vectors.dtype == np.float32
    assert like[0, 1] == pytest.approx(0.666, abs=0.001)
    assert like[0, 2] == pytest.approx(0.105, abs=0.001)
    assert like[1, 2] == pytest.approx(0.141, abs=0.001)


def test_the_remembering_pass_sees_what_the_quick_one_sees(embedding: Embedding) -> None:
    ids = [embedding.tokens(text) for text in SENTENCES]
    merged = [{n: layer[n] for n in ("qkv", "out", "up", "down")} for layer in embedding.layers]
    states, mask = pad([begin(embedding, one) for one in ids])
    slow = forward(embedding, merged, states, mask).states
    for row, sentence in enumerate(SENTENCES):
        quick = embedding.read([sentence], lambda states, _: states[:, 0], embedding.dimensions)
        assert np.abs(slow[row, 0] - quick[0]).max() < 1e-3


def test_company_changes_nothing(embedding: Embedding) -> None:
    alone = embedding.encode(["no food in"])
    among = embedding.encode(["x " * 300, "no food in", "", "a b c d e f g h"])
    assert np.abs(alone[0] - among[1]).max() < 1e-5
    assert np.isfinite(among).all()


def test_no_model_is_said_plainly() -> None:
    with pytest.raises(EmbeddingMissing):
        Embedding.open("no_such_model_here")


def test_the_adapter_fits_the_model_it_was_made_for() -> None:
    adapter = Adapter.load()
    assert adapter is not None, "nlu/adapter.safetensors is part of the project"
    assert adapter.base == Embedding.open().fingerprint
    bent = adapter.apply(Embedding.open())
    assert np.abs(bent.encode(SENTENCES) - Embedding.open().encode(SENTENCES)).max() > 0.01
    assert adapter.head is not None
    assert adapter.head.labels == train.labels()
    stranger = Adapter("another model", "", adapter.parts).apply(Embedding.open())
    assert stranger.fingerprint == Embedding.open().fingerprint


def test_the_way_back_agrees_with_finite_differences(embedding: Embedding) -> None:
    rng = np.random.default_rng(1)
    base = [{n: layer[n] for n in ("qkv", "out", "up", "down")} for layer in embedding.layers]
    parts = {}
    for number, layer in enumerate(base):
        for name, weights in layer.items():
            rows, columns = weights.shape
            for end, shape in (("A", (rows, 4)), ("B", (4, columns))):
                scale = rows**-0.5 if end == "A" else 0.02
                parts[f"{number}.{name}.{end}"] = (rng.standard_normal(shape) * scale).astype(
                    np.float32
                )
    ids = [embedding.tokens(text) for text in ("hello there mate", "no food in at all today")]
    states, mask = pad([begin(embedding, one) for one in ids])
    merged = merge(base, parts)
    tape = forward(embedding, merged, states, mask)
    pull = rng.standard_normal(tape.states.shape).astype(np.float32) * mask[:, :, None]
    slopes = backward(embedding, merged, parts, tape, pull)

    def value() -> float:
        ended = forward(embedding, merge(base, parts), states, mask).states
        return float((ended * pull).sum(dtype=float))

    for name in ("0.qkv.A", "2.out.B", "3.up.A", "5.down.B"):
        way = rng.standard_normal(parts[name].shape).astype(np.float32)
        way /= np.linalg.norm(way)
        kept, step = parts[name], np.float32(0.02)
        parts[name] = kept + step * way
        up = value()
        parts[name] = kept - step * way
        down = value()
        parts[name] = kept
        assert (up - down) / (2 * step) == pytest.approx(float((slopes[name] * way).sum()), rel=0.1)
