"""The papers a window ticks off while it serves: shared by every screen and key box of that window."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput
from dispatch.foundation.log import Event, announce
from dispatch.foundation.transitions import WrongState
from dispatch.tickets.beside import PapersHeld
from dispatch.tickets.life import AT_A_WINDOW
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import StaleClaim

MOST = 40
ANSWER_WITHIN = timedelta(seconds=15)


@dataclass(frozen=True)
class PapersChecked(Event):
    """A window has this many of the papers asked for; which ones, only the window's own rows say."""

    ticket: str
    window: str
    held: int
    of: int


def check(
    session: Session,
    ticket: Ticket,
    held: Iterable[int],
    *,
    of: int,
    claim: int | None = None,
    now: datetime,
    actor: Actor,
) -> list[int]:
    """These papers are here, of so many asked for. Raises WrongState away from a window, StaleClaim, BadInput."""
    if ticket.state not in AT_A_WINDOW:
        raise WrongState(state=ticket.state, verb="papers", allowed=sorted(AT_A_WINDOW), field="ticket")
    if claim is not None and claim != ticket.claim:
        raise StaleClaim(claim=ticket.claim, field="claim")
    wanted = sorted(set(held))
    if wanted and not 0 <= wanted[0] <= wanted[-1] < min(of, MOST):
        raise BadInput(reason=f"0–{of - 1}", field="held")
    row = session.get(PapersHeld, ticket.id, with_for_update=True)
    if row is None:
        session.add(PapersHeld(ticket=ticket.id, held=wanted, asked_at=None))
    elif row.held == wanted:
        return wanted
    else:
        row.held, row.asked_at = wanted, None
    session.flush()
    news = PapersChecked(ticket.id, str(ticket.window), len(wanted), of)
    announce(session, ticket.hall, news, at=now, actor=actor)
    return wanted


def held_of(session: Session, ticket: str) -> list[int]:
    """Which papers the window has ticked off."""
    row = session.get(PapersHeld, ticket)
    return list(row.held) if row else []


def missing(session: Session, ticket: str, of: int) -> int:
    """How many are to be asked about: none for a clerk who has not begun to tick papers off."""
    held = held_of(session, ticket)
    return max(0, of - len(held)) if held else 0


def ask(session: Session, ticket: str, *, now: datetime, within: timedelta = ANSWER_WITHIN) -> bool:
    """Whether the question about missing papers has still to be asked; asking again within the time is the answer."""
    row = session.get(PapersHeld, ticket, with_for_update=True)
    if row is None:
        return False
    answered = row.asked_at is not None and now - row.asked_at <= within
    row.asked_at = None if answered else now
    session.flush()
    return not answered
