"""The simulation of `rule`, compiled: the same casts, the same calls, some thousand times faster.

What makes it quick: each line is kept in order of virtual place, so that whoever is next stands at its head, unless
she holds a ticket from afar. Ghosts stand in lines of their own beside the real ones.

Everything that a path changes lies in a few arrays of records: `people`, `lines` (a queue's real line at its index,
its ghosts' at Q further) and `windows`. `stand` holds the people of line k, first to last, in
`stand[lines[k].low : lines[k].high]`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from dispatch.queues import rules
from dispatch.queues.rules import Mask, Seconds, Whole
from dispatch.waits.simulating.casting import Cast
from dispatch.waits.simulating.rule import Calls
from dispatch.waits.simulating.scene import Ratios, Scene

_Function = TypeVar("_Function", bound=Callable[..., object])
Records = NDArray[Any]
Record = Any
HERE, REMOTE, AWAY = 0, 1, 2
"""How somebody stands in line: only those here are passed, only the remote pass."""
NOBODY = -1

HALL = np.dtype(
    [
        *(
            (name, np.float64)
            for name in ("now", "ends", "missed_s", "target_min", "fastest_min", "slowest_min")
        ),
        *((name, np.int64) for name in ("remote_passes", "waiting", "coming", "real", "queues")),
        *((name, np.bool_) for name in ("picky", "leaving")),
    ]
)
"""What is the same in every path. `picky`: there are people whom not every window may call; `leaving`: some give up."""
PERSON = np.dtype(
    [
        *((name, np.float64) for name in ("place", "leaves", "called", "minutes")),
        *((name, np.int64) for name in ("number", "passed")),
        *((name, np.int16) for name in ("window", "stance")),
    ]
)
LINE = np.dtype(
    [
        ("urgency", np.float64),
        *((name, np.int64) for name in ("low", "high", "first", "head", "next", "last")),
    ]
)
"""`first`: where the first stands whom the window at hand may call, `head` whom of the line it would call; from `next`
to `last` people are yet to join."""
WINDOW = np.dtype([("ready", np.float64), *((name, np.int64) for name in ("serves", "shift", "last"))])
"""When it can call next, how many queues it serves, and its shift under way or to come, up to `last`."""


def compiled(function: _Function) -> _Function:
    """Machine code, kept beside the source or in the user's cache; where neither can be written, for this process.

    It allocates nothing and keeps none of the arrays that it is lent, so nobody counts references to them: that would
    take a third of the time.
    """
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
    made: Any
    try:
        made = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        made = numba.njit(**options)(function)
    return made  # type: ignore[no-any-return]


def play(scene: Scene, cast: Cast) -> Calls:
    """Play every path of the cast to the end of the last shift."""
    queues, asked, first = len(scene.queues), len(scene.probes), len(scene.waiting)
    line, windows = scene.waiting.line, scene.windows
    coming = cast.joins[:, first : first + len(scene.coming)]
    stance = np.full(cast.line.came.shape, AWAY, dtype=np.int8)
    stance[cast.line.here], stance[cast.line.remote] = HERE, REMOTE
    room = np.append(
        np.bincount(cast.queue, minlength=queues), np.bincount(cast.queue[:first], minlength=queues) + asked
    )
    fixed: list[Any] = [
        _hall(scene, cast),
        *_twice(_people(scene, cast)),
        *_twice(_lines(cast, room)),
        *_twice(_windows(scene)),
        np.empty(room.sum(), dtype=np.int64),
        np.lexsort((line.number, rules.virtual_places(line, scene.policy), scene.waiting.queue)),
        cast.queue,
    ]
    drawn: list[Any] = [
        first + np.argsort(coming, axis=1, kind="stable"),
        cast.joins,
        rules.virtual_places(cast.line, scene.policy),
        stance,
        cast.leaves,
        cast.takes,
        cast.shows,
        cast.frees,
    ]
    told: list[Any] = [
        np.argsort(~windows.serves, axis=1, kind="stable"),
        windows.pace,
        windows.shift_start,
        windows.shift_end,
        scene.waiting.callable_from,
        _wakes(scene),
        scene.probes,
    ]
    called = np.full((cast.paths, len(cast) + queues * asked), np.inf)
    window = np.full((cast.paths, len(cast)), NOBODY, dtype=np.int16)
    drawn = [np.ascontiguousarray(each) for each in drawn]
    told = [np.array(each, order="C") for each in told]
    _play_all(*[*fixed, *drawn, *told, called, window])
    return Calls(called, window)


def _twice(records: Records) -> tuple[Records, Records]:
    """As a path begins with them, and as it changes them."""
    return records, records.copy()


def _hall(scene: Scene, cast: Cast) -> Records:
    hall, policy = np.zeros(1, dtype=HALL), scene.policy
    hall["now"], hall["ends"], hall["missed_s"] = scene.now, scene.ends, scene.missed_s
    for name in ("target_min", "fastest_min", "slowest_min", "remote_passes"):
        hall[name] = getattr(policy, name)
    hall["waiting"], hall["coming"] = len(scene.waiting), len(scene.coming)
    hall["real"], hall["queues"] = len(cast), len(scene.queues)
    hall["picky"] = (scene.waiting.callable_from > scene.now).any()
    hall["leaving"] = np.isfinite(scene.queues.patience_s).any()
    return hall


def _people(scene: Scene, cast: Cast) -> Records:
    """The cast, then the probes' ghosts; those are ordinary, here, and really there never."""
    queues, asked, real = len(scene.queues), len(scene.probes), len(cast)
    people = np.zeros(real + queues * asked, dtype=PERSON)
    people["minutes"][:real], people["minutes"][real:] = cast.minutes, np.repeat(scene.queues.minutes, asked)
    people["number"][:real] = cast.line.number
    people["number"][real:] = cast.line.number.max(initial=0) + 1 + np.arange(queues * asked)
    people["place"][real:], people["leaves"][real:] = np.tile(scene.probes, queues), -np.inf
    people["stance"], people["window"] = HERE, NOBODY
    people["passed"][:real] = cast.line.passed
    return people


