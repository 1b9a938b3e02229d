"""A hall's waits foretold: played forward many times, read off, promised, and kept in the hall's row.

Only the process that computes ahead comes here: to compile what plays a hall takes seconds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dispatch.foundation import clock, log
from dispatch.foundation.prepared import Prepared, listed, of_all
from dispatch.foundation.tables import table_of
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.learning.knowing import Known
from dispatch.tickets.intake import HORIZON_MIN, STOP_BELOW
from dispatch.tickets.lines import Place
from dispatch.waits import announcing, joining, scenes, standing
from dispatch.waits.announcing import Beside
from dispatch.waits.correcting import SAYS_NOTHING, Says
from dispatch.waits.finding import HallWaits, is_stale
from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.joining import Joining
from dispatch.waits.models import HallForecast
from dispatch.waits.newcomers import FROM_AFAR, kind_of
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
Setting = tuple[Any, ...]

_ROWS = table_of(HallForecast)
_SHOWN = of_all(
    lambda those: select(
        *(_ROWS.c[name] for name in ("hall", "epoch", "as_of", "due_at", "queues", "newcomers", "tickets"))
    ).where(_ROWS.c.hall.in_(those))
)
_INTO: dict[str, Any] = {column.name: bindparam(column.name, type_=column.type) for column in _ROWS.c}


def _replacing(insert: Any) -> Any:  # noqa: ANN401 - either database's own
    given = insert(_ROWS).values(_INTO)
    kept = {column.name: given.excluded[column.name] for column in _ROWS.c if not column.primary_key}
    return given.on_conflict_do_update(index_elements=["hall"], set_=kept)


_REPLACE = Prepared(_replacing(postgresql.insert), sqlite=_replacing(sqlite.insert))
_RENEW = Prepared(
    update(_ROWS)
    .where(_ROWS.c.hall == bindparam("of"))
    .values({name: each for name, each in _INTO.items() if name not in ("hall", "arrivals")})
)


@dataclass(frozen=True)
class Moment:
    """A hall at one moment, with where its log stands, when to look again, and what was shown last, and when.

    `shown` is by ticket, None for who was told that nobody knows; whoever is not in it has been told what is said to
    all of her kind, by queue and kind in `joining`.
    """

    hall: Standing
    epoch: int
    seq: int
    due_at: datetime
    as_of: datetime | None = None
    shown: Mapping[str, Promise | None] = field(default_factory=dict)
    joining: Mapping[tuple[str, str | None], Promise | None] = field(default_factory=dict)

    def told(self, person: Place) -> Promise | None:
        """What somebody who waits has been promised."""
        if person.id in self.shown:
            return self.shown[person.id]
        return self.joining.get((person.queue, kind_of(person)))


@dataclass(frozen=True)
class Foretold:
    """All that is foretold of a hall: for whoever joins now, whoever joins at one of `at`, whoever waits.

    `newcomers` is by queue and kind, of those who join now and are not of the ordinary one.
    `arrivals` is None where what was told of them stands.
    `served` is by queue, where that can be said, the chance that somebody who joins now is served today. `beside` is
    kept to be scored; `slips` is by ticket when the promise last slipped.
    """

    queues: Waits
    at: Floats
    arrivals: Mapping[str, Sequence[Forecast | Unknown]] | None
    tickets: Waits
    served: Mapping[str, float]
    newcomers: Mapping[str, Waits] = field(default_factory=dict)
    beside: Beside = field(default_factory=Beside)
    slips: Mapping[str, float] = field(default_factory=dict)


def due(session: Session, now: datetime) -> list[str]:
    """The halls whose forecast is older than their log, or than it may be, the oldest first: one statement for all.

    Whatever was made at a moment that has not come yet, since the clock was put back, is as good as old.
    """
    heads, rows = log.LogHead, HallForecast
    behind = or_(rows.hall.is_(None), rows.based_on != heads.seq, rows.epoch != heads.epoch)
    grown_old = or_(rows.due_at <= now, rows.as_of > now)
    wanted = (
        select(Hall.code)
        .join(heads, heads.hall == Hall.code)
        .outerjoin(rows, rows.hall == Hall.code)
        .where(or_(behind, grown_old))
    )
    return list(session.scalars(wanted.order_by(rows.as_of.nulls_first(), Hall.code)))


def read(session: Session, codes: Sequence[str], known: Mapping[str, Known], now: datetime) -> list[Moment]:
    """All that forecasts of these halls rest on; the session's view must be of one moment."""
    stand = standing.read(session, halls.halls_of(session, codes), known, now)
    heads = log.heads_of(session, codes)
    rows = {row.hall: row for row in _SHOWN.all(session, of=listed(codes))}
    return [_moment(session, hall, heads.get(hall.place.code), rows.get(hall.place.code)) for hall in stand]


