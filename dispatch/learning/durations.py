"""How long a window is held from the call until she is done: log-normal, by item, clerk and hour.

The logarithm of a service is what is usual for its item, plus how slow the clerk is, plus how slow the hour is, plus
chance. Items are drawn towards what the city knows of them, moved by how slow this hall is; clerks and hours towards
no difference at all. That service times are log-normal: L. Brown et al.: Statistical analysis of a telephone call
center. JASA 100 (2005) 36–50.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dispatch.learning import shrinking
from dispatch.learning.shrinking import Floats
from dispatch.learning.sums import Plain, Sums

USUAL_MIN, USUAL_SIGMA = 10.0, 0.6
SHORTEST_S, LONGEST_S = 5.0, 7200.0
"""What was measured as shorter was a slip of the finger, as longer a forgotten key."""
IMPUTED_WORTH = 0.5
"""A time that was taken from a neighbouring key counts so much."""
CLIP, SURE = 3.0, 10.0
"""So many σ off the usual a measurement is taken for that far off, once the usual rests on so many."""
EVERYTHING = "@"
HOURS = 24
_ITEMS_APART, _HALLS_APART, _SERVERS_APART, _HOURS_APART = 0.2**2, 0.3**2, 0.15**2, 0.08**2
_SPREAD_WORTH = 20.0


@dataclass(frozen=True, slots=True)
class Service:
    """A log-normal time: mean `mu` and standard deviation `sigma` of its natural logarithm, in seconds.

    `weight` is how many services of this hall it rests on; 0 where all is from the city or the catalogue.
    """

    mu: float
    sigma: float
    weight: float

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        return math.exp(self.mu + self.sigma**2 / 2)


def of_minutes(minutes: float) -> Service:
    """What a plain figure in minutes says, which is a mean."""
    return Service(math.log(60 * max(minutes, 0.1)) - USUAL_SIGMA**2 / 2, USUAL_SIGMA, 0.0)


def queue_name(queue: str) -> str:
    """The name under which a queue stands among the items."""
    return EVERYTHING + queue


@dataclass(frozen=True)
class ServiceTimes:
    """What is usual, by item and by queue; how much longer each clerk and each hour takes, in log seconds.

    `between` is the variance between clerks, for a service whose clerk is not known. `slower` is how this hall differs
    from what was known before of all that it takes; `catalogue` has minutes.
    """

    usual: Service = field(default_factory=lambda: of_minutes(USUAL_MIN))
    of: Mapping[str, Service] = field(default_factory=dict)
    servers: Mapping[str, float] = field(default_factory=dict)
    hours: Sequence[float] = (0.0,) * HOURS
    between: float = 0.0
    slower: float = 0.0
    catalogue: Mapping[str, float] = field(default_factory=dict)

    def at(self, item: str, queue: str, server: str, hour: int | None) -> Service:
        """The time of one service; what is not known of is left out."""
        base = self.base(item, queue)
        late = self.servers.get(server)
        sigma = base.sigma if late is not None else math.sqrt(base.sigma**2 + self.between)
        return Service(
            base.mu + (late or 0.0) + (0.0 if hour is None else self.hours[hour]), sigma, base.weight
        )

    def base(self, item: str, queue: str) -> Service:
        """The time with a clerk like any other: of the item, else of the queue, else of the whole hall."""
        known = self.of.get(item)
        if known is None and item in self.catalogue:
            by_catalogue = of_minutes(self.catalogue[item])
            known = Service(by_catalogue.mu + self.slower, by_catalogue.sigma, 0.0)
        return known or self.of.get(queue_name(queue)) or self.usual


class Durations:
    """Sums of the logarithms of services: by item, queue and altogether; of each item by clerk, and by hour."""

    def __init__(self, told: Mapping[str, Plain] | None = None) -> None:
        told = told or {}
        self.of = Sums(told.get("of"))
        self.by_server = Sums(told.get("by_server"))
        self.by_hour = Sums(told.get("by_hour"))

    def plain(self) -> dict[str, Plain]:
        """As JSON keeps it."""
        return {"of": self.of.of, "by_server": self.by_server.of, "by_hour": self.by_hour.of}

    def note(self, seconds: float, *, item: str, queue: str, server: str, hour: int, imputed: bool) -> None:
        """Somebody was served for so long."""
        if not SHORTEST_S <= seconds <= LONGEST_S:
            return
        worth = IMPUTED_WORTH if imputed else 1.0
        name = item or queue_name(queue)
        log = self._believed(name, math.log(seconds))
        for each in dict.fromkeys((name, queue_name(queue), EVERYTHING)):
            self.of.add(each, worth, worth * log, worth * log * log)
        self.by_hour.add(f"{hour}\t{name}", worth, worth * log)
        if server:
            self.by_server.add(f"{server}\t{name}", worth, worth * log)

    def fade(self, by: float) -> None:
        """A day has passed."""
        for sums in (self.of, self.by_server, self.by_hour):
            sums.fade(by)

    def merge(self, other: "Durations") -> None:
        """Add another hall's: items, hours and everything together, not its queues and clerks."""
        self.of.merge(other.of, lambda name: name == EVERYTHING or not name.startswith(EVERYTHING))
        self.by_hour.merge(other.by_hour, lambda name: EVERYTHING not in name)

    def _believed(self, name: str, log: float) -> float:
        """The measurement, held to CLIP σ around what is usual: a window forgotten open says little of services."""
        count, total, squares = self.of.of.get(name, (0.0, 0.0, 0.0))
        if count < SURE:
            return log
        mean = total / count
        reach = CLIP * max(math.sqrt(max(squares / count - mean * mean, 0.0)), 0.2)
        return min(max(log, mean - reach), mean + reach)


