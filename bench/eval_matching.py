"""How well needs are matched to services, on messages judged by hand over two directories.

    python -m bench.eval_matching            prints the report
    python -m bench.eval_matching --write    also writes docs/matching.md

Beside it, on the same texts of the same services: BM25, MiniLM on the whole message, and their
reciprocal rank fusion. The second directory is read from ../shared/data where it is there. The
databases stay in var/, so that a second run is quick. Exits 1 where anybody is offered what is not
for them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from app.house import House
from bench.matching import judged
from bench.matching.figures import Figures, figures, interval
from bench.matching.judged import Judged
from bench.matching.violations import Checked, check
from hub.candidates import Candidate, Candidates
from hub.catalogue import Catalogue
from hub.keywords import Keywords, Vocabulary
from hub.match_lines import answer_line
from hub.meaning import Meaning
from hub.services import Service
from hub.settings import Settings

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "matching.md"
DATA = ROOT.parent / "shared" / "data" / "directories"
DIRECTORIES = {"croxteth-demo": "croxteth-demo", "miami211": str(DATA / "miami211")}
# A Sunday night, when the hub is shut.
NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
DEEP = 10
FUSED = 60
CHARACTERS = 1500

Lists = dict[str, list[list[str]]]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--write", action="store_true", help="write docs/matching.md")
    asked.add_argument("--misses", type=int, default=0, help="print this many poor answers")
    asked.add_argument("--part", choices=("dev", "test"), help="only this part of the messages")
    chosen = asked.parse_args()
    everything = [one for one in judged.read() if chosen.part in (None, one.part)]
    lines = [*OPENING]
    bad = 0
    for name, source in DIRECTORIES.items():
        messages = [one for one in everything if one.directory == name]
        if os.sep in source and not Path(source).is_dir():
            print(f"{name} is not here ({source}): left out.", file=sys.stderr)
            lines += [f"## {name}", "", "Not there when this was written.", ""]
            continue
        house = _house(name)
        house.prepare()
        house.sync(source)
        house.read_directory()
        with house.database.reading() as session:
            lists, took, checked = _ranked(house, session, messages)
            lines += _report(name, house.matcher.prepare(session), messages, lists, took, checked)
            bad += len(checked.found)
            if chosen.misses:
                _print_misses(messages, lists["ours"], _names(session, house), chosen.misses)
    text = "\n".join(lines)
    print(text)
    if chosen.write:
        REPORT.write_text(text, encoding="utf-8")
    sys.exit(1 if bad else 0)


def _house(name: str) -> House:
    path = ROOT / "var" / f"eval-{name}.sqlite3"
    return House(Settings(database_url=f"sqlite:///{path}", clock=NOW.isoformat(), hub="croxteth"))


def _ranked(
    house: House, session: Session, messages: Sequence[Judged]
) -> tuple[Lists, list[float], Checked]:
    by_name = _names(session, house) if messages and messages[0].directory != "miami211" else {}
    baselines = _baselines(house, session)
    lists: Lists = {"ours": []}
    took = []
    for message in messages:
        began = time.perf_counter()
        answer = answer_line(
            {"id": message.id, "text": message.text, "when": NOW.isoformat()},
            house.matcher,
            session,
            clock=house.clock,
            hear=house.hearer.hear,
            top=DEEP,
        )
        took.append(time.perf_counter() - began)
        found = [service["id"] for service in answer["services"]]
        lists["ours"].append([by_name.get(one, one) for one in found])
        for ranker, ranked in baselines(message.text).items():
            lists.setdefault(ranker, []).append([by_name.get(one, one) for one in ranked])
    return lists, took, check(house, session, [message.text for message in messages], NOW)


def _names(session: Session, house: House) -> dict[str, str]:
    rows = session.query(Service.id, Service.name).filter(Service.hub_id == house.profile.id)
    return {row.id: row.name for row in rows}


def _baselines(house: House, session: Session) -> Callable[[str], dict[str, list[str]]]:
    """BM25 and MiniLM alone over name, description and terms, and their plain rank fusion."""
    services = _everything(session, house)
    ids = [service.id for service in services]
    texts = [_whole(service) for service in services]
    vocabulary = Vocabulary()
    keywords = Keywords([vocabulary.add(text) for text in texts], vocabulary)
    if house.embedding is None:
        sys.exit("No embedding model is installed: see `embedding_model` in docs/settings.md.")
    meaning = Meaning(house.embedding.encode, f"{house.embedding.fingerprint}-whole")
    vectors, _ = meaning.of(session, texts)
    with house.database.writing() as writing:
        meaning.save(writing)

    def rank(text: str) -> dict[str, list[str]]:
        words = keywords.scores(text)
        near = vectors @ meaning.asked([text])[0]
        fused = sum(1 / (FUSED + 1 + _places(scores)) for scores in (words, near))
        best = {"BM25": words, "MiniLM": near, "BM25 + MiniLM, fused": np.asarray(fused)}
        return {
            name: [ids[row] for row in np.argsort(-scores, kind="stable")[:DEEP]]
            for name, scores in best.items()
        }

    return rank


def _everything(session: Session, house: House) -> list[Candidate]:
    shelf, _ = Catalogue(house.profile).read(session)
    keys = [(entry.key, entry.content_hash) for entry in shelf.entries]
    return Candidates(house.profile.zone).of_keys(session, keys)


def _whole(service: Candidate) -> str:
    terms = ", ".join(dict.fromkeys(service.term_names))
    return f"{service.name}. {service.description} {terms}".strip()[:CHARACTERS]


def _places(scores: np.ndarray) -> np.ndarray:
    places = np.empty(len(scores))
    places[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
    return places


OPENING = [
    "# How well we match",
    "",
    "Written by `make eval`; do not edit by hand. Messages in residents' own words were judged by",
    "reading the records of two directories: 3 just right, 2 good, 1 of some use, 0 otherwise. The",
    "services to read were pooled from the best of every ranker below. `bench/matching/judged.tsv`",
    "holds the judgements. Weights were chosen on the `dev` part only; but the situations that",
    "matching knows (`hub/situations.tsv`) were written by the same hand as the messages, so",
    "expect somewhat less on messages of strangers.",
    "",
    "nDCG@3 uses all grades. recall@3 is the share of messages with a grade of 2 or 3 among the",
    "first three, MRR one over the place of the first such service. In brackets: the middle 95 %",
    "of 2,000 bootstrap samples. Ours hears the message first, as `goodhelp match` does.",
    "",
]


def _report(
    name: str,
    services: int,
    messages: Sequence[Judged],
    lists: Lists,
    took: Sequence[float],
    checked: Checked,
) -> list[str]:
    lines = [f"## {name}: {len(messages)} messages, {services:,} services", ""]
    lines += ["| ranker | part | nDCG@3 | recall@3 | MRR |", "|---|---|---|---|---|"]
    whole: dict[str, Figures] = {}
    for ranker, ranked in lists.items():
        for part in ("dev", "test", "all"):
            rows = [n for n, one in enumerate(messages) if part in (one.part, "all")]
            if not rows:
                continue
            found = figures([ranked[n] for n in rows], [messages[n].grades for n in rows])
            whole[ranker] = found
            shown = f"| {found.ndcg} | {found.recall} | {found.mrr} |"
            if ranker == "ours" or part == "all":
                lines.append(f"| {'**ours**' if ranker == 'ours' else ranker} | {part} {shown}")
    ahead = ", ".join(
        f"{ranker} {interval((whole['ours'].each - other.each)[:, 0])}"
        for ranker, other in whole.items()
        if ranker != "ours"
    )
    lines += ["", f"Ours is ahead in nDCG@3, message by message, of: {ahead}.", ""]
    lines += [
        f"A message takes {np.median(took) * 1000:.0f} ms, hearing included "
        f"({np.quantile(took, 0.95) * 1000:.0f} ms for the slowest in twenty).",
        "",
        f"Offers looked at for different people and places: {checked.offers:,}. Not for them after "
        f"all (age, sex, area, closed, confidential address): {len(checked.found)}.",
        "",
    ]
    return lines


def _print_misses(
    messages: Sequence[Judged], ours: list[list[str]], names: dict[str, str], most: int
) -> None:
    """The poorest answers, for whoever mends the matching."""
    each = figures(ours, [message.grades for message in messages]).each[:, 0]
    for row in np.argsort(each)[:most].tolist():
        if each[row] >= 1.0:
            break
        shown = [
            f"{names.get(one, one)} ({messages[row].grades.get(one, 0)})" for one in ours[row][:3]
        ]
        print(json.dumps([round(float(each[row]), 2), messages[row].text, shown]), file=sys.stderr)


if __name__ == "__main__":
    main()
