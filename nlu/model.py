"""The trained model as a folder: `model.json` to read, `model.npz` for the numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlu.features import GRAM_SCALE
from nlu.linear import Floats, sigmoid
from nlu.ngrams import Grams

FORMAT = 2


class ModelMissing(Exception):
    """No trained model in the folder, or one of another format."""


@dataclass(frozen=True)
class Model:
    """Weights over meaning, known words and grams, and the threshold of each label.

    Labels are need ids, `!risk` ids, `@barrier` ids, `oos`, `none` and `risk`. `neighbours` are the
    unit vectors of the training texts, for likeness.
    """

    fingerprint: str
    labels: tuple[str, ...]
    thresholds: Floats
    dense: Floats
    sparse: Floats
    bias: Floats
    grams: Grams
    neighbours: Floats

    def believe(self, dense: Floats, plain_texts: Sequence[str]) -> Floats:
        """Probabilities of each label, shape (texts, labels). `dense` is meaning then words."""
        scores = dense @ self.dense + self.bias
        for row, text in enumerate(plain_texts):
            places, values = self.grams.row(text)
            if len(places):
                scores[row] += (values * GRAM_SCALE) @ self.sparse[places].astype(np.float32)
        return sigmoid(scores)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(
            folder / "model.npz",
            thresholds=self.thresholds,
            dense=self.dense,
            # Half precision halves the file and the memory, and moves no score by 0.001.
            sparse=self.sparse.astype(np.float16),
            bias=self.bias,
            terms=np.frombuffer("\n".join(self.grams.terms).encode(), dtype=np.uint8),
            term_weights=self.grams.weights,
            neighbours=self.neighbours.astype(np.float16),
        )
        about = {"format": FORMAT, "fingerprint": self.fingerprint, "labels": self.labels}
        about["thresholds"] = dict(zip(self.labels, map(float, self.thresholds), strict=True))
        # Written last: a folder without it is an unfinished model.
        (folder / "model.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Model:
        try:
            about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            with np.load(folder / "model.npz", allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError) as error:
            raise ModelMissing(f"no trained model in {folder.name}") from error
        if about.get("format") != FORMAT:
            raise ModelMissing(f"the model in {folder.name} is of another format")
        return cls(
            fingerprint=about["fingerprint"],
            labels=tuple(about["labels"]),
            thresholds=arrays["thresholds"],
            dense=arrays["dense"],
            sparse=arrays["sparse"],
            bias=arrays["bias"],
            grams=Grams(arrays["terms"].tobytes().decode().split("\n"), arrays["term_weights"]),
            neighbours=arrays["neighbours"],
        )


def saved_fingerprint(folder: Path) -> str | None:
    """The fingerprint of the model in a folder, or None where there is none to use."""
    try:
        about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if about.get("format") != FORMAT or not (folder / "model.npz").is_file():
        return None
    return str(about["fingerprint"])
