"""Adam, the usual way of walking down a slope, with a rate of its own for the head."""

from __future__ import annotations

from typing import Any

import numpy as np

from nlu.embedding import Vectors

Parts = dict[str, Vectors]


class Adam:
    """Moves the parts it was made for; a long slope is shortened to length 1."""

    def __init__(self, parts: Parts, rate: float, head_rate: float) -> None:
        self.rate, self.head_rate = rate, head_rate
        self._mean = {name: np.zeros_like(part) for name, part in parts.items()}
        self._square = {name: np.zeros_like(part) for name, part in parts.items()}
        self._step = 0

    def move(self, parts: Parts, slopes: Parts, share: float) -> None:
        """One step in place; `share` of the rate, from 0 to 1."""
        self._step += 1
        length = np.sqrt(
            sum(float((s * s).sum()) for name, s in slopes.items() if not name.startswith("head"))
        )
        for name, slope in slopes.items():
            head = name.startswith("head")
            if not head:
                slope = slope * np.float32(min(1.0, 1 / (length + 1e-9)))
            mean = np.float32(0.9) * self._mean[name] + np.float32(0.1) * slope
            square = np.float32(0.99) * self._square[name] + np.float32(0.01) * slope * slope
            self._mean[name], self._square[name] = mean, square
            rate = np.float32((self.head_rate if head else self.rate) * share)
            mean = mean / np.float32(1 - 0.9**self._step)
            square = square / np.float32(1 - 0.99**self._step)
            step: Any = rate * mean / (np.sqrt(square) + np.float32(1e-8))
            parts[name] = parts[name] - step
