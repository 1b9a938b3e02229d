"""From the rooms' rows to what a citizen's page says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from geopy.distance import geodesic

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue import situations
from dispatch.catalogue.models import Bundle, Item
from dispatch.catalogue.situations import Fee, Paper
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.shared import answering, films
from dispatch.pages.shared.answering import AnsweredSo, Said
from dispatch.pages.shared.calls import Call
from dispatch.pages.shared.finder import (
    MOST_BUNDLES,
    BundleFound,
    ItemFound,
    bundle_found,
    bundles_around,
    in_a_list,
    ways_in_words,
)
from dispatch.pages.shared.interruptions import Halted, halted_at
from dispatch.pages.shared.telling import HallTold, Named, hall_told, waiting_by_hall
from dispatch.ports.maps import Point
from dispatch.tickets import finding as tickets
from dispatch.waits import finding as waits
from dispatch.waits.newcomers import FROM_AFAR
from dispatch.waits.wording import Foretold

NEAREST_LEVELS = ("street", "village", "district", "city")
"""Without a place to measure from, the level most people live next to comes first."""
COMMON = ("HR-CARD", "PSB-ID-RENEW", "MI-REG", "PSB-BIRTH", "RE-QUERY", "CIV-ELDER")
MOST_TOGETHER = 10
"""For so many items at most ways are asked at once."""


@dataclass(frozen=True)
class ItemTold:
    """An item in somebody's situation: what it takes to get it done.

    `answered` are her answers in words, `days` are working ones where `work_days`, `papers` those of her situation and
    `perhaps` those that hang on what she passed over. `fees` are None where nothing is known of them.
    """

    code: str
    name: str
    name_en: str
    department: Named
    days: int | None
    work_days: bool
    answered: Sequence[AnsweredSo]
    papers: Sequence[Paper]
    perhaps: Sequence[Paper]
    fees: Sequence[Fee] | None
    where: Sequence[str]
    film: bool


@dataclass(frozen=True)
class Member:
    """One of a bundle's items. Without a `code` it is done elsewhere; not every case needs one that is not `must`."""

    code: str | None
    name: str
    name_en: str
    department: Named
    must: bool
    condition: str
    condition_en: str

    @classmethod
    def of(cls, told: Mapping[str, Any], *, done_here: bool) -> "Member":
        """A member as the catalogue tells it."""
        return cls(
            told["item"] if done_here else None,
            told["name"],
            told["name_en"],
            Named(told["department"], told["department_en"]),
            told["need"] == "must",
            told.get("condition") or "",
            told.get("condition_en") or "",
        )


@dataclass(frozen=True)
class BundleTold:
    """A bundle in somebody's situation; `together` are the items for which ways can be asked at once."""

    code: str
    name: str
    name_en: str
    department: Named
    answered: Sequence[AnsweredSo]
    members: Sequence[Member]
    together: Sequence[str]


def item_told(call: Call, item: Item, said: Said) -> ItemTold:
    """An item on its own page; what was said must fit."""
    situation = situations.settle(item, said.answers)
    halls_taking = len(catalogue.placements(call.session, item.code))
    return ItemTold(
        code=item.code,
        name=item.name,
        name_en=item.name_en,
        department=Named(item.department, item.department_en),
        days=item.details.get("promise_days"),
        work_days=item.details.get("day_unit") == "working",
        answered=answering.in_words(item, said),
        papers=situation.papers,
        perhaps=situation.perhaps,
        fees=situation.fees,
        where=ways_in_words(situation.channels, halls_taking),
        film=films.of(item) is not None,
    )


def bundles_of(call: Call, item: Item) -> list[BundleFound]:
    """Bundles that hold an item."""
    return [bundle_found(bundle) for bundle in bundles_around(call, item)[:MOST_BUNDLES]]


