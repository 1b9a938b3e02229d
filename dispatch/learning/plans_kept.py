"""How windows keep their plan: how late a span begins, how long past its end whoever waits is still called, rests.

All three are shares by minutes, of a window drawn towards its hall's, those towards the city's, as counts are towards
a Dirichlet guess. How long she would stay is seen only in part: somebody who called the last one three minutes after
the end and then went, since nobody was left, would have stayed for three minutes at least. So each bound counts where
it says something: interval-censored times, as in B. W. Turnbull: The empirical distribution function with arbitrarily
grouped, censored and truncated data. JRSS B 38 (1976) 290–295, in one step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from dispatch.learning import shrinking
from dispatch.learning.shrinking import Floats
from dispatch.learning.sums import Plain, Sums

LATE_MIN = np.array(
    [-30, -20, -15, -10, -7, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60.0]
)
"""A span begins between two of these minutes after its planned start; who is later still does not come."""
STAYS_MIN = np.concatenate([np.arange(-15, 30, 2.5), np.arange(30, 61, 5.0)])
"""Whether she would call once more is told for each of these minutes after its planned end."""
REST_MIN = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 45, 60.0])
QUANTILES = 33
NEVER_S = 86_400.0
_HALL_WORTH, _WINDOW_WORTH = 10.0, 10.0
"""What is known of the wider pool is worth so many spans, or rests."""
_LEAST = 1e-6
_CHANCES = (np.arange(QUANTILES) + 0.5) / QUANTILES


def _shares(edges: Floats, mean_min: float, *, certain: float, never: float) -> Floats:
    """So much in the first minute after 0, so much never, the rest fading from there on with this mean."""
    gone = np.exp(-np.maximum(edges, 0.0) / mean_min)
    shares = np.append(-np.diff(gone), gone[-1]) * (1 - certain - never)
    shares[np.searchsorted(edges, 0.0)] += certain
    shares[-1] += never
    return shares


@dataclass(frozen=True)
class PlansKept:
    """Shares that sum to 1: of spans by how late they begin (the last never), of rests by how long they are.

    `stays`: (n,) falling, the share that would call once more so long after the end. `late_of` and `stays_of` are by
    window. `seen` is how many spans of the hall they rest on.
    """

    late: Floats = field(default_factory=lambda: _shares(LATE_MIN, 10.0, certain=0.9, never=0.02))
    stays: Floats = field(default_factory=lambda: (STAYS_MIN < 0).astype(float))
    rest: Floats = field(default_factory=lambda: _shares(REST_MIN, 10.0, certain=0.0, never=0.0))
    late_of: Mapping[str, Floats] = field(default_factory=dict)
    stays_of: Mapping[str, Floats] = field(default_factory=dict)
    seen: float = 0.0
    _usual: dict[tuple[str, str], Floats] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What nothing of today bears on, as it was found once."""

    def late_s(self, window: str, gone_s: float) -> Floats:
        """Quantiles of the seconds, from its planned start on, until a span begins that has not so many after it."""
        return self._found("late", self._late_s, window, gone_s, 60 * float(LATE_MIN[0]))

    def stays_s(self, window: str, gone_s: float = -np.inf) -> Floats:
        """Quantiles of the seconds after the end for which who waits is called; by who has stayed for so many."""
        return self._found("stays", self._stays_s, window, gone_s, 60 * float(STAYS_MIN[0]))

    def _found(
        self, what: str, find: Callable[[str, float], Floats], window: str, gone_s: float, least_s: float
    ) -> Floats:
        """Whatever lies before `least_s` is all the same."""
        if gone_s >= least_s:
            return find(window, gone_s)
        if (what, window) not in self._usual:
            self._usual[what, window] = find(window, -np.inf)
            self._usual[what, window].setflags(write=False)
        return self._usual[what, window]

    def _late_s(self, window: str, gone_s: float) -> Floats:
        shares = self.late_of.get(window, self.late)
        below = np.append(0.0, np.cumsum(shares))
        edges = 60 * np.append(LATE_MIN, LATE_MIN[-1] + 1)
        past = float(np.interp(gone_s, edges, below))
        if past > 1 - 1e-9:
            return np.full(QUANTILES, NEVER_S)
        found = np.interp(past + _CHANCES * (1 - past), below, edges)
        late: Floats = np.where(found > edges[-2], NEVER_S, np.maximum(found, gone_s))
        return late

    def _stays_s(self, window: str, gone_s: float) -> Floats:
        stays = self.stays_of.get(window, self.stays)
        now = int(np.searchsorted(60 * STAYS_MIN, gone_s, side="right")) - 1
        given = np.minimum(stays / max(stays[now], _LEAST), 1.0) if now >= 0 else stays
        longer = (given[None, :] > 1 - _CHANCES[:, None]).sum(axis=1)
        found: Floats = np.maximum(60 * STAYS_MIN[np.minimum(longer, len(STAYS_MIN) - 1)], gone_s)
        return found

    def rest_s(self) -> Floats:
        """Quantiles of the seconds until a rest ends of which nobody knows when it began."""
        left = 1 - np.append(0.0, np.cumsum(self.rest)[:-1])
        spent = np.append(0.0, np.cumsum((left[:-1] + left[1:]) / 2 * np.diff(REST_MIN)))
        found: Floats = 60 * np.interp(_CHANCES * spent[-1], spent, REST_MIN)
        return found


