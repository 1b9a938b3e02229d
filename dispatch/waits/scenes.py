"""A hall as it stands, as a scene that can be played: names become indices, what is known becomes figures. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from dispatch.halls.models import Window
from dispatch.learning.local_time import QUARTER_S
from dispatch.queues.rules import PRIORITY_CLASS
from dispatch.tickets import lines
from dispatch.tickets.life import REMOTE
from dispatch.tickets.lines import Place
from dispatch.waits import rosters
from dispatch.waits.simulating.scene import KINDS, Coming, Queues, Scene, Waiting, Windows
from dispatch.waits.standing import Served, Standing

Floats = NDArray[np.float64]

USUAL_MIX = (0.0, 0.03, 0.67, 0.3)
MIX_WORTH = 20.0
"""Of which kind people are, where nobody waits; worth so many people against those who do."""
SLOWEST_PACE = 4.0
"""No clerk counts as slower, or quicker, than so many times the usual."""
PERSISTS_S = 2 * 3600.0
"""Where it was not learned how many come, they come as in the last hour; for so long that is worth something."""
PAUSE_S = 600.0
"""A paused window goes on after so long, where it has no plan."""
_LEAST_S, _MOST_SIGMA = 1.0, 3.0


@dataclass(frozen=True)
class _Time:
    """A log-normal service: its mean in seconds, and the standard deviation of its logarithm."""

    mean_s: float
    sigma: float


def scene_of(hall: Standing) -> Scene:
    """What there is to play. The hall has queues, and an opening that has not ended."""
    shifts = rosters.expected(_seats(hall), hall.openings, _quarters(hall), hall.at)
    codes = [queue.code for queue in hall.queues]
    return Scene(
        now=hall.at,
        policy=hall.policy,
        queues=_queues(hall),
        windows=_windows(hall, codes, shifts),
        waiting=_waiting(hall, codes),
        coming=Coming.nobody(),
        missed_s=hall.known.missed_cost_s,
        issues_until=hall.closes,
        probes=probes(hall),
    )


def probes(hall: Standing) -> Floats:
    """(G,) the moments of joining that are asked for: now, then every quarter of an hour of the day that is left."""
    return np.append(hall.at, _quarters(hall)[1:-1])


def _quarters(hall: Standing) -> Floats:
    """The edges of the quarter-hours by the hall's clock, from the one that holds now to the end of the day."""
    local = hall.now.astimezone(ZoneInfo(hall.place.tz))
    first = hall.at - (local.minute % 15) * 60 - local.second - local.microsecond / 1e6
    count = max(1, math.ceil((hall.closes - first) / QUARTER_S))
    edges: Floats = first + QUARTER_S * np.arange(count + 1, dtype=np.float64)
    return edges


def _hour(hall: Standing) -> int:
    return hall.now.astimezone(ZoneInfo(hall.place.tz)).hour


# --- the windows --------------------------------------------------------------------------------------


def _seats(hall: Standing) -> list[rosters.Seat]:
    return [
        rosters.Seat(
            works=window.state == "open" and not window.lapsed,
            queues=frozenset(window.queues),
            planned=_planned(hall, window),
            usual=hall.known.open_share(window.id, hall.at, _quarters(hall)[-1]),
        )
        for window in hall.windows
    ]


def _planned(hall: Standing, window: Window) -> list[rosters.Span] | None:
    """The spans somebody is to work at this window, breaks taken out; None where the day has no plan for it."""
    mine = [
        shift
        for shift in hall.shifts
        if shift.window == window.id
        or (shift.window is None and window.staff is not None and shift.account == window.staff)
    ]
    if not mine:
        return [(hall.at + PAUSE_S, hall.closes)] if window.state == "paused" else None
    spans = []
    for shift in mine:
        starts = [shift.starts.timestamp(), *(_moment(end) for _, end in shift.breaks)]
        ends = [*(_moment(start) for start, _ in shift.breaks), shift.ends.timestamp()]
        spans += list(zip(starts, ends, strict=True))
    return spans


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _windows(hall: Standing, codes: Sequence[str], shifts: rosters.Shifts) -> Windows:
    serves = np.array([[code in window.queues for code in codes] for window in hall.windows], dtype=bool)
    since = [_since(hall, hall.served.get(window.id, ())) for window in hall.windows]
    busy = [_under_way(hall, hall.served.get(window.id, ()), window.staff) for window in hall.windows]
    return Windows(
        serves=serves.reshape(len(hall.windows), len(codes)),
        pace=_pace(hall, codes),
        busy_since=np.array(since, dtype=float),
        busy_s=np.array([each.mean_s for each in busy], dtype=float),
        busy_sigma=np.array([each.sigma for each in busy], dtype=float),
        shift_window=shifts.window,
        shift_start=shifts.start,
        shift_end=shifts.end,
    )


def _since(hall: Standing, group: Sequence[Served]) -> float:
    return min((min(each.called_at, hall.at) for each in group), default=math.nan)


def _under_way(hall: Standing, group: Sequence[Served], clerk: str | None) -> _Time:
    """How long those at a window hold it from their call on."""
    times = [_time(hall, each.queue, [i["item"] for i in each.items], clerk=clerk or "") for each in group]
    return _sum(times) if times else _Time(60.0, 0.0)


def _pace(hall: Standing, codes: Sequence[str]) -> Floats:
    """(W, Q) how much slower than usual each window is."""
    hour, slowest = _hour(hall), SLOWEST_PACE
    pace = np.ones((len(hall.windows), len(codes)))
    for row, window in enumerate(hall.windows):
        if window.staff is not None:
            usual = hall.known.service(hour=hour)
            hers = hall.known.service(server=window.staff, hour=hour)
            pace[row, :] = min(max(hers.mean_s / usual.mean_s, 1 / slowest), slowest)
    return pace


