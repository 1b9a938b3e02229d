"""A mis-click taken back for a while; a missed call forgiven once; a silent window's people brought back."""

import pytest

from dispatch.foundation.access import Actor
from dispatch.foundation.transitions import WrongState
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import (
    NothingToUndo,
    NotToday,
    ReactivatedBefore,
    StaleClaim,
    WindowBusy,
)
from dispatch.tickets.undoing import UNDO_S
from tests.standing_city import CITIZEN, TOWN_PATH, Town

UNCHANGED = tuple(
    column.key for column in Ticket.__table__.columns if column.key not in ("before", "claim", "calls")
)
COLLEAGUE = Actor("staff", "d" * 32, "clerk", TOWN_PATH)
SUPERVISOR = Actor("staff", "e" * 32, "supervisor", TOWN_PATH)


def stands(ticket: Ticket) -> dict[str, object]:
    """Everything that an undo restores: a claim only rises, for fencing, and a call stays counted."""
    return {name: getattr(ticket, name) for name in UNCHANGED}


@pytest.mark.parametrize(
    ("ways", "verb"),
    [
        ([], "call"),
        ([], "move"),
        ([], "void"),
        ([], "cancel"),
        (["call"], "start"),
        (["call"], "missed"),
        (["call"], "park"),
        (["call"], "finish"),
        (["call"], "void"),
        (["call"], "move"),
        (["call", "start"], "finish"),
        (["call", "start"], "park"),
        (["call", "start"], "move"),
        (["call", "start", "park"], "resume"),
        (["call", "missed"], "reactivate"),
    ],
)
def test_whatever_was_done_last_can_be_taken_back(town: Town, ways: list[str], verb: str) -> None:
    town.open("1")
    ticket = town.take("D")
    town.take("D")
    for way in (*ways, None, verb):
        if way is None:
            before = town.ticket(ticket.id)
        elif way == "call":
            town.called("1")
        else:
            town.do(way, ticket.id)
        town.pass_time(seconds=2)
    town.do("undo", ticket.id, actor=CITIZEN if verb == "cancel" else town.clerk)
    assert stands(town.ticket(ticket.id)) == stands(before)
    assert town.kinds()[-1] == "TicketUndone"
    with pytest.raises((NothingToUndo, WrongState)):
        town.do("undo", ticket.id)
    assert town.faults() == []


def test_finish_and_next_is_one_press_and_one_undo(town: Town) -> None:
    town.open("1")
    first, second = town.take("D"), town.take("D")
    town.called("1")
    town.do("start", first.id)
    town.called_after("1")
    town.do("undo", second.id)
    assert town.ticket(second.id).state == "waiting"
    assert (town.ticket(first.id).state, town.ticket(first.id).window) == ("serving", town.window_id("1"))
    town.called_after("1")
    town.do("undo", first.id)  # whichever of the two is named
    assert [town.ticket(ticket.id).state for ticket in (first, second)] == ["serving", "waiting"]


def test_when_somebody_else_sits_there_the_finished_one_stays_finished(town: Town) -> None:
    town.open("1")
    first = town.take("D")
    town.called("1")
    town.do("finish", first.id)
    town.take("D")
    town.called("1")
    with pytest.raises(WindowBusy):
        town.do("undo", first.id)


def test_only_for_a_while_and_only_by_who_did_it_or_a_supervisor(town: Town) -> None:
    town.open("1")
    ticket = town.take("D")
    town.called("1")
    town.do("missed", ticket.id)
    with pytest.raises(NothingToUndo):
        town.do("undo", ticket.id, actor=COLLEAGUE)
    town.pass_time(seconds=UNDO_S + 1)
    with pytest.raises(NothingToUndo):
        town.do("undo", ticket.id)
    town.do("reactivate", ticket.id)
    assert town.do("undo", ticket.id, actor=SUPERVISOR).state == "missed"


def test_an_undone_call_fences_the_window_off(town: Town) -> None:
    town.open("1", "2")
    ticket = town.take("D")
    stale = town.called("1").claim
    town.do("undo", ticket.id)
    again = town.called("2")
    assert again.id == ticket.id
    with pytest.raises(StaleClaim):
        town.do("start", ticket.id, claim=stale)


# --- missed and back ----------------------------------------------------------------------------------


def test_reactivated_once_three_places_behind(town: Town) -> None:
    town.open("1")
    ticket = town.take("D")
    town.called("1")
    town.do("missed", ticket.id)
    others = []
    for _ in range(5):
        town.pass_time(seconds=10)
        others.append(town.take("D").id)
    back = town.do("reactivate", ticket.id)
    assert (back.state, back.number, back.reactivated) == ("waiting", "D001", 1)
    order = [town.called("1").id] + [town.called_after("1").id for _ in range(5)]
    assert order == [*others[:3], ticket.id, *others[3:]]


def test_a_second_miss_is_not_forgiven_and_neither_is_yesterdays(town: Town) -> None:
    town.open("1")
    ticket = town.take("D")
    for _ in range(2):
        town.called("1")
        town.do("missed", ticket.id)
        if not town.ticket(ticket.id).reactivated:
            town.do("reactivate", ticket.id)
    with pytest.raises(ReactivatedBefore):
        town.do("reactivate", ticket.id)
    other = town.take("D")
    town.called("1")
    town.do("missed", other.id)
    town.pass_time(days=1)
    with pytest.raises(NotToday):
        town.do("reactivate", other.id)


# --- silent windows -----------------------------------------------------------------------------------


def test_a_silent_windows_call_comes_back_kept_for_it_then_goes_to_another(town: Town) -> None:
    town.open("1", "2")
    ticket = town.take("D")
    stale = town.called("1").claim
    town.pass_time(seconds=91)
    town.heartbeat("2")
    assert town.let_lapse() == ["1"]
    kept = town.ticket(ticket.id)
    assert (kept.state, kept.kept_for, kept.place) == ("waiting", town.window_id("1"), ticket.place)
    assert town.window("1").lapsed
    with pytest.raises(WrongState):
        town.do("start", ticket.id, claim=stale)
    assert town.call_next("2") is None
    town.pass_time(seconds=61)
    taken = town.called("2")
    assert (taken.id, town.entries()[-1].data["instead_of"]) == (ticket.id, "1")
    with pytest.raises(StaleClaim):
        town.do("finish", ticket.id, claim=stale)


def test_the_window_that_comes_back_in_time_gets_her_again(town: Town) -> None:
    town.open("1")
    ticket = town.take("D")
    first = town.called("1").claim
    town.pass_time(seconds=91)
    town.let_lapse()
    town.pass_time(seconds=30)
    again = town.called("1")
    assert again.id == ticket.id
    assert again.claim is not None
    assert first is not None
    assert again.claim > first
    assert not town.window("1").lapsed
    assert town.entries()[-1].data["instead_of"] is None


def test_who_is_served_stays_however_long_the_window_is_silent(town: Town) -> None:
    town.open("1")
    ticket = town.take("D")
    town.called("1")
    town.do("start", ticket.id)
    town.pass_time(hours=3)
    assert town.let_lapse() == ["1"]
    assert town.ticket(ticket.id).state == "serving"
    assert town.let_lapse() == []


def test_a_heartbeat_keeps_the_lease_and_a_closed_window_needs_none(town: Town) -> None:
    town.open("1", "2")
    town.change_window("2", "close")
    for _ in range(5):
        town.pass_time(seconds=80)
        town.heartbeat("1")
        assert town.let_lapse() == []
