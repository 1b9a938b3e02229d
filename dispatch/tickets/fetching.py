"""Somebody was called and does not hear it: the guide walks over and tells the window that she is coming."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation.access import Actor
from dispatch.foundation.log import Event, announce
from dispatch.foundation.tables import Base, UtcTime
from dispatch.foundation.transitions import WrongState
from dispatch.tickets.models import Ticket


@dataclass(frozen=True)
class GuideFetches(Event):
    """The guide found her and sends her to the window that called her."""

    ticket: str
    number: str
    queue: str
    window: str
    claim: int


class Fetch(Base):
    """The guide found whom this call is for. A later call of the same ticket has another `claim`."""

    __tablename__ = "ticket_fetch"

    ticket: Mapped[str] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    claim: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(60))


def fetch(session: Session, ticket: Ticket, *, now: datetime, actor: Actor) -> None:
    """Tell the window that she is on her way; a second time for the same call says nothing new.

    Raises WrongState when the ticket is not being called.
    """
    session.refresh(ticket, with_for_update=True)
    if ticket.state != "called" or ticket.claim is None:
        raise WrongState(state=ticket.state, verb="fetch", allowed=["called"])
    if session.get(Fetch, (ticket.id, ticket.claim)) is not None:
        return
    session.add(Fetch(ticket=ticket.id, claim=ticket.claim, at=now, actor=actor.name))
    news = GuideFetches(ticket.id, ticket.number, ticket.queue, str(ticket.window), ticket.claim)
    announce(session, ticket.hall, news, at=now, actor=actor)


def coming(session: Session, tickets: Collection[str]) -> dict[str, datetime]:
    """Since when whoever is being called is on her way with the guide, by ticket; the others are not in it."""
    rows = session.execute(
        select(Fetch.ticket, Fetch.at)
        .join(Ticket, (Ticket.id == Fetch.ticket) & (Ticket.claim == Fetch.claim))
        .where(Fetch.ticket.in_(tickets), Ticket.state == "called")
    )
    return {row.ticket: row.at for row in rows}
