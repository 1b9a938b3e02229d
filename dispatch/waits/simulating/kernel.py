"""The simulation of `rule`, compiled: the same casts, the same calls, some thousand times faster.

What makes it quick: nothing happens but calls. A window sleeps until it is free, or, where it found nobody, until
somebody may join a queue of its own; whoever has joined meanwhile steps into line when somebody looks. Each queue
stands in three lines, each in order of virtual place: those who are called in that order (NEAR), those with tickets
from afar, who pass them (AFAR), and the ghosts. So whoever is next stands at a head.

`Hall` is the same in every path, `Path` what was drawn for one, `Stage` what a path changes. `stage.stand` holds the
people of line k, first to last, between `stage.lines[k].low` and `.high`; queue q's lines are q, Q + q and 2Q + q.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.queues import rules
from dispatch.queues.rules import Line, Mask, Seconds, Whole
from dispatch.waits.simulating.casting import CLASSES, Cast
from dispatch.waits.simulating.compiling import called_from_python, compiled
from dispatch.waits.simulating.drawing import Kinds
from dispatch.waits.simulating.rule import Calls
from dispatch.waits.simulating.scene import FROM_AFAR, KINDS, USUAL, Ratios, Scene

Records = NDArray[Any]
Record = Any
HERE, REMOTE, AWAY = 0, 1, 2
"""How somebody stands in line: only those here are passed, only the remote pass."""
NOBODY = -1

STOOD = np.dtype([("place", np.float64), ("person", np.int64)])
LINE = np.dtype(
    [
        ("urgency", np.float64),
        *(
            (name, np.int64)
            for name in ("low", "high", "next", "last", "probe", "weary", "near", "afar", "head")
        ),
    ]
)
"""From `next` to `last` people are yet to join, and ghosts from `probe` on; `weary` of those in line have been passed
often enough. For the window at hand `near` and `afar` are where the first of either line stands whom it may call, and
`head` whom it would call of the queue, or NOBODY. But for `low` and `high` a queue's NEAR line tells."""


class Hall(NamedTuple):
    """What is the same in every path; (R + Q·(G + K),) of the cast, then of each queue's ghosts: probes, newcomers.

    `picky`: there are people whom not every window may call; `leaving`: some give up. `start_s`: (KINDS,) the head
    start of each kind. `stance`: (R + Q·(G + K),), of the unannounced as if they were here. Those who wait stand in
    `waiting`, by queue and place, at `place`; the newcomers are of the kinds `newcomers`, and join at `now`.
    `served`: (W, Q) the queues of each window, as many as it `serves`; its shifts from `shift` on.
    """

    now: float
    ends: float
    missed_s: float
    target_min: float
    remote_passes: int
    picky: bool
    leaving: bool
    start_s: Seconds
    queue: Whole
    number: Whole
    minutes: Ratios
    waiting: Whole
    place: Seconds
    stance: Kinds
    passed: Whole
    callable_from: Seconds
    wakes: Seconds
    probes: Seconds
    newcomers: Whole
    served: Whole
    serves: Whole
    pace: Ratios
    shift: Whole


class Drawn(NamedTuple):
    """What was drawn for all paths. (paths, C): those `coming` in order of joining, and everybody's virtual `place`."""

    coming: Whole
    place: Seconds
    kind: Kinds
    joins: Seconds
    leaves: Seconds
    takes: Seconds
    shows: Mask
    frees: Seconds
    begins: Seconds
    may_go: Seconds
    stays: Seconds


class Path(NamedTuple):
    """What was drawn for one path."""

    coming: Whole
    place: Seconds
    kind: Kinds
    joins: Seconds
    leaves: Seconds
    takes: Seconds
    shows: Mask
    begins: Seconds
    may_go: Seconds
    stays: Seconds


