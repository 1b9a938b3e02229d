"""The fold: what a board shows after each entry of the log."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

from dispatch.foundation.database import Database
from dispatch.foundation.errors import Refusal
from dispatch.foundation.log import entries_after
from hall_display.board_state import (
    CALLS_SHOWN,
    FOLDS,
    INVISIBLE,
    BoardState,
    Call,
    Entry,
    Hall,
    Parts,
    Queue,
)
from hall_display.snapshots import snapshot
from tests.hall_display.place import Place

DAY = "2026-11-24"
HALL = Hall("H-1", "杜桥镇便民服务中心", "Duqiao", "Asia/Shanghai")
QUEUES = (Queue("A", "A", "综合事务", "General"), Queue("B", "B", "公安户籍", "Police"))
NEWS = [Path("dispatch/halls/news.py"), Path("dispatch/tickets/news.py"), Path("dispatch/foundation/log.py")]
NEWS += [Path("dispatch/tickets", f"{verb}.py") for verb in ("arriving", "fetching", "prechecks", "priority")]
NEWS += [Path("dispatch/catalogue/enquiries.py")]


def entry(seq: int, kind: str, *, epoch: int = 1, **data: object) -> Entry:
    return Entry("H-1", epoch, seq, kind, f"2026-11-24T01:{seq:02d}:00+00:00", data)


def issued(seq: int, ticket: str, queue: str = "A", day: str = DAY) -> Entry:
    return entry(
        seq, "TicketIssued", ticket=ticket, queue=queue, service_day=day, person="P-1", items=["secret"]
    )


def called(seq: int, ticket: str, day: str = DAY) -> Entry:
    return entry(
        seq,
        "TicketCalled",
        ticket=ticket,
        number=f"A{ticket}",
        window="H-1-6",
        window_name="6",
        service_day=day,
    )


def recalled(seq: int, ticket: str, times: int) -> Entry:
    first = called(seq, ticket)
    return entry(seq, "TicketRecalled", **first.data, times=times)


def folded(*entries: Entry) -> tuple[BoardState, Parts]:
    state, parts = BoardState(HALL, queues=QUEUES), Parts()
    for each in entries:
        state, parts = state.apply(each)
    return state, parts


def test_a_ticket_waits_from_its_issue_until_it_is_called() -> None:
    state, parts = folded(issued(1, "1"), issued(2, "2"))
    assert state.waiting_in("A") == 2
    assert parts == Parts(queues=("A",))
    state, parts = state.apply(called(3, "1"))
    assert state.waiting_in("A") == 1
    assert parts.queues == ("A",)
    assert parts.call == Call(3, "1", "A1", "H-1-6", "6", "2026-11-24T01:03:00+00:00", 1)


def test_a_missed_ticket_that_is_cancelled_was_not_waiting() -> None:
    gone = entry(4, "TicketCancelled", ticket="1", number="A1", queue="A", was="missed")
    state, parts = folded(issued(1, "1"), issued(2, "2"), called(3, "1"), gone)
    assert state.waiting_in("A") == 1
    assert parts == Parts()


def test_a_second_call_keeps_its_name_and_goes_to_the_top() -> None:
    state, parts = folded(issued(1, "1"), issued(2, "2"), called(3, "1"), called(4, "2"), recalled(5, "1", 2))
    assert [(call.number, call.call, call.times) for call in state.calls] == [("A1", 3, 2), ("A2", 4, 1)]
    assert parts.call is state.calls[0]


def test_a_call_that_has_left_the_list_keeps_its_name_too() -> None:
    many = [called(seq, str(seq)) for seq in range(1, 9)]
    state, _ = folded(*many, recalled(20, "1", 2))
    assert len(state.calls) == CALLS_SHOWN
    assert state.calls[0].call == 1


def test_a_new_service_day_starts_with_nobody_called_and_nobody_waiting() -> None:
    state, _ = folded(issued(1, "1"), issued(2, "2"), called(3, "1"), issued(4, "9", day="2026-11-25"))
    assert state.day == "2026-11-25"
    assert state.calls == ()
    assert state.waiting_in("A") == 1
    late = entry(5, "TicketExpired", ticket="2", number="A2", queue="A", was="waiting")
    assert state.apply(late)[0].waiting_in("A") == 1


def test_what_nobody_sees_still_moves_the_board_on() -> None:
    state, parts = folded(issued(1, "1"), entry(2, "TicketFinished", ticket="1"))
    assert state.seq == 2
    assert parts == Parts()


def test_an_unknown_kind_asks_for_a_fresh_snapshot() -> None:
    state, parts = folded(issued(1, "1"), entry(2, "TicketTeleported", ticket="1"))
    assert state.seq == 2
    assert parts == Parts(refetch=True)


def test_the_last_window_that_closes_closes_the_hall() -> None:
    state, parts = folded(entry(1, "WindowOpened", window="H-1-6"))
    assert parts.idle
    assert not state.closed
    state, parts = state.apply(entry(2, "WindowPaused", window="H-1-6"))
    assert (state.closed, parts.idle) == (False, False)
    state, parts = state.apply(entry(3, "WindowClosed", window="H-1-6"))
    assert (state.closed, parts.idle) == (True, True)


def test_only_named_fields_ever_reach_a_board() -> None:
    shown = folded(issued(1, "ticket-1"), called(2, "ticket-1"))[0].board()
    assert set(shown) == {"hall", "day", "queues", "calls", "notice"}
    assert set(shown["hall"]) == {"code", "name", "name_en"}
    assert all(
        set(queue)
        == {
            "code",
            "letter",
            "name",
            "name_en",
            "waiting",
            "wait",
            "unknown_because",
            "state",
            "reason",
            "until",
        }
        for queue in shown["queues"]
    )
    assert all(
        set(call) == {"call", "number", "window", "window_name", "at", "times", "instead_of", "arrow"}
        for call in shown["calls"]
    )


def test_every_kind_the_rooms_announce_has_its_place_in_the_fold() -> None:
    root = Path(__file__).parents[2]
    announced = {
        node.name
        for path in NEWS
        for node in ast.parse((root / path).read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and any(getattr(base, "id", None) == "Event" for base in node.bases)
    }
    assert announced <= set(FOLDS) | INVISIBLE


# --- the fold and the tables agree --------------------------------------------------------------------


class Follower:
    """A board that saw one snapshot and since then only the log."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.kinds: set[str] = set()
        self.state = self.fresh()

    def fresh(self) -> BoardState:
        with self.place.database.reading() as session:
            return snapshot(session, self.place.code)

    def follow(self) -> None:
        with self.place.database.reading() as session:
            for row in entries_after(session, self.place.code, self.state.seq):
                self.kinds.add(row.kind)
                self.state, _ = self.state.apply(Entry.from_body(row.body))

    def agrees(self) -> None:
        self.follow()
        fresh = self.fresh()
        assert self.state.board() == fresh.board()
        assert (self.state.epoch, self.state.seq) == (fresh.epoch, fresh.seq)
        assert self.state.closed == fresh.closed
        assert dict(self.state.first_calls) == dict(fresh.first_calls)


