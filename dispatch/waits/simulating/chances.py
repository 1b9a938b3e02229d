"""Random numbers that belong to a person and a purpose, not to the order in which they are asked for.

Two scenes that differ in one window give everybody else the same chances, so that their difference is the window's and
not luck's (common random numbers). Each number is a hash of what it is for: the finaliser of SplitMix64, G. L. Steele,
D. Lea, C. H. Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_PURPOSES = 8


class Purpose(IntEnum):
    """What is drawn of somebody."""

    SERVICE = 0
    SHOWS = 1
    LEAVES = 2
    COMES = 3
    COMES_AT = 4
    AFTER = 5
    KIND = 6


class Whose(IntEnum):
    """Who it is drawn of: what her key means."""

    WAITING = 0
    COMING = 1
    UNANNOUNCED = 2
    WINDOW = 3


def uniform(
    seed: int, paths: int, whose: Whose, keys: NDArray[np.int64], purpose: Purpose
) -> NDArray[np.float64]:
    """(paths, keys) numbers evenly between 0 and 1, both left out."""
    what = np.array([seed % 2**32 << 8 | whose * _PURPOSES + purpose], dtype=np.uint64)
    rows = _mixed(_mixed(what) + _STEP * np.arange(1, paths + 1, dtype=np.uint64))
    bits = _mixed(rows[:, None] + _mixed(keys.astype(np.uint64) * _STEP)[None, :])
    bits >>= np.uint64(12)
    drawn: NDArray[np.float64] = bits.astype(np.float64)
    drawn += 0.5
    drawn *= 2.0**-52
    return drawn


def _mixed(bits: Words) -> Words:
    """Every bit spread over the whole word."""
    bits = bits ^ (bits >> np.uint64(30))
    bits *= _FIRST
    bits ^= bits >> np.uint64(27)
    bits *= _SECOND
    bits ^= bits >> np.uint64(31)
    return bits
