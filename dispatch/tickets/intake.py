"""No number is given out that would be worth nothing: for what is out, and for a queue that won't be reached today.

The rule: whether one more person is likely to be served today, as far as that is foretold. Where nothing is: the
minutes of work waiting in a queue, shared by the windows that serve it, against the minutes left until the hall closes
for the day. Between stopping and going on lies some slack, so that a queue does not flicker.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from geopy.distance import geodesic
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import finding as catalogue
from dispatch.foundation.access import Actor
from dispatch.halls import finding as halls
from dispatch.halls import hours, intake, outages, wording
from dispatch.halls.models import Hall, Queue, Window
from dispatch.halls.refusals import Interrupted, QueuePaused, QueueStopped
from dispatch.tickets.minutes import minutes_in
from dispatch.tickets.models import Ticket
from dispatch.tickets.wanting import Wanted

HORIZON_MIN = 180.0
MARGIN_MIN = 5.0
SLACK_MIN = 10.0
STOP_BELOW, GO_ON_ABOVE = 0.5, 0.8
"""The chance that one more person is served today."""
STILL_TO_DO: Mapping[str, float] = {"waiting": 1.0, "called": 1.0, "serving": 0.5, "parked": 0.5}
"""How much of her work still lies ahead of a window, by the state of a ticket."""
OFFERED = 5
NOTHING_FORETOLD: Mapping[str, float] = {}


@dataclass(frozen=True)
class Line:
    """A queue as the rule sees it: minutes of work waiting, and what one more person would bring on average."""

    queue: str
    work_min: float
    one_more_min: float
    stopped: bool

    @property
    def needed_min(self) -> float:
        """The work until one more person is done."""
        return self.work_min + self.one_more_min


@dataclass(frozen=True)
class Elsewhere:
    """Another hall that takes the same and gives out numbers now."""

    code: str
    name: str
    name_en: str
    distance_m: int


def shares(lines: Sequence[Line], windows: Iterable[Sequence[str]]) -> dict[str, float]:
    """How many windows' worth each queue has: all that serve it, or its part of those that it shares with others.

    Queues joined by windows that serve both are worked off together, since whoever is free takes the most urgent; a
    queue is never quicker than its own windows alone would be.
    """
    work = {line.queue: line.needed_min for line in lines}
    served = [known for queues in windows if (known := [queue for queue in queues if queue in work])]
    worth = {}
    for queue in {queue for known in served for queue in known}:
        together = _joined(queue, served)
        own = sum(queue in known for known in served)
        all_of_them = sum(not together.isdisjoint(known) for known in served)
        lasts = max(work[queue] / own, sum(work[each] for each in together) / all_of_them)
        worth[queue] = work[queue] / lasts
    return worth


def _joined(queue: str, served: Sequence[Sequence[str]]) -> set[str]:
    """The queues that share windows with this one, at first hand or through others."""
    together = {queue}
    while len(together) < len(wider := together.union(*(k for k in served if not together.isdisjoint(k)))):
        together = wider
    return together


def must_stop(line: Line, worth: float, left_min: float) -> bool:
    """Whether one more person could not be served today; once stopped, only with slack to spare is it otherwise.

    Hours before the end nobody is turned away: windows may open yet, and minutes of work are known on average only.
    """
    if worth <= 0:
        return True
    if left_min > HORIZON_MIN:
        return False
    return line.needed_min / worth > left_min - MARGIN_MIN - (SLACK_MIN if line.stopped else 0)


def must_stop_by(chance: float | None, line: Line, worth: float, left_min: float) -> bool:
    """The same by the chance that one more person is served today; None where it is not foretold."""
    if chance is None or worth <= 0 or left_min > HORIZON_MIN:
        return must_stop(line, worth, left_min)
    return chance < (GO_ON_ABOVE if line.stopped else STOP_BELOW)


def due(
    session: Session, place: Hall, now: datetime, chances: Mapping[str, float] = NOTHING_FORETOLD
) -> list[tuple[Queue, str]]:
    """The queues of a hall that the rule would `stop` or let `go_on` now; none once the day's openings are over.

    `chances` are by queue, as far as they are foretold, that one more person would be served today.
    """
    day = halls.service_day(session, place, now)
    left = hours.time_left(halls.openings(session, place, day), now)
    if left <= timedelta(0):
        return []
    left_min = left.total_seconds() / 60
    queues = [row for row in halls.queues_of(session, place.code) if row.intake != "paused"]
    lines = _lines(session, place.code, day, queues)
    worth = shares(list(lines.values()), _serving(session, place.code))
    found = []
    for row in queues:
        stop = must_stop_by(chances.get(row.code), lines[row.code], worth.get(row.code, 0.0), left_min)
        if stop is not (row.intake == "stopped"):
            found.append((row, "stop" if stop else "go_on"))
    return found


def regulate(
    session: Session,
    place: Hall,
    chances: Mapping[str, float] = NOTHING_FORETOLD,
    *,
    now: datetime,
    actor: Actor,
) -> None:
    """Stop the queues whose people could not be served today, let others go on, end pauses whose time is up."""
    for queue in intake.paused_too_long(session, place.code, now):
        intake.resume(session, queue, now=now, actor=actor)
    for queue, verb in due(session, place, now, chances):
        (intake.stop if verb == "stop" else intake.go_on)(session, queue, now=now, actor=actor)


def refuse_interrupted(
    session: Session, place: Hall, line: Queue, items: Sequence[Wanted], now: datetime
) -> None:
    """Raises Interrupted for what is out."""
    codes = [wanted.item for wanted in items]
    hit = outages.hitting(session, place.code, line.code, codes, now)
    if hit is not None:
        raise Interrupted(
            why=wording.why(hit.reason, hit.note, hit.note_en),
            when=wording.when(hit.until, place.tz, now),
            reason=hit.reason,
            note=hit.note,
            note_en=hit.note_en,
            until=_iso(hit.until, place),
            outage=hit.id,
            elsewhere=_offer(elsewhere(session, place, line.code, codes, now)),
            field="items" if codes else "queue",
        )


def refuse_stopped(
    session: Session, place: Hall, line: Queue, items: Sequence[Wanted], now: datetime
) -> None:
    """Raises QueueStopped or QueuePaused where no numbers are given out."""
    if line.intake != "open" and not _pause_is_over(line, now):
        _refuse_queue(session, place, line, [wanted.item for wanted in items], now)


def elsewhere(
    session: Session, place: Hall, queue: str, items: Sequence[str], now: datetime
) -> list[Elsewhere]:
    """Other open halls that take the same and give out numbers now, the nearest first.

    Without items they are halls that take something of what this queue is for.
    """
    wanted = set(items) or {row.item for row in catalogue.taken_in(session, place.code) if row.queue == queue}
    taken: dict[str, dict[str, str]] = defaultdict(dict)
    for row in catalogue.placements_of(session, wanted):
        taken[row.hall][row.item] = row.queue
    found = []
    for other in halls.all_halls(session):
        queues = taken.get(other.code, {})
        enough = len(queues) == len(wanted) if items else bool(queues)
        if other.code == place.code or not enough or halls.opening_at(session, other, now) is None:
            continue
        if _gives_numbers(session, other.code, set(queues.values()), items, now):
            metres = round(geodesic((place.lat, place.lon), (other.lat, other.lon)).m)
            found.append(Elsewhere(other.code, other.name, other.name_en, metres))
    return sorted(found, key=lambda each: (each.distance_m, each.code))[:OFFERED]


def _refuse_queue(session: Session, place: Hall, line: Queue, codes: Sequence[str], now: datetime) -> None:
    following = halls.next_opening(session, place, now)
    if following is not None and following.day == halls.service_day(session, place, now):
        last = halls.openings(session, place, following.day)[-1]
        following = halls.next_opening(session, place, last.start)
    others = elsewhere(session, place, line.code, codes, now)
    told: dict[str, Any] = {
        "queue": line.code,
        "intake": line.intake,
        "instead": _instead(place, others, following, now),
        "elsewhere": _offer(others),
        "opens_at": _iso(following.start, place) if following else None,
        "field": "items" if codes else "queue",
    }
    if line.intake == "stopped":
        raise QueueStopped(**told)
    raise QueuePaused(
        **told,
        why=wording.why(line.intake_reason, line.intake_note, line.intake_note_en),
        when=wording.when(line.intake_until, place.tz, now),
        reason=line.intake_reason,
        note=line.intake_note,
        note_en=line.intake_note_en,
        until=_iso(line.intake_until, place),
    )


def _pause_is_over(line: Queue, now: datetime) -> bool:
    """Time is up; that the board says so is the job's, some seconds later."""
    return line.intake == "paused" and line.intake_until is not None and line.intake_until <= now


