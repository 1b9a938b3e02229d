"""The chances of everybody in every path, compiled."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.queues.rules import Mask, Seconds, Whole
from dispatch.waits.simulating.chances import Purpose, Whose, Words, even, exponential, normal, stream
from dispatch.waits.simulating.compiling import called_from_python, compiled
from dispatch.waits.simulating.scene import Ratios

Kinds = NDArray[np.int8]


class People(NamedTuple):
    """(R,) what everybody's chances depend on; `key` is hashed, `middle_s` the median of her service.

    `whose`: (4,) where those who wait begin, those coming, and the unannounced, and the end.
    """

    whose: Whole
    key: Words
    queue: Whole
    middle_s: Seconds
    sigma: Ratios
    show: Ratios


class Joining(NamedTuple):
    """Who joins unannounced: `rate` (P, Q) a second, `expected` (P + 1, Q) people by each of the (P + 1,) `edges`.

    `starts`: (Q + 1,) where their people begin. `shares`: (Q, KINDS) how many are of a kind or an earlier one.
    """

    edges: Seconds
    rate: Ratios
    expected: Ratios
    starts: Whole
    shares: Ratios


class Drawn(NamedTuple):
    """(paths, R) what is drawn, as in `Cast`; `joins` is known already of those who wait or are coming.

    `leaves` is (paths, 0) where nobody ever does.
    """

    kind: Kinds
    joins: Seconds
    leaves: Seconds
    takes: Seconds
    shows: Mask


@called_from_python
def draw(seed: int, people: People, joining: Joining, patience_s: Seconds, drawn: Drawn) -> None:
    """Fill in what is drawn of everybody who joins."""
    for path in range(len(drawn.joins)):
        _join(seed, path, people, joining, drawn)
        for whose in range(len(people.whose) - 1):
            serves = stream(seed, path, whose, Purpose.SERVICE)
            shows = stream(seed, path, whose, Purpose.SHOWS)
            leaves = stream(seed, path, whose, Purpose.LEAVES)
            for person in range(people.whose[whose], people.whose[whose + 1]):
                joins, key = drawn.joins[path, person], people.key[person]
                if joins == np.inf:
                    continue
                deviate = people.sigma[person] * normal(serves, key)
                drawn.takes[path, person] = people.middle_s[person] * math.exp(deviate)
                drawn.shows[path, person] = even(shows, key) < people.show[person]
                if drawn.leaves.shape[1]:
                    patience = patience_s[people.queue[person]]
                    drawn.leaves[path, person] = joins + exponential(leaves, key) * patience


@compiled
def _join(seed: int, path: int, people: People, joining: Joining, drawn: Drawn) -> None:
    """A Poisson process per queue: steps of a unit process, put through the inverse of the expected number by then."""
    after = stream(seed, path, Whose.UNANNOUNCED, Purpose.AFTER)
    kinds = stream(seed, path, Whose.UNANNOUNCED, Purpose.KIND)
    expected, periods = joining.expected, len(joining.rate)
    for queue in range(len(joining.starts) - 1):
        reached, period = 0.0, 0
        for person in range(joining.starts[queue], joining.starts[queue + 1]):
            key = people.key[person]
            if period < periods:
                reached += exponential(after, key)
            while period < periods and expected[period + 1, queue] < reached:
                period += 1
            if period == periods:
                drawn.joins[path, person] = np.inf
                continue
            beyond = (reached - expected[period, queue]) / joining.rate[period, queue]
            drawn.joins[path, person] = min(joining.edges[period] + beyond, joining.edges[period + 1])
            chance, kind = even(kinds, key), 0
            while kind < joining.shares.shape[1] - 1 and chance > joining.shares[queue, kind]:
                kind += 1
            drawn.kind[path, person] = kind