def _lines(cast: Cast, room: Whole) -> Records:
    queues = len(cast.starts) - 1
    lines = np.zeros(2 * queues, dtype=LINE)
    lines["low"] = np.cumsum(room) - room
    lines["next"][:queues], lines["last"][:queues] = cast.starts[:-1], cast.starts[1:]
    return lines


def _windows(scene: Scene) -> Records:
    windows, count = scene.windows, len(scene.windows)
    records = np.zeros(count, dtype=WINDOW)
    records["serves"] = windows.serves.sum(axis=1)
    first = np.searchsorted(windows.shift_window, np.arange(count + 1))
    records["shift"], records["last"] = first[:-1], first[1:]
    return records


def _wakes(scene: Scene) -> Seconds:
    """The moments at which somebody becomes callable."""
    at = np.unique(scene.waiting.callable_from)
    wakes: Seconds = at[np.isfinite(at) & (at > scene.now)]
    return wakes


@compiled
def _play_all(
    halls: Records,
    all_people: Records,
    people: Records,
    all_lines: Records,
    lines: Records,
    all_windows: Records,
    windows: Records,
    stand: Whole,
    waiting: Whole,
    queue: Whole,
    order: Whole,
    joins: Seconds,
    place: Seconds,
    stance: NDArray[np.int8],
    leaves: Seconds,
    takes: Seconds,
    shows: Mask,
    frees: Seconds,
    served: Whole,
    pace: Ratios,
    shift_start: Seconds,
    shift_end: Seconds,
    callable_from: Seconds,
    wakes: Seconds,
    probes: Seconds,
    called: Seconds,
    window: NDArray[np.int16],
) -> None:
    """Play path after path; each begins with those who wait in their lines."""
    hall = halls[0]
    for path in range(len(joins)):
        for person in range(len(people)):
            people[person].called, people[person].window = np.inf, NOBODY
            people[person].passed = all_people[person].passed
        for person in range(hall.real):
            people[person].place, people[person].leaves = place[path, person], leaves[path, person]
            people[person].stance = stance[path, person]
        for line in range(len(lines)):
            lines[line] = all_lines[line]
            lines[line].high = lines[line].low
        for nth in range(len(waiting)):
            line = queue[waiting[nth]]
            stand[lines[line].high] = waiting[nth]
            lines[line].high += 1
        for each in range(len(windows)):
            windows[each] = all_windows[each]
            windows[each].ready = frees[path, each]
        _play_one(
            hall,
            people,
            lines,
            windows,
            stand,
            queue,
            order[path],
            joins[path],
            takes[path],
            shows[path],
            served,
            pace,
            shift_start,
            shift_end,
            callable_from,
            wakes,
            probes,
        )
        for person in range(len(people)):
            called[path, person] = people[person].called
        for person in range(hall.real):
            window[path, person] = people[person].window


