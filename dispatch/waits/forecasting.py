"""A hall's waits foretold: played forward many times, read off, promised, and kept in the hall's row.

Only the process that computes ahead comes here: to compile what plays a hall takes seconds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from dispatch.foundation import clock, log
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.learning.knowing import Known
from dispatch.tickets.intake import HORIZON_MIN, STOP_BELOW
from dispatch.waits import announcing, correcting, scenes, standing
from dispatch.waits.announcing import AHEAD_MIN, Both
from dispatch.waits.correcting import SAYS_NOTHING, Correction, Says
from dispatch.waits.finding import HallWaits, is_stale
from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.models import HallForecast
from dispatch.waits.packing import Packed, pack, slipped_at, unpack
from dispatch.waits.promising import Promise, renewed
from dispatch.waits.ranging import Ranges
from dispatch.waits.scenes import Floats
from dispatch.waits.simulating import kernel, reading
from dispatch.waits.simulating.casting import PATHS, cast
from dispatch.waits.simulating.rule import Calls
from dispatch.waits.simulating.scene import Scene
from dispatch.waits.standing import Standing

RENEWED_S = 15
"""An open hall is foretold anew so soon though nothing happened: time alone changes its waits."""
LOOKED_AFTER = timedelta(hours=1)
"""A closed one so soon, lest its hours were changed."""

Waits = dict[str, Forecast | Unknown]


@dataclass(frozen=True)
class Moment:
    """A hall at one moment, with where its log stands, when to look again, and what was shown last, and when.

    `shown` is by ticket, None for who was told that nobody knows; whoever is not in it has been told what her queue
    was, by queue in `joining`.
    """

    hall: Standing
    epoch: int
    seq: int
    due_at: datetime
    as_of: datetime | None = None
    shown: Mapping[str, Promise | None] = field(default_factory=dict)
    joining: Mapping[str, Promise | None] = field(default_factory=dict)

    def told(self, ticket: str, queue: str) -> Promise | None:
        """What somebody who waits has been promised."""
        return self.shown[ticket] if ticket in self.shown else self.joining.get(queue)


@dataclass(frozen=True)
class Foretold:
    """All that is foretold of a hall: for whoever joins now, whoever joins at one of `at`, whoever waits.

    `served` is by queue, where that can be said, the chance that somebody who joins now is served today. `both` is kept
    beside what is shown, to be scored; `slips` is by ticket when the promise last slipped.
    """

    queues: Waits
    at: Floats
    arrivals: Mapping[str, Sequence[Forecast | Unknown]]
    tickets: Waits
    served: Mapping[str, float]
    both: Both = field(default_factory=dict)
    slips: Mapping[str, float] = field(default_factory=dict)


def due(session: Session, now: datetime) -> list[str]:
    """The halls whose forecast is older than their log, or than it may be, the oldest first: one statement for all."""
    heads, rows = log.LogHead, HallForecast
    behind = or_(rows.hall.is_(None), rows.based_on != heads.seq, rows.epoch != heads.epoch)
    wanted = (
        select(Hall.code)
        .join(heads, heads.hall == Hall.code)
        .outerjoin(rows, rows.hall == Hall.code)
        .where(or_(behind, rows.due_at <= now))
    )
    return list(session.scalars(wanted.order_by(rows.as_of.nulls_first(), Hall.code)))


def read(session: Session, place: Hall, known: Known, now: datetime) -> Moment:
    """All that a forecast rests on; the session's view must be of one moment."""
    hall, head = standing.read(session, place, known, now), log.head_of(session, place.code)
    row = session.get(HallForecast, place.code)
    epoch, due_at = head.epoch if head else 0, _due_at(session, hall)
    known_row = row if row is not None and row.epoch == epoch else None
    shown = _promises(known_row.tickets, known_row.as_of) if known_row else {}
    told = known_row is not None and not is_stale(session, known_row, now)
    joining = _promises(known_row.queues, known_row.as_of) if known_row and told else {}
    return Moment(hall, epoch, head.seq if head else 0, due_at, row.as_of if row else None, shown, joining)


