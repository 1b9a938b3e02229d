"""Whom an interruption touches, and what a ticket's holder is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.halls import finding as halls
from dispatch.halls import outages, wording
from dispatch.halls.models import Hall
from dispatch.tickets import intake
from dispatch.tickets.models import Ticket


@dataclass(frozen=True)
class Interruption:
    """What stands between a ticket and its service: an `outage`, a `closing` told of, or a `day_ended`."""

    kind: str
    why: dict[str, str]
    since: datetime
    until: datetime | None
    elsewhere: list[intake.Elsewhere]


def touched(
    session: Session, hall: str | None, scope: outages.Scope, states: Sequence[str] = ("waiting",)
) -> int:
    """How many this is about: those who wait, or are in one of these states; in one hall, or in all of them."""
    waiting = select(Ticket.items).where(Ticket.state.in_(states))
    if hall is not None:
        waiting = waiting.where(Ticket.hall == hall)
    if scope.queues:
        waiting = waiting.where(Ticket.queue.in_(scope.queues))
    if not scope.items:
        return session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    wanted = set(scope.items)
    return sum(not wanted.isdisjoint(each["item"] for each in items) for items in session.scalars(waiting))


def of_ticket(session: Session, ticket: Ticket, now: datetime) -> Interruption | None:
    """What its holder has to know; None while everything takes its course."""
    place = halls.hall(session, ticket.hall)
    if ticket.state in ("waiting", "parked"):
        return _outage(session, place, ticket, now) or _closed(session, place, ticket, now)
    return _ended(session, place, ticket, now) if ticket.state == "expired" else None


def _outage(session: Session, place: Hall, ticket: Ticket, now: datetime) -> Interruption | None:
    codes = [each["item"] for each in ticket.items]
    hit = outages.hitting(session, place.code, ticket.queue, codes, now)
    if hit is None:
        return None
    why = wording.why(hit.reason, hit.note, hit.note_en)
    return Interruption("outage", why, hit.began_at, hit.until, _elsewhere(session, place, ticket, now))


def _closed(session: Session, place: Hall, ticket: Ticket, now: datetime) -> Interruption | None:
    row = halls.hall_day(session, place.code, ticket.service_day)
    if row is None or row.closed_from is None or row.closed_from > now or row.afterwards != "notify":
        return None
    why = wording.why(row.closed_why, row.closed_note, row.closed_note_en)
    return Interruption("closing", why, row.closed_from, None, _elsewhere(session, place, ticket, now))


def _ended(session: Session, place: Hall, ticket: Ticket, now: datetime) -> Interruption | None:
    row = halls.hall_day(session, place.code, ticket.service_day)
    if row is None or row.closed_from is None:
        return None
    why = wording.why(row.closed_why, row.closed_note, row.closed_note_en)
    over = row.ended_at or row.closed_from
    return Interruption("day_ended", why, over, None, _elsewhere(session, place, ticket, now))


def _elsewhere(session: Session, place: Hall, ticket: Ticket, now: datetime) -> list[intake.Elsewhere]:
    codes = [each["item"] for each in ticket.items]
    return intake.elsewhere(session, place, ticket.queue, codes, now)[:2]
