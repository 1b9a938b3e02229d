"""Random numbers that belong to a person and a purpose, not to the order in which they are asked for.

Two scenes that differ in one window give everybody else the same chances, so that their difference is the window's and
not luck's (common random numbers). Each number is a hash of what it is for: the finaliser of SplitMix64, G. L. Steele,
D. Lea, C. H. Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from dispatch.waits.simulating.compiling import called_from_python, compiled

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_FROM, _TO = np.uint64(30), np.uint64(27)
_LAST, _KEPT = np.uint64(31), np.uint64(12)
_PURPOSES = 8
_CELLS = 1024


def _normal_numbers() -> NDArray[np.float64]:
    """Standard normal numbers, as many between any two as are drawn; the ends where the outermost keep their mean."""
    numbers = ndtri(np.arange(1, _CELLS) / _CELLS)
    mean = _CELLS * np.exp(-(numbers[-1] ** 2) / 2) / np.sqrt(2 * np.pi)
    last = 2 * mean - numbers[-1]
    return np.concatenate([[-last], numbers, [last]])


def _exponential_numbers() -> NDArray[np.float64]:
    """The same for exponential numbers of mean 1."""
    numbers = -np.log1p(-np.arange(_CELLS) / _CELLS)
    return np.append(numbers, numbers[-1] + 2.0)


_NORMAL, _EXPONENTIAL = _normal_numbers(), _exponential_numbers()


Words = NDArray[np.uint64]


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
    SHIFT = 4


@compiled
def _mixed(bits: np.uint64) -> np.uint64:
    """Every bit spread over the whole word."""
    bits = (bits ^ (bits >> _FROM)) * _FIRST
    bits = (bits ^ (bits >> _TO)) * _SECOND
    return bits ^ (bits >> _LAST)


@compiled
def hashed(key: int) -> np.uint64:
    """Whoever a number belongs to, as `even` wants her."""
    return _mixed(np.uint64(key) * _STEP)


@compiled
def stream(seed: int, path: int, whose: int, purpose: int) -> np.uint64:
    """What a number is for, as `even` wants it."""
    what = np.uint64((seed % 2**32) << 8 | (whose * _PURPOSES + purpose))
    return _mixed(_mixed(what) + _STEP * np.uint64(path + 1))


@compiled
def even(of: np.uint64, key: np.uint64) -> float:
    """A number evenly between 0 and 1, both left out."""
    return (float(_mixed(of + key) >> _KEPT) + 0.5) * 2.0**-52


@called_from_python
def hash_all(keys: NDArray[np.int64], found: Words) -> Words:
    """Everybody's `hashed`."""
    for place in range(len(keys)):
        found[place] = hashed(keys[place])
    return found


@called_from_python
def uniform(seed: int, whose: int, keys: NDArray[np.int64], purpose: int, found: NDArray[np.float64]) -> None:
    """Fill (paths, keys) with numbers evenly between 0 and 1, both left out."""
    for path in range(len(found)):
        of = stream(seed, path, whose, purpose)
        for place in range(len(keys)):
            found[path, place] = even(of, hashed(keys[place]))


@compiled
def normal(of: np.uint64, key: np.uint64) -> float:
    """A standard normal number."""
    return _between(_NORMAL, even(of, key))


@compiled
def exponential(of: np.uint64, key: np.uint64) -> float:
    """An exponential number of mean 1."""
    return _between(_EXPONENTIAL, even(of, key))


@compiled
def _between(numbers: NDArray[np.float64], chance: float) -> float:
    """The number that this chance lies below: straight between its neighbours, which is quicker than a logarithm."""
    scaled = chance * _CELLS
    cell = int(scaled)
    return float(numbers[cell] + (scaled - cell) * (numbers[cell + 1] - numbers[cell]))