class Stage(NamedTuple):
    """What a path changes; `ready`: (W,) when each window can call next, `shift` its shift under way or to come."""

    stand: Records
    lines: Records
    passed: Whole
    ready: Seconds
    shift: Whole


def play(scene: Scene, cast: Cast) -> Calls:
    """Play every path of the cast to the end of the last shift."""
    called = np.full((cast.paths, len(cast) + len(scene.queues) * scene.asked), np.inf)
    window = np.full((cast.paths, len(cast)), NOBODY, dtype=np.int16)
    if len(scene.windows):
        hall, room = _hall(scene, cast), _room(scene, cast)
        lines = _lines(cast, room)
        stage = Stage(
            stand=np.empty(room.sum(), dtype=STOOD),
            lines=lines.copy(),
            passed=np.zeros(called.shape[1], dtype=np.int64),
            ready=np.empty(len(scene.windows)),
            shift=np.empty(len(scene.windows), dtype=np.int64),
        )
        _play_all(hall, _drawn(scene, cast), lines, stage, called, window)
    return Calls(called, window)


def _hall(scene: Scene, cast: Cast) -> Hall:
    queues, asked, windows, policy = len(scene.queues), scene.asked, scene.windows, scene.policy
    ghosts, waiting = queues * asked, scene.waiting
    place = rules.virtual_places(waiting.line, policy)
    minutes = np.append(cast.minutes, np.repeat(scene.queues.minutes, asked))
    stance = np.full(len(cast) + ghosts, HERE, dtype=np.int8)
    line = waiting.line
    stance[: len(line)] = np.where(line.here, HERE, np.where(line.remote, REMOTE, AWAY))
    kinds = np.append(np.full(len(scene.probes), USUAL), scene.newcomers)
    stance[len(cast) :] = np.tile(np.where(kinds == FROM_AFAR, REMOTE, HERE), queues)
    passed = np.zeros(len(cast) + ghosts, dtype=np.int64)
    passed[: len(waiting)] = waiting.line.passed
    return Hall(
        now=float(scene.now),
        ends=scene.ends,
        missed_s=float(scene.missed_s),
        target_min=float(policy.target_min),
        remote_passes=policy.remote_passes,
        picky=bool((waiting.callable_from > scene.now).any()),
        leaving=bool(np.isfinite(scene.queues.patience_s).any()),
        start_s=_head_starts(scene),
        queue=np.append(cast.queue, np.repeat(np.arange(queues), asked)),
        number=np.append(cast.number, cast.number.max(initial=0) + 1 + np.arange(ghosts)),
        minutes=np.clip(minutes, policy.fastest_min, policy.slowest_min),
        waiting=np.lexsort((waiting.line.number, place, waiting.queue)),
        place=place,
        stance=stance,
        passed=passed,
        callable_from=_plain(waiting.callable_from),
        wakes=_wakes(scene),
        probes=_plain(scene.probes),
        newcomers=_plain(scene.newcomers),
        served=np.argsort(~windows.serves, axis=1, kind="stable"),
        serves=windows.serves.sum(axis=1),
        pace=_plain(windows.pace),
        shift=np.searchsorted(windows.shift_window, np.arange(len(windows) + 1)),
    )


def _head_starts(scene: Scene) -> Seconds:
    zeros, nobody = np.zeros(KINDS), np.zeros(KINDS, dtype=np.int64)
    alone = Line(zeros, CLASSES, np.full(KINDS, np.nan), zeros, nobody, nobody)
    start_s: Seconds = zeros - rules.virtual_places(alone, scene.policy)
    return start_s


def _wakes(scene: Scene) -> Seconds:
    """The moments at which somebody becomes callable."""
    at = np.unique(scene.waiting.callable_from)
    wakes: Seconds = at[np.isfinite(at) & (at > scene.now)]
    return wakes


