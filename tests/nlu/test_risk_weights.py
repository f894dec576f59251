"""Words alone: a table made from the training texts, measured on the part set aside."""

import csv

from nlu import risk_weights, risks, taxonomy, texts
from nlu.normalise import plain


def test_words_alone_raise_nearly_every_risk() -> None:
    aside = [text for text in texts.tuning() if text.language == "en"]
    heard = [{risk.id for risk in risks.by_words(plain(text.text))} for text in aside]
    there = [(risk, ids) for text, ids in zip(aside, heard, strict=True) for risk in text.risks]
    assert sum(risk in ids for risk, ids in there) / len(there) >= 0.94
    quiet = [bool(ids) for text, ids in zip(aside, heard, strict=True) if not text.risks]
    assert sum(quiet) / len(quiet) <= 0.45, "looser than the model, not useless"


def test_every_flag_by_words_alone_says_which_words_made_it() -> None:
    for text in texts.tuning()[:400]:
        for risk in risks.by_words(plain(text.text)):
            assert risk.words, risk.id


def test_the_table_can_be_read_and_knows_every_risk() -> None:
    with risk_weights.PATH.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert {len(row) for row in rows} == {3}
    assert {risk for _, risk, _ in rows} - {""} == set(taxonomy.risk_ids())
    assert -6 < risk_weights.limit() < 0


def test_a_table_is_learnt_from_texts() -> None:
    learnt = texts.training()[::12]
    rows = risk_weights.learn(learnt, texts.tuning()[::4])
    assert rows[0][0] == risk_weights.LIMIT
    assert {risk for term, risk, _ in rows if term == risk_weights.BIAS} == set(taxonomy.risk_ids())
