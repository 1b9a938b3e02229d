"""Another hall offered to somebody who waits in one, or is under way, the same for pages and for the API.

Ways are measured between transactions, never within one: what is offered is read first, what she chooses is done then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from dispatch.foundation.errors import Refusal
from dispatch.halls import finding as halls
from dispatch.journeys import beginning
from dispatch.journeys.beginning import Left, Stop
from dispatch.journeys.models import Journey
from dispatch.journeys.refusals import NotUnderWay
from dispatch.pages.shared.calls import Call, reading
from dispatch.pages.shared.choosing_a_way import draw
from dispatch.pages.shared.limiting import SETTING_OUT, slow_down
from dispatch.ports.maps import Mode, Point, Router
from dispatch.routing import keeping, referring
from dispatch.routing.asking import Ask
from dispatch.routing.elsewhere import Look, elsewhere
from dispatch.routing.referring import Offer, OnTheWay
from dispatch.routing.refusals import NotFromHere
from dispatch.routing.weighing import Refused, Weighed
from dispatch.tickets import referring as tickets
from dispatch.tickets.models import Ticket
from dispatch.tickets.wanting import Wanted
from dispatch.waits.wording import NOTHING, Foretold

MODE: Mode = "transit"
"""Where nobody said how she travels: most who come without a car take the bus."""
NO_OFFER = ("not_waiting", "no_items", "wait_unknown", "no_gain")
"""Why nothing is offered."""


@dataclass(frozen=True)
class Offered:
    """What is offered to somebody who waits, at this moment, and what she waits here; or why nothing is."""

    at: datetime
    foretold: Foretold
    offers: Sequence[Offer] = ()
    none_because: str | None = None


@dataclass(frozen=True)
class Underway:
    """How a journey stands: how it would go at its hall, or why not, and a hall that is surely better.

    A hall that she would not go to is not told of again.
    """

    journey: Journey
    going: Weighed | Refused | None
    switch: Offer | None


def offered(find: Callable[[Call], Ticket], mode: Mode) -> Offered:
    """The other halls that are worth it for a ticket, which `find` fetches for whoever may see it."""
    with reading() as call:
        ticket, now = find(call), call.now
        line = referring.line(call.session, ticket, now=now)
    if ticket.state != "waiting":
        return Offered(now, NOTHING, none_because="not_waiting")
    if not ticket.items:
        return Offered(now, line.foretold, none_because="no_items")
    if line.prospect is None:
        return Offered(now, line.foretold, none_because="wait_unknown")
    found = _elsewhere(_wanted(ticket), ticket.hall, mode)
    worth = referring.offers(line.prospect, found, now, draw())
    return Offered(now, line.foretold, worth, None if worth else "no_gain")


def way_to(find: Callable[[Call], Ticket], hall: str, mode: Mode) -> Weighed | None:
    """How it would go for a ticket at a hall of her choice; None where it does not go there."""
    with reading() as call:
        ticket = find(call)
    return _to(hall, _elsewhere(_wanted(ticket), ticket.hall, mode)) if ticket.items else None


def refer(call: Call, ticket: Ticket, there: Weighed | None, mode: Mode) -> Journey:
    """She goes to the other hall and keeps her place here; NotFromHere, and whatever a referral is refused with."""
    slow_down(call.session, call.actor, "journey", SETTING_OUT)
    tickets.refuse_unreferable(call.session, ticket, now=call.now)
    if there is None:
        raise NotFromHere(field="hall")
    return tickets.refer(
        call.session,
        ticket,
        halls.hall(call.session, there.candidate.site.code),
        _stops(_wanted(ticket), there),
        travel_s=there.trip.travel_s,
        mode=mode,
        now=call.now,
        actor=call.actor,
    )


def underway(find: Callable[[Call], Journey], mode: Mode | None = None) -> Underway:
    """How a journey stands, which `find` fetches for whoever may see it.

    She travels by `mode`, by default as when she set out.
    """
    with reading() as call:
        journey, now = find(call), call.now
        if journey.state != "under_way":
            return Underway(journey, None, None)
        going = referring.going(call.session, journey, now=now)
    if not isinstance(going, Weighed) or not referring.items_of(journey):
        return Underway(journey, going, None)
    found = [
        each for each in _on_the_way(journey, mode) if each.candidate.site.code not in journey.passed_over
    ]
    return Underway(journey, going, referring.switch(going, found, now))


def way_instead(find: Callable[[Call], Journey], hall: str, mode: Mode | None = None) -> Weighed | None:
    """How it would go for somebody under way at another hall of her choice; None where it does not go there."""
    with reading() as call:
        journey = find(call)
    can = journey.state == "under_way" and bool(referring.items_of(journey))
    return _to(hall, _on_the_way(journey, mode)) if can else None


def go_instead(call: Call, journey: Journey, there: Weighed | None, mode: Mode | None = None) -> Journey:
    """She goes to the other hall instead: another journey, for which the first ends when its hall hears of it.

    The place that she kept is kept on. Of each journey one other. Raises NotUnderWay, NotFromHere, UnderWayAlready,
    ManyUnderWay.
    """
    slow_down(call.session, call.actor, "journey", SETTING_OUT)
    if journey.state != "under_way":
        raise NotUnderWay(state=journey.state, field="journey")
    if there is None:
        raise NotFromHere(field="hall")
    left = Left(journey.from_hall, journey.from_ticket) if journey.from_hall and journey.from_ticket else None
    return beginning.begin(
        call.session,
        halls.hall(call.session, there.candidate.site.code),
        _stops(referring.items_of(journey), there),
        route=journey.id,
        travel_s=there.trip.travel_s,
        mode=mode or journey.mode,
        left=left,
        instead_of=journey.id,
        now=call.now,
        actor=call.actor,
    )


def _elsewhere(
    items: Sequence[Wanted], hall: str, mode: Mode, router: Router | None = None
) -> Sequence[Weighed]:
    """Other halls that do all of it today; none where nobody can be asked, such as for an item no longer offered."""

    def ask(look: Look) -> Ask:
        return referring.question(look.session, items, hall, mode, now=look.now)

    try:
        found = elsewhere(reading, ask, router or current_app.extensions["router"], here=hall)
    except Refusal:
        return []
    with reading() as call:
        return referring.allowed(call.session, items, hall, found)


def _on_the_way(journey: Journey, mode: Mode | None) -> Sequence[Weighed]:
    """The other halls, by the longest way that it may be there for somebody under way."""
    with reading() as call:
        router = _router(call, journey)
    return _elsewhere(referring.items_of(journey), journey.hall, mode or journey.mode or MODE, router)


def _router(call: Call, journey: Journey) -> OnTheWay:
    session, now = call.session, call.now
    start = halls.hall(session, journey.from_hall) if journey.from_hall else None
    known = {} if start else keeping.ways_of(session, journey.route, now=now)
    places = {code: halls.hall(session, code) for code in known}
    return OnTheWay(
        current_app.extensions["router"],
        left_s=max(0.0, (journey.arrives_at - now).total_seconds()),
        gone_s=max(0.0, (now - journey.begun_at).total_seconds()),
        start=Point(start.lat, start.lon) if start else None,
        known_s={Point(places[code].lat, places[code].lon): travel_s for code, travel_s in known.items()},
    )


def _to(hall: str, found: Sequence[Weighed]) -> Weighed | None:
    return next((each for each in found if each.candidate.site.code == hall), None)


def _wanted(ticket: Ticket) -> list[Wanted]:
    return [Wanted(**wanted) for wanted in ticket.items]


def _stops(items: Sequence[Wanted], there: Weighed) -> list[Stop]:
    """The queues that she joins there, each with what she wants of it."""
    lines = {
        queue: [{"item": wanted.item, "count": wanted.count} for wanted in items if wanted.item in codes]
        for queue, codes in there.candidate.lines.items()
    }
    return Stop.one_after_another(lines, (there.finish_at - there.starts_at).total_seconds())
