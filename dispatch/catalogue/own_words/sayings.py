"""What people said before, and what they came for: who speaks alike comes for the same.

Nearest centroids (Rocchio; Manning, Raghavan & Schütze 2008, 14.2) over characters, pairs of characters and Latin
words. It needs no word list, so it also knows phrasings of which the vocabulary knows no word.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

from dispatch.catalogue.own_words.plain import is_han, plain


class Sayings:
    """For each thing what was said by people who came for it, built once and never changed."""

    def __init__(self, said: Sequence[Sequence[str]]) -> None:
        marks = [[_marks(text) for text in texts] for texts in said]
        seen = Counter(mark for texts in marks for each in texts for mark in each)
        count = sum(map(len, marks))
        self._places = {mark: place for place, mark in enumerate(seen)}
        self._rarity = {mark: log(count / many) for mark, many in seen.items()}
        self._most = log(count) if count else 0.0
        self._pull = np.zeros((len(seen), len(said)), dtype=np.float32)
        for number, texts in enumerate(marks):
            for each in texts:
                weights = self._weights(each)
                self._pull[[self._places[mark] for mark in weights], number] += list(weights.values())
        lengths = np.linalg.norm(self._pull, axis=0)
        self._pull /= np.where(lengths, lengths, 1)

    def likeness(self, text: str) -> NDArray[np.float32]:
        """How alike a plain text is to what was said for each thing: cosines, (things,)."""
        known = [
            (self._places[mark], weight)
            for mark, weight in self._weights(_marks(text)).items()
            if mark in self._places
        ]
        if not known:
            return np.zeros(self._pull.shape[1], dtype=np.float32)
        places, weights = zip(*known, strict=True)
        return np.asarray(weights, dtype=np.float32) @ self._pull[list(places)]

    def _weights(self, marks: frozenset[str]) -> Mapping[str, float]:
        """A unit vector: the rarer a mark, the more; what was never said is the rarest."""
        weights = {mark: self._rarity.get(mark, self._most) for mark in marks}
        length = sum(weight * weight for weight in weights.values()) ** 0.5
        return {mark: weight / length for mark, weight in weights.items()} if length else {}


def _marks(text: str) -> frozenset[str]:
    """The characters and pairs of characters of a text, and its Latin words."""
    words = plain(text).split()
    han = "".join(character for word in words for character in word if is_han(character))
    latin = (word for word in words if word.isascii())
    return frozenset([*han, *map("".join, pairwise(han)), *latin])
