"""Moved within a hall and between halls: never two live places, and no place lost."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.foundation import clock, log
from dispatch.halls import finding as halls
from dispatch.tickets import moving
from dispatch.tickets.life import LIVE
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import AlreadyThere, NotToday, NowhereToMove
from dispatch.wiring.keeping_places import return_moves
from tests.standing_city import BUILDER, CARD, CITY_HALL, DISTRICT_HALL, TOWN_HALL, TRADE, Town


def everywhere(town: Town) -> list[Ticket]:
    """Every ticket of the city, hall by hall as she is sent from one to the next."""
    way = [TOWN_HALL, DISTRICT_HALL, CITY_HALL]
    with town.database.reading() as session:
        rows = sorted(session.scalars(select(Ticket)), key=lambda row: way.index(row.hall))
        session.expunge_all()
        return rows


def send(town: Town, ident: str, hall: str = DISTRICT_HALL) -> Ticket:
    """Send somebody to another hall."""
    return town.do("move", ident, goal=town.goal(hall=hall))


def test_moved_within_the_hall_she_keeps_number_and_place(town: Town) -> None:
    early = town.take("D")
    town.pass_time(minutes=5)
    late = town.take("A")
    moved = town.do("move", early.id, goal=town.goal(queue="A"))
    assert (moved.number, moved.queue, moved.place) == ("D001", "A", early.place)
    town.open("4")
    assert [town.called("4").id, town.called_after("4").id] == [early.id, late.id]


def test_a_move_names_one_goal_that_is_another(town: Town) -> None:
    ticket = town.take("D")
    for goal in (moving.Goal(), moving.Goal("A", town.window_id("1")), moving.Goal(window=f"{CITY_HALL}-1")):
        with pytest.raises(NowhereToMove):
            town.do("move", ticket.id, goal=goal)
    for goal in (town.goal(queue="D"), town.goal(hall=TOWN_HALL)):
        with pytest.raises(AlreadyThere):
            town.do("move", ticket.id, goal=goal)


def test_another_hall_takes_her_in_and_only_then_is_the_old_place_gone(town: Town) -> None:
    ticket = town.take(items=[CARD], queue=None)
    town.pass_time(minutes=3)
    assert send(town, ticket.id).state == "moving"
    town.open("1")
    assert town.call_next("1") is None  # her place is kept, but nobody calls her from it
    town.hear()
    old, new = everywhere(town)
    assert (old.state, new.state, new.hall) == ("moved", "waiting", DISTRICT_HALL)
    assert old.moved_to is not None
    assert old.moved_to == {
        "ticket": new.id,
        "hall": DISTRICT_HALL,
        "number": new.number,
        "move": new.moved_from,
    }
    assert new.place == ticket.place
    assert new.items == ticket.items
    head = town.head()
    town.hear()
    assert (town.head(), len(everywhere(town))) == (head, 2)


def test_a_hall_that_cannot_take_her_declines_and_she_waits_where_she_stood(town: Town) -> None:
    ticket = town.take(items=[TRADE], queue=None)
    other = town.take("A")
    send(town, ticket.id, CITY_HALL)  # it does not take this item
    town.hear()
    back = town.ticket(ticket.id)
    assert (back.state, back.place, back.kept_until) == ("waiting", ticket.place, None)
    assert town.entries()[-1].data["because"] == "item_not_taken_here"
    town.open("4")
    assert [town.called("4").id, town.called_after("4").id] == [ticket.id, other.id]
    with town.database.reading() as session:
        entries = log.entries_after(session, CITY_HALL, 0, 100)
        assert [entry.kind for entry in entries if entry.kind.startswith(("Ticket", "Move"))] == [
            "MoveDeclined"
        ]


def test_told_twice_or_too_late_nothing_doubles(town: Town) -> None:
    ticket = town.take(items=[CARD], queue=None)
    send(town, ticket.id)
    sent = town.entries()[-1].data
    for late in (timedelta(0), timedelta(seconds=1), moving.HOLD * 3):
        with town.database.work() as session:
            moving.receive(session, DISTRICT_HALL, sent, now=town.now + late, actor=BUILDER)
    assert [row.hall for row in everywhere(town)] == [TOWN_HALL, DISTRICT_HALL]
    town.hear()
    assert [row.state for row in everywhere(town)] == ["moved", "waiting"]


def test_a_move_that_nobody_answers_comes_back_after_its_hold_and_cannot_be_accepted_then(town: Town) -> None:
    ticket = town.take(items=[CARD], queue=None)
    send(town, ticket.id)
    sent = town.entries()[-1].data
    town.pass_time(minutes=6)
    with town.database.work() as session:
        clock.begin_demo(session, town.now)
    return_moves(town.database)
    assert town.ticket(ticket.id).state == "moving"  # a receiving transaction could still be under way
    town.pass_time(minutes=2)
    with town.database.work() as session:
        clock.begin_demo(session, town.now)
    return_moves(town.database)
    assert town.ticket(ticket.id).state == "waiting"
    with town.database.work() as session:
        moving.receive(session, DISTRICT_HALL, sent, now=town.now, actor=BUILDER)
    assert [row.state for row in everywhere(town)] == ["waiting"]


def test_never_two_live_places_whatever_happens_in_between(town: Town) -> None:
    """Sent there, taken in, sent back, declined once: at each step one place of hers can be called at most."""
    ticket = town.take(items=[CARD], queue=None)
    send(town, ticket.id)
    town.hear()
    there = everywhere(town)[-1]
    with town.database.work() as session:
        row = session.get_one(Ticket, there.id)
        moving.move(session, row, moving.Goal(hall=CITY_HALL), now=town.now, actor=BUILDER)
    callable_ = [row for row in everywhere(town) if row.state in LIVE - {"moving"}]
    assert callable_ == []
    town.hear()
    assert [(row.hall, row.state) for row in everywhere(town)] == [
        (TOWN_HALL, "moved"),
        (DISTRICT_HALL, "moved"),
        (CITY_HALL, "waiting"),
    ]
    assert town.faults() == []


def test_a_declined_move_leaves_no_gap_in_the_other_halls_numbers(town: Town) -> None:
    ticket = town.take(items=[CARD], queue=None)
    send(town, ticket.id)
    town.pass_time(hours=11)  # the other hall has closed meanwhile
    town.hear()
    with town.database.work() as session:
        place = halls.hall(session, DISTRICT_HALL)
        assert halls.opening_at(session, place, town.now) is None
    assert town.ticket(ticket.id).state == "waiting"
    assert len(everywhere(town)) == 1


def test_yesterdays_ticket_goes_nowhere(town: Town) -> None:
    ticket = town.take("D")
    town.pass_time(days=1)
    with pytest.raises(NotToday):
        send(town, ticket.id)
