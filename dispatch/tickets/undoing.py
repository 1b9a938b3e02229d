"""A mis-click taken back: for a while, by whoever made it, everything is as it was before."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.access import Actor
from dispatch.foundation.log import announce
from dispatch.halls.models import Window
from dispatch.tickets import finding, holding
from dispatch.tickets.changing import TIMES, write
from dispatch.tickets.life import AT_A_WINDOW, LIFE, LIVE
from dispatch.tickets.models import Ticket
from dispatch.tickets.news import TicketUndone
from dispatch.tickets.refusals import NothingToUndo, WindowBusy

UNDO_S = 60


def undo(session: Session, ticket: Ticket, *, now: datetime, actor: Actor) -> Ticket:
    """Take back the last thing done to this ticket; the ticket that is as before.

    Calling the next person and finishing the one before is one press: undoing either takes back both, the person
    called first. Raises WrongState, NothingToUndo, WindowBusy.
    """
    later = _called_with(session, ticket)
    if later is not None:
        undo(session, later, now=now, actor=actor)
        session.refresh(ticket)
        return ticket
    before = _fresh(session, ticket, now, actor)
    was = {
        name: datetime.fromisoformat(value) if name in TIMES and value else value
        for name, value in before["was"].items()
    }
    LIFE.target("undo", ticket.state, before=str(was["state"]))
    if was["state"] in AT_A_WINDOW:
        _refuse_busy(session, ticket, was)
    _restore(session, ticket, before["verb"], was, now, actor)
    for finished in before.get("finished", ()):
        other = finding.ticket(session, finished)
        if other.state == "finished" and other.before:
            undo(session, other, now=now, actor=actor)
    return ticket


def undoable_until(session: Session, ticket: Ticket) -> datetime | None:
    """Until when the last thing done to this ticket can be taken back; None where it cannot."""
    if ticket.before is None or ticket.state not in LIFE["undo"].sources:
        return None
    return _until(session, ticket.before)


def _fresh(session: Session, ticket: Ticket, now: datetime, actor: Actor) -> dict[str, Any]:
    before = ticket.before
    if before is None or now > _until(session, before):
        raise NothingToUndo(number=ticket.number, field="ticket")
    if before["by"] != actor.name and actor.role != "supervisor":
        raise NothingToUndo(number=ticket.number, by_another=True, field="ticket")
    return before


def _until(session: Session, before: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(before["at"]) + timedelta(seconds=UNDO_S * max(1.0, clock.speed(session)))


def _called_with(session: Session, ticket: Ticket) -> Ticket | None:
    """Whoever was called by the very press that finished this ticket, if she is still only called."""
    if ticket.state != "finished" or ticket.window is None:
        return None
    here = finding.at_window(session, ticket.window)
    together = here is not None and here.before and ticket.id in here.before.get("finished", ())
    return here if together else None


def _refuse_busy(session: Session, ticket: Ticket, was: dict[str, Any]) -> None:
    """Those called together may come back one by one; with anybody else there the window is busy.

    The window's row is locked before looking, so that no call slips in between.
    """
    session.get_one(Window, was["window"], with_for_update=True)
    others = (other for other in finding.group_at(session, was["window"]) if other.id != ticket.id)
    for other in others:
        if other.called_at != was["called_at"] or other.seat == was["seat"]:
            raise WindowBusy(number=other.number, ticket=other.id, field="window")


def _restore(
    session: Session, ticket: Ticket, verb: str, was: dict[str, Any], now: datetime, actor: Actor
) -> None:
    state = ticket.state
    write(session, ticket, "undo", {**was, "before": None})
    if was["state"] in LIVE and state not in LIVE:
        holding.hold(session, ticket)
    news = TicketUndone(
        ticket=ticket.id,
        number=ticket.number,
        queue=ticket.queue,
        service_day=ticket.service_day.isoformat(),
        verb=verb,
        was=state,
        state=ticket.state,
        window=ticket.window,
        claim=ticket.claim,
    )
    announce(session, ticket.hall, news, at=now, actor=actor)