def _instead(
    place: Hall, others: Sequence[Elsewhere], following: hours.Opening | None, now: datetime
) -> dict[str, str]:
    """What one can do instead, in both languages."""
    parts = []
    if following is not None:
        parts.append(wording.both("下次开门:%(at)s。", at=wording.clock_of(following.start, place.tz, now)))
    if others:
        near = others[0]
        km = f"{near.distance_m / 1000:.1f}"
        zh = wording.both("也可以去%(hall)s,%(km)s 公里。", hall=near.name, km=km)["name"]
        en = wording.both("也可以去%(hall)s,%(km)s 公里。", hall=near.name_en, km=km)["name_en"]
        parts.append({"name": zh, "name_en": en})
    return {
        "name": "".join(part["name"] for part in parts),
        "name_en": " ".join(part["name_en"] for part in parts),
    }


def _gives_numbers(
    session: Session, hall: str, queues: Iterable[str], items: Sequence[str], now: datetime
) -> bool:
    for code in queues:
        row = session.get(Queue, (hall, code))
        if row is None or not row.active or (row.intake != "open" and not _pause_is_over(row, now)):
            return False
        if outages.hitting(session, hall, code, items, now) is not None:
            return False
    return True


def _lines(session: Session, hall: str, day: date, queues: Sequence[Queue]) -> dict[str, Line]:
    """The hall's queues with the work that waits in them."""
    minutes = minutes_in(session, hall)
    work: dict[str, float] = defaultdict(float)
    live = select(Ticket.queue, Ticket.state, Ticket.items).where(
        Ticket.hall == hall, Ticket.service_day == day, Ticket.state.in_(list(STILL_TO_DO))
    )
    for queue, state, items in session.execute(live):
        work[queue] += minutes.of(items, queue) * STILL_TO_DO[state]
    return {
        row.code: Line(row.code, work[row.code], minutes.of((), row.code), row.intake == "stopped")
        for row in queues
    }


def _serving(session: Session, hall: str) -> list[list[str]]:
    """The queues of each window that works; where none works for a queue yet, of every window planned for it."""
    windows = halls.windows_of(session, hall)
    at_work = [window for window in windows if window.state != "closed"]
    covered = {queue for window in at_work for queue in window.queues}
    return [_planned(window, window in at_work, covered) for window in windows]


def _planned(window: Window, works: bool, covered: set[str]) -> list[str]:
    return window.queues if works else [queue for queue in window.queues if queue not in covered]


def _offer(found: Sequence[Elsewhere]) -> list[dict[str, Any]]:
    return [vars(each) for each in found]


def _iso(moment: datetime | None, place: Hall) -> str | None:
    return moment.astimezone(ZoneInfo(place.tz)).isoformat() if moment else None
