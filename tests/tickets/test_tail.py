"""Whoever takes a number is told how many are ahead without the whole line being read: it must be the same figure."""

import random

import pytest

from dispatch.halls import finding as halls
from dispatch.queues.policy import Policy
from dispatch.tickets import issuing, lines
from tests.standing_city import CLERK, Town

CHANNELS = ("app", "web", "kiosk", "counter")
PRIORITIES = ("none", "none", "none", "elderly", "soldier")


def ahead_twice(town: Town, channel: str, priority: str = "none") -> tuple[int | None, int | None]:
    """Take a number; how many are ahead as it was counted, and by the line itself."""
    with town.database.work() as session:
        place = halls.hall(session, town.code)
        ticket = issuing.issue(
            session, place, queue="D", channel=channel, priority=priority, now=town.now, actor=CLERK
        )
        counted = lines.ahead(session, ticket)
        session.info.pop("ahead", None)
        return counted, lines.ahead(session, ticket)


@pytest.mark.parametrize("seed", range(4))
def test_the_count_is_the_lines_own(town: Town, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(25):
        counted, read = ahead_twice(town, chance.choice(CHANNELS), chance.choice(PRIORITIES))
        assert counted == read
        town.pass_time(seconds=chance.choice((0, 40)))


def test_of_many_from_afar_only_so_many_are_ahead_of_somebody_here(town: Town) -> None:
    for _ in range(Policy().remote_passes + 3):
        ahead_twice(town, "web")
    assert ahead_twice(town, "counter") == (Policy().remote_passes,) * 2


def test_somebody_who_came_back_behind_the_last_is_not_ahead(town: Town) -> None:
    town.open("1")
    first = town.take("D")
    for _ in range(3):
        town.take("D")
    town.called("1")
    town.do("missed", first.id)
    town.do("reactivate", first.id)
    counted, read = ahead_twice(town, "counter")
    assert counted == read