def _moment(session: Session, hall: Standing, head: Any | None, row: Any | None) -> Moment:  # noqa: ANN401
    """The hall, where its log ends, and what was foretold of it last."""
    epoch, due_at = head.epoch if head else 0, _due_at(session, hall)
    known_row = row if row is not None and row.epoch == epoch else None
    shown = _promises(known_row.tickets, known_row.as_of) if known_row else {}
    told = known_row is not None and not is_stale(session, known_row, hall.now)
    joined = _joining(known_row) if known_row and told else {}
    return Moment(hall, epoch, head.seq if head else 0, due_at, row.as_of if row else None, shown, joined)


def setting(hall: Standing) -> Setting:
    """What later arrivals depend on besides people: hours, plans, windows, outages, what numbers are given out for."""
    return (
        [end for _, end in hall.openings],
        [(each.code, each.intake, each.intake_until) for each in hall.queues],
        [(each.id, each.queues, each.state, each.lapsed, each.staff) for each in hall.windows],
        [(each.id, each.window, each.starts, each.ends, each.breaks) for each in hall.shifts],
        [(each.id, each.until) for each in hall.out],
        hall.policy,
    )


def is_to_tell_later(moment: Moment, before: Setting | None) -> bool:
    """Whether what is told of later arrivals is to be made anew: each minute, and when the hall is not as it was.

    Whoever comes or goes meanwhile changes at once what is told of those who wait and of who joins now.
    """
    return announcing.is_due(moment.as_of, moment.hall.now) or before != setting(moment.hall)