def bundle_told(call: Call, bundle: Bundle, said: Said) -> BundleTold:
    """A bundle on its own page; what was said must fit."""
    members = [member for member in bundle.details["members"] if _concerns(member, said)]
    codes = [member["item"] for member in members if member["item"]]
    known = {item.code for item in catalogue.items_ever(call.session, codes) if item.active}
    return BundleTold(
        code=bundle.code,
        name=bundle.name,
        name_en=bundle.name_en,
        department=Named(bundle.details["lead_department"], bundle.details["lead_department_en"]),
        answered=answering.in_words(bundle, said),
        members=[Member.of(member, done_here=member["item"] in known) for member in members],
        together=list(dict.fromkeys(code for code in codes if code in known))[:MOST_TOGETHER],
    )


def _concerns(member: Mapping[str, Any], said: Said) -> bool:
    """Whether a member is part of it, as far as the answers tell: what was passed over keeps it in."""
    when = member.get("when")
    return when is None or when.partition("=")[0] not in said.answers or situations.holds(when, said.answers)


def common(call: Call) -> list[ItemFound]:
    """What most people come for."""
    return in_order(call, COMMON)


def in_order(call: Call, codes: tuple[str, ...]) -> list[ItemFound]:
    """Items in the order of these codes; those out of use are left out."""
    known = {item.code: item for item in catalogue.items_ever(call.session, codes)}
    return in_a_list(call, [known[code] for code in codes if code in known and known[code].active])


def served_halls(call: Call) -> list[Hall]:
    """Halls where people stand in line at all."""
    return [hall for hall in halls.all_halls(call.session) if hall.kind != "kiosk_site"]


def open_now(call: Call) -> int:
    """How many halls are open."""
    return sum(halls.opening_at(call.session, hall, call.now) is not None for hall in served_halls(call))


def all_by_ease(call: Call, near: Point | None) -> list[HallTold]:
    """Every hall: open ones first, then the nearest or the emptiest."""
    waiting = waiting_by_hall(tickets.waiting_counts(call.session))
    places = served_halls(call)
    staffed = {hall for hall, _ in halls.staffed_queues(call.session, [place.code for place in places])}
    foretold = waits.in_halls(call.session, {place.code: place.tz for place in places}, call.now)
    lines = {
        hall: Line(
            waiting[hall.code], hall.code in staffed, longest := foretold[hall.code].longest(), longest
        )
        for hall in places
    }
    return by_ease(call, lines, near)


def taking(call: Call, item: str, near: Point | None) -> list[HallTold]:
    """The halls that take the item, each with how many wait in the line it would be."""
    counts = tickets.waiting_counts(call.session)
    places = {hall.code: hall for hall in halls.all_halls(call.session)}
    taken = catalogue.placements(call.session, item)
    staffed = halls.staffed_queues(call.session, [row.hall for row in taken])
    foretold = waits.joining_in(call.session, {row.hall: places[row.hall].tz for row in taken}, call.now)
    lines = {
        places[row.hall]: Line(
            counts.get((row.hall, row.queue), 0),
            (row.hall, row.queue) in staffed,
            foretold[row.hall].joining(row.queue, FROM_AFAR),
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
    """How many wait, whether any window serves them, and how long it takes: by a number taken here, and there."""

    waiting: int
    staffed: bool
    wait: Foretold
    on_the_spot: Foretold


def by_ease(call: Call, lines: Mapping[Hall, Line], near: Point | None) -> list[HallTold]:
    """Halls in the order in which one would choose them: where nobody serves, an empty line is no advantage."""
    level = {hall.code: NEAREST_LEVELS.index(hall.level) for hall in lines}
    told = [
        hall_told(
            call,
            hall,
            line.waiting,
            line.staffed,
            line.wait,
            _metres(hall, near),
            on_the_spot=line.on_the_spot,
        )
        for hall, line in lines.items()
    ]
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


def _metres(hall: Hall, near: Point | None) -> int | None:
    return None if near is None else round(geodesic((near.lat, near.lon), (hall.lat, hall.lon)).m)