def foretell(moment: Moment, ranges: Ranges, says: Says = SAYS_NOTHING) -> Foretold:
    """What is to be shown from now on: the simulation, or the model where that is the better one.

    Takes no part in any transaction: it may take a while.
    """
    hall = moment.hall
    if not hall.openings or not hall.queues:
        return _all_closed(hall)
    scene = scenes.scene_of(hall)
    calls = kernel.play(scene, cast(scene, PATHS))
    waits = reading.read(scene, calls)
    arrivals = {
        queue.code: [
            _arriving(hall, scene, index, at, waits.arrivals.of(index, place), ranges)
            for place, at in enumerate(scene.probes)
        ]
        for index, queue in enumerate(hall.queues)
    }
    ahead_s = scene.probes - hall.at
    simulated = {code: correcting.by_ahead(each, ahead_s, AHEAD_MIN) for code, each in arrivals.items()}
    corrections = {
        code: correcting.correction(each, says.waits.get(code, {}), says.better)
        for code, each in simulated.items()
    }
    tickets, slips = _promised(moment, scene, waits.tickets, _Line(ranges, arrivals, corrections))
    corrected = {
        code: [_corrected(each, corrections[code], later) for each, later in zip(waits, ahead_s, strict=True)]
        for code, waits in arrivals.items()
    }
    return Foretold(
        queues={code: waits[0] for code, waits in corrected.items()},
        at=scene.probes,
        arrivals=corrected,
        tickets=tickets,
        slips=slips,
        served=_served(hall, scene, calls),
        both={
            (code, ahead): (each, said)
            for code, waits in simulated.items()
            for ahead, each in waits.items()
            if (said := says.waits.get(code, {}).get(ahead)) is not None
        },
    )


def is_to_regulate(moment: Moment, foretold: Foretold) -> bool:
    """Whether a queue of the hall might have to be stopped, or might go on; mostly none, which is seen here."""
    hall = moment.hall
    left_min = sum(end - start for start, end in hall.openings) / 60
    return any(
        queue.intake == "stopped"
        or (queue.intake == "paused" and queue.intake_until is not None and queue.intake_until <= hall.now)
        or (left_min <= HORIZON_MIN and foretold.served.get(queue.code, 0.0) < STOP_BELOW)
        for queue in hall.queues
    )


def keep(session: Session, moment: Moment, foretold: Foretold) -> None:
    """Store a forecast, the latest wins; and once a minute what is shown by it."""
    row: dict[str, Any] = {
        "epoch": moment.epoch,
        "based_on": moment.seq,
        "as_of": moment.hall.now,
        "due_at": moment.due_at,
        "queues": {code: pack(wait) for code, wait in foretold.queues.items()},
        "arrivals": {
            "at": [round(at) for at in foretold.at],
            "queues": {code: [pack(wait) for wait in waits] for code, waits in foretold.arrivals.items()},
        },
        "tickets": {ident: pack(wait, foretold.slips.get(ident)) for ident, wait in foretold.tickets.items()},
    }
    code = moment.hall.place.code
    changed = session.execute(update(HallForecast).where(HallForecast.hall == code).values(row))
    if not changed.rowcount:  # type: ignore[attr-defined]
        session.execute(insert(HallForecast).values(hall=code, **row))
    if announcing.is_due(moment.as_of, moment.hall.now):
        shown = HallWaits(
            moment.epoch, moment.seq, moment.hall.now, queues=row["queues"], arrivals=row["arrivals"]
        )
        announcing.keep(session, code, shown, foretold.both, moment.hall.now)


def _arriving(
    hall: Standing, scene: Scene, queue: int, at: float, found: Forecast | Unknown, ranges: Ranges
) -> Forecast | Unknown:
    """How long somebody waits who joins a queue at one of the probes."""
    why = _why_not(hall, scene, queue, at)
    if why is not None:
        return Unknown(why)
    return ranges.of(found, at - hall.at) if isinstance(found, Forecast) else found


def _why_not(hall: Standing, scene: Scene, queue: int, at: float) -> str | None:
    """What stands against a number of this queue at that moment."""
    row = hall.queues[queue]
    if not hall.is_open(at):
        return "closed"
    if hall.frozen_until(row.code) > at:
        return "outage"
    if scenes.no_numbers_until(hall, row.code) > at:
        return f"intake_{row.intake}"
    if not _is_served(scene, queue, at):
        return "no_window_open"
    if not scenes.is_foreseen(hall, row.code, at):
        return "not_learned_yet"
    return None


