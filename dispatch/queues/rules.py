"""The discipline: who is next. One page of rules over arrays, the same for calling, simulating and explaining.

Everybody who waits has a *virtual place* in seconds: when she came, less the head start of her class. A line is
served in order of virtual place, the ticket's number settling equal ones.

- Head starts are finite: by law (soldiers, firefighters), by care (the old, the disabled, the pregnant, people with
  an infant), none. Somebody booked who is on time stands where her slot begins, less a credit; somebody late is an
  ordinary arrival. Somebody who missed her call and returned keeps the place that `place_behind` gave her.
- *Nobody starves.* The time between two virtual places never changes, so nobody who comes more than (the largest
  head start − mine) after me is served before me; and within a class nobody overtakes. That is all the ageing there
  is, and all that is needed.
- Ordinary tickets taken from afar by people who are not here yet may be called past somebody standing here
  `remote_passes` times. From then on they go behind her; nobody else changes order. They do not starve either: only
  their own calls use up anybody's patience, so between two of their calls no new obstacle appears.
- A window with several lines chooses among their heads by the generalised c-mu rule.
"""

from dataclasses import dataclass, fields
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from dispatch.queues.policy import Policy

LAW, CARE, ORDINARY = 0, 1, 2
PRIORITY_CLASS = MappingProxyType(
    {
        "soldier": LAW,
        "firefighter": LAW,
        "disabled": CARE,
        "elderly": CARE,
        "pregnant": CARE,
        "with_infant": CARE,
        "none": ORDINARY,
    }
)
"""Priority groups by law and their class; a lower class has the larger head start."""

PRIORITIES = tuple(PRIORITY_CLASS)
INSTANT_S = 1e-6

Seconds = NDArray[np.float64]
Whole = NDArray[np.int64]
Order = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Line:
    """People who wait, one array for each thing their order depends on, the same person at the same index.

    `came` is when somebody was first seen here, NaN while she is not; `slot` the start of what she booked, or NaN;
    `number` differs for everybody, and settles equal places.
    """

    place: Seconds
    classes: Whole
    slot: Seconds
    came: Seconds
    passed: Whole
    number: Whole

    def __len__(self) -> int:
        """How many wait."""
        return len(self.place)

    def __getitem__(self, chosen: NDArray[np.generic]) -> "Line":
        """Some of these people, by indices or a mask."""
        return Line(*(getattr(self, each.name)[chosen] for each in fields(self)))

    @property
    def here(self) -> Mask:
        """Who has been seen here."""
        return ~np.isnan(self.came)

    @property
    def remote(self) -> Mask:
        """Who holds an ordinary ticket taken from afar and is not here yet."""
        remote: Mask = ~self.here & np.isnan(self.slot) & (self.classes == ORDINARY)
        return remote


def virtual_places(line: Line, policy: Policy) -> Seconds:
    """(n,) where everybody stands, in seconds: whoever has the earliest is served first."""
    starts = 60.0 * np.array([policy.law_min, policy.care_min, 0])
    there = np.fmax(line.place, line.came)
    late = there > line.slot + 60 * policy.booked_grace_min
    own = np.where(late, there, line.place) - starts[line.classes]
    booked = np.where(late, np.nan, line.slot - 60 * policy.booked_credit_min)
    # A booking replaces an ordinary place; what the law gives is never lost by booking.
    return np.where(np.isnan(booked), own, np.where(line.classes == ORDINARY, booked, np.fmin(own, booked)))


def largest_head_start(policy: Policy) -> float:
    """In seconds: nobody's virtual place lies further before her coming."""
    return 60.0 * max(policy.law_min, policy.care_min, policy.booked_grace_min + policy.booked_credit_min)


def rank(line: Line, policy: Policy) -> Order:
    """(n,) indices of one line's people in the order in which they will be served, were nobody else to come.

    By virtual place; but a ticket from afar stands behind the last person here who, by the time of its call, has been
    passed often enough.
    """
    by_place = np.lexsort((line.number, virtual_places(line, policy)))
    if not line.remote.any():
        return by_place
    position = np.empty_like(by_place)
    position[by_place] = np.arange(len(line))
    # The last position of anybody here who bears no more than so many further passes.
    bears = np.clip(policy.remote_passes - line.passed[line.here], 0, policy.remote_passes)
    last = np.full(policy.remote_passes + 1, -1)
    np.maximum.at(last, bears, position[line.here])
    last = np.maximum.accumulate(last)
    remote = by_place[line.remote[by_place]]
    earliest = position.copy()
    earliest[remote] = last[np.minimum(np.arange(len(remote)), policy.remote_passes)]
    behind = earliest > position
    return np.lexsort((position, behind, np.maximum(earliest, position)))


def passed_by(line: Line, called: int) -> Mask:
    """(n,) whose `passed` goes up when this person is called: everybody here, if she is remote."""
    passed: Mask = line.here & line.remote[called]
    return passed


def place_behind(line: Line, behind: int, priority_class: int, policy: Policy) -> float | None:
    """The place, in seconds, of somebody who comes back behind so many of a line, or at its tail.

    None where nobody waits: any place is as good. People who share one place are not parted.
    """
    if not len(line):
        return None
    order = rank(line, policy)
    reached = np.maximum.accumulate(virtual_places(line, policy)[order])
    start = 60.0 * (policy.law_min, policy.care_min, 0)[priority_class]
    if behind == 0:
        return float(reached[0]) - INSTANT_S + start
    return float(reached[min(behind, len(line)) - 1]) + INSTANT_S + start


def urgency(line: Line, minutes: NDArray[np.float64], now: float, policy: Policy) -> NDArray[np.float64]:
    """(n,) the generalised c-mu index C'(w)·mu of everybody, as if she headed her line.

    The delay cost is convex, C(w) = w² / (2·target), of the virtual wait w; mu = 1 / `minutes` of service, held
    between `fastest_min` and `slowest_min`, so that one line's head never waits more than their ratio times longer
    than another's. A. Mandelbaum, A. L. Stolyar: Scheduling flexible servers with convex delay costs: heavy-traffic
    optimality of the generalized c-mu rule. Operations Research 52 (2004) 836–855.
    """
    waited = np.maximum(now - virtual_places(line, policy), 0.0) / 60.0
    return waited / policy.target_min / np.clip(minutes, policy.fastest_min, policy.slowest_min)


def rank_lines(
    line: Line, of: Whole, minutes: NDArray[np.float64], now: float, policy: Policy
) -> tuple[Order, NDArray[np.float64]]:
    """The people of several lines in the order in which a window that serves them all would call them now.

    Args:
        line: (n,) everybody.
        of: (n,) which line each stands in.
        minutes: (n,) how long each will be served.
        now: the moment, in seconds.
        policy: the hall's.

    Returns:
        (n,) indices, and the (n,) urgency of everybody. Each line keeps its own order; of the heads the most urgent
        is next, of equally urgent ones whoever stands earlier.
    """
    index = urgency(line, minutes, now, policy)
    places = virtual_places(line, policy)
    order, held, reached = [], [], []
    for each in np.unique(of):
        (members,) = np.nonzero(of == each)
        ranked = members[rank(line[members], policy)]
        order.append(ranked)
        # Nobody comes before those ahead of her: she counts as no more urgent than the least urgent of them.
        held.append(np.minimum.accumulate(index[ranked]))
        reached.append(np.maximum.accumulate(places[ranked]))
    if not order:
        return np.empty(0, dtype=np.intp), index
    everybody = np.concatenate(order)
    merged = np.lexsort((np.concatenate(reached), -np.concatenate(held)))
    return everybody[merged], index
