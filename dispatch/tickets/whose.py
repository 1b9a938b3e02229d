"""Everything somebody has in the city's halls, found by her document or, nearer by, by her name."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import NotFound
from dispatch.foundation.ids import Keyring
from dispatch.halls import finding as halls
from dispatch.people import citizens
from dispatch.tickets import guiding
from dispatch.tickets.life import LIVE
from dispatch.tickets.models import Ticket

LOOK_BACK = timedelta(days=7)
MOST_NAMESAKES = 12


@dataclass(frozen=True)
class Owner:
    """A person as a desk may know her: a reference, what of her data is shown, and her tickets, the newest first.

    `near`: the reference is of a ticket in the actor's own part of the city, where her data may be asked for.
    """

    ref: str
    near: bool
    masked: citizens.Masked
    tickets: list[Ticket]


def by_document(
    session: Session, keys: Keyring, id_kind: str, id_number: str, *, actor: Actor, day: date
) -> Owner | None:
    """The holder of a document with her tickets of the last days in all halls; None when the city knows none."""
    refs = citizens.refs_of_id(session, keys, id_number, id_kind)
    if not refs:
        return None
    found = guiding.of_persons(session, refs, day - LOOK_BACK)
    inside = _halls_of(session, actor)
    near = next((ticket.person for ticket in found if ticket.person and ticket.hall in inside), None)
    newest = near or refs[0]
    return Owner(newest, near is not None, citizens.masked(session, keys, newest), found)


def by_name(session: Session, keys: Keyring, name: str, *, actor: Actor, day: date) -> list[Owner]:
    """Whoever of this name has a live ticket today in the actor's part of the city; namesakes one by one."""
    refs = citizens.refs_of_name(session, keys, name)
    theirs: dict[tuple[str | None, ...], list[Ticket]] = {}
    for ticket in _live_near(session, refs, actor, day):
        theirs.setdefault(_same(session, keys, str(ticket.person)), []).append(ticket)
    return [
        Owner(str(live[0].person), True, citizens.masked(session, keys, str(live[0].person)), live)
        for live in list(theirs.values())[:MOST_NAMESAKES]
    ]


def by_reference(session: Session, keys: Keyring, ref: str, *, actor: Actor, day: date) -> Owner:
    """Everything of somebody who has a live ticket today in the actor's part of the city; NotFound for others."""
    if not _live_near(session, [ref], actor, day):
        raise NotFound(what=ref, field="person")
    data = citizens.read(session, keys, ref)
    if data.id_number is not None and data.id_kind is not None:
        owner = by_document(session, keys, data.id_kind, data.id_number, actor=actor, day=day)
        if owner is not None:
            return owner
    found = guiding.of_persons(session, [ref], day - LOOK_BACK)
    return Owner(ref, True, citizens.masked(session, keys, ref), found)


def of_ticket(session: Session, keys: Keyring, ticket: Ticket) -> citizens.Masked | None:
    """Who holds a ticket, masked; None when nobody said so."""
    return citizens.masked(session, keys, ticket.person) if ticket.person else None


def _live_near(session: Session, refs: Collection[str], actor: Actor, day: date) -> list[Ticket]:
    inside = _halls_of(session, actor)
    tickets = guiding.of_persons(session, refs, day)
    return [ticket for ticket in tickets if ticket.state in LIVE and ticket.hall in inside]


def _halls_of(session: Session, actor: Actor) -> set[str]:
    return {hall.code for hall in halls.all_halls(session) if actor.covers(hall.path)}


def _same(session: Session, keys: Keyring, ref: str) -> tuple[str | None, ...]:
    """What two tickets of one person have in common: the document, else the phone, else nothing but the reference."""
    data = citizens.read(session, keys, ref)
    if data.id_number is not None:
        return data.id_kind, data.id_number.upper()
    return ("phone", data.phone) if data.phone else ("ref", ref)
