"""The encoder once more, remembering what each step saw, and the way back through it.

Only for tuning; `embedding.py` reads messages. Checked against finite differences in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlu.embedding import Embedding, Vectors

_K, _C = np.float32(0.7978845608), np.float32(0.044715)
_HALF = np.float32(0.5)


@dataclass
class Tape:
    """What one pass saw, a dictionary a layer, and the word vectors it ended with."""

    states: Vectors
    layers: list[dict[str, Any]]
    mask: Vectors


def begin(embedding: Embedding, ids: list[int]) -> Vectors:
    """Word vectors of one text before the first layer, shape (words, dimensions)."""
    x = embedding.words[ids].astype(np.float32) + embedding.places[: len(ids)]
    return np.asarray(_norm(x, *embedding.norm)[0], dtype=np.float32)


def pad(rows: Sequence[Vectors]) -> tuple[Vectors, Vectors]:
    """Texts of unlike length as one array with zeros behind, and a mask of where words are."""
    size = max(map(len, rows))
    states = np.zeros((len(rows), size, rows[0].shape[1]), dtype=np.float32)
    mask = np.zeros((len(rows), size), dtype=np.float32)
    for at, row in enumerate(rows):
        states[at, : len(row)] = row
        mask[at, : len(row)] = 1
    return states, mask


def forward(
    embedding: Embedding,
    merged: list[dict[str, Vectors]],
    states: Vectors,
    mask: Vectors,
    *,
    first: int = 0,
    stop: int | None = None,
) -> Tape:
    """The layers `first` to `stop` over a batch, with the given products in place of theirs."""
    count, size, dimensions = states.shape
    hide = ((mask - 1) * np.float32(1e4))[:, None, None, :]
    x: Any = states.reshape(-1, dimensions)
    seen = []
    for layer, products in zip(embedding.layers[first:stop], merged[first:stop], strict=True):
        saw: dict[str, Any] = {"x": x}
        qkv = (x @ products["qkv"] + layer["qkv_bias"]).reshape(count, size, 3, embedding.heads, -1)
        q, k, v = (np.ascontiguousarray(part) for part in qkv.transpose(2, 0, 3, 1, 4))
        look = q @ k.transpose(0, 1, 3, 2)
        look += hide
        look -= look.max(axis=-1, keepdims=True)
        np.exp(look, out=look)
        look /= look.sum(axis=-1, keepdims=True)
        mixed = (look @ v).transpose(0, 2, 1, 3).reshape(count * size, -1)
        out = mixed @ products["out"]
        out += layer["out_bias"]
        out += x
        middle, saw["norm1"] = _norm(out, layer["norm1"], layer["norm1_bias"])
        up = middle @ products["up"]
        up += layer["up_bias"]
        bend, bent = _gelu(up)
        down = bent @ products["down"]
        down += layer["down_bias"]
        down += middle
        x, saw["norm2"] = _norm(down, layer["norm2"], layer["norm2_bias"])
        saw |= {"q": q, "k": k, "v": v, "look": look, "mixed": mixed, "middle": middle}
        saw |= {"up": up, "bend": bend, "bent": bent}
        seen.append(saw)
    return Tape(x.reshape(count, size, dimensions), seen, mask)


def backward(
    embedding: Embedding,
    merged: list[dict[str, Vectors]],
    parts: Mapping[str, Vectors],
    tape: Tape,
    pull: Vectors,
    *,
    first: int = 0,
) -> dict[str, Vectors]:
    """Slopes of the thin matrices from layer `first` on, from the slope at the word vectors."""
    count, size = tape.mask.shape
    slopes: dict[str, Vectors] = {}

    def note(number: int, name: str, seen: Vectors, slope: Any) -> None:
        thin, wide = parts[f"{number}.{name}.A"], parts[f"{number}.{name}.B"]
        slopes[f"{number}.{name}.B"] = (seen @ thin).T @ slope
        slopes[f"{number}.{name}.A"] = seen.T @ (slope @ wide.T)

    dx: Any = pull.reshape(count * size, -1)
    for number in reversed(range(first, len(merged))):
        saw, layer, products = tape.layers[number - first], embedding.layers[number], merged[number]
        d: Any = _norm_back(dx, layer["norm2"], saw["norm2"])
        note(number, "down", saw["bent"], d)
        dup = d @ products["down"].T
        dup *= _gelu_slope(saw["up"], saw["bend"])
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
        if number > first:
            dx = d + dqkv @ products["qkv"].T
    return slopes


# Written in place: a fresh array of a million numbers for every step costs more than the step.
def _gelu(up: Vectors) -> tuple[Any, Any]:
    """The bend of each number and the number bent, in the tanh form."""
    bend = up * up
    bend *= _C
    bend += 1
    bend *= up
    bend *= _K
    np.tanh(bend, out=bend)
    bent = bend + 1
    bent *= up
    bent *= _HALF
    return bend, bent


def _gelu_slope(up: Vectors, bend: Vectors) -> Any:
    slope = up * up
    slope *= 3 * _C
    slope += 1
    slope *= up
    slope *= _K
    flat = bend * bend
    np.subtract(1, flat, out=flat)
    slope *= flat
    slope += bend
    slope += 1
    slope *= _HALF
    return slope


def _norm(x: Any, weight: Vectors, bias: Vectors) -> tuple[Any, tuple[Any, Any]]:
    x = x - x.mean(axis=-1, keepdims=True)
    scale = 1 / np.sqrt(np.einsum("ij,ij->i", x, x)[:, None] / x.shape[-1] + np.float32(1e-12))
    x *= scale.astype(np.float32)
    out = x * weight
    out += bias
    return out, (x, scale.astype(np.float32))


def _norm_back(dy: Vectors, weight: Vectors, saw: tuple[Vectors, Vectors]) -> Vectors:
    x, scale = saw
    d = dy * weight
    inner = np.einsum("ij,ij->i", d, x)[:, None] / np.float32(x.shape[-1])
    d -= d.mean(axis=-1, keepdims=True)
    d -= x * inner
    d *= scale
    return d