def _drawn(scene: Scene, cast: Cast) -> Drawn:
    first = len(scene.waiting)
    joins = cast.joins[:, first : first + len(scene.coming)]
    shape = joins.shape
    coming = Line(
        place=joins,
        classes=np.broadcast_to(scene.coming.classes, shape),
        slot=np.broadcast_to(scene.coming.slot, shape),
        came=joins,
        passed=np.zeros(shape, dtype=np.int64),
        number=np.zeros(shape, dtype=np.int64),
    )
    return Drawn(
        coming=first + np.argsort(joins, axis=1, kind="stable"),
        place=rules.virtual_places(coming, scene.policy),
        kind=_plain(cast.kind),
        joins=_plain(cast.joins),
        leaves=_plain(cast.leaves),
        takes=_plain(cast.takes),
        shows=_plain(cast.shows),
        frees=_plain(cast.frees),
        begins=_plain(cast.begins),
        may_go=_plain(cast.may_go),
        stays=_plain(cast.stays),
    )


def _room(scene: Scene, cast: Cast) -> Whole:
    """How many may ever step into each line."""
    queues = len(scene.queues)
    real = np.bincount(cast.queue, minlength=queues)
    return np.concatenate([real, real, np.bincount(scene.waiting.queue, minlength=queues) + scene.asked])


def _lines(cast: Cast, room: Whole) -> Records:
    """As a path begins, but for those who wait."""
    queues, lines = len(cast.starts) - 1, np.zeros(len(room), dtype=LINE)
    lines["low"] = lines["high"] = np.cumsum(room) - room
    lines["next"][:queues], lines["last"][:queues] = cast.starts[:-1], cast.starts[1:]
    return lines


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """As the compiled code was compiled for: rows one after the other."""
    return np.require(array, requirements=("C", "W"))


@called_from_python
def _play_all(
    hall: Hall, drawn: Drawn, lines: Records, stage: Stage, called: Seconds, window: NDArray[np.int16]
) -> None:
    """Play path after path; each begins with those who wait in their lines."""
    for path in range(len(drawn.joins)):
        for line in range(len(lines)):
            stage.lines[line] = lines[line]
        for person in range(len(hall.passed)):
            stage.passed[person] = hall.passed[person]
        for each in range(len(stage.ready)):
            stage.ready[each], stage.shift[each] = drawn.frees[path, each], hall.shift[each]
        for person in hall.waiting:
            _stand(hall, stage, person, hall.place[person], hall.stance[person])
        for queue in range(_queues(stage)):
            for kind in range(len(hall.newcomers)):
                ghost = _ghost(hall, stage, queue, len(hall.probes) + kind)
                place = hall.now - hall.start_s[hall.newcomers[kind]]
                _insert(hall, stage, queue + 2 * _queues(stage), ghost, place)
        one = Path(
            drawn.coming[path],
            drawn.place[path],
            drawn.kind[path],
            drawn.joins[path],
            drawn.leaves[path],
            drawn.takes[path],
            drawn.shows[path],
            drawn.begins[path],
            drawn.may_go[path],
            drawn.stays[path],
        )
        _play(hall, one, stage, called[path], window[path])


@compiled
def _play(hall: Hall, path: Path, stage: Stage, called: Seconds, by: NDArray[np.int16]) -> None:
    """Go from window to window, always to the one that is ready first."""
    coming = 0
    while True:
        window = _earliest(stage.ready)
        now = stage.ready[window]
        if now >= hall.ends:
            return
        if not _in_shift(hall, path, stage, window, now):
            continue
        while coming < len(path.coming) and path.joins[path.coming[coming]] <= now:
            person = path.coming[coming]
            _stand(hall, stage, person, path.place[person - len(hall.waiting)], HERE)
            coming += 1
        person = _call(hall, path, stage, called, window, now)
        if person == NOBODY:
            stage.ready[window] = _next_moment(hall, path, stage, window, now)
            if coming < len(path.coming):
                stage.ready[window] = min(stage.ready[window], path.joins[path.coming[coming]])
            goes = path.may_go[stage.shift[window]]
            if now >= goes or stage.ready[window] > goes:
                stage.shift[window] += 1
                stage.ready[window] = now
            continue
        called[person], by[person] = now, window
        if path.shows[person]:
            stage.ready[window] = now + path.takes[person] * hall.pace[window, hall.queue[person]]
        else:
            stage.ready[window] = now + hall.missed_s


