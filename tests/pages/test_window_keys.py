"""The six keys of a window: always the same six in the same order, one fruit at most, each dead one says why."""

import pytest

from dispatch.pages.window.keys import AtWindow, Key, keys_for

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
