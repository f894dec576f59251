"""The training texts: labels, counts, variety. The held-out part stays apart."""

from collections import Counter

import pytest
from rapidfuzz import fuzz, process, utils

from nlu import taxonomy, texts
from nlu.texts import BadText, Text


@pytest.fixture(scope="module")
def corpus() -> list[Text]:
    return texts.training()


def test_there_are_enough_texts_of_every_kind(corpus: list[Text]) -> None:
    needs = Counter(need for text in corpus for need in text.needs)
    indirect = Counter(need for text in corpus if text.indirect for need in text.needs)
    quiet = [text for text in corpus if not text.needs and not text.risks]
    hard = [text for text in corpus if text.hard and not text.risks]
    assert len({text.text for text in corpus}) >= 6000
    assert min(needs[need] for need in taxonomy.need_ids()) >= 250, needs
    assert min(indirect[need] for need in taxonomy.need_ids()) >= 250 // 3, indirect
    assert sum(len(text.needs) > 1 for text in corpus) >= 0.35 * len(corpus)
    assert len(quiet) >= 1500
    assert sum(bool(text.risks) for text in corpus) >= 1000
    assert len(hard) >= 1000
    assert {risk for text in corpus for risk in text.risks} == set(taxonomy.risk_ids())
    assert {bar for text in corpus for bar in text.barriers} == set(taxonomy.BARRIERS)


def test_no_text_is_a_near_copy_of_another() -> None:
    # As they are used: what is set apart and was written a second time is not learnt.
    used = texts.training() + texts.tuning() + texts.held_out()
    every = [text.text for text in used]
    long = sorted({utils.default_process(text) for text in every if len(text) >= 30})
    assert len(every) - len(set(every)) <= len(every) // 200, "the same line written twice"
    copies = []
    # Neighbours in the alphabet share their openings, which is where templates show.
    for one, *rest in (long[at : at + 6] for at in range(len(long))):
        copies += [
            (one, other)
            for other, score, _ in process.extract(one, rest, scorer=fuzz.ratio, score_cutoff=88)
            if score < 100
        ]
    assert len(copies) <= len(long) // 500, copies[:5]


def test_nothing_set_apart_is_learnt(corpus: list[Text]) -> None:
    """The tuning part is not learnt from, and the held-out part is not even chosen on."""
    learnt = {utils.default_process(text.text) for text in corpus}
    chosen_on = {utils.default_process(text.text) for text in texts.tuning()}
    measured = {utils.default_process(text.text) for text in texts.held_out()}
    assert chosen_on
    assert not learnt & chosen_on
    assert not learnt & measured
    assert not chosen_on & measured


@pytest.mark.parametrize(
    "line",
    ["food no tab", "foood\thello", "food,!not_a_risk\thello", "food,@nowhere\thello"],
)
def test_a_bad_line_is_named(line: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "bad.tsv"
    file.write_text(f"none\tfine\n{line}\n", encoding="utf-8")
    with pytest.raises(BadText, match=r"bad\.tsv:2"):
        texts.read([file])