def foretell(moment: Moment, ranges: Ranges, says: Says = SAYS_NOTHING, *, later: bool = True) -> Foretold:
    """What is to be shown from now on: the simulation, or the model where that is the better one.

    Without `later` nothing is said of later arrivals, and everything else is the same. Takes no part in any
    transaction: it may take a while.
    """
    hall = moment.hall
    if not hall.openings or not hall.queues:
        return _all_closed(hall)
    scene = scenes.scene_of(hall, later=later)
    calls = kernel.play(scene, cast(scene, PATHS))
    waits = reading.read(scene, calls)
    queues = {
        queue.code: joining.of_queue(hall, scene, waits, index, ranges, says)
        for index, queue in enumerate(hall.queues)
    }
    tickets, slips = _promised(moment, scene, waits.tickets, ranges, queues)
    arrivals = {code: each.arriving() for code, each in queues.items()}
    return Foretold(
        queues={code: waits[0] for code, waits in arrivals.items()},
        newcomers={code: each.joining_as() for code, each in queues.items()},
        at=scene.probes,
        arrivals=arrivals if later else None,
        tickets=tickets,
        slips=slips,
        served=_served(hall, scene, calls),
        beside=_beside(queues, says),
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
    code, now = moment.hall.place.code, moment.hall.now
    row: dict[str, Any] = {
        "epoch": moment.epoch,
        "based_on": moment.seq,
        "as_of": now,
        "due_at": moment.due_at,
        "queues": {queue: pack(wait) for queue, wait in foretold.queues.items()},
        "newcomers": {
            queue: {kind: pack(wait) for kind, wait in waits.items()}
            for queue, waits in foretold.newcomers.items()
        },
        "tickets": {ident: pack(wait, foretold.slips.get(ident)) for ident, wait in foretold.tickets.items()},
    }
    if foretold.arrivals is None:
        _RENEW.run(session, **row, of=code)
        return
    row["arrivals"] = {
        "at": [round(at) for at in foretold.at],
        "queues": {queue: [pack(wait) for wait in waits] for queue, waits in foretold.arrivals.items()},
    }
    _REPLACE.run(session, **row, hall=code)
    if announcing.is_due(moment.as_of, now):
        told = {name: row[name] for name in ("queues", "newcomers", "arrivals")}
        shown = HallWaits(moment.epoch, moment.seq, now, **told)
        announcing.keep(session, code, shown, foretold.beside, now)


def _beside(queues: Mapping[str, Joining], says: Says) -> Beside:
    """What the simulation and the model say, each by itself."""
    both = {
        (code, ahead): (each, said)
        for code, queue in queues.items()
        for ahead, each in queue.simulated.items()
        if (said := says.waits.get(code, {}).get(ahead)) is not None
    }
    afar = {code: queue.newcomers[FROM_AFAR] for code, queue in queues.items()}
    return Beside(both, {code: each for code, each in afar.items() if isinstance(each, Forecast)})


def _served(hall: Standing, scene: Scene, calls: Calls) -> dict[str, float]:
    """By queue the share of paths in which somebody who joins now would be done by the end of the day.

    Of a queue that no window is expected to serve nothing is said: one may open yet.
    """
    asked = len(scene.queues) * scene.asked
    ghosts = calls.called[:, calls.called.shape[1] - asked :: scene.asked]
    shares = (ghosts + scene.queues.service_s <= scene.ends).mean(axis=0)
    return {
        queue.code: float(shares[index])
        for index, queue in enumerate(hall.queues)
        if joining.served_until(scene, index) > scene.now
    }


def _promised(
    moment: Moment, scene: Scene, waits: reading.Waits, ranges: Ranges, queues: Mapping[str, Joining]
) -> tuple[Waits, dict[str, float]]:
    """What everybody who waits is told: her estimate, as far as it changes what she was told before; and the slips."""
    told: Waits = {}
    slips: dict[str, float] = {}
    for index, (person, found) in enumerate(zip(moment.hall.waiting, waits.each(), strict=True)):
        if isinstance(found, Unknown):
            told[person.id] = Unknown(_why_never(moment.hall, scene, index))
            continue
        new = _as_promise(queues[person.queue].of_waiting(ranges.of(found)), scene.now)
        promise = renewed(moment.told(person), new, scene.now)
        told[person.id] = _as_wait(promise, scene.now)
        if promise.slipped_at is not None:
            slips[person.id] = promise.slipped_at
    return told, slips


def _why_never(hall: Standing, scene: Scene, index: int) -> str:
    person = hall.waiting[index]
    items = [each["item"] for each in person.items]
    if hall.frozen_until(person.queue, items) == math.inf:
        return "outage"
    served = joining.served_until(scene, int(scene.waiting.queue[index])) > scene.now
    return "not_today" if served else "no_window_open"


def _as_promise(wait: Forecast, now: float, slipped: float | None = None) -> Promise:
    return Promise(now + wait.point_s, now + wait.low_s, now + wait.high_s, wait.method, slipped)


def _as_wait(promise: Promise, now: float) -> Forecast:
    low, point, high = (max(0.0, each - now) for each in (promise.low, promise.point, promise.high))
    return Forecast(point, low, high, promise.method)


def _joining(row: Any) -> dict[tuple[str, str | None], Promise | None]:  # noqa: ANN401
    """What whoever joins was told, by queue and kind."""
    told: dict[tuple[str, str | None], Promise | None] = {}
    for queue, promise in _promises(row.queues, row.as_of).items():
        told[queue, None] = promise
    for queue, waits in row.newcomers.items():
        for kind, promise in _promises(waits, row.as_of).items():
            told[queue, kind] = promise
    return told


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
