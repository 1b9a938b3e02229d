"""A past day of a real hall, played again under its present discipline and another."""

from dataclasses import replace

import pytest

from dispatch.halls import finding
from dispatch.queues.policy import Policy
from dispatch.tickets import past
from dispatch.tickets.past import Compared
from tests.standing_city import CARD, TRADE, Town


def preview(town: Town, **figures: int) -> dict[str, Compared]:
    with town.database.reading() as session:
        place = finding.hall(session, town.code)
        proposed = replace(Policy(), **figures)
        groups = past.preview(session, place, town.now.date(), proposed, now=town.now)
        return {group.name: group for group in groups}


def serve_all(town: Town, window: str, minutes: float) -> None:
    """One window calls until nobody waits."""
    while town.call_next(window, finish=True):
        town.pass_time(minutes=minutes)


@pytest.fixture
def played(town: Town) -> Town:
    """A morning: six tickets from afar, then four people here, one old; one window, eight minutes each."""
    for _ in range(6):
        town.take("D", channel="app")
    town.pass_time(minutes=1)
    for _ in range(3):
        town.take("D", channel="kiosk")
    town.take("D", channel="counter", priority="elderly")
    town.pass_time(minutes=1)
    town.open("1")
    serve_all(town, "1", 8)
    town.pass_time(hours=1)
    town.change_window("1", "close")
    return town


def test_a_day_played_by_its_own_policy_is_as_it_was(played: Town) -> None:
    everybody = preview(played)["all"]
    assert everybody.present == everybody.proposed == everybody.measured
    assert (everybody.measured.people, everybody.measured.served) == (10, 10)
    assert everybody.measured.most_passed == 6


def test_a_stricter_bound_shows_whom_it_helps_and_who_pays(played: Town) -> None:
    told = preview(played, remote_passes=2)
    assert told["kiosk"].proposed.mean_s < told["kiosk"].present.mean_s  # type: ignore[operator]
    assert told["app"].proposed.mean_s > told["app"].present.mean_s  # type: ignore[operator]
    assert told["all"].proposed.mean_s == pytest.approx(told["all"].present.mean_s)
    assert told["all"].proposed.most_passed == 2


def test_people_are_told_apart_by_class_and_channel(played: Town) -> None:
    told = preview(played)
    assert {name: group.kind for name, group in told.items()} == {
        "all": "all",
        "care": "class",
        "ordinary": "class",
        "app": "channel",
        "kiosk": "channel",
        "counter": "channel",
    }
    assert told["care"].measured.max_s == 60


def test_the_target_of_each_policy_counts(played: Town) -> None:
    told = preview(played, target_min=240)["all"]
    assert told.proposed.within_target == 1
    assert told.present.within_target < 1  # type: ignore[operator]


def test_whoever_gave_up_or_missed_the_call_is_played_so(town: Town) -> None:
    town.open("1")
    gone, missed, third = town.take("D"), town.take("D"), town.take("D")
    town.pass_time(minutes=1)
    town.do("cancel", gone.id)
    assert town.called("1").id == missed.id
    town.pass_time(minutes=2)
    town.do("missed", missed.id)
    assert town.called("1").id == third.id
    town.pass_time(minutes=5)
    town.do("finish", third.id)
    town.pass_time(minutes=30)
    told = preview(town)["all"]
    assert told.measured.served == 2
    assert told.present.served == 3  # the window stood open: by the rules she would have been called at once


def test_windows_of_two_queues_and_a_day_that_is_not_over(town: Town) -> None:
    town.open("3")
    for item in (CARD, TRADE, CARD, TRADE):
        town.take(items=[item])
    serve_all(town, "3", 10)
    told = preview(town)["all"]
    assert told.measured == told.present


def test_a_day_on_which_nobody_came(town: Town) -> None:
    assert preview(town) == {}


def test_a_window_opened_yesterday_is_not_open_today(town: Town) -> None:
    town.open("1")
    town.pass_time(days=1)
    town.take("D")
    town.pass_time(hours=2)
    assert preview(town)["all"].present.served == 0