@compiled
def _play_one(
    hall: Record,
    people: Records,
    lines: Records,
    windows: Records,
    stand: Whole,
    queue: Whole,
    order: Whole,
    joins: Seconds,
    takes: Seconds,
    shows: Mask,
    served: Whole,
    pace: Ratios,
    shift_start: Seconds,
    shift_end: Seconds,
    callable_from: Seconds,
    wakes: Seconds,
    probes: Seconds,
) -> None:
    """Go from moment to moment: all that happens at one is seen before anybody is called."""
    now, coming, probe, wake = hall.now, 0, 0, 0
    idle, next_ready = True, np.inf
    while now < hall.ends:
        upcoming = np.inf
        while coming < hall.coming and joins[order[coming]] <= now:
            _insert(people, lines, stand, queue[order[coming]], order[coming])
            coming += 1
        if coming < hall.coming:
            upcoming = joins[order[coming]]
        for line in range(hall.queues):
            while lines[line].next < lines[line].last and joins[lines[line].next] <= now:
                _insert(people, lines, stand, line, lines[line].next)
                lines[line].next += 1
            if lines[line].next < lines[line].last:
                upcoming = min(upcoming, joins[lines[line].next])
        if probe < len(probes) and probes[probe] <= now:
            for line in range(hall.queues):
                _insert(people, lines, stand, hall.queues + line, hall.real + line * len(probes) + probe)
            probe += 1
        if probe < len(probes):
            upcoming = min(upcoming, probes[probe])
        if wake < len(wakes) and wakes[wake] <= now:
            wake += 1
        if wake < len(wakes):
            upcoming = min(upcoming, wakes[wake])
        if next_ready <= now or (idle and _anybody(lines)):
            idle, next_ready, standing = False, np.inf, _anybody(lines)
            for window in range(len(windows)):
                while (
                    standing
                    and windows[window].ready <= now
                    and _in_shift(windows, window, shift_start, shift_end, now)
                ):
                    person = _call(
                        hall, people, lines, stand, served, windows[window].serves, callable_from, window, now
                    )
                    if person == NOBODY:
                        break
                    held = takes[person] * pace[window, queue[person]] if shows[person] else hall.missed_s
                    windows[window].ready = now + held
                    standing = _anybody(lines)
                if windows[window].ready > now:
                    next_ready = min(next_ready, windows[window].ready)
                else:
                    idle = True
        upcoming = min(upcoming, next_ready)
        now = upcoming


@compiled
def _anybody(lines: Records) -> bool:
    """Whether anybody stands in any line, a ghost too: else no window need be asked."""
    for line in range(len(lines)):  # noqa: SIM110 - no generators in compiled code
        if lines[line].low < lines[line].high:
            return True
    return False


@compiled
def _in_shift(windows: Records, window: int, shift_start: Seconds, shift_end: Seconds, now: float) -> bool:
    """Whether a window that is free is in a shift; if not, it is ready when the next begins."""
    while windows[window].shift < windows[window].last:
        shift = windows[window].shift
        if shift_start[shift] > now:
            windows[window].ready = shift_start[shift]
            return False
        if now < shift_end[shift]:
            return True
        windows[window].shift += 1
    windows[window].ready = np.inf
    return False


