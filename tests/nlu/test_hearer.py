"""The whole hearing, with no model and with a small one: any text gives a result."""

import json
import random
from pathlib import Path

import pytest

from nlu import texts, train
from nlu.adapter import open_adapted
from nlu.embedding import DEFAULT_MODEL, Embedding
from nlu.heard import Heard
from nlu.hearer import Hearer

ODD = [
    "",
    " ",
    "\x00\x00",
    "😀😀😀",
    "12345",
    "07700 900123",
    "x" * 10_000,
    "help " * 2_000,
    "مرحبا hello привет 你好",
    "\u202eabc\u202c",
    "\ud800",
    "''''''''",
    "🏳️‍🌈" * 500,
    "a\n" * 3000,
]


@pytest.fixture(scope="module")
def words_only() -> Hearer:
    return Hearer.load(None)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Hearer:
    """A model of a few hundred texts: quick to make, and real."""
    corpus = texts.training()
    few = random.Random(0).sample(corpus, 600)
    folder = tmp_path_factory.mktemp("model")
    embedding, head = open_adapted(DEFAULT_MODEL)
    train.train(few, embedding, head, "few", aside=texts.tuning()[:200]).save(folder)
    return Hearer.load(folder, places=["Croxteth"])


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("ears", ["words_only", "trained"])
def test_any_text_gives_a_result(ears: str, text: str, request: pytest.FixtureRequest) -> None:
    heard = request.getfixturevalue(ears).hear(text)
    assert isinstance(heard, Heard)
    json.dumps(heard.to_json())


def test_no_model_means_words_only(words_only: Hearer, tmp_path: Path) -> None:
    assert not words_only.has_model
    assert not Hearer.load(tmp_path / "nowhere").has_model
    heard = words_only.hear("no food in and i want to kill myself, L11 0BL")
    assert "food" in heard.need_ids
    assert {"suicide", "no_essentials"} <= set(heard.risk_ids)
    assert heard.postcode == "L11 0BL"


def test_a_broken_model_means_words_only(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text('{"format": 3, "fingerprint": "x", "labels": []}')
    (tmp_path / "model.npz").write_bytes(b"not an archive")
    assert not Hearer.load(tmp_path).has_model


def test_a_risk_deep_in_a_long_text_is_found(trained: Hearer) -> None:
    text = "we had a lovely day out. " * 200 + "i want to kill myself. " + "the end. " * 500
    assert "suicide" in trained.hear(text).risk_ids


def test_a_batch_is_heard_as_each_alone(trained: Hearer) -> None:
    said = ["no food in", "ta la", "me husband hits me", "whats the weather", "cold and damp flat"]
    together = trained.hear_many(said)
    for text, heard in zip(said, together, strict=True):
        alone = trained.hear(text)
        assert alone.need_ids == heard.need_ids
        assert alone.risk_ids == heard.risk_ids


def test_the_json_has_the_agreed_shape(trained: Hearer) -> None:
    row = trained.hear("no food in L11, kids starving").to_json()
    assert list(row) == [
        "needs", "risks", "strengths", "barriers", "postcode", "language", "answerable"
    ]  # fmt: skip
    assert row["postcode"] == "L11"
    assert row["language"] == "en"
    for item in row["needs"] + row["risks"]:
        assert set(item) == {"id", "score"}
        assert 0 <= item["score"] <= 1


def test_a_model_is_made_once_and_again_when_its_texts_change(tmp_path: Path) -> None:
    corpus, folder = tmp_path / "texts", tmp_path / "model"
    corpus.mkdir()
    few = random.Random(1).sample(texts.training(), 80)
    lines = [f"{','.join(sorted(t.needs)) or 'none'}\t{t.text}" for t in few]
    (corpus / "few.tsv").write_text("\n".join(lines), encoding="utf-8")
    said: list[str] = []
    assert train.ensure(folder, corpus=corpus, say=said.append)
    assert not train.ensure(folder, corpus=corpus, say=said.append)
    (corpus / "more.tsv").write_text("none\tta very much\n", encoding="utf-8")
    assert train.ensure(folder, corpus=corpus, say=said.append)
    assert "The hearing model is ready." in said


def test_an_embedding_without_our_adapter_learns_a_head_of_its_own(tmp_path: Path) -> None:
    few = random.Random(2).sample(texts.training(), 150)
    embedding = Embedding.open(DEFAULT_MODEL)
    model = train.train(few, embedding, None, "bare")
    believed = model.believe(embedding, ["no food in", "thanks"])
    food = model.labels.index("food")
    assert believed[0, food] > believed[1, food]


def test_a_flag_says_which_words_made_it(trained: Hearer) -> None:
    risks = {risk.id: risk.words for risk in trained.hear("i want to kill myself").risks}
    assert "kill myself" in " ".join(risks["suicide"])


@pytest.mark.parametrize("text", ["yes", "L11", "want to die", "I am 15", "no food"])
def test_a_short_text_is_heard_the_same_again(trained: Hearer, text: str) -> None:
    fresh = trained.hear_many([text])[0]
    assert trained.hear(text) == trained.hear(text) == fresh
    assert trained.hear(text.upper()) == trained.hear_many([text.upper()])[0]


@pytest.mark.parametrize("ears", ["words_only", "trained"])
def test_every_flag_says_which_words_made_it(ears: str, request: pytest.FixtureRequest) -> None:
    written = [text.text for text in texts.tuning() if text.risks][:80]
    flags = [risk for one in request.getfixturevalue(ears).hear_many(written) for risk in one.risks]
    assert len(flags) > 40
    assert [risk for risk in flags if not risk.words] == []
