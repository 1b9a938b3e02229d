"""A hall as it stands, as a scene that can be played: names become indices, what is known becomes figures. Pure.

All that decides who is called next is in it: places, head starts, slots, who is here, whom somebody from afar passed,
for which window somebody is kept, what a clerk may not serve, what an outage freezes. Who came back after a missed call
stands where `tickets.returning` put her; a group at a window holds it one service after the other.

Not in it, because nobody can say when or how many: people who missed their call and may come back, people parked, who
sit down again when their clerk takes them, numbers called out of turn, moves between queues, groups yet to be called.
What has become impossible, a call a month ago or a place in the future, counts as far off as a scene can hold.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.halls.models import Window
from dispatch.learning.local_time import QUARTER_S
from dispatch.queues.rules import ORDINARY, PRIORITY_CLASS
from dispatch.tickets import lines
from dispatch.tickets.life import REMOTE
from dispatch.tickets.lines import Place
from dispatch.waits import newcomers, rosters
from dispatch.waits.simulating import scene as kinds
from dispatch.waits.simulating.scene import KINDS, LONGEST_S, Coming, Queues, Scene, Waiting, Windows
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
NEWCOMERS = MappingProxyType(
    {
        newcomers.BY_LAW: kinds.BY_LAW,
        newcomers.BY_CARE: kinds.BY_CARE,
        newcomers.FROM_AFAR: kinds.FROM_AFAR,
    }
)
"""Of these kinds too it is asked how long somebody waits who joins now."""
_LEAST_S, _MOST_SIGMA = 1.0, 3.0
_MOST_GONE = 50.0
"""e to that is as good as certain."""


@dataclass(frozen=True)
class _Time:
    """A log-normal service: its mean in seconds, and the standard deviation of its logarithm."""

    mean_s: float
    sigma: float


def scene_of(hall: Standing, *, later: bool = True) -> Scene:
    """What there is to play. The hall has queues, and an opening that has not ended.

    Asked about is who joins now, and, `later`, who joins at each of the `probes`.
    """
    shifts = rosters.expected(_seats(hall), hall.openings, hall.quarters, hall.at, hall.known.plans)
    codes = [queue.code for queue in hall.queues]
    return Scene(
        now=hall.at,
        policy=hall.policy,
        queues=_queues(hall),
        windows=_windows(hall, codes, shifts),
        waiting=_waiting(hall, codes),
        coming=_coming(hall, codes),
        missed_s=hall.known.missed_cost_s,
        issues_until=hall.closes,
        probes=probes(hall) if later else np.array([hall.at]),
        newcomers=np.array(list(NEWCOMERS.values())),
    )


def probes(hall: Standing) -> Floats:
    """(G,) the moments of joining that are asked for: now, then every quarter of an hour of the day that is left."""
    return np.append(hall.at, hall.quarters[1:-1])


# --- the windows --------------------------------------------------------------------------------------


def _seats(hall: Standing) -> list[rosters.Seat]:
    return [_seat(hall, window, _planned(hall, window)) for window in hall.windows]


def _seat(hall: Standing, window: Window, planned: list[rosters.Span] | None) -> rosters.Seat:
    usual = None if planned is not None else hall.known.open_share(window.id, hall.at, hall.quarters[-1])
    return rosters.Seat(
        works=window.state == "open" and not window.lapsed,
        queues=frozenset(window.queues),
        planned=planned,
        name=window.id,
        rests=window.state == "paused",
        usual=usual,
    )


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
        busy_show=np.array([_comes(hall, hall.served.get(window.id, ())) for window in hall.windows]),
        shift_window=shifts.window,
        shift_start=shifts.start,
        shift_end=shifts.end,
        shift_late=shifts.late,
        shift_stays=shifts.stays,
    )


def _since(hall: Standing, group: Sequence[Served]) -> float:
    earliest = min((min(each.called_at, hall.at) for each in group), default=math.nan)
    return max(earliest, hall.at - LONGEST_S) if group else earliest


def _under_way(hall: Standing, group: Sequence[Served], clerk: str | None) -> _Time:
    """How long those at a window hold it from their call on."""
    times = [_time(hall, each.queue, _one_by_one(each.items), clerk=clerk or "") for each in group]
    return _sum(times) if times else _Time(60.0, 0.0)


def _comes(hall: Standing, group: Sequence[Served]) -> float:
    """The chance that anybody comes of those called to a window, less likely with every second that nobody does.

    The ways of those who come, and the patience of the clerk with those who do not, are taken as exponential.
    """
    if any(each.sits for each in group):
        return 1.0
    nobody, known = 1.0, hall.known
    faster = 1 / max(known.call_to_start_s, _LEAST_S) - 1 / max(known.missed_cost_s, _LEAST_S)
    for each in group:
        show = known.show(each.queue)
        gone = min(max(faster * (hall.at - each.called_at), -_MOST_GONE), _MOST_GONE)
        nobody *= (1 - show) / (1 - show + show * math.exp(-gone))
    return 1 - nobody


def _one_by_one(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a ticket is for, each as often as it is wanted."""
    return [each["item"] for each in items for _ in range(each["count"])]


