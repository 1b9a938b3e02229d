"""The plan against what happened."""

from datetime import timedelta

import pytest

from dispatch.halls import finding as halls
from dispatch.staffing import finding, reality
from dispatch.staffing.reality import Planned, Standing
from dispatch.staffing.sittings import Sitting, sittings
from dispatch.staffing.spans import Span
from tests.staffing.rota import Rota
from tests.standing_city import TOWN_HALL


def stands(rota: Rota, breaks: tuple[Span, ...] = (), *, window: str | None = "1") -> Standing:
    """How a shift of today from ten to twelve stands."""
    at = rota.town.window_id(window) if window else None
    planned = Planned("first", at, rota.hours(10, 12), breaks)
    return reality.standing(planned, sat(rota), rota.town.now)


def sat(rota: Rota) -> list[Sitting]:
    with rota.database.reading() as session:
        day = finding.day_of(halls.hall(session, TOWN_HALL), rota.town.now.date())
        return sittings(session, TOWN_HALL, day)


def at(rota: Rota, hour: float) -> None:
    """Let it be so many hours after midnight."""
    rota.town.now = rota.hours(hour, hour).starts


def test_before_its_time_nothing_is_expected(rota: Rota) -> None:
    assert stands(rota).standing == "ahead"


@pytest.mark.parametrize(
    ("hour", "known_as"), [(10, "due"), (10.05, "due"), (10.2, "absent"), (12, "missed")]
)
def test_whoever_does_not_come_is_missed(rota: Rota, hour: float, known_as: str) -> None:
    at(rota, hour)
    assert stands(rota) == Standing(known_as)


def test_whoever_comes_in_time_works(rota: Rota) -> None:
    at(rota, 9.95)
    rota.open_as("first", "1")
    at(rota, 11)
    assert stands(rota) == Standing("working", opened_at=rota.hours(9.95, 10).starts)


def test_late_is_counted_beyond_the_grace(rota: Rota) -> None:
    at(rota, 10.5)
    rota.open_as("first", "1")
    assert stands(rota).late_s == 1800
    assert stands(rota, window=None).late_s == 1800


def test_somebody_else_who_sits_there_is_named(rota: Rota) -> None:
    at(rota, 10)
    rota.open_as("second", "1")
    assert (stands(rota).standing, stands(rota).other) == ("working", "second")
    at(rota, 10.2)
    assert stands(rota, window=None).standing == "absent"


def test_a_break_and_what_comes_after_it(rota: Rota) -> None:
    at(rota, 10)
    rota.open_as("first", "1")
    pause = (rota.hours(11, 11.25),)
    at(rota, 11)
    rota.open_as("first", "1", "pause")
    assert stands(rota, pause).standing == "on_break"
    at(rota, 11.3)
    assert stands(rota, pause).standing == "on_break"
    at(rota, 11.5)
    assert stands(rota, pause).standing == "break_over"
    rota.open_as("first", "1")
    assert stands(rota, pause).standing == "working"


def test_a_pause_outside_a_break_and_a_closed_window(rota: Rota) -> None:
    at(rota, 10)
    rota.open_as("first", "1")
    at(rota, 10.5)
    rota.open_as("first", "1", "pause")
    assert stands(rota).standing == "paused"
    rota.open_as("first", "1", "close")
    assert stands(rota).standing == "away"


def test_whoever_leaves_early_is_seen_when_it_is_over(rota: Rota) -> None:
    at(rota, 10)
    rota.open_as("first", "1")
    at(rota, 11)
    rota.open_as("first", "1", "close")
    at(rota, 12)
    assert (stands(rota).standing, stands(rota).left_early_s) == ("done", 3600)


def test_yesterday_is_told_by_yesterdays_log(rota: Rota) -> None:
    at(rota, 10)
    rota.open_as("first", "1")
    at(rota, 12)
    rota.open_as("first", "1", "close")
    rota.town.pass_time(days=1)
    assert sat(rota) == []
    rota.town.pass_time(days=-1)
    [sitting] = sat(rota)
    assert (sitting.who, sitting.state, sitting.ends and sitting.ends - sitting.starts) == (
        "first",
        "open",
        timedelta(hours=2),
    )


def test_a_window_that_stayed_open_over_night_is_seen_from_midnight(rota: Rota) -> None:
    rota.open_as("first", "1")
    rota.town.pass_time(days=1)
    [sitting] = sat(rota)
    assert sitting.starts == rota.hours(0, 0).starts


def test_windows_nobody_planned_are_told(rota: Rota) -> None:
    rota.open_as("first", "1")
    rota.open_as("second", "2")
    planned = [Planned("first", rota.town.window_id("1"), rota.hours(9, 12))]
    [found] = reality.unplanned(planned, sat(rota), rota.town.now)
    assert found.window == rota.town.window_id("2")
