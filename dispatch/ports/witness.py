"""An outside witness: somebody beyond the city's reach who keeps the signed heads that it is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Witness(Protocol):
    """Keeps lines in the order in which it gets them.

    It is given whole batches, each ended by its seal. The same batch may come twice, after a crash between its
    taking and our noting it; keeping it twice does no harm.
    """

    def take(self, lines: Sequence[str]) -> bool:
        """Keep these lines, whole or not at all; whether it has them now. Never raises because it is out of reach."""