class PlansSums:
    """By window: spans by how late they began, bounds of how long she would stay, rests by how long they were."""

    def __init__(self, told: Mapping[str, Plain] | None = None) -> None:
        told = told or {}
        self.late, self.stays = Sums(told.get("late")), Sums(told.get("stays"))
        self.rests = Sums(told.get("rests"))

    def plain(self) -> dict[str, Plain]:
        """As JSON keeps it."""
        return {"late": self.late.of, "stays": self.stays.of, "rests": self.rests.of}

    def note_begun(self, window: str, late_s: float | None) -> None:
        """A span began so late, or never."""
        self.late.add(window, 1.0, *_one(LATE_MIN, late_s).tolist())

    def note_end(self, window: str, called_s: float | None, stopped_s: float | None) -> None:
        """Somebody was called so long after the end of a span; then nobody any more, although somebody waited."""
        called = -np.inf if called_s is None else called_s / 60
        stopped = np.inf if stopped_s is None else stopped_s / 60
        stayed = called >= STAYS_MIN
        gone = ~stayed & (stopped < np.append(STAYS_MIN[1:], np.inf))
        self.stays.add(window, 1.0, *stayed.astype(float).tolist(), *gone.astype(float).tolist())

    def note_rest(self, window: str, seconds: float) -> None:
        """Somebody came back to a window after so long, before her span was over."""
        self.rests.add(window, 1.0, *_one(REST_MIN, seconds).tolist())

    def fade(self, by: float) -> None:
        """A day has passed."""
        for sums in (self.late, self.stays, self.rests):
            sums.fade(by)

    def merge(self, other: "PlansSums") -> None:
        """Add another hall's, its windows taken together."""
        for mine, theirs in ((self.late, other.late), (self.stays, other.stays), (self.rests, other.rests)):
            for values in theirs.of.values():
                mine.add("", *values)


def _one(edges: Floats, seconds: float | None) -> Floats:
    found = np.zeros(len(edges))
    minutes = np.inf if seconds is None else seconds / 60
    found[min(max(int(np.searchsorted(edges, minutes, side="right")) - 1, 0), len(edges) - 1)] = 1.0
    return found


def learned(sums: PlansSums, before: PlansKept) -> PlansKept:
    """What these sums say, drawn towards what was known before."""
    late, late_of, seen = _drawn(sums.late, before.late)
    stays, stays_of = _stays(sums.stays, before.stays)
    rest, _, _ = _drawn(sums.rests, before.rest)
    return PlansKept(late, stays, rest, late_of, stays_of, seen)


def _drawn(sums: Sums, before: Floats) -> tuple[Floats, dict[str, Floats], float]:
    """The hall's shares, each window's, and how many there are in all."""
    counts = {window: np.array(values[1:]) for window, values in sums.of.items()}
    whole = sum(counts.values(), np.zeros(len(before)))
    hall = (whole + _HALL_WORTH * before) / (whole.sum() + _HALL_WORTH)
    of = {
        window: (count + _WINDOW_WORTH * hall) / (count.sum() + _WINDOW_WORTH)
        for window, count in counts.items()
    }
    return hall, of, float(whole.sum())


def _stays(sums: Sums, before: Floats) -> tuple[Floats, dict[str, Floats]]:
    """The share that would stay, of the hall and of each window, falling with the minutes."""
    if not len(sums):
        return before, {}
    counts = np.array([values[1:] for values in sums.of.values()]).reshape(len(sums), 2, len(before))
    yes, no = counts[:, 0], counts[:, 1]
    hall = (yes.sum(axis=0) + before) / ((yes + no).sum(axis=0) + 1.0)
    towards = np.broadcast_to(hall, yes.shape)
    drawn = shrinking.shares(yes, yes + no, towards, _WINDOW_WORTH)
    return _falling(hall), dict(zip(sums.of, _falling(drawn), strict=True))


def _falling(shares: Floats) -> Floats:
    """The same made to fall: midway between the greatest falling ones below and the least above."""
    least = np.minimum.accumulate(shares, axis=-1)
    most = np.maximum.accumulate(shares[..., ::-1], axis=-1)[..., ::-1]
    falling: Floats = (least + most) / 2
    return falling
