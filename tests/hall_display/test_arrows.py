"""The board draws where the called window lies."""

from __future__ import annotations

from dispatch.halls import configuring
from hall_display.board_state import BoardState, Entry, Hall
from tests.hall_display.place import Boards, Place

HALL = Hall("H-1", "厅", None, "Asia/Shanghai")


def set_arrow(place: Place, window: str, arrow: str) -> None:
    with place.database.work() as session:
        arrows = {f"{place.code}-{window}": arrow}
        configuring.set_arrows(session, place.code, arrows, now=place.now, actor=place.actor)


def test_a_call_shows_the_arrow_of_its_window(place: Place, room: Boards) -> None:
    place.window("6")
    set_arrow(place, "6", "left")
    place.issue("D")
    place.call("6")
    page = room.app.test_client().get("/board/H-1").text
    assert "slip-arrow left" in page
    feed = room.display.feeds.of("H-1")
    with feed.settled():
        assert feed.state.board()["calls"][0]["arrow"] == "left"


def test_a_call_on_the_board_turns_its_arrow_with_the_setting(place: Place, room: Boards) -> None:
    place.window("6")
    place.issue("D")
    place.call("6")
    feed = room.display.feeds.of("H-1")
    with feed.settled():
        assert feed.state.calls[0].arrow == "none"
    set_arrow(place, "6", "ahead")
    with feed.settled():
        assert feed.state.calls[0].arrow == "ahead"


def test_the_log_alone_tells_it_too() -> None:
    windows = [{"id": "W1", "arrow": "right"}, {"id": "W2"}]
    state = BoardState(HALL)
    configured = Entry(
        "H-1", 1, 1, "HallConfigured", "2026-11-24T01:30:00+00:00", {"queues": [], "windows": windows}
    )
    state, _ = state.apply(configured)
    assert state.arrows == {"W1": "right", "W2": "none"}
