"""Writing one transition of a ticket, guarded, and remembering what was before it."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Integer, bindparam, update
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.prepared import Prepared, put
from dispatch.foundation.tables import UtcTime, table_of
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import StaleClaim

_TICKETS = table_of(Ticket)
RESTORED = (
    "state",
    "queue",
    "window",
    "seat",
    "called_at",
    "started_at",
    "ended_at",
    "parked_at",
    "calls",
    "place",
    "stage",
    "reactivated",
    "arrived_at",
    "kept_for",
    "kept_until",
    "items",
)
NOTHING: Mapping[str, Any] = MappingProxyType({})
TIMES = frozenset(name for name in RESTORED if isinstance(_TICKETS.c[name].type, UtcTime))
AWAY: dict[str, Any] = {
    "window": None,
    "seat": 0,
    "called_at": None,
    "started_at": None,
    "kept_for": None,
    "kept_until": None,
}
"""The columns of somebody who stands in line again. Her claim stays: the next one must be greater."""


def change(
    session: Session,
    ticket: Ticket,
    verb: str,
    values: Mapping[str, Any] = NOTHING,
    *,
    claim: int | None = None,
    now: datetime,
    actor: Actor,
) -> None:
    """Write one transition: only from the state that was read, only for the claim that holds it.

    What was before is kept for an undo, unless the city itself acts. Raises WrongState, StaleClaim.
    """
    target = LIFE.target(verb, ticket.state)
    before = None if actor.kind == "system" else remembered(ticket, verb, now, actor)
    write(session, ticket, verb, {"state": target, "before": before, **values}, claim=claim)


def write(
    session: Session, ticket: Ticket, verb: str, values: dict[str, Any], *, claim: int | None = None
) -> None:
    """Write these columns if the ticket still is as it was read; WrongState or StaleClaim if it is not."""
    if claim is not None and claim != ticket.claim:
        raise StaleClaim(claim=ticket.claim, field="claim")
    seen = {"of": ticket.id, "was": ticket.state, "held": ticket.claim, "times": ticket.calls}
    new = {f"new_{name}": value for name, value in values.items()}
    written = _writing(frozenset(values)).soon(session, **seen, **new)
    if ticket.id in session.info.get("held_tickets", ()):  # it is as it was read, so the answer is known
        put(session, Ticket, {"id": ticket.id, **values})
        return
    row = written.first()
    if row is not None:
        put(session, Ticket, row._asdict())
        return
    was = ticket.state  # somebody else moved it since it was read
    session.refresh(ticket)
    LIFE.target(verb, ticket.state)
    raise StaleClaim(claim=ticket.claim, was=was, field="claim")


@cache
def _writing(names: frozenset[str]) -> Prepared:
    """The statement that writes just these columns, guarded, and tells the whole row."""
    return Prepared(
        update(_TICKETS)
        .where(
            _TICKETS.c.id == bindparam("of"),
            _TICKETS.c.state == bindparam("was"),
            _TICKETS.c.claim.is_not_distinct_from(bindparam("held", type_=Integer)),
            _TICKETS.c.calls == bindparam("times"),
        )
        .values({name: bindparam(f"new_{name}", type_=_TICKETS.c[name].type) for name in sorted(names)})
        .returning(*_TICKETS.c)
    )


def fenced(ticket: Ticket, turn: int) -> int:
    """The claim of a window's turn on this ticket: greater than any before, whichever window held that."""
    return max(turn, (ticket.claim or 0) + 1)


def remembered(ticket: Ticket, verb: str, now: datetime, actor: Actor, **more: str) -> dict[str, Any]:
    """What an undo needs to know: who did what when, and how everything was before."""
    was = {name: getattr(ticket, name) for name in RESTORED}
    plain = {name: value.isoformat() if name in TIMES and value else value for name, value in was.items()}
    return {"verb": verb, "at": now.isoformat(), "by": actor.name, "was": plain, **more}