def learned(sums: Durations, before: ServiceTimes) -> ServiceTimes:
    """What these sums say, drawn towards what was known before."""
    if EVERYTHING not in sums.of:
        return before
    items = sorted(name for name in sums.of if not name.startswith(EVERYTHING))
    queues = sorted(name for name in sums.of if name.startswith(EVERYTHING) and name != EVERYTHING)
    sigma2 = _chance(sums, items or queues, before.usual.sigma**2)
    usual = _drawn(sums, [EVERYTHING], np.array([before.usual.mu]), sigma2, _HALLS_APART)[EVERYTHING]
    expected = np.array([before.base(item, "").mu for item in items])
    slower = _slower(sums, items, expected, sigma2) if items else usual.mu - before.usual.mu
    of = {
        **{name: _moved(time, slower) for name, time in before.of.items()},
        **_drawn(sums, queues, np.full(len(queues), usual.mu), sigma2, _HALLS_APART),
        **_drawn(sums, items, expected + slower, sigma2, _ITEMS_APART),
    }
    normal = {name: time.mu for name, time in of.items()}
    servers, between = _effects(sums.by_server, normal, sigma2, {}, _SERVERS_APART)
    known = {str(hour): late for hour, late in enumerate(before.hours)}
    by_hour, _ = _effects(sums.by_hour, normal, sigma2, known, _HOURS_APART)
    hours = list({**known, **by_hour}.values())
    alike = {name: _less(time, between) for name, time in of.items()}
    return ServiceTimes(
        usual=usual,
        of=alike,
        servers=servers,
        hours=hours,
        between=between or before.between,
        slower=before.slower + slower,
        catalogue=before.catalogue,
    )


def _less(time: Service, between: float) -> Service:
    """The time with one clerk, where the spread is that of several."""
    return replace(time, sigma=math.sqrt(max(time.sigma**2 - between, time.sigma**2 / 4)))


def _moved(time: Service, by: float) -> Service:
    return Service(time.mu + by, time.sigma, 0.0)


def _chance(sums: Durations, names: Sequence[str], before: float) -> float:
    """The variance within an item, of all items together."""
    count, total, squares = sums.of.columns(names, 3)
    within = np.maximum(squares - total**2 / np.maximum(count, 1e-9), 0.0).sum()
    return float((within + _SPREAD_WORTH * before) / (np.maximum(count - 1, 0.0).sum() + _SPREAD_WORTH))


def _slower(sums: Durations, items: Sequence[str], expected: Floats, sigma2: float) -> float:
    """How much longer than expected everything takes here, drawn towards nothing."""
    count, total, _ = sums.of.columns(items, 3)
    apart, noise = total / count - expected, sigma2 / count
    weight = 1 / (shrinking.spread(apart - np.median(apart), noise, _ITEMS_APART) + noise)
    mean = float((weight * apart).sum() / weight.sum())
    return mean * _HALLS_APART / (_HALLS_APART + 1 / float(weight.sum()))


def _drawn(
    sums: Durations, names: Sequence[str], towards: Floats, sigma2: float, apart: float
) -> dict[str, Service]:
    """Each name's time; its spread is drawn towards everybody's, and widened by how little is known of its mean."""
    if not names:
        return {}
    count, total, squares = sums.of.columns(names, 3)
    mean, noise = total / count, sigma2 / count
    tau2 = shrinking.spread(mean - towards, noise, apart)
    mu, unsure = shrinking.normal(mean, noise, towards, tau2)
    within = np.maximum(squares - total * mean, 0.0)
    sigma = np.sqrt((within + _SPREAD_WORTH * sigma2) / (count + _SPREAD_WORTH) + unsure)
    return {
        name: Service(float(m), float(s), float(n))
        for name, m, s, n in zip(names, mu, sigma, count, strict=True)
    }


def _effects(
    sums: Sums, normal: Mapping[str, float], sigma2: float, towards: Mapping[str, float], apart: float
) -> tuple[dict[str, float], float]:
    """What each clerk, or hour, adds to what is usual, and the variance that this makes from service to service."""
    count: dict[str, float] = {}
    late: dict[str, float] = {}
    for both, (number, total) in sums.of.items():
        who, _, name = both.partition("\t")
        if name in normal:
            count[who] = count.get(who, 0.0) + number
            late[who] = late.get(who, 0.0) + total - number * normal[name]
    if not count:
        return {}, 0.0
    counts = np.array(list(count.values()))
    mean, noise = np.array(list(late.values())) / counts, sigma2 / counts
    expected = np.array([towards.get(who, 0.0) for who in count])
    drawn, _ = shrinking.normal(mean, noise, expected, shrinking.spread(mean - expected, noise, apart))
    return dict(zip(count, drawn.tolist(), strict=True)), float(np.average(drawn**2, weights=counts))
