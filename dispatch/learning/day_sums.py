"""What is kept of whole days: for each name a figure for every kind of weekday and quarter-hour, fading by days."""

import base64
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.learning.local_time import CLASSES, QUARTERS
from dispatch.learning.shrinking import Floats

Cells = NDArray[np.float32]
DAYS = " days"
"""The name under which the days themselves are counted: on how many this quarter-hour was seen."""
LEAST = 1e-3
"""A name of which less is left is dropped."""


class DaySums:
    """Under each name an array (4, 96): day classes × quarter-hours.

    Single precision is plenty for counts, is what is added up as well as what is kept, and packs small.
    """

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        names = list(told["names"]) if told else []
        self.of: dict[str, Cells] = (
            dict(zip(names, _unpacked(told["cells"], len(names)), strict=True)) if told else {}
        )

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {"names": list(self.of), "cells": _packed(list(self.of.values()))}

    def add(self, name: str, day_class: int, quarters: Floats) -> None:
        """Add a day's (96,) figures."""
        cells = self.of.setdefault(name, np.zeros((CLASSES, QUARTERS), dtype=np.float32))
        cells[day_class] += quarters.astype(np.float32)

    def fade(self, by: float) -> None:
        """A day has passed."""
        faded = {name: cells * np.float32(by) for name, cells in self.of.items()}
        self.of = {name: cells for name, cells in faded.items() if cells.sum() >= LEAST}

    def at(self, name: str) -> Floats:
        """(4, 96), zeros where nothing is known."""
        cells = self.of.get(name)
        return np.zeros((CLASSES, QUARTERS)) if cells is None else cells.astype(np.float64)


def _packed(cells: list[Cells]) -> str:
    raw = np.array(cells, dtype="<f4").tobytes()
    return base64.b64encode(zlib.compress(raw, 6)).decode()


def _unpacked(text: str, count: int) -> list[Cells]:
    raw = zlib.decompress(base64.b64decode(text))
    cells = np.frombuffer(raw, dtype="<f4").astype(np.float32)
    return list(cells.reshape(count, CLASSES, QUARTERS))