# --- the queues ---------------------------------------------------------------------------------------


def _queues(hall: Standing) -> Queues:
    times = [_time(hall, queue.code, []) for queue in hall.queues]
    edges = _quarters(hall)
    return Queues(
        service_s=np.array([each.mean_s for each in times]),
        sigma=np.array([each.sigma for each in times]),
        minutes=np.array([hall.minutes.of((), queue.code) for queue in hall.queues]),
        show=np.array([hall.known.show(queue.code) for queue in hall.queues]),
        patience_s=np.full(len(hall.queues), np.inf),
        edges=edges,
        rate=np.array([_rate(hall, queue.code, edges) for queue in hall.queues]).T.copy(),
        mix=np.array([_mix(hall, queue.code) for queue in hall.queues]),
    )


def _rate(hall: Standing, queue: str, edges: Floats) -> Floats:
    """(P,) people a second: as learned, else as lately for a while; none while no numbers are given out."""
    learned = hall.known.arrivals(queue, hall.at, edges[-1])
    if learned is None:
        persists = edges[:-1] < hall.at + PERSISTS_S
        rate = np.where(persists, hall.lately.get(queue, 0.0), 0.0)
    else:
        rate = learned[: len(edges) - 1] / QUARTER_S
    closed = edges[1:] <= no_numbers_until(hall, queue)
    open_rate: Floats = np.where(closed, 0.0, rate)
    return open_rate


def is_foreseen(hall: Standing, queue: str, at: float) -> bool:
    """Whether anything is known of how many come until then."""
    return at <= hall.at + PERSISTS_S or hall.known.arrivals(queue, hall.at, at) is not None


def no_numbers_until(hall: Standing, queue: str) -> float:
    """Until when nobody joins this queue; −inf where numbers are given out."""
    row = next(each for each in hall.queues if each.code == queue)
    if row.intake == "stopped":
        return math.inf
    frozen = hall.frozen_until(queue)
    if row.intake == "open":
        return frozen
    paused = math.inf if row.intake_until is None else row.intake_until.timestamp()
    return max(paused if paused > hall.at else -math.inf, frozen)


def _mix(hall: Standing, queue: str) -> list[float]:
    """Of which kind those are who come, judged by those who wait."""
    counts = [MIX_WORTH * share for share in USUAL_MIX]
    for person in hall.waiting:
        if person.queue == queue:
            counts[_kind(person)] += 1
    return [count / sum(counts) for count in counts]


def _kind(person: Place) -> int:
    """Her place in the scene's kinds."""
    group = PRIORITY_CLASS[person.priority]
    return KINDS - 1 if group == KINDS - 2 and person.channel in REMOTE else group


# --- the people ---------------------------------------------------------------------------------------


def _waiting(hall: Standing, codes: Sequence[str]) -> Waiting:
    people = hall.waiting
    wanted = [[each["item"] for each in person.items for _ in range(each["count"])] for person in people]
    times = [_time(hall, person.queue, items) for person, items in zip(people, wanted, strict=True)]
    line = lines.arrays_of(people)
    here = line.here
    line.came[here] = np.minimum(line.came[here], hall.at)
    return Waiting(
        line=line,
        queue=np.array([codes.index(person.queue) for person in people], dtype=np.int64),
        service_s=np.array([each.mean_s for each in times], dtype=float),
        sigma=np.array([each.sigma for each in times], dtype=float),
        minutes=np.array([hall.minutes.of(person.items, person.queue) for person in people], dtype=float),
        show=np.array([_show(hall, person) for person in people], dtype=float),
        callable_from=_callable_from(hall, wanted),
    )


def _show(hall: Standing, person: Place) -> float:
    away = person.channel in REMOTE and person.arrived_at is None
    return hall.known.show(person.queue, away, again=bool(person.reactivated))


def _callable_from(hall: Standing, wanted: Sequence[Sequence[str]]) -> Floats:
    """(N, W) from when each window may call each person."""
    found = np.full((len(hall.waiting), len(hall.windows)), -np.inf)
    barred = [hall.barred.get(window.staff or "", frozenset()) for window in hall.windows]
    for row, (person, items) in enumerate(zip(hall.waiting, wanted, strict=True)):
        found[row, :] = hall.frozen_until(person.queue, items)
        for column, window in enumerate(hall.windows):
            if person.kept_from(window.id, hall.now):
                until = math.inf if person.kept_until is None else person.kept_until.timestamp()
                found[row, column] = max(found[row, column], until)
            if barred[column] and not barred[column].isdisjoint(items):
                found[row, column] = math.inf
    return found


def _time(hall: Standing, queue: str, items: Sequence[str], *, clerk: str = "") -> _Time:
    """How long somebody of this queue holds a window who comes for these items, one after the other."""
    hour = _hour(hall)
    services = [hall.known.service(item, clerk, hour, queue=queue) for item in items or [""]]
    return _sum([_Time(each.mean_s, each.sigma) for each in services])


def _sum(times: Sequence[_Time]) -> _Time:
    """The log-normal time with the mean and variance of the sum of independent ones (L. F. Fenton, 1960)."""
    mean = max(sum(each.mean_s for each in times), _LEAST_S)
    if len(times) == 1:
        return _Time(mean, min(times[0].sigma, _MOST_SIGMA))
    variance = sum(each.mean_s**2 * math.expm1(each.sigma**2) for each in times)
    return _Time(mean, min(math.sqrt(math.log1p(variance / mean**2)), _MOST_SIGMA))