@compiled
def _earliest(ready: Seconds) -> int:
    """The window that is ready first, of several the first."""
    found, first = 0, ready[0]
    for window in range(1, len(ready)):
        if ready[window] < first:
            found, first = window, ready[window]
    return found


@compiled
def _in_shift(hall: Hall, path: Path, stage: Stage, window: int, now: float) -> bool:
    """Whether a window that is free is in a shift; if not, it is ready when the next begins."""
    while stage.shift[window] < hall.shift[window + 1]:
        shift = stage.shift[window]
        if path.begins[shift] > now:
            stage.ready[window] = path.begins[shift]
            return False
        if now < path.stays[shift]:
            return True
        stage.shift[window] += 1
    stage.ready[window] = np.inf
    return False


@compiled
def _next_moment(hall: Hall, path: Path, stage: Stage, window: int, now: float) -> float:
    """When somebody may be there for a window that found nobody."""
    found = np.inf
    for nth in range(hall.serves[window]):
        line = stage.lines[hall.served[window, nth]]
        if line.next < line.last:
            found = min(found, path.joins[line.next])
        if line.probe < len(hall.probes):
            found = min(found, hall.probes[line.probe])
    if hall.picky:
        for wake in hall.wakes:
            if wake > now:
                return float(min(found, wake))
    return found


@compiled
def _call(hall: Hall, path: Path, stage: Stage, called: Seconds, window: int, now: float) -> int:
    """Note the ghosts whom this window would call now; who is first of those really there steps out, or NOBODY."""
    best, lines, serves = NOBODY, stage.lines, hall.serves[window]
    for nth in range(serves):
        queue = hall.served[window, nth]
        _join(hall, path, stage, queue, now)
        if hall.leaving:
            _part(hall, path, stage, queue, now)
            _part(hall, path, stage, queue + _queues(stage), now)
        _look(hall, stage, queue, window, now)
        head = lines[queue].head
        if head != NOBODY:
            lines[queue].urgency = _urgency(hall, stage.stand[head], now)
            if best == NOBODY or _precedes(stage, queue, best):
                best = queue
    for nth in range(serves):
        _note(hall, stage, called, hall.served[window, nth], window, now)
    if best == NOBODY:
        return NOBODY
    head = lines[best].head
    person = stage.stand[head].person
    if head == lines[best].afar:
        _remove(hall, stage, best + _queues(stage), head)
        _pass(hall, stage, best, window, now)
    else:
        _remove(hall, stage, best, head)
    return int(person)


@compiled
def _queues(stage: Stage) -> int:
    return len(stage.lines) // 3


@compiled
def _join(hall: Hall, path: Path, stage: Stage, queue: int, now: float) -> None:
    """Whoever has joined this queue unannounced by now stands in line, and so do ghosts."""
    line = stage.lines[queue]
    while line.next < line.last and path.joins[line.next] <= now:
        person = line.next
        kind = path.kind[person]
        place = path.joins[person] - hall.start_s[kind]
        _stand(hall, stage, person, place, REMOTE if kind == FROM_AFAR else HERE)
        line.next += 1
    while line.probe < len(hall.probes) and hall.probes[line.probe] <= now:
        ghost = _ghost(hall, stage, queue, line.probe)
        _insert(hall, stage, queue + 2 * _queues(stage), ghost, hall.probes[line.probe])
        line.probe += 1


@compiled
def _ghost(hall: Hall, stage: Stage, queue: int, asked: int) -> int:
    """Who is asked about, of this queue."""
    each = len(hall.probes) + len(hall.newcomers)
    return len(hall.passed) - each * (_queues(stage) - queue) + asked


