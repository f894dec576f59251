"""How well Rasa tells intents apart, and which fallback thresholds that speaks for.

Runs in the island's Python, with the trained model, on `dialogue/heldout.tsv`: lines of an
intent and a text that Rasa was never trained on. An intent of `nothing` is a text that should
fall back. Part of `make eval`; writes `docs/intents.md`.

A text taken for something it is not does more harm than one that falls back, where the stage
reads it in its own way: a mistake weighs as much as `MISTAKE` fallbacks.
"""

import asyncio
import csv
import logging
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "dialogue" / "heldout.tsv"
REPORT = ROOT / "docs" / "intents.md"
NOTHING, FALLBACK = "nothing", "nlu_fallback"
MISTAKE = 2.0
LIMITS = [round(0.2 + 0.05 * step, 2) for step in range(11)]
GAPS = [0.0, 0.05, 0.1, 0.15, 0.2]


def main() -> int:
    """Measure the model given, or today's; print the report and write it."""
    import structlog
    import yaml

    logging.getLogger("rasa").setLevel(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    rows = read(TEXTS)
    ranked = asyncio.run(rankings(sys.argv[1], [text for _, text in rows]))
    truth = [intent for intent, _ in rows]
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    fallback = next(part for part in pipeline if part["name"] == "FallbackClassifier")
    report = written(truth, ranked, fallback["threshold"], fallback["ambiguity_threshold"])
    print(report)
    REPORT.write_text(report, encoding="utf-8")
    return 0


def read(path: Path) -> list[tuple[str, str]]:
    """Intent and text of each line."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(i, t) for i, t in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


async def rankings(model: str, texts: list[str]) -> list[list[tuple[str, float]]]:
    """Intents and confidences of each text, best first, as they stood before any fallback."""
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    out = []
    for text in texts:
        parsed = await agent.parse_message(text)
        ranking = [(one["name"], one["confidence"]) for one in parsed["intent_ranking"]]
        out.append([one for one in ranking if one[0] != FALLBACK])
    return out


def said(ranking: list[tuple[str, float]], limit: float, gap: float) -> str:
    """What the FallbackClassifier makes of a ranking at these thresholds."""
    (first, sure), (_, second) = ranking[:2]
    return first if sure >= limit and sure - second >= gap else NOTHING


def written(
    truth: list[str], ranked: list[list[tuple[str, float]]], limit: float, gap: float
) -> str:
    """The report as Markdown."""
    lines = [
        "# How well Rasa tells intents apart",
        "",
        "Written by `make eval`; do not edit by hand. The texts of `dialogue/heldout.tsv` were",
        "written apart from the training texts. A mistake (taken for another intent) weighs as",
        f"much as {MISTAKE:.0f} fallbacks: after a fallback the stage reads the text its own way.",
        "",
        f"{len(truth):,} texts, {truth.count(NOTHING)} of which fit no intent.",
        "",
        "| threshold | ambiguity | right | fell back | mistaken | cost |",
        "|---|---|---|---|---|---|",
    ]
    costs = {}
    for one in LIMITS:
        for other in GAPS:
            costs[one, other] = tally(truth, ranked, one, other)
    best = min(costs, key=lambda pair: costs[pair][3])
    shown = sorted({best, (limit, gap), *((one, gap) for one in LIMITS)})
    for pair in shown:
        right, back, mistaken, cost = costs.get(pair) or tally(truth, ranked, *pair)
        mark = " (set in config.yml)" if pair == (limit, gap) else ""
        mark += " (least cost)" if pair == best else ""
        lines.append(
            f"| {pair[0]:.2f} | {pair[1]:.2f} | {right:.3f} | {back:.3f} | {mistaken:.3f} "
            f"| {cost:.3f}{mark} |"
        )
    heard = [said(ranking, limit, gap) for ranking in ranked]
    lines += ["", "| intent | texts | precision | recall |", "|---|---|---|---|"]
    for intent in sorted(set(truth)):
        there = truth.count(intent)
        both = sum(t == h == intent for t, h in zip(truth, heard, strict=False))
        lines.append(
            f"| {intent} | {there} | {both / max(1, heard.count(intent)):.2f} "
            f"| {both / there:.2f} |"
        )
    wrong = Counter(
        (t, h) for t, h in zip(truth, heard, strict=False) if t != h and h != NOTHING
    ).most_common(10)
    pairs = ", ".join(f"{t} → {h} ({count})" for (t, h), count in wrong)
    lines += ["", f"Commonest mistakes (meant → taken for): {pairs}", ""]
    return "\n".join(lines)


def tally(
    truth: list[str], ranked: list[list[tuple[str, float]]], limit: float, gap: float
) -> tuple[float, float, float, float]:
    """Shares right, fallen back where an intent was meant, mistaken, and their cost."""
    heard = [said(ranking, limit, gap) for ranking in ranked]
    count = len(truth)
    right = sum(t == h for t, h in zip(truth, heard, strict=False)) / count
    back = sum(t != h == NOTHING for t, h in zip(truth, heard, strict=False)) / count
    mistaken = 1 - right - back
    return right, back, mistaken, back + MISTAKE * mistaken


if __name__ == "__main__":
    sys.exit(main())
