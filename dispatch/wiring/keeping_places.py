"""Jobs that keep people's places: leases of silent windows end, moves that nobody answered come back."""

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.halls.models import Window
from dispatch.tickets import finding, leases, moving


def lapse_leases(database: Database) -> None:
    """End the lease of every window that was not heard of for too long."""
    with database.reading() as session:
        silent = leases.silent(session, clock.now(session))
    for window in silent:
        with database.work() as session:
            row = session.get_one(Window, window)
            leases.lapse(session, row, now=clock.now(session), actor=system("lapse_leases"))


def return_moves(database: Database) -> None:
    """Give people their place back whom no other hall has taken in time."""
    with database.reading() as session:
        late = moving.overdue(session, clock.now(session))
    for ident, move in late:
        with database.work() as session:
            ticket, now = finding.ticket(session, ident), clock.now(session)
            moving.come_back(session, ticket, move, "not_answered", now=now, actor=system("return_moves"))