@compiled
def _part(hall: Hall, path: Path, stage: Stage, line: int, now: float) -> None:
    """Whoever has left stands in line no more; of those who waited at the beginning a ghost remains."""
    stand, lines = stage.stand, stage.lines
    position = lines[line].low
    while position < lines[line].high:
        person = stand[position].person
        if path.leaves[person] <= now:
            if person < len(hall.waiting):
                ghosts = hall.queue[person] + 2 * _queues(stage)
                _insert(hall, stage, ghosts, person, stand[position].place)
            _remove(hall, stage, line, position)
        position += 1


@compiled
def _look(hall: Hall, stage: Stage, queue: int, window: int, now: float) -> None:
    """Find whom this window would call of a queue.

    The earliest, but for somebody from afar when anybody behind her has been passed often enough: then whoever is the
    earliest of the others.
    """
    line = stage.lines[queue]
    line.near = line.head = _first(hall, stage, queue, window, now)
    line.afar = _first(hall, stage, queue + _queues(stage), window, now)
    if line.afar == NOBODY:
        return
    if line.near == NOBODY or (
        _earlier(hall, stage.stand[line.afar], stage.stand[line.near])
        and not _is_tired(hall, stage, queue, window, now)
    ):
        line.head = line.afar


@compiled
def _first(hall: Hall, stage: Stage, line: int, window: int, now: float) -> int:
    """Where in a line the first stands whom this window may call, or NOBODY."""
    for position in range(stage.lines[line].low, stage.lines[line].high):
        if _may(hall, stage.stand[position].person, window, now):
            return position
    return NOBODY


@compiled
def _is_tired(hall: Hall, stage: Stage, queue: int, window: int, now: float) -> bool:
    """Whether anybody here whom this window may call has been passed often enough."""
    line = stage.lines[queue]
    if line.weary == 0 or not hall.picky:
        return bool(line.weary > 0)
    for position in range(line.low, line.high):
        person = stage.stand[position].person
        if _is_weary(hall, stage, person) and _may(hall, person, window, now):
            return True
    return False


@compiled
def _note(hall: Hall, stage: Stage, called: Seconds, queue: int, window: int, now: float) -> None:
    """Note each ghost of this queue whom the window would call now, if she were really there.

    A ghost stands in nobody's way: each is compared with the real people alone. Nobody is called from behind the
    first of those near.
    """
    stand, ghosts = stage.stand, queue + 2 * _queues(stage)
    near, position = stage.lines[queue].near, stage.lines[ghosts].low
    while position < stage.lines[ghosts].high:
        if near != NOBODY and not _earlier(hall, stand[position], stand[near]):
            return
        ghost = stand[position].person
        if (
            _may(hall, ghost, window, now)
            and _leads(hall, stage, queue, position, window, now)
            and _wins(hall, stage, queue, position, window, now)
        ):
            _remove(hall, stage, ghosts, position)
            called[ghost] = now
        position += 1


@compiled
def _leads(hall: Hall, stage: Stage, queue: int, position: int, window: int, now: float) -> bool:
    """Whether a ghost who stands before all those near would head her queue."""
    line, ghost = stage.lines[queue], stage.stand[position]
    if _stance(hall, ghost.person) == REMOTE:
        ahead = line.afar == NOBODY or _earlier(hall, ghost, stage.stand[line.afar])
        return ahead and not _is_tired(hall, stage, queue, window, now)
    return (
        line.afar == NOBODY
        or _earlier(hall, ghost, stage.stand[line.afar])
        or _is_weary(hall, stage, ghost.person)
        or _is_tired(hall, stage, queue, window, now)
    )


