"""Moved on under the same number and in the same place: to another queue or window, or to another hall.

Between halls a move is a hold: the sending hall keeps the place as `moving`; the receiving one takes her in a
transaction of its own, once, and only while the hold lasts; only then is the old place given up. A hold that ran
out gives the place back, later than any receiving transaction that saw it alive could still be under way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import Refusal
from dispatch.foundation.ids import new_id
from dispatch.foundation.log import announce
from dispatch.halls import finding as halls
from dispatch.halls.models import Window
from dispatch.tickets import finding, holding, issuing
from dispatch.tickets.changing import AWAY, change
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.tickets.news import MoveDeclined, TicketBack, TicketLeft, TicketMoved, TicketSent, TicketUndone
from dispatch.tickets.refusals import AlreadyThere, HoldOver, NotToday, NowhereToMove
from dispatch.tickets.wanting import Wanted, told

HOLD = timedelta(minutes=5)
AFTERWARDS = timedelta(minutes=2)
"""No transaction lives so long: a hold over by this much is not being accepted any more."""


@dataclass(frozen=True)
class Goal:
    """Where somebody is moved: exactly one of these."""

    queue: str | None = None
    window: str | None = None
    hall: str | None = None


def move(
    session: Session,
    ticket: Ticket,
    goal: Goal,
    *,
    items: Sequence[Wanted] = (),
    claim: int | None = None,
    now: datetime,
    actor: Actor,
) -> None:
    """Move her to a queue or a window of this hall, or send her to another hall.

    `items`, where given, are what she wants done there. Raises NowhereToMove, AlreadyThere, NotToday, NotFound,
    WrongState, StaleClaim.
    """
    if sum(place is not None for place in (goal.queue, goal.window, goal.hall)) != 1:
        raise NowhereToMove(field="queue")
    wanted = told(session, items) if items else ticket.items
    if goal.hall is not None:
        _send(session, ticket, goal.hall, wanted, claim, now, actor)
    else:
        _within(session, ticket, goal, wanted, claim, now, actor)


def receive(session: Session, hall: str, sent: Mapping[str, Any], *, now: datetime, actor: Actor) -> None:
    """Take in somebody whom another hall has sent, or decline; told twice, it does nothing the second time.

    `sent` is what TicketSent said. Her place is the one she had.
    """
    source = finding.ticket(session, sent["ticket"])
    if session.scalar(select(Ticket.id).where(Ticket.moved_from == sent["move"])):
        return
    try:
        with session.begin_nested():  # a refusal leaves no number drawn
            _refuse_late(source, sent, now)
            issuing.take_in(session, halls.hall(session, hall), source, sent["move"], now=now, actor=actor)
    except Refusal as refusal:
        news = MoveDeclined(sent["move"], source.id, source.hall, refusal.code)
        announce(session, hall, news, at=now, actor=actor)


def leave(session: Session, hall: str, taken: Mapping[str, Any], *, now: datetime, actor: Actor) -> None:
    """`hall` has taken her: `taken` is what its TicketTakenIn said. Told twice, it does nothing more."""
    ticket, move = finding.ticket(session, taken["from_ticket"]), taken["move"]
    if not is_under_way(ticket, move):
        return
    gone = {"ticket": taken["ticket"], "hall": hall, "number": taken["number"], "move": move}
    change(session, ticket, "leave", {"moved_to": gone, "ended_at": now}, now=now, actor=actor)
    news = TicketLeft(ticket.id, ticket.number, ticket.queue, move, hall, taken["ticket"], taken["number"])
    announce(session, ticket.hall, news, at=now, actor=actor)


def come_back(
    session: Session, ticket: Ticket, move: str, because: str, *, now: datetime, actor: Actor
) -> None:
    """The other hall has declined, or not answered in time; told twice, it does nothing more."""
    if not is_under_way(ticket, move):
        return
    assert ticket.moved_to is not None
    to_hall = ticket.moved_to["hall"]
    if ticket.moved_to.get("was") == "missed":
        _stay_missed(session, ticket, now, actor)
        return
    change(session, ticket, "come_back", {**AWAY, "moved_to": None}, now=now, actor=actor)
    news = TicketBack(
        ticket.id,
        ticket.number,
        ticket.queue,
        ticket.service_day.isoformat(),
        move,
        to_hall,
        because,
    )
    announce(session, ticket.hall, news, at=now, actor=actor)


def _stay_missed(session: Session, ticket: Ticket, now: datetime, actor: Actor) -> None:
    """Whoever had missed her call before she left has no place in line to come back to."""
    change(session, ticket, "stay_missed", {"moved_to": None, "kept_until": None}, now=now, actor=actor)
    news = TicketUndone(
        ticket=ticket.id,
        number=ticket.number,
        queue=ticket.queue,
        service_day=ticket.service_day.isoformat(),
        verb="check_out",
        was="moving",
        state=ticket.state,
        window=ticket.window,
        claim=ticket.claim,
    )
    announce(session, ticket.hall, news, at=now, actor=actor)


def overdue(session: Session, now: datetime) -> list[tuple[str, str]]:
    """The (ticket, move) whose hold in another hall has run out without anybody taking her."""
    taken = set(session.scalars(select(Ticket.moved_from).where(Ticket.moved_from.is_not(None))))
    late = select(Ticket).where(Ticket.state == "moving", Ticket.kept_until < now - AFTERWARDS)
    moves = [(ticket.id, str((ticket.moved_to or {})["move"])) for ticket in session.scalars(late)]
    return [(ticket, move) for ticket, move in moves if move not in taken]


def _within(
    session: Session,
    ticket: Ticket,
    goal: Goal,
    wanted: list[dict[str, Any]],
    claim: int | None,
    now: datetime,
    actor: Actor,
) -> None:
    queue, window = _queue_at(session, ticket, goal)
    stays_put = ticket.state == "waiting" and queue == ticket.queue and window == ticket.kept_for
    if stays_put and wanted == ticket.items:
        raise AlreadyThere(number=ticket.number, field="queue")
    was, from_queue, from_window = ticket.state, ticket.queue, ticket.window
    goes_on = was == "serving" and queue != from_queue
    stage = ticket.stage + goes_on
    there = {**AWAY, "queue": queue, "kept_for": window, "items": wanted, "calls": 0, "stage": stage}
    change(session, ticket, "move", there, claim=claim, now=now, actor=actor)
    if wanted != (ticket.before or {}).get("was", {}).get("items", wanted):
        holding.hold_instead(session, ticket, ticket)
    news = TicketMoved(
        ticket=ticket.id,
        number=ticket.number,
        from_queue=from_queue,
        queue=queue,
        service_day=ticket.service_day.isoformat(),
        for_window=window,
        was=was,
        from_window=from_window,
        stage=stage,
    )
    announce(session, ticket.hall, news, at=now, actor=actor)


def _queue_at(session: Session, ticket: Ticket, goal: Goal) -> tuple[str, str | None]:
    """Which queue she stands in then, and for which window alone."""
    if goal.queue is not None:
        line = halls.queue(session, ticket.hall, goal.queue)
        halls.hold_in_use(session, line)
        return line.code, None
    window = halls.window(session, str(goal.window))
    if window.hall != ticket.hall:
        raise NowhereToMove(field="window")
    return _served_at(window, ticket.queue), window.id


def _served_at(window: Window, queue: str) -> str:
    return queue if queue in window.queues or not window.queues else window.queues[0]


def _send(
    session: Session,
    ticket: Ticket,
    to: str,
    wanted: list[dict[str, Any]],
    claim: int | None,
    now: datetime,
    actor: Actor,
) -> None:
    place = halls.hall(session, to)
    if place.code == ticket.hall:
        raise AlreadyThere(number=ticket.number, field="hall")
    here = halls.hall(session, ticket.hall)
    if ticket.service_day != halls.service_day(session, here, now):
        raise NotToday(number=ticket.number, day=ticket.service_day.isoformat(), field="ticket")
    was, ident, until = ticket.state, new_id(), now + HOLD
    under_way = {"move": ident, "hall": place.code}
    away = {**AWAY, "kept_until": until, "moved_to": under_way, "items": wanted, "calls": 0}
    change(session, ticket, "send", away, claim=claim, now=now, actor=actor)
    news = TicketSent(ticket.id, ticket.number, ticket.queue, was, ident, place.code, until.isoformat())
    announce(session, ticket.hall, news, at=now, actor=actor)


def _refuse_late(source: Ticket, sent: Mapping[str, Any], now: datetime) -> None:
    """Only a hold that still lasts can be accepted: afterwards the other hall may have taken the place back."""
    LIFE.target("leave", source.state)
    if not is_under_way(source, sent["move"]) or now > datetime.fromisoformat(sent["until"]):
        raise HoldOver(field="ticket")


def is_under_way(ticket: Ticket, move: str) -> bool:
    """Whether her place is held for this very move."""
    return ticket.state == "moving" and (ticket.moved_to or {}).get("move") == move
