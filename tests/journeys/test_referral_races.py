"""She is called at the old hall at the moment when she checks in at the other. Without the hold both serve her."""

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from sqlalchemy import select

from dispatch.foundation.database import Database
from dispatch.foundation.errors import Refusal
from dispatch.halls import finding as halls
from dispatch.journeys import finding
from dispatch.journeys.models import Journey
from dispatch.tickets import finding as tickets
from dispatch.tickets import issuing, referring
from dispatch.tickets.issuing import Source
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import HoldOver, ServedThere
from tests import standing_city
from tests.journeys import referrals
from tests.journeys.walkers import all_journeys, give_up
from tests.races.bench import run_threads
from tests.standing_city import CITIZEN, CITY_HALL, DISTRICT_HALL, Town

TRIES = 6
Deed = Callable[[], object]


@pytest.fixture
def town(postgresql_url: str) -> Iterator[Town]:
    """The town's hall on a PostgreSQL of its own, a window open."""
    with Database(postgresql_url) as database:
        standing_city.build(database)
        town = Town(database)
        town.open("1")
        yield town


def call_and_start(town: Town, ticket: str) -> bool:
    """The window calls her and she is said to sit there; whether she was served."""
    called = town.call_next("1")
    if called is None or called.id != ticket:
        return False
    town.do("start", ticket)
    return True


def served_twice(town: Town, ticket: str) -> bool:
    """Whether she was served here, and holds the place there that she got for this one."""
    with town.database.reading() as session:
        of_hers = select(Journey.id).where(Journey.from_ticket == ticket)
        there = list(session.scalars(select(Ticket).where(Ticket.moved_from.in_(of_hers))))
        return bool(there) and tickets.ticket(session, ticket).state in referring.SERVED


def naive(town: Town, journey: str, looked: threading.Barrier, called: threading.Event) -> Ticket:
    """Look whether she still waits there, and give her a number here."""
    with town.database.work() as session:
        row = finding.journey(session, journey)
        old = tickets.ticket(session, str(row.from_ticket))
        assert old.state == "waiting"
        looked.wait(30)
        called.wait(30)
        place = halls.hall(session, row.hall)
        source = Source(old, journey)
        return issuing.issue(
            session, place, queue="D", channel="kiosk", source=source, now=town.now, actor=CITIZEN
        )


def test_without_a_hold_she_is_served_here_and_has_a_number_there(town: Town) -> None:
    ticket = town.take("D")
    journey = referrals.refer(town, ticket.id, DISTRICT_HALL)
    looked, called = threading.Barrier(2), threading.Event()

    def call() -> bool:
        looked.wait(30)
        served = call_and_start(town, ticket.id)
        called.set()
        return served

    deeds: list[Deed] = [call, partial(naive, town, journey.id, looked, called)]
    run_threads(deeds)
    assert served_twice(town, ticket.id)


def test_of_a_call_here_and_a_number_there_one_comes_first(town: Town) -> None:
    outcomes = []
    for _ in range(TRIES):
        ticket = town.take("D")
        journey = referrals.refer(town, ticket.id, DISTRICT_HALL)
        deeds: list[Deed] = [
            partial(call_and_start, town, ticket.id),
            partial(referrals.check_in, town, journey.id),
        ]
        told = run_threads(deeds)
        assert not served_twice(town, ticket.id)
        town.hear()
        state = town.ticket(ticket.id).state
        assert state == ("serving" if isinstance(told[1], ServedThere) else "moved")
        if state == "serving":
            town.do("finish", ticket.id)
        outcomes.append(state)
    assert set(outcomes) <= {"serving", "moved"}
    assert town.faults() == []


def test_called_between_the_hold_and_the_number_she_cannot_be(town: Town) -> None:
    ticket = town.take("D")
    journey = referrals.refer(town, ticket.id, DISTRICT_HALL)
    found: list[Ticket | None] = []
    referrals.check_in(town, journey.id, lambda: found.append(town.call_next("1")))
    assert found == [None]


def test_of_many_check_ins_by_one_referral_one_takes_the_old_place_along(town: Town) -> None:
    for nth in range(1, TRIES + 1):
        ticket = town.take("D")
        journey = referrals.refer(town, ticket.id, DISTRICT_HALL)
        deeds: list[Deed] = [partial(referrals.check_in, town, journey.id) for _ in range(4)]
        told = run_threads(deeds)
        assert sum(isinstance(each, Ticket) and each.moved_from == journey.id for each in told) == 1
        town.hear()
        assert town.ticket(ticket.id).state == "moved"
        assert town.kinds().count("TicketLeft") == nth


def test_of_two_referrals_of_one_ticket_one_begins(town: Town) -> None:
    ticket = town.take("D")
    places = (DISTRICT_HALL, CITY_HALL) * 2
    told = run_threads([partial(referrals.refer, town, ticket.id, hall) for hall in places])
    assert [type(each) for each in told].count(Journey) == 1


def test_whoever_checks_in_and_gives_up_at_once_does_one_of_them(town: Town) -> None:
    for _ in range(TRIES):
        ticket = town.take("D")
        journey = referrals.refer(town, ticket.id, DISTRICT_HALL)
        deeds: list[Deed] = [
            partial(referrals.check_in, town, journey.id),
            partial(give_up, town, journey.id),
        ]
        run_threads(deeds)
        town.hear()
        (row,) = (each for each in all_journeys(town) if each.id == journey.id)
        state = town.ticket(ticket.id).state
        assert (row.state, state) in {("joined", "moved"), ("cancelled", "waiting")}
        if state == "waiting":
            town.do("void", ticket.id)


def test_a_check_in_that_is_refused_gives_no_place_back_that_another_took_along(town: Town) -> None:
    """Both hold the old place; then one takes a number, and the other gets none."""
    for _ in range(TRIES):
        ticket = town.take("D")
        journey = referrals.refer(town, ticket.id, DISTRICT_HALL)
        both = partial(threading.Barrier(2).wait, 30)
        deeds: list[Deed] = [
            partial(referrals.check_in, town, journey.id, both, queue=queue) for queue in ("D", "nowhere")
        ]
        taken, refused = run_threads(deeds)
        town.hear()
        assert isinstance(refused, Refusal)
        if isinstance(taken, Ticket):
            assert (taken.moved_from, town.ticket(ticket.id).state) == (journey.id, "moved")
        else:
            assert (type(taken), town.ticket(ticket.id).state) == (HoldOver, "waiting")
            town.do("void", ticket.id)
    assert town.faults() == []
