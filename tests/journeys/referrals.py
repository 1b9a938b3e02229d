"""People who are referred from one hall to another, each deed its own transactions, as pages do them."""

from collections.abc import Callable

from dispatch.foundation.access import system
from dispatch.foundation.errors import Refusal
from dispatch.halls import finding as halls
from dispatch.journeys import finding
from dispatch.journeys.beginning import Stop
from dispatch.journeys.models import Journey
from dispatch.tickets import finding as tickets
from dispatch.tickets import moving, referring
from dispatch.tickets.models import Ticket
from dispatch.wiring.following_journeys import end_served_journeys
from tests.standing_city import CITIZEN, Town

TRAVEL_S = 900.0
QUEUE = "D"


def refer(town: Town, ticket: str, there: str) -> Journey:
    """She goes to the other hall, and keeps her place here."""
    with town.database.work() as session:
        row, place = tickets.ticket(session, ticket), halls.hall(session, there)
        stops = [Stop(QUEUE, row.items)]
        return referring.refer(session, row, place, stops, travel_s=TRAVEL_S, now=town.now, actor=CITIZEN)


def check_out(town: Town, journey: str) -> bool:
    """Her old place is held, in its own hall's transaction."""
    with town.database.work() as session:
        row = finding.journey(session, journey)
        return referring.check_out(session, row, now=town.now, actor=CITIZEN)


def take(town: Town, journey: str, *, queue: str = QUEUE) -> Ticket:
    """She takes a number there, in that hall's transaction."""
    with town.database.work() as session:
        row = finding.journey(session, journey)
        place = halls.hall(session, row.hall)
        return referring.check_in(
            session, place, row, queue=queue, channel="kiosk", now=town.now, actor=CITIZEN
        )


def check_in(
    town: Town, journey: str, in_between: Callable[[], object] = lambda: None, *, queue: str = QUEUE
) -> Ticket:
    """Both, one after the other; where she gets no number she has her place back."""
    held = check_out(town, journey)
    in_between()
    try:
        return take(town, journey, queue=queue)
    except Refusal as refusal:
        if held:
            give_back(town, journey, refusal.code)
        raise


def give_back(town: Town, journey: str, because: str) -> None:
    """Her old place is hers again."""
    with town.database.work() as session:
        row = finding.journey(session, journey)
        referring.give_back(session, row, because, now=town.now, actor=system("moves"))


def let_moves_return(town: Town) -> None:
    """Holds that nobody took up are over."""
    with town.database.reading() as session:
        late = moving.overdue(session, town.now)
    for ident, move in late:
        with town.database.work() as session:
            row = tickets.ticket(session, ident)
            moving.come_back(session, row, move, "not_answered", now=town.now, actor=system("return_moves"))


def end_served(town: Town) -> None:
    """Journeys end of those who were served where they had kept their place."""
    end_served_journeys(town.database)
