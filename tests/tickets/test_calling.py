"""Calling: each person once, to one window, in the order of the line."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from dispatch.halls.models import Window
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import WindowBusy, WindowNotOpen
from tests.standing_city import MORNING, TOWN_HALL, Town


def test_the_first_in_line_is_called(town: Town) -> None:
    town.open("1")
    first = town.take("D")
    town.take("D")
    town.pass_time(minutes=2)
    called = town.called("1")
    assert (called.id, called.state, called.window, called.calls) == (first.id, "called", f"{TOWN_HALL}-1", 1)
    assert called.called_at == MORNING + timedelta(minutes=2)
    assert town.entries()[-1].data == {
        "ticket": first.id,
        "number": "D001",
        "queue": "D",
        "service_day": "2026-11-23",
        "window": f"{TOWN_HALL}-1",
        "window_name": "1",
        "claim": called.claim,
        "by": "next",
        "instead_of": None,
    }


def test_where_nobody_waits_nobody_is_called_and_nothing_is_said(town: Town) -> None:
    town.open("1")
    before = town.head()
    assert town.call_next("1") is None
    assert town.head() == before


def test_a_window_calls_from_its_own_queues_only(town: Town) -> None:
    town.open("1", "4")
    town.take("A")
    assert town.call_next("1") is None
    assert town.called("4").number == "A001"


def test_a_window_of_two_queues_calls_everybody_each_queue_in_its_order(town: Town) -> None:
    town.open("3")
    order = []
    for queue in "ADDA":
        town.pass_time(seconds=5)
        order.append(town.take(queue).number)
    called = [town.called("3").number]
    while following := town.call_next("3", finish=True):
        called.append(following.number)
    assert sorted(called) == sorted(order)
    for letter in "AD":
        assert [n for n in called if n[0] == letter] == [n for n in order if n[0] == letter]


def test_priority_is_called_first(town: Town) -> None:
    town.open("1")
    town.take("D")
    town.take("D", priority="with_infant")
    assert town.called("1").number == "D002"


def test_a_busy_window_calls_nobody_else(town: Town) -> None:
    town.open("1")
    here, second = town.take("D"), town.take("D")
    town.call_next("1")
    for verb in (None, "recall", "start"):
        if verb:
            town.do(verb, here.id)
        before, claim = town.head(), town.window("1").claim
        with pytest.raises(WindowBusy) as refused:
            town.call_next("1")
        assert refused.value.data == {"number": "D001", "ticket": here.id}
        assert (town.head(), town.window("1").claim) == (before, claim)
        assert town.ticket(second.id).state == "waiting"


def test_finish_ends_whoever_is_there_and_calls_the_next_in_one_act(town: Town) -> None:
    town.open("1")
    first, second = town.take("D"), town.take("D")
    town.call_next("1")
    town.do("start", first.id)
    town.pass_time(minutes=9)
    called = town.call_next("1", finish=True)
    assert called is not None
    assert (called.id, called.state) == (second.id, "called")
    done = town.ticket(first.id)
    assert (done.state, done.ended_at) == ("finished", town.now)
    assert town.kinds()[-2:] == ["TicketFinished", "TicketCalled"]


def test_finish_ends_whoever_is_there_even_when_nobody_waits(town: Town) -> None:
    town.open("1")
    first = town.take("D")
    town.call_next("1")
    assert town.call_next("1", finish=True) is None
    assert town.ticket(first.id).state == "finished"


def test_finish_at_an_empty_window_just_calls(town: Town) -> None:
    town.open("1")
    first = town.take("D")
    called = town.call_next("1", finish=True)
    assert called is not None
    assert called.id == first.id


@pytest.mark.parametrize("state", ["closed", "paused"])
def test_only_an_open_window_calls(town: Town, state: str) -> None:
    ticket = town.take("D")
    if state == "paused":
        town.open("1")
        town.change_window("1", "pause")
    before = town.head()
    with pytest.raises(WindowNotOpen) as refused:
        town.call_next("1")
    assert refused.value.data == {"state": state}
    assert (town.ticket(ticket.id).state, town.head()) == ("waiting", before)


def test_a_paused_window_finishes_nobody_by_calling(town: Town) -> None:
    town.open("1")
    ticket = town.take("D")
    town.call_next("1")
    town.change_window("1", "pause")
    with pytest.raises(WindowNotOpen):
        town.call_next("1", finish=True)
    assert town.ticket(ticket.id).state == "called"


def test_each_call_of_a_window_has_a_higher_claim(town: Town) -> None:
    town.open("1")
    claims = []
    for _ in range(4):
        ticket = town.take("D")
        claims.append(town.called("1").claim)
        town.do("finish", ticket.id)
    assert claims == sorted(set(claims), key=lambda claim: claim or 0)


def test_the_database_itself_refuses_two_people_at_one_window(town: Town) -> None:
    """The last guard, should every other one be forgotten."""
    town.open("1")
    town.take("D")
    second = town.take("D")
    town.call_next("1")
    values = {"state": "called", "window": town.window_id("1")}
    with pytest.raises(IntegrityError, match=r"(?i)unique"), town.database.work() as session:
        session.execute(update(Ticket).where(Ticket.id == second.id).values(values))
    assert town.ticket(second.id).state == "waiting"


def test_the_database_itself_refuses_unknown_states(town: Town) -> None:
    ticket = town.take("D")
    with pytest.raises(IntegrityError, match=r"(?i)check"), town.database.work() as session:
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(state="asleep"))
    with pytest.raises(IntegrityError, match=r"(?i)check"), town.database.work() as session:
        session.execute(update(Window).values(state="ajar"))


def test_nobody_of_yesterday_is_called_today(town: Town) -> None:
    """Her number stands on today's slips again: two people would come to the window."""
    town.open("1")
    town.take("D")
    town.pass_time(days=1)
    today = town.take("D")
    assert today.number == "D001"
    assert town.called("1").id == today.id
