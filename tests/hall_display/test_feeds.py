"""Feeds: in order, without a gap, each hall by itself."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from typing import cast

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from adapters.bus.inprocess import InProcessBus
from dispatch.foundation.database import Database
from dispatch.foundation.errors import NotFound
from dispatch.foundation.log import EpochBegun, LogHead, announce
from dispatch.ports.bus import Bus
from hall_display import feeds as feeds_module
from hall_display.board_state import BoardState
from hall_display.drawing import Drawing
from hall_display.feeds import Change, Feeds, HallFeed
from hall_display.snapshots import snapshot
from hall_display.tail import Tail
from tests.hall_display.place import Boards, Place
from tests.patience import wait_for


class Notes:
    """A listener that writes down what it hears."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.jumps: list[str] = []
        self.beats: list[tuple[str, int]] = []

    def changed(self, feed: HallFeed, change: Change) -> None:
        self.changes.append(change)

    def jumped(self, feed: HallFeed) -> None:
        self.jumps.append(feed.hall)

    def beat(self, feed: HallFeed, at: datetime) -> None:
        self.beats.append((feed.hall, feed.state.seq))

    def rested(self, feeds: Sequence[HallFeed]) -> None: ...

    def estimated(self, feed: HallFeed) -> None: ...

    def seqs(self, hall: str = "H-1") -> list[int]:
        return [change.entry.seq for change in self.changes if change.entry.hall == hall]


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def feeds(database: Database, bus: InProcessBus, notes: Notes) -> Iterator[Feeds]:
    running = Feeds(database, bus, notes)
    yield running
    running.stop()


def soon(true: Callable[[], bool]) -> bool:
    wait_for(true)
    return True


def test_every_seq_is_told_once_and_in_order(place: Place, feeds: Feeds, notes: Notes) -> None:
    feed = feeds.of("H-1")
    start = feed.state.seq
    place.window("1")
    ticket = place.issue("A")
    place.call("1")
    place.ticket("start", ticket)
    place.ticket("finish", ticket)
    assert soon(lambda: len(notes.changes) == 5)
    assert notes.seqs() == list(range(start + 1, start + 6))


def test_a_hint_is_followed_without_the_poll(
    place: Place, feeds: Feeds, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds_module, "LOOK_EVERY_S", 3600.0)
    feeds.of("H-1")
    time.sleep(2)  # the last look by the clock is over
    place.issue("A")
    assert soon(lambda: len(notes.changes) == 1)


def test_without_any_hint_the_poll_finds_it(place: Place, database: Database, notes: Notes) -> None:
    class Silent:
        def tell(self, hall: str, seq: int) -> None: ...

        def listen(self, stop: threading.Event) -> Iterator[set[str] | None]:
            stop.wait()
            yield from ()

    feeds = Feeds(database, cast(Bus, Silent()), notes)
    try:
        feeds.of("H-1")
        place.issue("A")
        assert soon(lambda: len(notes.changes) == 1)
    finally:
        feeds.stop()


