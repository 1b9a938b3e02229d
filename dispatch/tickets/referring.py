"""Referred to another hall: her place in line stays hers until she checks in there.

A referral is a journey that knows the ticket she holds. Nothing happens to the ticket when it begins. When she checks
in at the other hall, first her place here is held, as for a move: from then on nobody calls her from it. Only while
the hold lasts the other hall gives her a number, once; the place is given up when this hall hears of that. Where she
gets none, she has her place back. So of a call here and a number there, at the same moment, one comes first.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import announce
from dispatch.foundation.transitions import WrongState
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.journeys import beginning, ending
from dispatch.journeys import finding as journeys
from dispatch.journeys.beginning import Left, Stop
from dispatch.journeys.models import Journey
from dispatch.people.citizens import Kept
from dispatch.ports.maps import Mode
from dispatch.tickets import finding, issuing, moving
from dispatch.tickets.changing import AWAY, change
from dispatch.tickets.issuing import Source
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.tickets.moving import HOLD, is_under_way
from dispatch.tickets.news import TicketSent
from dispatch.tickets.refusals import AlreadyThere, HoldOver, NotToday, ServedThere
from dispatch.tickets.wanting import Wanted

SERVED = ("serving", "finished")
# SQLite uses the partial index only where the state stands in the statement itself.
_SERVED = (
    select(Journey.id)
    .join(Ticket, Ticket.id == Journey.from_ticket)
    .where(
        Journey.state == literal_column("'under_way'"),
        Journey.from_ticket.is_not(None),
        Ticket.state.in_(SERVED),
    )
    .order_by(Journey.id)
)


def refuse_unreferable(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Only whoever waits, today, is offered another hall. WrongState, NotToday."""
    if ticket.state != "waiting":
        raise WrongState(state=ticket.state, verb="refer", allowed=["waiting"])
    if ticket.service_day != halls.service_day(session, halls.hall(session, ticket.hall), now):
        raise NotToday(number=ticket.number, day=ticket.service_day.isoformat(), field="ticket")


def refer(
    session: Session,
    ticket: Ticket,
    place: Hall,
    stops: Sequence[Stop],
    *,
    travel_s: float,
    mode: Mode | None = None,
    now: datetime,
    actor: Actor,
) -> Journey:
    """She goes to the other hall, and keeps her place here. Of each ticket one journey at a time.

    Raises WrongState, NotToday, AlreadyThere, and whatever a journey is refused with.
    """
    refuse_unreferable(session, ticket, now=now)
    if place.code == ticket.hall:
        raise AlreadyThere(number=ticket.number, field="hall")
    left = Left(ticket.hall, ticket.id)
    return beginning.begin(
        session, place, stops, route=ticket.id, travel_s=travel_s, mode=mode, left=left, now=now, actor=actor
    )


def check_out(session: Session, journey: Journey, *, now: datetime, actor: Actor) -> bool:
    """She is where she was referred to: hold the place that she leaves; whether it is held for her.

    Said again, it stays held. Raises ServedThere where she is at a window of her old hall, or was; HoldOver.
    """
    if journey.from_ticket is None or journey.state not in ("under_way", "served"):
        return False
    ticket = finding.ticket(session, journey.from_ticket)
    session.refresh(ticket, with_for_update=True)  # whoever calls her just now has done so, or comes too late
    if ticket.state in SERVED or journey.state == "served":
        raise ServedThere(number=ticket.number, field="journey")
    if is_under_way(ticket, journey.id):
        _refuse_late(ticket, now)
        return True
    if ticket.state not in LIFE["check_out"].sources:
        return False
    was, until = ticket.state, now + HOLD
    held = {"kept_until": until, "moved_to": {"move": journey.id, "hall": journey.hall, "was": was}}
    away = held if was == "missed" else {**AWAY, **held, "calls": 0}
    change(session, ticket, "check_out", away, now=now, actor=actor)
    news = TicketSent(
        ticket=ticket.id,
        number=ticket.number,
        queue=ticket.queue,
        was=was,
        move=journey.id,
        to_hall=journey.hall,
        until=until.isoformat(),
        journey=journey.id,
    )
    announce(session, ticket.hall, news, at=now, actor=actor)
    return True


def check_in(
    session: Session,
    place: Hall,
    journey: Journey,
    *,
    items: Sequence[Wanted] = (),
    queue: str | None = None,
    channel: str,
    priority: str = "none",
    person: Kept | None = None,
    now: datetime,
    actor: Actor,
) -> Ticket:
    """Give her a number where she was referred to, for the place that is held for her, and end the journey.

    Where another check-in was quicker, or her place is gone, she gets a number as anybody does. What she wants is what
    she wanted before, unless she says otherwise. Raises HoldOver, and what `issue` raises.
    """
    journey = journeys.held(session, journey.id)
    source = _source(session, journey, now)
    if source is not None and not items and queue is None:
        items = [Wanted(**wanted) for wanted in source.ticket.items]
    ticket = issuing.issue(
        session,
        place,
        items=items,
        queue=queue,
        channel=channel,
        priority=priority,
        person=person,
        source=source,
        now=now,
        actor=actor,
    )
    ending.join(session, journey, ticket.id, now=now, actor=actor)
    return ticket


def served(session: Session) -> list[str]:
    """Whoever is under way and was served where she had kept her place, by their journeys; one statement."""
    return list(session.scalars(_SERVED))


def give_back(session: Session, journey: Journey, because: str, *, now: datetime, actor: Actor) -> None:
    """She got no number there: her place is hers again, unless another check-in has taken it along meanwhile."""
    journey = journeys.held(session, journey.id)
    if journey.state != "joined" and journey.from_ticket is not None:
        ticket = finding.ticket(session, journey.from_ticket)
        moving.come_back(session, ticket, journey.id, because, now=now, actor=actor)


def _source(session: Session, journey: Journey, now: datetime) -> Source | None:
    """The place that she leaves; None where it is gone, and where somebody checked in with this journey before.

    HoldOver where the place is hers but not held, or held for a journey that is over: both would have her twice.
    """
    if journey.from_ticket is None or journey.state == "joined":
        return None
    ticket = finding.ticket(session, journey.from_ticket)
    held = is_under_way(ticket, journey.id)
    if journey.state != "under_way":
        if held:
            raise HoldOver(field="journey")
        return None
    if not held:
        if ticket.state in LIFE["check_out"].sources:
            raise HoldOver(field="journey")
        return None
    _refuse_late(ticket, now)
    return Source(ticket, journey.id)


def _refuse_late(ticket: Ticket, now: datetime) -> None:
    """A hold that is over may be given back at any moment, and is held anew after that."""
    if ticket.kept_until is None or now > ticket.kept_until:
        raise HoldOver(field="journey")
