"""Another hall for somebody who waits in one, or is under way to one: only where it is surely worth it.

Where she is on her way nobody knows, and she is not asked: it is counted as if she first went on to the hall that she
is heading for, or back to where she set out, whichever is sooner there. So a gain that is told is one at least.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.catalogue import finding as catalogue
from dispatch.halls import finding as halls
from dispatch.halls.wording import clock_of
from dispatch.journeys import rules
from dispatch.journeys.models import Journey
from dispatch.journeys.rules import Prospect
from dispatch.ports.maps import Mode, Point, Router, Trip
from dispatch.routing import looking, settled
from dispatch.routing.asking import Ask
from dispatch.routing.mixing import mix, prospect
from dispatch.routing.sites import EXTRA_DAYS, Site
from dispatch.routing.weighing import Candidate, Refused, Weighed, weigh
from dispatch.routing.wording import Reason
from dispatch.tickets.minutes import minutes_in
from dispatch.tickets.models import Ticket
from dispatch.tickets.wanting import Wanted
from dispatch.waits import finding as waits
from dispatch.waits.wording import Foretold

MOST_OFFERS = 3


@dataclass(frozen=True)
class Offer:
    """Another hall, how it would go there, and by how much sooner she is done."""

    there: Weighed
    saves_s: float


@dataclass(frozen=True)
class Line:
    """How it stands for somebody in line: her wait, and when she is done; None where that is not known."""

    foretold: Foretold
    prospect: Prospect | None


@dataclass(frozen=True)
class OnTheWay:
    """A router for somebody who is somewhere on her way, to a hall that is `left_s` away at most.

    She is anywhere else by way of that hall, or back where she set out, `gone_s` ago; `known_s` are ways from there
    that were measured then, by the place they lead to.
    """

    router: Router
    left_s: float
    gone_s: float
    start: Point | None = None
    known_s: Mapping[Point, float] = field(default_factory=dict)

    def trips(self, origin: Point, destinations: Sequence[Point], mode: Mode, at: datetime) -> Sequence[Trip]:
        """The soonest of these for each; `origin` is the hall that she is heading for. How far it is nobody knows."""
        ways = [[self.left_s + trip.travel_s] for trip in self.router.trips(origin, destinations, mode, at)]
        if self.start is not None:
            for found, trip in zip(ways, self.router.trips(self.start, destinations, mode, at), strict=True):
                found.append(self.gone_s + trip.travel_s)
        for found, place in zip(ways, destinations, strict=True):
            if place in self.known_s:
                found.append(self.gone_s + self.known_s[place])
        return [Trip(min(found), 0.0) for found in ways]

    def least_s(self, metres: float, mode: Mode) -> float:
        """She may be right in front of it."""
        return 0.0


def question(session: Session, items: Sequence[Wanted], hall: str, mode: Mode, *, now: datetime) -> Ask:
    """What somebody asks who stands in a hall: the same for others of the same home, as far as anybody knows."""
    place = halls.hall(session, hall)
    return Ask(items=items, place=Point(place.lat, place.lon), at=now, mode=mode, home=hall)


def line(session: Session, ticket: Ticket, *, now: datetime) -> Line:
    """How it stands for somebody who waits."""
    place = halls.hall(session, ticket.hall)
    foretold = waits.of_ticket(session, place, ticket, now)
    wait = foretold.wait
    if wait is None:
        return Line(foretold, None)
    service_s = 60 * minutes_in(session, ticket.hall).of(ticket.items, ticket.queue)
    points = (wait[name] + service_s for name in ("point_s", "low_s", "high_s"))
    return Line(foretold, Prospect(*points))


def going(session: Session, journey: Journey, *, now: datetime) -> Weighed | Refused | None:
    """How it stands for somebody who is under way; None where the hall opens no more today."""
    atlas = settled.atlas(session)
    site = atlas.by_code[journey.hall]
    openings = settled.openings(session, atlas, now).left(site)
    if not openings:
        return None
    wanted = items_of(journey)
    rows = {row.code: row for row in catalogue.items_ever(session, [each.item for each in wanted])}
    minutes = {each.item: rows[each.item].minutes * each.count for each in wanted}
    lines = {
        stop["queue"]: {each["item"]: minutes[each["item"]] for each in stop["items"]}
        for stop in journey.stops
    }
    seen = looking.look(session, [site], openings[0].start, openings[-1].end, now=now)[site.code]
    able = looking.skilled(session, looking.ask_needs(session, list(rows)), now=now)
    left = Trip(max(0.0, (journey.arrives_at - now).total_seconds()), 0.0)
    return weigh(Candidate("counter", site, openings, lines, whole=True), seen, able, left, now, now)


def items_of(journey: Journey) -> list[Wanted]:
    """What she goes there for."""
    return [Wanted(**each) for stop in journey.stops for each in stop["items"]]


def allowed(
    session: Session, items: Sequence[Wanted], hall: str, found: Sequence[Weighed]
) -> Sequence[Weighed]:
    """Those halls that do it as soon as this one, for people whose home is not known.

    Whoever stands in the hall of a town may be of that town; of whoever stands in a district's hall, or the city's,
    nobody knows to which of the towns below she belongs.
    """
    codes = [each.item for each in items]
    rows = catalogue.items_ever(session, codes)
    bound = any(row.details.get("territory", "any") != "any" for row in rows)
    mine = settled.shares(session, settled.atlas(session), codes).by_hall.get(hall, ())
    slow = max((EXTRA_DAYS[row.mode] for row in mine), default=0)
    path = halls.hall(session, hall).path
    return [
        each
        for each in found
        if each.candidate.extra_days <= slow and not (bound and _is_below(each.candidate.site, path))
    ]


def offers(waiting: Prospect, found: Sequence[Weighed], at: datetime, draw: float) -> list[Offer]:
    """The halls that are offered to somebody who waits, near-equal ones mixed by a draw."""
    told = [(each, prospect(each, at)) for each in found]
    worth = [each for each, there in told if there and rules.worth_a_referral(waiting, there)]
    return [_offer(waiting, each, at) for each in mix(worth, at, draw)[:MOST_OFFERS]]


def reasons(offer: Offer, among: Sequence[Offer], now: datetime) -> Iterator[Reason]:
    """What is to be said of a hall that is offered, beside its figures."""
    there = offer.there
    if len(among) > 1 and there.finish_at == min(each.there.finish_at for each in among):
        yield Reason("soonest")
    if len(among) > 1 and there.trip.travel_s == min(each.there.trip.travel_s for each in among):
        yield Reason("nearest")
    if there.starts_at > there.arrive_at:
        yield Reason("opens_first", {"at": clock_of(there.starts_at, there.candidate.site.tz, now)})


def switch(going: Weighed, found: Sequence[Weighed], at: datetime) -> Offer | None:
    """The hall that somebody under way is told of; None where none is surely better."""
    heading = prospect(going, at)
    if heading is None:
        return None
    told = [(each, prospect(each, at)) for each in found]
    worth = [each for each, there in told if there and rules.worth_a_switch(heading, there)]
    best = min(worth, key=lambda each: each.finish_at, default=None)
    return None if best is None else _offer(heading, best, at)


def _offer(instead_of: Prospect, there: Weighed, at: datetime) -> Offer:
    return Offer(there, instead_of.done_s - (there.finish_at - at).total_seconds())


def _is_below(site: Site, path: str) -> bool:
    return site.path != path and site.path.startswith(path)
