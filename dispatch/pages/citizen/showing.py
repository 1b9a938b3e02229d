"""From the rooms' rows to what a citizen's page says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from geopy.distance import geodesic

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item
from dispatch.foundation.words import translate
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.shared import searching
from dispatch.pages.shared.calls import Call, language
from dispatch.pages.shared.interruptions import Halted, halted_at
from dispatch.pages.shared.telling import HallTold, Named, Paper, hall_told, papers_of, waiting_by_hall
from dispatch.tickets import finding as tickets
from dispatch.waits import finding as waits
from dispatch.waits.wording import Foretold

NEAREST_LEVELS = ("street", "village", "district", "city")
"""Without a place to measure from, the level most people live next to comes first."""
COMMON = ("HR-CARD", "PSB-ID-RENEW", "MI-REG", "PSB-BIRTH", "RE-QUERY", "CIV-ELDER")
LatLon = tuple[float, float]


@dataclass(frozen=True)
class ItemFound:
    """An item in a list of results."""

    code: str
    name: str
    name_en: str
    department: Named
    papers: int
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class ItemTold:
    """An item with what it takes to get it done."""

    code: str
    name: str
    name_en: str
    department: Named
    days: int | None
    work_days: bool
    papers: list[Paper]


def item_found(item: Item, where: tuple[str, ...] = ()) -> ItemFound:
    """An item in a list."""
    office = Named(item.department, item.department_en)
    return ItemFound(item.code, item.name, item.name_en, office, len(papers_of(item)), where)


def item_told(item: Item) -> ItemTold:
    """An item on its own page."""
    return ItemTold(
        code=item.code,
        name=item.name,
        name_en=item.name_en,
        department=Named(item.department, item.department_en),
        days=item.details.get("promise_days"),
        work_days=item.details.get("day_unit") == "working",
        papers=papers_of(item),
    )


def results(call: Call, words: str, limit: int) -> list[ItemFound]:
    """What these words may mean, the likeliest first and with where it is done."""
    found = [item for item, _ in searching.search(call, words, limit)]
    return [item_found(item, _where(call, item) if place == 0 else ()) for place, item in enumerate(found)]


def common(call: Call) -> list[ItemFound]:
    """What most people come for."""
    return in_order(call, COMMON)


def in_order(call: Call, codes: tuple[str, ...]) -> list[ItemFound]:
    """Items in the order of these codes; those out of use are left out."""
    known = {item.code: item for item in catalogue.items_ever(call.session, codes)}
    return [item_found(known[code]) for code in codes if code in known and known[code].active]


def served_halls(call: Call) -> list[Hall]:
    """Halls where people stand in line at all."""
    return [hall for hall in halls.all_halls(call.session) if hall.kind != "kiosk_site"]


def open_now(call: Call) -> int:
    """How many halls are open."""
    return sum(halls.opening_at(call.session, hall, call.now) is not None for hall in served_halls(call))


def all_by_ease(call: Call, near: LatLon | None) -> list[HallTold]:
    """Every hall: open ones first, then the nearest or the emptiest."""
    waiting = waiting_by_hall(tickets.waiting_counts(call.session))
    places = served_halls(call)
    staffed = {hall for hall, _ in halls.staffed_queues(call.session, [place.code for place in places])}
    foretold = waits.in_halls(call.session, {place.code: place.tz for place in places}, call.now)
    lines = {
        hall: Line(waiting[hall.code], hall.code in staffed, foretold[hall.code].longest()) for hall in places
    }
    return by_ease(call, lines, near)


def taking(call: Call, item: str, near: LatLon | None) -> list[HallTold]:
    """The halls that take the item, each with how many wait in the line it would be."""
    counts = tickets.waiting_counts(call.session)
    places = {hall.code: hall for hall in halls.all_halls(call.session)}
    taken = catalogue.placements(call.session, item)
    staffed = halls.staffed_queues(call.session, [row.hall for row in taken])
    foretold = waits.in_halls(call.session, {row.hall: places[row.hall].tz for row in taken}, call.now)
    lines = {
        places[row.hall]: Line(
            counts.get((row.hall, row.queue), 0),
            (row.hall, row.queue) in staffed,
            foretold[row.hall].joining(row.queue),
        )
        for row in taken
    }
    return by_ease(call, lines, near)


def halted_for(call: Call, item: str) -> dict[str, Halted]:
    """The open halls in which no number can be had for the item just now, and why."""
    places = [halls.hall(call.session, row.hall) for row in catalogue.placements(call.session, item)]
    return halted_at(call, places, item)


class Line(NamedTuple):
    """How many wait, whether any window serves them, and how long it takes."""

    waiting: int
    staffed: bool
    wait: Foretold


def by_ease(call: Call, lines: Mapping[Hall, Line], near: LatLon | None) -> list[HallTold]:
    """Halls in the order in which one would choose them: where nobody serves, an empty line is no advantage."""
    level = {hall.code: NEAREST_LEVELS.index(hall.level) for hall in lines}
    told = [hall_told(call, hall, *line, _metres(hall, near)) for hall, line in lines.items()]
    return sorted(
        told,
        key=lambda hall: (
            not hall.open,
            not hall.staffed,
            hall.distance_m or 0,
            hall.waiting,
            level[hall.code],
            hall.code,
        ),
    )


def _where(call: Call, item: Item) -> tuple[str, ...]:
    lang = language()
    count = len(catalogue.placements(call.session, item.code))
    told = [translate(lang, "%(n)s 个大厅能办", n=count)] if count else []
    if item.channels.get("app"):
        told.append(translate(lang, "手机上也能办"))
    return tuple(told)


def _metres(hall: Hall, near: LatLon | None) -> int | None:
    return None if near is None else round(geodesic(near, (hall.lat, hall.lon)).m)
