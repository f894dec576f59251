"""How well we hear, on held-out texts that nothing was ever trained on.

    python -m bench.eval_hearing            prints the report
    python -m bench.eval_hearing --write    also writes docs/evaluation.md
    python -m bench.eval_hearing --accept   makes these figures the ones to beat

Exits 1 where macro-F1 or the recall of a risk has fallen against the accepted figures.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from bench import hint3
from bench.hearing_figures import Figures, figures
from nlu import taxonomy, texts
from nlu.embedding import DEFAULT_MODEL, Embedding
from nlu.hearer import Hearer
from nlu.texts import Text

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "models" / "hearer"
REPORT = ROOT / "docs" / "evaluation.md"
ACCEPTED = Path(__file__).parent / "hearing_accepted.json"
BATCH = 64
# What chance moves on a set of this size; a fall beyond it is a fall.
TOLERANCE = 0.01


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--write", action="store_true", help="write docs/evaluation.md")
    asked.add_argument("--accept", action="store_true", help="make these the figures to beat")
    asked.add_argument("--model", type=Path, default=MODEL, help="the folder of the model")
    asked.add_argument("--part", choices=("heldout", "tuning"), default="heldout")
    asked.add_argument("--misses", type=int, default=0, help="print this many wrong texts")
    chosen = asked.parse_args()
    english = texts.tuning() if chosen.part == "tuning" else texts.held_out()
    if not english:
        sys.exit(f"There are no texts to measure on (nlu/texts/{chosen.part}*.tsv).")
    began = time.process_time()
    hearer = Hearer.load(chosen.model)
    loading = time.process_time() - began
    if not hearer.has_model:
        print("No trained model here: words only. Run `make train` first.", file=sys.stderr)
    began = time.process_time()
    heard = [
        one
        for at in range(0, len(english), BATCH)
        for one in hearer.hear_many([text.text for text in english[at : at + BATCH]])
    ]
    speed = len(english) / (time.process_time() - began)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measured = figures(english, heard)
    report = _report(measured, english, loading, speed, memory)
    report += _words_only(english) + _languages(hearer) + _hint3()
    print(report)
    if chosen.misses:
        _print_misses(english, heard, chosen.misses)
    if chosen.part == "tuning":
        return  # What settings were chosen on proves nothing: no report, nothing to beat.
    if chosen.write:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(report, encoding="utf-8")
    if chosen.accept:
        ACCEPTED.write_text(json.dumps(_summary(measured), indent=1) + "\n", encoding="utf-8")
    falls = fallen(_summary(measured), _read_accepted())
    for fall in falls:
        print(f"FALLEN: {fall}", file=sys.stderr)
    sys.exit(1 if falls and not chosen.accept else 0)


def fallen(now: dict[str, Any], before: dict[str, Any]) -> list[str]:
    """What has fallen by more than chance: macro-F1 and each risk's recall."""
    out = []
    if now["macro_f1"] < before.get("macro_f1", 0.0) - TOLERANCE:
        out.append(f"macro-F1 {now['macro_f1']:.3f}, was {before['macro_f1']:.3f}")
    for risk, recall in before.get("risk_recall", {}).items():
        if now["risk_recall"].get(risk, 0.0) < recall - TOLERANCE:
            out.append(f"recall of {risk} {now['risk_recall'][risk]:.3f}, was {recall:.3f}")
    return out


def _summary(measured: Figures) -> dict[str, Any]:
    recall = {risk: round(rate.share, 4) for risk, rate in measured.risks.items() if rate.of}
    return {"macro_f1": round(measured.macro[0], 4), "risk_recall": recall}


def _read_accepted() -> dict[str, Any]:
    return json.loads(ACCEPTED.read_text(encoding="utf-8")) if ACCEPTED.is_file() else {}