@compiled
def _call(
    hall: Record,
    people: Records,
    lines: Records,
    stand: Whole,
    served: Whole,
    serves: int,
    callable_from: Seconds,
    window: int,
    now: float,
) -> int:
    """Note the ghosts whom this window would call now, then call whoever is first of those there, or NOBODY."""
    best = NOBODY
    for nth in range(serves):
        line = served[window, nth]
        if hall.leaving:
            _part(hall, people, lines, stand, line, now)
        first = _from(hall, lines, stand, callable_from, line, window, now, lines[line].low)
        head = _head(hall, people, lines, stand, callable_from, line, window, now, first)
        lines[line].first, lines[line].head = first, head
        if head != NOBODY:
            lines[line].urgency = _urgency(hall, people, stand[head], now)
            if best == NOBODY or _precedes(people, lines, stand, line, best):
                best = line
    for nth in range(serves):
        line = served[window, nth]
        if lines[line + hall.queues].low < lines[line + hall.queues].high:
            _note(hall, people, lines, stand, served, serves, callable_from, line, window, now)
    if best == NOBODY:
        return NOBODY
    person = stand[lines[best].head]
    _remove(lines, stand, best, lines[best].head)
    if people[person].stance == REMOTE:
        _pass(hall, people, lines, stand, callable_from, best, window, now)
        _pass(hall, people, lines, stand, callable_from, best + hall.queues, window, now)
    people[person].called, people[person].window = now, window
    return int(person)


@compiled
def _part(hall: Record, people: Records, lines: Records, stand: Whole, line: int, now: float) -> None:
    """Whoever has left stands in line no more; of those who waited at the beginning a ghost remains."""
    kept = lines[line].high
    for position in range(lines[line].high - 1, lines[line].low - 1, -1):
        person = stand[position]
        if people[person].leaves > now:
            kept -= 1
            stand[kept] = person
        elif person < hall.waiting:
            _insert(people, lines, stand, line + hall.queues, person)
    lines[line].low = kept


@compiled
def _head(
    hall: Record,
    people: Records,
    lines: Records,
    stand: Whole,
    callable_from: Seconds,
    line: int,
    window: int,
    now: float,
    first: int,
) -> int:
    """Where in line the person stands whom this window would call from it, or NOBODY.

    The earliest, but for somebody from afar when anybody behind her has been passed often enough: then whoever is the
    earliest of the others.
    """
    if first == NOBODY or people[stand[first]].stance != REMOTE:
        return first
    if _tired(hall, people, lines, stand, callable_from, line, window, now):
        return _near(hall, people, lines, stand, callable_from, line, window, now, first)
    return first


@compiled
def _from(
    hall: Record,
    lines: Records,
    stand: Whole,
    callable_from: Seconds,
    line: int,
    window: int,
    now: float,
    position: int,
) -> int:
    """The next one from this position on whom this window may call."""
    while position < lines[line].high:
        if _may(hall, callable_from, stand[position], window, now):
            return position
        position += 1
    return NOBODY


@compiled
def _near(
    hall: Record,
    people: Records,
    lines: Records,
    stand: Whole,
    callable_from: Seconds,
    line: int,
    window: int,
    now: float,
    position: int,
) -> int:
    """The next one from this position on whom this window may call and who is not remote."""
    position = _from(hall, lines, stand, callable_from, line, window, now, position)
    while position != NOBODY and people[stand[position]].stance == REMOTE:
        position = _from(hall, lines, stand, callable_from, line, window, now, position + 1)
    return position


@compiled
def _tired(
    hall: Record,
    people: Records,
    lines: Records,
    stand: Whole,
    callable_from: Seconds,
    line: int,
    window: int,
    now: float,
) -> bool:
    """Whether anybody here whom this window may call has been passed often enough."""
    for position in range(lines[line].low, lines[line].high):
        person = stand[position]
        weary = people[person].stance == HERE and people[person].passed >= hall.remote_passes
        if weary and _may(hall, callable_from, person, window, now):
            return True
    return False


