"""The encoder once more, remembering what each step saw, and the way back through it.

Only for tuning; `embedding.py` reads messages. Checked against finite differences in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nlu.embedding import Embedding, Vectors

_K, _C = np.float32(0.7978845608), np.float32(0.044715)
_HALF = np.float32(0.5)


@dataclass
class Tape:
    """What one pass saw: a dictionary a layer, and the pooling. `unit` are unit vectors."""

    unit: Vectors
    layers: list[dict[str, Any]]
    length: Vectors
    mask: Vectors
    words: Vectors


def forward(embedding: Embedding, merged: list[dict[str, Vectors]], ids: list[list[int]]) -> Tape:
    """One pass over a batch of token rows with the given products in place of the model's."""
    count, size = len(ids), max(map(len, ids))
    tokens = np.zeros((count, size), dtype=np.int64)
    mask = np.zeros((count, size), dtype=np.float32)
    for row, one in enumerate(ids):
        tokens[row, : len(one)] = one
        mask[row, : len(one)] = 1
    hide = ((mask - 1) * np.float32(1e4))[:, None, None, :]
    x = (embedding.words[tokens] + embedding.places[:size]).reshape(-1, embedding.dimensions)
    x, _ = _norm(x, *embedding.norm)
    seen = []
    for layer, products in zip(embedding.layers, merged, strict=True):
        saw: dict[str, Any] = {"x": x}
        qkv = (x @ products["qkv"] + layer["qkv_bias"]).reshape(count, size, 3, embedding.heads, -1)
        q, k, v = (np.ascontiguousarray(part) for part in qkv.transpose(2, 0, 3, 1, 4))
        look = q @ k.transpose(0, 1, 3, 2) + hide
        look = np.exp(look - look.max(axis=-1, keepdims=True))
        look /= look.sum(axis=-1, keepdims=True)
        mixed = (look @ v).transpose(0, 2, 1, 3).reshape(count * size, -1)
        out = mixed @ products["out"] + layer["out_bias"]
        middle, saw["norm1"] = _norm(x + out, layer["norm1"], layer["norm1_bias"])
        up = middle @ products["up"] + layer["up_bias"]
        bend = np.tanh(_K * (up + _C * up * up * up))
        bent = _HALF * up * (1 + bend)
        down = bent @ products["down"] + layer["down_bias"]
        x, saw["norm2"] = _norm(middle + down, layer["norm2"], layer["norm2_bias"])
        saw |= {"q": q, "k": k, "v": v, "look": look, "mixed": mixed, "middle": middle}
        saw |= {"up": up, "bend": bend, "bent": bent}
        seen.append(saw)
    words = mask.sum(axis=1)[:, None]
    pooled = (x.reshape(count, size, -1) * mask[:, :, None]).sum(axis=1) / words
    length = np.sqrt((pooled * pooled).sum(axis=1, keepdims=True))
    unit: Any = pooled / length
    return Tape(unit, seen, length, mask, words)


def backward(
    embedding: Embedding,
    merged: list[dict[str, Vectors]],
    parts: dict[str, Vectors],
    tape: Tape,
    pull: Vectors,
) -> dict[str, Vectors]:
    """Slopes of the thin matrices, from the slope at the unit vectors."""
    count, size = tape.mask.shape
    slopes: dict[str, Vectors] = {}

    def note(number: int, name: str, seen: Vectors, slope: Any) -> None:
        first, second = parts[f"{number}.{name}.A"], parts[f"{number}.{name}.B"]
        slopes[f"{number}.{name}.B"] = (seen @ first).T @ slope
        slopes[f"{number}.{name}.A"] = seen.T @ (slope @ second.T)

    unit = tape.unit
    pooled = (pull - unit * (pull * unit).sum(axis=1, keepdims=True)) / tape.length / tape.words
    dx = (pooled[:, None, :] * tape.mask[:, :, None]).reshape(count * size, -1)
    for number in reversed(range(len(merged))):
        saw, layer, products = tape.layers[number], embedding.layers[number], merged[number]
        d = _norm_back(dx, layer["norm2"], saw["norm2"])
        note(number, "down", saw["bent"], d)
        up, bend = saw["up"], saw["bend"]
        steep = _HALF * (1 + bend) + _HALF * up * (1 - bend * bend) * _K * (1 + 3 * _C * up * up)
        dup = (d @ products["down"].T) * steep
        note(number, "up", saw["middle"], dup)
        d = _norm_back(d + dup @ products["up"].T, layer["norm1"], saw["norm1"])
        note(number, "out", saw["mixed"], d)
        mixed = (d @ products["out"].T).reshape(count, size, embedding.heads, -1)
        mixed = mixed.transpose(0, 2, 1, 3)
        look = saw["look"]
        dlook = mixed @ saw["v"].transpose(0, 1, 3, 2)
        dlook = look * (dlook - (dlook * look).sum(axis=-1, keepdims=True))
        dv = look.transpose(0, 1, 3, 2) @ mixed
        dq, dk = dlook @ saw["k"], dlook.transpose(0, 1, 3, 2) @ saw["q"]
        dqkv = np.stack([dq, dk, dv]).transpose(1, 3, 0, 2, 4).reshape(count * size, -1)
        note(number, "qkv", saw["x"], dqkv)
        dx = d + dqkv @ products["qkv"].T
    return slopes


def _norm(x: Any, weight: Vectors, bias: Vectors) -> tuple[Any, tuple[Any, Any]]:
    x = x - x.mean(axis=-1, keepdims=True)
    scale = 1 / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(1e-12))
    x = x * scale
    return x * weight + bias, (x, scale)


def _norm_back(dy: Vectors, weight: Vectors, saw: tuple[Vectors, Vectors]) -> Vectors:
    x, scale = saw
    d = dy * weight
    inner = (d * x).mean(axis=-1, keepdims=True)
    return np.asarray(scale * (d - d.mean(axis=-1, keepdims=True) - x * inner))