def _is_served(scene: Scene, queue: int, since: float) -> bool:
    """Whether any window calls from this queue from then on."""
    later = scene.windows.shift_end > since
    return bool(scene.windows.serves[scene.windows.shift_window[later], queue].any())


def _served(hall: Standing, scene: Scene, calls: Calls) -> dict[str, float]:
    """By queue the share of paths in which somebody who joins now would be done by the end of the day.

    Of a queue that no window is expected to serve nothing is said: one may open yet.
    """
    asked = len(scene.queues) * len(scene.probes)
    joining = calls.called[:, calls.called.shape[1] - asked :: len(scene.probes)]
    shares = (joining + scene.queues.service_s <= scene.ends).mean(axis=0)
    return {
        queue.code: float(shares[index])
        for index, queue in enumerate(hall.queues)
        if _is_served(scene, index, scene.now)
    }


@dataclass(frozen=True)
class _Line:
    """What brings the play's waits of those in line to what is said of whoever joins behind them."""

    ranges: Ranges
    arrivals: Mapping[str, Sequence[Forecast | Unknown]]
    corrections: Mapping[str, Correction]

    def of(self, found: Forecast, queue: str) -> Forecast:
        return self.corrections[queue].of_waiting(self.ranges.of(found), self.arrivals[queue][0])


def _corrected(found: Forecast | Unknown, by: Correction, ahead_s: float) -> Forecast | Unknown:
    return by.of(found, ahead_s) if isinstance(found, Forecast) else found


def _promised(
    moment: Moment, scene: Scene, waits: reading.Waits, line: _Line
) -> tuple[Waits, dict[str, float]]:
    """What everybody who waits is told: her estimate, as far as it changes what she was told before; and the slips."""
    told: Waits = {}
    slips: dict[str, float] = {}
    for index, person in enumerate(moment.hall.waiting):
        found = waits.of(index)
        if isinstance(found, Unknown):
            told[person.id] = Unknown(_why_never(moment.hall, scene, index))
            continue
        new = _as_promise(line.of(found, person.queue), scene.now)
        promise = renewed(moment.told(person.id, person.queue), new, scene.now)
        told[person.id] = _as_wait(promise, scene.now)
        if promise.slipped_at is not None:
            slips[person.id] = promise.slipped_at
    return told, slips


def _why_never(hall: Standing, scene: Scene, index: int) -> str:
    person = hall.waiting[index]
    items = [each["item"] for each in person.items]
    if hall.frozen_until(person.queue, items) == math.inf:
        return "outage"
    served = _is_served(scene, int(scene.waiting.queue[index]), scene.now)
    return "not_today" if served else "no_window_open"


def _as_promise(wait: Forecast, now: float, slipped: float | None = None) -> Promise:
    return Promise(now + wait.point_s, now + wait.low_s, now + wait.high_s, wait.method, slipped)


def _as_wait(promise: Promise, now: float) -> Forecast:
    low, point, high = (max(0.0, each - now) for each in (promise.low, promise.point, promise.high))
    return Forecast(point, low, high, promise.method)


def _promises(told: Mapping[str, Packed], as_of: datetime) -> dict[str, Promise | None]:
    """What was told at a moment, as promises; None where it was that nobody knows."""
    now = as_of.timestamp()
    waits = {ident: (unpack(kept), slipped_at(kept)) for ident, kept in told.items()}
    return {
        ident: _as_promise(wait, now, slipped) if isinstance(wait, Forecast) else None
        for ident, (wait, slipped) in waits.items()
    }


def _all_closed(hall: Standing) -> Foretold:
    closed = Unknown("closed")
    return Foretold(
        queues={queue.code: closed for queue in hall.queues},
        at=np.empty(0),
        arrivals={},
        tickets={person.id: closed for person in hall.waiting},
        served={},
    )


def _due_at(session: Session, hall: Standing) -> datetime:
    """When to look again though nothing happens."""
    soon = hall.now + timedelta(seconds=RENEWED_S * max(1.0, clock.speed(session)))
    if hall.waiting or hall.is_open(hall.at):
        return soon
    following = halls.next_opening(session, hall.place, hall.now)
    later = hall.now + LOOKED_AFTER
    return later if following is None else max(soon, min(following.start, later))
