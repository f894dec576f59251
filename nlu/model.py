"""The trained model as a folder: `model.json` to read, `model.npz` for the numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlu import features
from nlu.embedding import Embedding
from nlu.head import PARTS, Head
from nlu.linear import Floats
from nlu.mix import Mix
from nlu.ngrams import Grams

FORMAT = 3


class ModelMissing(Exception):
    """No trained model in the folder, or one of another format."""


@dataclass(frozen=True)
class Model:
    """Two opinions of a message, by meaning and by words, their mix, and each label's limit.

    Labels are need ids, `!risk` ids, `@barrier` ids, `oos`, `none` and `risk`. `known` are the
    weights of known words, `sparse` those of the grams.
    """

    fingerprint: str
    labels: tuple[str, ...]
    thresholds: Floats
    head: Head
    known: Floats
    sparse: Floats
    bias: Floats
    grams: Grams
    mix: Mix

    def believe(self, embedding: Embedding, plain_texts: Sequence[str]) -> Floats:
        """Probabilities of each label, shape (texts, labels)."""
        return self.mix.believe(self.opinions(embedding, plain_texts))

    def opinions(self, embedding: Embedding, plain_texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Log odds by meaning and by words."""
        by_meaning = embedding.read(plain_texts, self.head.scores, len(self.labels))
        by_words = features.known_words(plain_texts) @ self.known + self.bias
        for row, text in enumerate(plain_texts):
            places, values = self.grams.row(text)
            if len(places):
                weights = self.sparse[places].astype(np.float32)
                by_words[row] += (values * features.GRAM_SCALE) @ weights
        return by_meaning, by_words

    def words_for(self, label: str, plain_text: str, most: int = 4) -> tuple[str, ...]:
        """The words of a text that speak most for a label, strongest first."""
        column = self.labels.index(label)
        places, values = self.grams.row(plain_text)
        weights = values * self.sparse[places, column].astype(np.float32)
        best = [int(places[at]) for at in np.argsort(-weights)]
        words = [self.grams.terms[at] for at in best]
        whole = [word.removeprefix("not_") for word in words if not word.startswith("#")]
        return tuple(dict.fromkeys(whole[:most])) or tuple(plain_text.split()[:most])

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {
            f"head_{name}": part.astype(np.float16) for name, part in self.head.parts.items()
        }
        np.savez(
            folder / "model.npz",
            thresholds=self.thresholds,
            known=self.known,
            # Half precision halves the file and the memory, and moves no score by 0.001.
            sparse=self.sparse.astype(np.float16),
            bias=self.bias,
            terms=np.frombuffer("\n".join(self.grams.terms).encode(), dtype=np.uint8),
            term_weights=self.grams.weights,
            shares=self.mix.shares,
            leanings=self.mix.leanings,
            **arrays,
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
        head = {name: arrays[f"head_{name}"].astype(np.float32) for name in PARTS}
        return cls(
            fingerprint=about["fingerprint"],
            labels=tuple(about["labels"]),
            thresholds=arrays["thresholds"],
            head=Head(tuple(about["labels"]), head),
            known=arrays["known"],
            sparse=arrays["sparse"],
            bias=arrays["bias"],
            grams=Grams(arrays["terms"].tobytes().decode().split("\n"), arrays["term_weights"]),
            mix=Mix(arrays["shares"], arrays["leanings"]),
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
