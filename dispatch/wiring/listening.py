"""Who hears whom: one table of what follows in one hall from what another hall's log says."""

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.listening import Listener, hear
from dispatch.foundation.log import LogEntry
from dispatch.journeys import ending as journey_ends
from dispatch.journeys import finding as journeys
from dispatch.tickets import finding, moving


def _receive(session: Session, entry: LogEntry, now: datetime) -> None:
    if entry.data.get("journey"):  # she takes a number there herself
        return
    moving.receive(session, entry.data["to_hall"], entry.data, now=now, actor=system("moves"))


def _leave(session: Session, entry: LogEntry, now: datetime) -> None:
    moving.leave(session, entry.hall, entry.data, now=now, actor=system("moves"))


def _come_back(session: Session, entry: LogEntry, now: datetime) -> None:
    data = entry.data
    ticket = finding.ticket(session, data["ticket"])
    moving.come_back(session, ticket, data["move"], data["because"], now=now, actor=system("moves"))


def _go_instead(session: Session, entry: LogEntry, now: datetime) -> None:
    given_up = journeys.journey(session, entry.data["instead_of"])
    journey_ends.give_up(session, given_up, now=now, actor=system("journeys"))


LISTENERS = (
    Listener("take_in_who_is_sent", frozenset({"TicketSent"}), _receive),
    Listener("let_go_who_is_taken_in", frozenset({"TicketTakenIn"}), _leave),
    Listener("take_back_who_is_declined", frozenset({"MoveDeclined"}), _come_back),
    Listener("end_journeys_given_up", frozenset({"JourneyReplaces"}), _go_instead),
)


def hear_all(database: Database) -> None:
    """Let every listener hear what is new."""
    hear(database, LISTENERS)


class Hearing:
    """The same again and again, by one who remembers how far the logs have been looked through."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def hear_all(self, database: Database) -> None:
        """Let every listener hear what is new since last time."""
        hear(database, LISTENERS, self._known)