def test_many_writers_leave_no_gap(place: Place, feeds: Feeds, notes: Notes) -> None:
    feeds.of("H-1")
    start = feeds.of("H-1").state.seq
    writers = [threading.Thread(target=lambda: [place.issue("B") for _ in range(15)]) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert soon(lambda: len(notes.changes) == 60)
    assert notes.seqs() == list(range(start + 1, start + 61))
    assert notes.changes[-1].queues[0][1] == 60


def test_the_missing_changes_are_given_or_a_snapshot(place: Place, feeds: Feeds) -> None:
    feed = feeds.of("H-1")
    place.issue("A")
    place.issue("A")
    with feed.settled():
        head = feed.state.seq
        assert [change.entry.seq for change in feed.since(1, head - 2) or ()] == [head - 1, head]
        assert feed.since(1, head) == []
        assert feed.since(None, head) == []
        assert feed.since(1, head - 3) is None, "older than anything kept"
        assert feed.since(1, head + 1) is None, "ahead of the log: from another life of it"
        assert feed.since(2, head) is None, "another epoch"
        assert feed.since(1, None) is None


def test_a_failing_hall_does_not_stop_the_others(
    place: Place, database: Database, feeds: Feeds, notes: Notes, caplog: pytest.LogCaptureFixture
) -> None:
    other = Place(database, "H-2")
    other.furnish()
    sick = feeds.of("H-1")
    feeds.of("H-2")

    def fail(*_: object) -> None:
        raise RuntimeError("this hall cannot be read")

    sick.catch_up = fail  # type: ignore[method-assign]
    sick.follow = fail  # type: ignore[method-assign, assignment]
    with caplog.at_level(logging.CRITICAL, logger="hall_display.feeds"):
        place.issue("A")
        other.issue("A")
        assert soon(lambda: notes.seqs("H-2") == [2])
        assert soon(lambda: ("H-2", 2) in notes.beats)
    assert notes.seqs("H-1") == []
    assert ("H-1", 2) not in notes.beats, "a feed that cannot read must fall silent"


def test_an_entry_that_cannot_be_folded_makes_the_feed_read_anew(
    place: Place, feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("queue")

    feed = feeds.of("H-1")
    monkeypatch.setattr("hall_display.board_state.FOLDS", {"TicketIssued": broken})
    place.issue("A")
    with feed.settled():
        assert feed.state.waiting_in("A") == 1
        assert [change.refetch for change in feed.since(1, feed.state.seq - 1) or ()] == [True]


def test_a_new_epoch_makes_the_feed_jump(
    place: Place, database: Database, feeds: Feeds, notes: Notes
) -> None:
    feed = feeds.of("H-1")
    place.issue("A")
    with database.work() as session:
        announce(session, "H-1", EpochBegun("restored"), at=place.now, actor=place.actor)
    assert soon(lambda: notes.jumps == ["H-1"])
    with feed.settled():
        assert feed.state.epoch == 2
        assert feed.since(1, feed.state.seq - 1) is None


def test_a_log_that_went_back_makes_the_feed_jump(
    place: Place, database: Database, feeds: Feeds, notes: Notes
) -> None:
    feed = feeds.of("H-1")
    place.issue("A")
    with feed.settled():
        pass
    with database.work() as session:
        set_head(session, seq=1)
    with feed.settled():
        assert feed.state.seq == 1
    assert notes.jumps == ["H-1"]


def test_entries_that_two_threads_read_are_told_once(place: Place, database: Database, notes: Notes) -> None:
    feed = HallFeed("H-1", database, notes)
    feed.catch_up()
    start = feed.state.seq
    for _ in range(4):
        place.issue("A")
    with closing(Tail(database)) as tail:
        read = tail.entries_after({"H-1": start})["H-1"]
    for first, last in ((0, 2), (0, 3), (1, 2), (0, 4), (0, 4)):
        feed.follow(read[first:last])
    assert notes.seqs() == [entry.seq for entry in read]
    assert feed.state.waiting_in("A") == 4


def test_entries_that_do_not_follow_make_the_feed_read_for_itself(
    place: Place, database: Database, notes: Notes
) -> None:
    feed = HallFeed("H-1", database, notes)
    feed.catch_up()
    start = feed.state.seq
    for _ in range(4):
        place.issue("A")
    with closing(Tail(database)) as tail:
        read = tail.entries_after({"H-1": start})["H-1"]
    feed.follow(read[2:3])
    assert notes.seqs() == [entry.seq for entry in read]


def test_logs_of_many_halls_are_read_at_once_each_from_its_own_seq(place: Place, database: Database) -> None:
    other = Place(database, "H-2")
    other.furnish()
    for _ in range(3):
        place.issue("A")
        other.issue("B")
    with closing(Tail(database)) as tail:
        _, heads = tail.heads(["H-1", "H-2", "H-nowhere"])
        found = tail.entries_after({"H-1": heads["H-1"].seq - 1, "H-2": heads["H-2"].seq - 3, "H-nowhere": 0})
        place.issue("A")
        assert [entry.seq for entry in tail.entries_after({"H-1": heads["H-1"].seq})["H-1"]] == [
            heads["H-1"].seq + 1
        ], "each look is of its own moment"
    assert "H-nowhere" not in heads
    assert {hall: [entry.seq for entry in entries] for hall, entries in found.items()} == {
        "H-1": [heads["H-1"].seq],
        "H-2": [heads["H-2"].seq - 2, heads["H-2"].seq - 1, heads["H-2"].seq],
        "H-nowhere": [],
    }


def test_a_line_that_broke_is_replaced(place: Place, database: Database) -> None:
    with closing(Tail(database)) as tail:
        with pytest.raises(RuntimeError), tail.line():
            raise RuntimeError("the line is dead")
        assert tail.heads(["H-1"])[1]["H-1"].seq == 1


def set_head(session: Session, seq: int) -> None:
    session.execute(update(LogHead).where(LogHead.hall == "H-1").values(seq=seq))


def test_an_unknown_hall_is_refused_and_not_kept(feeds: Feeds, place: Place) -> None:
    with pytest.raises(NotFound):
        feeds.of("H-nowhere")
    assert feeds.of("H-1").state.seq == 1


def test_a_hall_is_read_once_for_all_who_come_together(
    place: Place, feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def slowly(session: Session, hall: str) -> BoardState:
        read.append(hall)
        time.sleep(0.2)
        return snapshot(session, hall)

    monkeypatch.setattr(feeds_module, "snapshot", slowly)
    with ThreadPoolExecutor(8) as together:
        found = list(together.map(feeds.of, ["H-1"] * 8))
    assert read == ["H-1"]
    assert len(set(map(id, found))) == 1


def test_a_hall_nobody_needs_is_forgotten(
    place: Place, feeds: Feeds, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = feeds.of("H-1")
    monkeypatch.setattr(feeds_module, "FORGET_AFTER_S", 0.0)
    assert soon(lambda: feeds.of("H-1") is not first)


def test_threads_end_when_told(place: Place, database: Database, bus: InProcessBus, notes: Notes) -> None:
    feeds = Feeds(database, bus, notes)
    before = threading.active_count()
    feeds.of("H-1")
    assert threading.active_count() == before + 3
    feeds.stop()
    assert soon(lambda: threading.active_count() == before)


def test_a_change_is_drawn_once_for_each_language(place: Place, room: Boards) -> None:
    feed = room.display.feeds.of("H-1")
    place.issue("D")
    with feed.settled():
        (change,) = feed.since(1, feed.state.seq - 1) or []
    drawing = Drawing(lambda: room.app.jinja_env)
    chinese = change.shown(drawing, "zh")
    assert "不动产登记" in chinese["fragments"]["queue-D"]
    assert chinese["queues"] == [{"code": "D", "waiting": 1, "state": "open", "reason": None, "until": None}]
    assert change.shown(drawing, "zh") is chinese
    assert "Real estate registration" in change.shown(drawing, "en")["fragments"]["queue-D"]
