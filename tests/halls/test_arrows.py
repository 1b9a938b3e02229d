"""On which side of its board a window lies: the hall's own setting, which no import takes away."""

from dataclasses import replace

from dispatch.halls import configuring
from tests.standing_city import BUILDER, TOWN_HALL, Town, configure, town_spec


def set_arrows(town: Town, **arrows: str) -> bool:
    """By the windows' numbers."""
    with town.database.work() as session:
        told = {town.window_id(name.removeprefix("w")): arrow for name, arrow in arrows.items()}
        return configuring.set_arrows(session, TOWN_HALL, told, now=town.now, actor=BUILDER)


def test_a_window_lies_where_the_hall_says(town: Town) -> None:
    assert town.window("1").arrow == "none"
    assert set_arrows(town, w1="left", w3="ahead")
    assert [town.window(name).arrow for name in "123"] == ["left", "none", "ahead"]
    assert town.kinds()[-1] == "HallConfigured"


def test_saying_the_same_again_is_no_news(town: Town) -> None:
    set_arrows(town, w1="left")
    before = town.head()
    assert not set_arrows(town, w1="left")
    assert town.head() == before


def test_an_import_that_says_nothing_of_it_leaves_it(town: Town) -> None:
    set_arrows(town, w1="left")
    assert not configure(town.database, town_spec(), now=town.now)
    assert town.window("1").arrow == "left"


def test_an_import_that_says_it_sets_it(town: Town) -> None:
    set_arrows(town, w1="left")
    windows = [replace(window, arrow="right") for window in town_spec().windows]
    assert configure(town.database, town_spec(windows=windows), now=town.now)
    assert {town.window(name).arrow for name in "1234"} == {"right"}
