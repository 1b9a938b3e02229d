"""The six keys of a window: always the same six in the same order, one fruit at most, each dead one says why."""

import pytest

from dispatch.pages.window.keys import AtWindow, Key, Seat, keys_for, more_for

WINDOW = "H-331082112-6"
STATES = [
    AtWindow(WINDOW, "closed"),
    AtWindow(WINDOW, "paused", following="D008"),
    AtWindow(WINDOW, "open"),
    AtWindow(WINDOW, "open", following="D008"),
    AtWindow(WINDOW, "open", "t1", "called", "D007", 3, "D008"),
    AtWindow(WINDOW, "open", "t1", "serving", "D007", 3, "D008"),
    AtWindow(WINDOW, "open", "t1", "serving", "D007", 3),
    AtWindow(WINDOW, "paused", "t1", "serving", "D007", 3, "D008"),
    AtWindow(
        WINDOW,
        "open",
        "t1",
        "called",
        "D007",
        3,
        "D010",
        group=(
            Seat("t1", "D007", "serving", 3),
            Seat("t2", "D008", "called", 3),
            Seat("t3", "D009", "called", 3),
        ),
    ),
    AtWindow(WINDOW, "open", "t1", "serving", "D007", 3, "D008", several=True, next_stage="P"),
]
every_state = pytest.mark.parametrize("at", STATES, ids=lambda at: f"{at.state}-{at.ticket_state or 'free'}")


def by_letter(at: AtWindow) -> dict[str, Key]:
    return {key.letter: key for key in keys_for(at, "zh")}


@every_state
def test_keys_never_change_place(at: AtWindow) -> None:
    assert [key.letter for key in keys_for(at, "zh")] == list("NFPTRM")


@every_state
def test_a_dead_key_says_why_and_goes_nowhere(at: AtWindow) -> None:
    for key in keys_for(at, "zh"):
        assert key.hint
        assert (key.look == "off") == (not key.url)


@every_state
def test_there_is_one_fruit_at_most(at: AtWindow) -> None:
    assert sum(key.look == "fruit" for key in keys_for(at, "zh")) <= 1


def test_n_calls_then_starts_then_finishes_and_calls() -> None:
    waiting, called, serving = (by_letter(STATES[index])["N"] for index in (3, 4, 5))
    assert (waiting.url, waiting.body) == (f"/api/v1/windows/{WINDOW}/call-next", {"finish": False})
    assert (called.url, called.body) == ("/api/v1/tickets/t1/start", {"claim": 3})
    assert (serving.url, serving.body) == (f"/api/v1/windows/{WINDOW}/call-next", {"finish": True})


def test_recall_and_missed_live_only_until_the_person_is_here() -> None:
    called, serving = by_letter(STATES[4]), by_letter(STATES[5])
    assert (called["R"].look, called["M"].look) == ("plain", "plain")
    assert (serving["R"].look, serving["M"].look) == ("off", "off")


def test_a_paused_window_still_finishes_whoever_is_there() -> None:
    keys = by_letter(STATES[7])
    assert keys["N"].look == "off"
    assert keys["F"].look == "fruit"


def test_whoever_is_there_can_be_parked_and_moved() -> None:
    for index in (4, 5, 7):
        keys = by_letter(STATES[index])
        assert keys["P"].url == "/api/v1/tickets/t1/park"
        assert keys["P"].body == {"claim": 3, "reason": "other"}
        assert (keys["P"].sheet, keys["T"].sheet) == ("park", "move")


def test_the_next_stage_comes_first_where_the_hall_has_one() -> None:
    assert by_letter(STATES[9])["T"].body == {"claim": 3, "queue": "P"}
    assert by_letter(STATES[5])["T"].body == {"claim": 3}


def test_several_items_are_looked_at_before_they_are_done() -> None:
    assert by_letter(STATES[9])["F"].sheet == "finish"
    assert by_letter(STATES[5])["F"].sheet == ""


def test_one_press_serves_a_whole_group() -> None:
    keys = by_letter(STATES[8])
    start, missed, finish = keys["N"], keys["M"], keys["F"]
    assert [start.url, *(url for url, _ in start.also)] == [
        "/api/v1/tickets/t2/start",
        "/api/v1/tickets/t3/start",
    ]
    assert [missed.url, *(url for url, _ in missed.also)] == [
        "/api/v1/tickets/t2/missed",
        "/api/v1/tickets/t3/missed",
    ]
    assert (finish.url, finish.also) == ("/api/v1/tickets/t1/finish", ())
    assert (keys["P"].look, keys["T"].look) == ("off", "off")


@every_state
def test_the_seldom_keys_never_change_place_either(at: AtWindow) -> None:
    assert [key.letter for key in more_for(at, "zh")] == list("CVGWLS")