def _report(
    measured: Figures, english: list[Text], loading: float, speed: float, memory: float
) -> str:
    macro, low, high = measured.macro
    trained = texts.training()
    lines = [
        "# How well we hear",
        "",
        "Written by `make eval`; do not edit by hand. The held-out texts were written by other",
        "authors than the training texts. No model or adapter was fitted to them, and no setting",
        "was chosen on them: that is what the tuning part is for.",
        "",
        f"Training texts: {len(trained):,}. Tuning texts: {len(texts.tuning()):,}. "
        f"Held-out texts: {len(english):,}, of which "
        f"{sum(len(t.needs) > 1 for t in english):,} carry two or more needs and "
        f"{sum(t.indirect for t in english):,} only imply them.",
        "",
        "## Needs",
        f"- macro-F1 over {len(measured.needs)} needs: **{macro:.3f}** (95 % {low:.3f}–{high:.3f})",
        f"- the whole set of needs exactly right: {measured.exact}",
        f"- no need heard where there is none: {measured.none_clean}",
        "",
        "| need | texts | precision | recall | F1 | 95 % |",
        "|---|---|---|---|---|---|",
        *(
            f"| {n.id} | {n.count} | {n.precision:.2f} | {n.recall:.2f} | {n.f1:.2f} "
            f"| {n.low:.2f}–{n.high:.2f} |"
            for n in measured.needs
        ),
        "",
        "Commonest confusions (missed, heard in its place): "
        + ", ".join(f"{missed} → {wrong} ({n})" for missed, wrong, n in measured.confusions),
        "",
        "Calibration (mean score → share right, of how many): "
        + ", ".join(f"{s:.2f} → {r:.2f} ({n})" for s, r, n in measured.calibration),
        "",
        "## Risks",
        f"- recall over all risk labels: **{measured.risk_overall}**",
        f"- texts with a risk where any risk was raised: {measured.risk_any}",
        f"- false alarms on hard negatives: {measured.false_alarms_hard}",
        f"- false alarms on all other texts without a risk: {measured.false_alarms_plain}",
        "",
        "| risk | recall | false alarms |",
        "|---|---|---|",
        *(
            f"| {risk} | {rate} | {measured.false_alarms_by_risk.get(risk, 0)} |"
            for risk, rate in measured.risks.items()
        ),
        "",
        "## Barriers",
        "",
        "| barrier | texts | precision | recall |",
        "|---|---|---|---|",
        *(f"| {b} | {n} | {p:.2f} | {r:.2f} |" for b, n, p, r in measured.barriers),
        "",
        "## Out of scope",
        f"- refused, of what is out of scope: {measured.refused}",
        f"- answered, of everything else: {measured.answered}",
        "",
        "## Speed, on one core",
        f"- loading {loading:.1f} s of processor time; {speed:.0f} messages a second in batches "
        f"of {BATCH}; {memory:.0f} MB at most",
        "",
    ]
    return "\n".join(lines) + "\n"


def _words_only(english: list[Text]) -> str:
    """What is left of the risk detector where there is no model file at all."""
    hearer = Hearer.load(None)
    measured = figures(english, [hearer.hear(text.text) for text in english])
    return (
        "## With no model file\n"
        f"- by words alone: risk recall {measured.risk_overall}; false alarms on hard negatives "
        f"{measured.false_alarms_hard}, on all other texts without a risk "
        f"{measured.false_alarms_plain}\n\n"
    )


def _languages(hearer: Hearer) -> str:
    """Language identification on our own texts in other languages, and on English ones."""
    foreign = [t for t in texts.read(texts.training_files()) if t.language != "en"]
    english = texts.held_out()
    told = sum(hearer.language.of(t.text) == t.language for t in foreign)
    kept = sum(hearer.language.of(t.text) == t.language for t in english)
    return (
        f"## Language\n- right language: {told} of {len(foreign)} texts in other languages; "
        f"{kept} of {len(english)} held-out texts\n\n"
    )


def _hint3() -> str:
    if not hint3.available():
        return "## HINT3\nThe sets are not here, so this part was left out.\n"
    setting, scores = hint3.scores(Embedding.open(DEFAULT_MODEL))
    lines = [
        "## HINT3",
        "Matthews correlation on the full test sets, with one setting for all three, chosen on",
        f"the training files only (scales {setting.meaning:.0f} and {setting.grams:.0f}, refusal "
        f"limit {setting.limit:.2f}).",
        "",
        "| set | ours | best published | Rasa published |",
        "|---|---|---|---|",
        *(
            f"| {name} | **{score:.3f}** | {hint3.BEST_PUBLISHED[name]:.3f} "
            f"| {hint3.RASA_PUBLISHED[name]:.3f} |"
            for name, score in scores.items()
        ),
    ]
    return "\n".join(lines) + "\n"


def _print_misses(english: list[Text], heard: list[Any], most: int) -> None:
    """Held-out texts of our own that were heard wrongly, for whoever mends the hearing."""
    wrong = [
        (text, one)
        for text, one in zip(english, heard, strict=True)
        if text.needs != set(one.need_ids) or not text.risks <= set(one.risk_ids)
    ]
    order = taxonomy.need_ids()
    for text, one in wrong[:most]:
        missed = sorted(text.needs - set(one.need_ids), key=order.index)
        extra = sorted(set(one.need_ids) - text.needs, key=order.index)
        print(
            f"missed {missed} {sorted(text.risks - set(one.risk_ids))} extra {extra}: {text.text}"
        )


if __name__ == "__main__":
    main()
