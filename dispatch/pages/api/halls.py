"""Halls, their queues and waits, their logs, and the city as a whole."""

from datetime import datetime, timedelta

from flask import Response
from geopy.distance import geodesic
from sqlalchemy.orm import Session

from dispatch.catalogue import finding as catalogue
from dispatch.foundation import log
from dispatch.foundation.access import require
from dispatch.foundation.errors import BadInput
from dispatch.halls import finding
from dispatch.halls.models import Hall
from dispatch.pages.api import showing
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import HallPath, HallQuery, LogQuery, WaitQuery
from dispatch.pages.api.shapes import CityShown, Entry, HallLoad, Halls, HallShown, Log, QueueWait, Waits
from dispatch.pages.shared.calls import Call, answer
from dispatch.tickets import finding as tickets
from dispatch.waits import finding as waits
from dispatch.waits.finding import HallWaits
from dispatch.waits.wording import Foretold


@api.get("/halls", **door("halls", "anyone", Halls, 404))
def list_halls(query: HallQuery) -> Response:
    """Halls, all or those that take an item, nearest first where `near` says from where."""

    def read(call: Call) -> Halls:
        chosen = _with_distance(_halls_for(call.session, query.item), query.near)
        part = chosen[query.cursor : query.cursor + query.limit]
        counts = tickets.waiting_counts(call.session, [hall.code for hall, _ in part])
        waiting = {hall.code: 0 for hall, _ in part}
        for (code, _), count in counts.items():
            waiting[code] += count
        foretold = waits.in_halls(call.session, {hall.code: hall.tz for hall, _ in part}, call.now)
        queues = _queues_for(call.session, query.item)
        following = query.cursor + query.limit
        return Halls(
            halls=[
                showing.hall_found(
                    call.session,
                    hall,
                    call.now,
                    waiting[hall.code],
                    _wait_in(foretold[hall.code], queues.get(hall.code)),
                    metres,
                )
                for hall, metres in part
            ],
            next_cursor=following if len(chosen) > following else None,
        )

    return answer(read)


@api.get("/halls/<string:hall>", **door("halls", "anyone", HallShown, 404))
def show_hall(path: HallPath) -> Response:
    """One hall: queues, windows, hours, and where its log stands."""
    return answer(
        lambda call: showing.hall_shown(call.session, finding.hall(call.session, path.hall), call.now)
    )


@api.get("/halls/<string:hall>/waits", **door("halls", "anyone", Waits, 404))
def show_waits(path: HallPath, query: WaitQuery) -> Response:
    """How long one waits, joining now or arriving at a later time of the same day."""

    def read(call: Call) -> Waits:
        place = finding.hall(call.session, path.hall)
        if query.at is not None:
            _refuse_other_days(call, place, query.at)
        codes = [queue.code for queue in finding.queues_of(call.session, place.code)]
        if query.item is not None:
            catalogue.item(call.session, query.item)
            taken = catalogue.taken_at(call.session, place.code, query.item)
            codes = [taken.queue] if taken else []
        counts = tickets.waiting_counts(call.session, [place.code])
        foretold = waits.in_hall(call.session, place, call.now)
        return Waits(
            queues=[
                QueueWait(
                    queue=code,
                    waiting=counts.get((place.code, code), 0),
                    **waits.plain(_wait_at(foretold, code, query.at)),
                )
                for code in codes
            ]
        )

    return answer(read)


@api.get("/halls/<string:hall>/log", **door("halls", "staff", Log, 401, 403, 404, permission="log.read"))
def show_log(path: HallPath, query: LogQuery) -> Response:
    """The hall's log, the very texts that were hashed; `city` is the log of what belongs to no single hall."""

    def read(call: Call) -> Log:
        require(call.actor, "log.read", _place_of_log(call.session, path.hall).path, field="hall")
        entries = log.entries_after(call.session, path.hall, query.after, query.limit)
        return Log(entries=[Entry(seq=e.seq, hash=e.hash, prev=e.prev, body=e.body) for e in entries])

    return answer(read)


@api.get("/city", **door("halls", "staff", CityShown, 401, 403, permission="city.see"))
def show_city() -> Response:
    """How every hall in the caller's scope stands."""

    def read(call: Call) -> CityShown:
        loads = tickets.loads(call.session)
        places = [hall for hall in finding.all_halls(call.session) if call.actor.may("city.see", hall.path)]
        foretold = waits.in_halls(call.session, {hall.code: hall.tz for hall in places}, call.now)
        return CityShown(
            as_of=call.now,
            halls=[
                _load(call, hall, loads.get(hall.code, tickets.Load()), foretold[hall.code].longest())
                for hall in places
            ],
        )

    return answer(read)


def _load(call: Call, hall: Hall, load: tickets.Load, foretold: Foretold) -> HallLoad:
    windows = finding.windows_of(call.session, hall.code)
    longest = None if load.oldest is None else max(0, round((call.now - load.oldest).total_seconds()))
    return HallLoad(
        code=hall.code,
        name=hall.name,
        name_en=hall.name_en,
        level=hall.level,
        open=finding.opening_at(call.session, hall, call.now) is not None,
        waiting=load.waiting,
        longest_wait_s=longest,
        windows=len(windows),
        windows_open=sum(window.state == "open" for window in windows),
        served_today=load.served,
        service_level=None,
        **waits.plain(foretold),
    )


def _halls_for(session: Session, item: str | None) -> list[Hall]:
    everywhere = finding.all_halls(session)
    if item is None:
        return everywhere
    taking = {row.hall for row in catalogue.placements(session, catalogue.item(session, item).code)}
    return [hall for hall in everywhere if hall.code in taking]


def _queues_for(session: Session, item: str | None) -> dict[str, str]:
    """In which queue each hall takes an item."""
    return {} if item is None else {row.hall: row.queue for row in catalogue.placements(session, item)}


def _wait_in(foretold: HallWaits, queue: str | None) -> Foretold:
    """The wait for what was asked for; for whoever asked for nothing, the longest there."""
    return foretold.longest() if queue is None else foretold.joining(queue)


def _wait_at(foretold: HallWaits, queue: str, at: datetime | None) -> Foretold:
    return foretold.joining(queue) if at is None else foretold.arriving(queue, at)


def _with_distance(places: list[Hall], near: str | None) -> list[tuple[Hall, int | None]]:
    if near is None:
        return [(hall, None) for hall in places]
    lat, lon = (float(part) for part in near.split(","))
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise BadInput(reason=near, field="near")
    measured = [(hall, round(geodesic((lat, lon), (hall.lat, hall.lon)).m)) for hall in places]
    return sorted(measured, key=lambda found: found[1])


def _place_of_log(session: Session, code: str) -> Hall:
    """The hall whose readers may read this log: the city's is for those whose scope is the whole city."""
    return finding.all_halls(session)[0] if code == log.CITY else finding.hall(session, code)


def _refuse_other_days(call: Call, place: Hall, at: datetime) -> None:
    """Nothing is foretold for the past, nor for another service day."""
    near = call.now <= at <= call.now + timedelta(days=2)
    today = finding.service_day(call.session, place, call.now)
    if not near or finding.service_day(call.session, place, at) != today:
        raise BadInput(reason=at.isoformat(), field="at")