@compiled
def _note(
    hall: Record,
    people: Records,
    lines: Records,
    stand: Whole,
    served: Whole,
    serves: int,
    callable_from: Seconds,
    line: int,
    window: int,
    now: float,
) -> None:
    """Note each ghost of this line whom the window would call now, if she were really there.

    A ghost stands in nobody's way: each is compared with the real people alone.
    """
    first = lines[line].first
    barred = first  # nobody is called from behind her
    if first != NOBODY and people[stand[first]].stance == REMOTE:
        barred = _near(hall, people, lines, stand, callable_from, line, window, now, first)
    ghosts = line + hall.queues
    position = lines[ghosts].low
    while position < lines[ghosts].high:
        ghost = stand[position]
        if barred != NOBODY and not _earlier(people, ghost, stand[barred]):
            return
        if (
            _may(hall, callable_from, ghost, window, now)
            and _leads(hall, people, lines, stand, callable_from, line, window, now, ghost, first)
            and _wins(hall, people, lines, stand, served, serves, line, window, now, ghost)
        ):
            _remove(lines, stand, ghosts, position)
            people[ghost].called = now
        position += 1


@compiled
def _leads(
    hall: Record,
    people: Records,
    lines: Records,
    stand: Whole,
    callable_from: Seconds,
    line: int,
    window: int,
    now: float,
    ghost: int,
    first: int,
) -> bool:
    """Whether she would head her line, whose earliest stands at `first`."""
    if people[ghost].stance == REMOTE and _tired(
        hall, people, lines, stand, callable_from, line, window, now
    ):
        return False
    if first == NOBODY or _earlier(people, ghost, stand[first]):
        return True
    if people[stand[first]].stance != REMOTE or people[ghost].stance == REMOTE:
        return False
    weary = people[ghost].stance == HERE and people[ghost].passed >= hall.remote_passes
    return bool(weary) or _tired(hall, people, lines, stand, callable_from, line, window, now)


@compiled
def _wins(
    hall: Record,
    people: Records,
    lines: Records,
    stand: Whole,
    served: Whole,
    serves: int,
    line: int,
    window: int,
    now: float,
    ghost: int,
) -> bool:
    """Whether the window would take her of the heads of its lines."""
    mine = _urgency(hall, people, ghost, now)
    for nth in range(serves):
        other = served[window, nth]
        if other == line or lines[other].head == NOBODY:
            continue
        if lines[other].urgency > mine:
            return False
        if lines[other].urgency == mine:
            place = people[stand[lines[other].head]].place
            if place < people[ghost].place or (place == people[ghost].place and other < line):
                return False
    return True


@compiled
def _precedes(people: Records, lines: Records, stand: Whole, line: int, best: int) -> bool:
    """Whether the head of this line is called rather than that of an earlier one."""
    if lines[line].urgency != lines[best].urgency:
        return bool(lines[line].urgency > lines[best].urgency)
    return bool(people[stand[lines[line].head]].place < people[stand[lines[best].head]].place)


@compiled
def _urgency(hall: Record, people: Records, person: int, now: float) -> float:
    """As `rules.urgency`."""
    waited = max(now - people[person].place, 0.0) / 60.0
    minutes = min(max(people[person].minutes, hall.fastest_min), hall.slowest_min)
    return float(waited / hall.target_min / minutes)


@compiled
def _pass(
    hall: Record,
    people: Records,
    lines: Records,
    stand: Whole,
    callable_from: Seconds,
    line: int,
    window: int,
    now: float,
) -> None:
    """Somebody from afar was called past this line."""
    for position in range(lines[line].low, lines[line].high):
        person = stand[position]
        if people[person].stance == HERE and _may(hall, callable_from, person, window, now):
            people[person].passed += 1


@compiled
def _may(hall: Record, callable_from: Seconds, person: int, window: int, now: float) -> bool:
    return bool(not hall.picky or person >= hall.waiting or callable_from[person, window] <= now)


@compiled
def _earlier(people: Records, one: int, other: int) -> bool:
    if people[one].place != people[other].place:
        return bool(people[one].place < people[other].place)
    return bool(people[one].number < people[other].number)


@compiled
def _insert(people: Records, lines: Records, stand: Whole, line: int, person: int) -> None:
    position = lines[line].high
    while position > lines[line].low and _earlier(people, person, stand[position - 1]):
        stand[position] = stand[position - 1]
        position -= 1
    stand[position] = person
    lines[line].high += 1


@compiled
def _remove(lines: Records, stand: Whole, line: int, position: int) -> None:
    """Close the gap from the head, where whoever goes mostly stands."""
    while position > lines[line].low:
        stand[position] = stand[position - 1]
        position -= 1
    lines[line].low += 1