def random_deed(place: Place, held: list[str], chance: random.Random) -> None:
    """Something people do; what the rules refuse simply does not happen."""
    place.pass_time(seconds=chance.randint(1, 90))
    deed = chance.choices(
        [
            "issue",
            "call",
            "recall",
            "start",
            "finish",
            "missed",
            "cancel",
            "park",
            "resume",
            "move",
            "send",
            "reactivate",
            "void",
            "undo",
            "lapse",
            "open",
            "pause",
            "close",
            "furnish",
        ],
        [9, 7, 4, 3, 3, 3, 3, 2, 2, 2, 0.5, 3, 1, 4, 0.7, 4, 1, 1, 0.4],
    )[0]
    try:
        if deed == "issue":
            held.append(place.issue(chance.choice("ABC")))
        elif deed == "call":
            place.call(chance.choice("136"))
        elif deed in ("open", "pause", "close"):
            place.window(chance.choice("136"), deed)
        elif deed == "lapse":
            place.pass_time(seconds=100)
            place.lapse(chance.choice("136"))
        elif deed == "furnish":
            place.furnish(queues=chance.choice([3, 4, 5]))
        elif held:
            place.ticket(deed, chance.choice(held[-12:]))
    except Refusal:
        pass


@pytest.mark.parametrize("seed", range(2))
def test_board_follows(place: Place, seed: int) -> None:
    """An old snapshot and the changes since are a fresh snapshot, over two days of whatever people do."""
    chance = random.Random(seed)
    held: list[str] = []
    follower = Follower(place)
    for name in "136":
        place.window(name)
    for step in range(120):
        random_deed(place, held, chance)
        if step % 3 == 0:
            follower.agrees()
    place.pass_time(days=1)
    for step in range(40):
        random_deed(place, held, chance)
        if step == 10:
            place.end_day()
        follower.agrees()


def test_every_kind_was_followed_at_least_once(place: Place) -> None:
    follower = Follower(place)
    place.window("1")
    place.window("3")
    first = place.issue("A")
    place.pass_time(minutes=1)
    second = place.issue("A")
    place.pass_time(minutes=1)
    third, left_waiting = place.issue("B"), place.issue("C")
    place.call("1")
    place.ticket("recall", first)
    place.ticket("start", first)
    follower.agrees()
    place.call("3")
    place.ticket("missed", second)
    place.ticket("cancel", third)
    place.ticket("finish", first)
    for verb in ("undo", "park", "resume", "move", "void", "undo"):
        place.ticket(verb, first)
        follower.agrees()
    place.ticket("reactivate", second)
    follower.agrees()
    place.call("3")
    place.pass_time(minutes=2)
    place.lapse("3")
    follower.agrees()
    place.ticket("send", first)
    follower.agrees()
    place.hear()
    follower.agrees()
    place.window("3", "pause")
    place.furnish(queues=6)
    follower.agrees()
    place.pass_time(days=1)
    place.issue("A")
    place.end_day()
    follower.agrees()
    assert left_waiting
    assert follower.kinds >= {kind for kind in FOLDS if kind.startswith(("Ticket", "Window"))}


def test_the_tables_are_read_from_the_log_of_an_empty_hall(database: Database) -> None:
    place = Place(database)
    place.furnish(queues=2)
    follower = Follower(place)
    assert follower.state.board()["calls"] == []
    assert [queue["code"] for queue in follower.state.board()["queues"]] == ["A", "B"]
    assert follower.state.closed
