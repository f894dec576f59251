"""A small adapter that bends the embedding to how people here write: low-rank weight changes.

`adapter.safetensors` was made by `python -m nlu.tuning` from our own texts (about 1 MB). It is
added to the weights when they are loaded, so that it costs nothing at run time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlu.embedding import Embedding, Vectors
from nlu.head import Head

PATH = Path(__file__).parent / "adapter.safetensors"
# The dense products of one layer that are adapted.
PRODUCTS = ("qkv", "out", "up", "down")
_HEAD = "head."


@dataclass(frozen=True)
class Adapter:
    """Pairs of thin matrices, named `layer.product.A` and `.B`; their product is added.

    `base` is the fingerprint of the embedding it was made for.
    """

    base: str
    fingerprint: str
    parts: dict[str, Vectors]
    head: Head | None = None

    @classmethod
    def load(cls, path: Path = PATH) -> Adapter | None:
        """The adapter in a file, or None where there is none."""
        from safetensors import safe_open

        if not path.is_file():
            return None
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            every = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
        parts = {name: part for name, part in every.items() if not name.startswith(_HEAD)}
        ends = {n.removeprefix(_HEAD): part for n, part in every.items() if n.startswith(_HEAD)}
        head = Head(tuple(about["labels"].split()), ends) if ends else None
        name = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        return cls(about.get("base", ""), name, parts, head)

    def save(self, path: Path = PATH) -> None:
        from safetensors.numpy import save_file

        every, about = dict(self.parts), {"base": self.base}
        if self.head is not None:
            every |= {_HEAD + name: part for name, part in self.head.parts.items()}
            about["labels"] = " ".join(self.head.labels)
        halves = {name: part.astype(np.float16) for name, part in every.items()}
        save_file(halves, path, metadata=about)

    def apply(self, embedding: Embedding) -> Embedding:
        """Bends the embedding in place, if it is the one this adapter was made for."""
        if self.base != embedding.fingerprint:
            return embedding
        for number, layer in enumerate(embedding.layers):
            for product in PRODUCTS:
                first, second = (self.parts[f"{number}.{product}.{end}"] for end in "AB")
                layer[product] += first @ second
        embedding.fingerprint = f"{embedding.fingerprint}+{self.fingerprint}"
        return embedding


def open_adapted(model: str | Path) -> tuple[Embedding, Head | None]:
    """The embedding the hearer uses, with our adapter and its head where they fit."""
    embedding = Embedding.open(model)
    adapter = Adapter.load()
    if adapter is None or adapter.base != embedding.fingerprint:
        return embedding, None
    return adapter.apply(embedding), adapter.head