def _pace(hall: Standing, codes: Sequence[str]) -> Floats:
    """(W, Q) how much slower than usual each window is."""
    hour, slowest = hall.local.hour, SLOWEST_PACE
    usual_s = hall.known.service(hour=hour).mean_s
    pace = np.ones((len(hall.windows), len(codes)))
    for row, window in enumerate(hall.windows):
        if window.staff is not None:
            hers_s = hall.known.service(server=window.staff, hour=hour).mean_s
            pace[row, :] = min(max(hers_s / usual_s, 1 / slowest), slowest)
    return pace


# --- the queues ---------------------------------------------------------------------------------------


def _queues(hall: Standing) -> Queues:
    times = [_time(hall, queue.code, []) for queue in hall.queues]
    edges = hall.quarters
    return Queues(
        service_s=np.array([each.mean_s for each in times]),
        sigma=np.array([each.sigma for each in times]),
        minutes=np.array([_minutes(hall, (), queue.code) for queue in hall.queues]),
        show=np.array([hall.known.show(queue.code) for queue in hall.queues]),
        patience_s=np.full(len(hall.queues), np.inf),
        edges=edges,
        rate=np.array([_rate(hall, place, edges) for place in range(len(hall.queues))]).T.copy(),
        mix=_mixes(hall),
    )


def _rate(hall: Standing, queue: int, edges: Floats) -> Floats:
    """(P,) people a second: as learned, else as lately for a while; none while no numbers are given out."""
    code = hall.queues[queue].code
    learned = hall.known.arrivals(code, hall.at, edges[-1])
    if learned is None:
        persists = edges[:-1] < hall.at + PERSISTS_S
        rate = np.where(persists, hall.lately.get(code, 0.0), 0.0)
    else:
        rate = learned[: len(edges) - 1] / QUARTER_S
    closed = edges[1:] <= no_numbers_until(hall, queue)
    open_rate: Floats = np.where(closed, 0.0, rate)
    return open_rate


def foreseen_until(hall: Standing, queue: str) -> float:
    """Until when anything is known of how many come."""
    return math.inf if hall.known.foresees(queue) else hall.at + PERSISTS_S


def no_numbers_until(hall: Standing, queue: int) -> float:
    """Until when nobody joins this queue; −inf where numbers are given out."""
    row = hall.queues[queue]
    if row.intake == "stopped":
        return math.inf
    frozen = hall.frozen_until(row.code)
    if row.intake == "open":
        return frozen
    paused = math.inf if row.intake_until is None else row.intake_until.timestamp()
    return max(paused if paused > hall.at else -math.inf, frozen)


def _mixes(hall: Standing) -> Floats:
    """(Q, KINDS) of which kind those are who come, judged by those who wait."""
    counts = {queue.code: [MIX_WORTH * share for share in USUAL_MIX] for queue in hall.queues}
    for person in hall.waiting:
        counts[person.queue][_kind(person)] += 1
    people = np.array(list(counts.values()))
    mixes: Floats = people / people.sum(axis=1, keepdims=True)
    return mixes


def _kind(person: Place) -> int:
    """Her place in the scene's kinds."""
    group = PRIORITY_CLASS[person.priority]
    return KINDS - 1 if group == KINDS - 2 and person.channel in REMOTE else group


