"""Set aside and back again, numbers called out of turn, people served without a number, groups."""

import pytest

from dispatch.foundation.errors import NotFound
from dispatch.foundation.transitions import WrongState
from dispatch.tickets.refusals import (
    CalledElsewhere,
    KeptForAnother,
    NotToday,
    StaleClaim,
    WindowBusy,
    WindowNotOpen,
)
from tests.standing_city import CARD, RENEWAL, Town


def test_a_parked_person_leaves_the_window_free_and_comes_back_to_it(town: Town) -> None:
    town.open("1")
    first, second = town.take("D"), town.take("D")
    town.called("1")
    town.do("start", first.id)
    parked = town.do("park", first.id, reason="copy")
    assert (parked.state, parked.parked_at, parked.window) == ("parked", town.now, town.window_id("1"))
    assert town.called("1").id == second.id
    with pytest.raises(WindowBusy):
        town.do("resume", first.id)
    town.do("finish", second.id)
    back = town.do("resume", first.id)
    assert (back.state, back.window) == ("serving", town.window_id("1"))
    assert back.started_at == first.issued_at  # the service goes on, it does not begin anew
    assert town.kinds()[-1] == "TicketResumed"


def test_whoever_resumes_holds_the_only_claim_that_counts(town: Town) -> None:
    town.open("1", "2")
    ticket = town.take("D")
    old = town.called("1").claim
    town.do("park", ticket.id)
    for _ in range(3):
        town.take("D")
        town.called("2")
        town.do("finish", town.window_ticket("2").id)
    back = town.do("resume", ticket.id, window=town.window_id("2"))
    assert back.claim is not None
    assert old is not None
    assert back.claim > old
    with pytest.raises(StaleClaim):
        town.do("finish", ticket.id, claim=old)
    assert town.window("2").claim >= back.claim


def test_two_windows_never_give_out_the_same_claim_on_one_ticket(town: Town) -> None:
    """Window 2 has called less often than window 1: its own count alone would not fence window 1 off."""
    town.open("1", "2")
    for _ in range(3):
        town.take("D")
        town.called("1")
        town.do("finish", town.window_ticket("1").id)
    ticket = town.take("D")
    first = town.called("1").claim
    town.do("move", ticket.id, goal=town.goal(window="2"))
    second = town.called("2")
    assert (second.id, second.window) == (ticket.id, town.window_id("2"))
    assert first is not None
    assert second.claim is not None
    assert second.claim > first
    with pytest.raises(StaleClaim):
        town.do("start", ticket.id, claim=first)


def test_a_number_is_called_ahead_of_everybody(town: Town) -> None:
    town.open("1", "2")
    town.take("D")
    wanted = town.take("D")
    called = town.call_number("1", "d002")
    assert (called.id, called.state, called.window) == (wanted.id, "called", town.window_id("1"))
    assert town.entries()[-1].data["by"] == "number"
    with pytest.raises(CalledElsewhere) as refused:
        town.call_number("2", "D002")
    assert refused.value.data["window"] == "1"


def test_a_number_may_be_of_a_queue_the_window_does_not_serve_but_not_of_another_day(town: Town) -> None:
    town.open("1")
    town.take("A")
    assert town.call_number("1", "A001").number == "A001"
    town.do("finish", town.window_ticket("1").id)
    town.take("A")
    town.pass_time(days=1)
    town.end_day()
    town.open("1")
    with pytest.raises(NotToday) as refused:
        town.call_number("1", "A002")
    assert refused.value.data["day"] == "2026-11-23"
    for nonsense in ("A9", "ZZZZZ", "丁001", ""):
        with pytest.raises(NotFound):
            town.call_number("1", nonsense)


def test_a_parked_number_can_be_called_back_a_missed_one_not(town: Town) -> None:
    town.open("1")
    ticket = town.take("D")
    town.called("1")
    town.do("park", ticket.id)
    assert town.call_number("1", ticket.id).state == "called"
    town.do("missed", ticket.id)
    with pytest.raises(WrongState):
        town.call_number("1", "D001")


def test_a_ticket_kept_for_one_window_is_called_by_no_other(town: Town) -> None:
    town.open("1", "2")
    ticket = town.take("D")
    town.do("move", ticket.id, goal=town.goal(window="2"))
    assert town.call_next("1") is None
    with pytest.raises(KeptForAnother):
        town.call_number("1", ticket.id)
    assert town.called("2").id == ticket.id


def test_a_group_is_called_together_and_finished_together(town: Town) -> None:
    town.open("1")
    first = [town.take("D") for _ in range(5)]
    called = town.call_group("1", 3)
    assert [(ticket.id, ticket.seat) for ticket in called] == [
        (ticket.id, seat) for seat, ticket in enumerate(first[:3])
    ]
    with pytest.raises(WindowBusy):
        town.call_next("1")
    town.do("missed", called[1].id)
    rest = town.call_group("1", 9, finish=True)
    assert [ticket.id for ticket in rest] == [ticket.id for ticket in first[3:]]
    assert [town.ticket(ticket.id).state for ticket in called] == ["finished", "missed", "finished"]


def test_somebody_without_a_number_is_served_at_once_and_never_called(town: Town) -> None:
    town.open("1")
    waiting = town.take("D")
    served = town.serve("1", items=[town.wanted(CARD, 2), town.wanted(RENEWAL)])
    assert (served.number, served.state, served.window) == ("D002", "serving", town.window_id("1"))
    assert served.items == [{"item": CARD, "count": 2}, {"item": RENEWAL, "count": 1}]
    assert town.kinds()[-2:] == ["TicketIssued", "TicketStarted"]
    with pytest.raises(WindowBusy):
        town.serve("1")
    assert town.called_after("1").id == waiting.id
    with pytest.raises(WindowNotOpen):
        town.serve("2")


def test_what_was_really_done_is_noted_at_the_end(town: Town) -> None:
    town.open("1")
    ticket = town.take(items=[CARD])
    town.called("1")
    town.do("change", ticket.id, items=[town.wanted(RENEWAL)])
    assert town.ticket(ticket.id).items == [{"item": RENEWAL, "count": 1}]
    done = town.do("finish", ticket.id, items=[town.wanted(CARD, 5)])
    assert (done.state, done.items) == ("finished", [{"item": CARD, "count": 5}])
    assert town.kinds()[-2:] == ["TicketChanged", "TicketFinished"]
    with pytest.raises(NotFound):
        town.serve("1", items=[town.wanted("NO-SUCH")])


def test_stages_stand_under_one_number(town: Town) -> None:
    """Acceptance at one window, then payment in another queue, in the place she always had."""
    town.open("1", "4")
    ticket = town.take("D")
    town.pass_time(minutes=10)
    later = town.take("A")
    town.called("1")
    town.do("start", ticket.id)
    moved = town.do("move", ticket.id, goal=town.goal(queue="A"))
    assert (moved.number, moved.queue, moved.stage, moved.state) == ("D001", "A", 2, "waiting")
    assert town.called("4").id == ticket.id
    assert town.window_ticket("4").calls == 1
    assert town.ticket(later.id).state == "waiting"