@compiled
def _wins(hall: Hall, stage: Stage, queue: int, position: int, window: int, now: float) -> bool:
    """Whether the window would take a ghost of the heads of its queues."""
    ghost = stage.stand[position]
    mine = _urgency(hall, ghost, now)
    for nth in range(hall.serves[window]):
        other = hall.served[window, nth]
        line = stage.lines[other]
        if other == queue or line.head == NOBODY:
            continue
        if line.urgency > mine:
            return False
        if line.urgency == mine:
            place = stage.stand[line.head].place
            if place < ghost.place or (place == ghost.place and other < queue):
                return False
    return True


@compiled
def _precedes(stage: Stage, queue: int, best: int) -> bool:
    """Whether the head of this queue is called rather than that of an earlier one."""
    one, other = stage.lines[queue], stage.lines[best]
    if one.urgency != other.urgency:
        return bool(one.urgency > other.urgency)
    return bool(stage.stand[one.head].place < stage.stand[other.head].place)


@compiled
def _urgency(hall: Hall, stood: Record, now: float) -> float:
    """As `rules.urgency`."""
    return float(max(now - stood.place, 0.0) / 60.0 / hall.target_min / hall.minutes[stood.person])


@compiled
def _pass(hall: Hall, stage: Stage, queue: int, window: int, now: float) -> None:
    """Somebody from afar was called past those near, and past ghosts."""
    for line in (queue, queue + 2 * _queues(stage)):
        for position in range(stage.lines[line].low, stage.lines[line].high):
            person = stage.stand[position].person
            if _stance(hall, person) == HERE and _may(hall, person, window, now):
                stage.passed[person] += 1
                if line == queue and stage.passed[person] == hall.remote_passes:
                    stage.lines[queue].weary += 1


@compiled
def _may(hall: Hall, person: int, window: int, now: float) -> bool:
    return not hall.picky or person >= len(hall.waiting) or hall.callable_from[person, window] <= now


@compiled
def _stance(hall: Hall, person: int) -> int:
    """Of somebody near, or of a ghost."""
    return int(hall.stance[person])


@compiled
def _is_weary(hall: Hall, stage: Stage, person: int) -> bool:
    """Whether she is here and has been passed often enough."""
    return stage.passed[person] >= hall.remote_passes and _stance(hall, person) == HERE


@compiled
def _earlier(hall: Hall, one: Record, other: Record) -> bool:
    if one.place != other.place:
        return bool(one.place < other.place)
    return bool(hall.number[one.person] < hall.number[other.person])


@compiled
def _stand(hall: Hall, stage: Stage, person: int, place: float, stance: int) -> None:
    """Somebody real steps into her queue."""
    queue = hall.queue[person]
    if stance == REMOTE:
        _insert(hall, stage, queue + _queues(stage), person, place)
        return
    _insert(hall, stage, queue, person, place)
    if _is_weary(hall, stage, person):
        stage.lines[queue].weary += 1


@compiled
def _insert(hall: Hall, stage: Stage, line: int, person: int, place: float) -> None:
    stand, lines = stage.stand, stage.lines
    position = lines[line].high
    stand[position].place, stand[position].person = place, person
    while position > lines[line].low and _earlier(hall, stand[position], stand[position - 1]):
        _swap(stand, position)
        position -= 1
    lines[line].high += 1


@compiled
def _swap(stand: Records, position: int) -> None:
    """Somebody changes places with whoever is right before her."""
    one, other = stand[position], stand[position - 1]
    place, person = one.place, one.person
    one.place, one.person = other.place, other.person
    other.place, other.person = place, person


@compiled
def _remove(hall: Hall, stage: Stage, line: int, position: int) -> None:
    """Close the gap from the head, where whoever goes mostly stands."""
    stand, lines = stage.stand, stage.lines
    if line < _queues(stage) and _is_weary(hall, stage, stand[position].person):
        lines[line].weary -= 1
    while position > lines[line].low:
        stand[position] = stand[position - 1]
        position -= 1
    lines[line].low += 1