# --- the people ---------------------------------------------------------------------------------------


def _waiting(hall: Standing, codes: Sequence[str]) -> Waiting:
    people = hall.waiting
    wanted = [tuple(_one_by_one(person.items)) for person in people]
    alike = [(person.queue, items) for person, items in zip(people, wanted, strict=True)]
    one_of_each = dict(zip(alike, people, strict=True))
    times = {each: _time(hall, *each) for each in one_of_each}
    minutes = {each: _minutes(hall, one.items, one.queue) for each, one in one_of_each.items()}
    line = lines.arrays_of(people)
    here = line.here
    line.came[here] = np.minimum(line.came[here], hall.at)
    np.clip(line.place, hall.at - LONGEST_S, hall.at + LONGEST_S, out=line.place)
    return Waiting(
        line=line,
        queue=np.array([codes.index(person.queue) for person in people], dtype=np.int64),
        service_s=np.array([times[each].mean_s for each in alike], dtype=float),
        sigma=np.array([times[each].sigma for each in alike], dtype=float),
        minutes=np.array([minutes[each] for each in alike], dtype=float),
        show=np.array([_show(hall, person) for person in people], dtype=float),
        callable_from=_callable_from(hall, wanted),
    )


def _minutes(hall: Standing, items: Sequence[Mapping[str, Any]], queue: str) -> float:
    return min(hall.minutes.of(items, queue), LONGEST_S / 60)


def _show(hall: Standing, person: Place) -> float:
    away = person.channel in REMOTE and person.arrived_at is None
    stays = 1 - hall.referred.get(person.id, 0.0)
    return stays * hall.known.show(person.queue, away, again=bool(person.reactivated))


def _coming(hall: Standing, codes: Sequence[str]) -> Coming:
    """Whoever is under way to a queue that is still there; she is ordinary, and nothing is booked."""
    people = [each for each in hall.under_way if each.queue in codes]
    return Coming(
        key=np.array([each.key for each in people], dtype=np.int64),
        queue=np.array([codes.index(each.queue) for each in people], dtype=np.int64),
        classes=np.full(len(people), ORDINARY, dtype=np.int64),
        at=np.array([each.at for each in people], dtype=float),
        spread_s=np.array([each.spread_s for each in people], dtype=float),
        slot=np.full(len(people), np.nan),
        comes=np.array([each.comes for each in people], dtype=float),
    )


def _callable_from(hall: Standing, wanted: Sequence[Sequence[str]]) -> Floats:
    """(N, W) from when each window may call each person."""
    found = np.full((len(hall.waiting), len(hall.windows)), -np.inf)
    for row, person in enumerate(hall.waiting):
        if hall.out:
            found[row, :] = hall.frozen_until(person.queue, wanted[row])
        if person.kept_for is not None:
            until = math.inf if person.kept_until is None else person.kept_until.timestamp()
            elsewhere = [person.kept_from(window.id, hall.now) for window in hall.windows]
            found[row, elsewhere] = np.maximum(found[row, elsewhere], until)
    for column, window in enumerate(hall.windows):
        if barred := hall.barred.get(window.staff or ""):
            found[[not barred.isdisjoint(items) for items in wanted], column] = math.inf
    return found


def _time(hall: Standing, queue: str, items: Sequence[str], *, clerk: str = "") -> _Time:
    """How long somebody of this queue holds a window who comes for these items, one after the other."""
    hour = hall.local.hour
    services = [hall.known.service(item, clerk, hour, queue=queue) for item in items or [""]]
    return _sum([_Time(each.mean_s, each.sigma) for each in services])


def _sum(times: Sequence[_Time]) -> _Time:
    """The log-normal time with the mean and variance of the sum of independent ones (L. F. Fenton, 1960)."""
    mean = min(max(sum(each.mean_s for each in times), _LEAST_S), LONGEST_S)
    if len(times) == 1:
        return _Time(mean, min(times[0].sigma, _MOST_SIGMA))
    variance = sum(each.mean_s**2 * math.expm1(each.sigma**2) for each in times)
    return _Time(mean, min(math.sqrt(math.log1p(variance / mean**2)), _MOST_SIGMA))
