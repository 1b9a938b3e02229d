"""What somebody is told as she takes a number is what those of her kind wait: by law, by care, here, or from afar."""

import random
from datetime import timedelta
from typing import Any

import pytest

from dispatch.halls import finding as halls
from dispatch.tickets import arriving
from dispatch.tickets import finding as tickets
from dispatch.tickets.models import Ticket
from dispatch.waits import correcting, finding, newcomers
from dispatch.waits.forecast import SIMULATED, Forecast, Unknown
from tests.standing_city import CITIZEN, CLERK, Town
from tests.waits.foretelling import foretell, promised

HERE: dict[str, Any] = {"channel": "counter", "actor": CLERK}
AFAR: dict[str, Any] = {"channel": "web", "actor": CITIZEN}
CARE: dict[str, Any] = {**HERE, "priority": "elderly"}


def point(town: Town, ticket: Ticket) -> float:
    wait = promised(town, ticket.id).wait
    assert wait is not None
    return float(wait["point_s"])


def a_line(town: Town) -> None:
    """Two windows at work; many in the line come from afar, so that whoever is here is passed often enough soon."""
    town.open("1", "2")
    for place in range(40):
        town.take("D", **(AFAR if place % 4 else HERE))
    for window in "12":
        town.called(window)


@pytest.mark.parametrize(
    ("priority", "channel", "kind"),
    [
        ("soldier", "counter", newcomers.BY_LAW),
        ("elderly", "kiosk", newcomers.BY_CARE),
        ("elderly", "web", newcomers.BY_CARE),
        ("none", "app", newcomers.FROM_AFAR),
        ("none", "kiosk", None),
    ],
)
def test_everybody_is_of_one_kind(priority: str, channel: str, kind: str | None) -> None:
    assert newcomers.kind_of(Ticket(priority=priority, channel=channel, arrived_at=None)) == kind


def test_whoever_takes_a_number_from_afar_is_told_the_wait_of_such_a_number(town: Town) -> None:
    a_line(town)
    foretell(town)
    told = {
        "care": point(town, town.take("D", **CARE)),
        "here": point(town, town.take("D", **HERE)),
        "afar": point(town, afar := town.take("D", **AFAR)),
    }
    assert told["care"] < told["here"] < told["afar"]
    first = told["afar"]
    foretell(town)
    assert point(town, afar) == pytest.approx(first, rel=0.1)
    with town.database.reading() as session:
        place = halls.hall(session, town.code)
        asked = finding.ask_joining(session, town.code)
        assert finding.joining(session, place, afar, asked, town.now).wait is not None


def test_once_she_is_seen_here_she_is_told_what_those_here_wait(town: Town) -> None:
    a_line(town)
    foretell(town)
    afar = town.take("D", **AFAR)
    before = point(town, afar)
    with town.database.work() as session:
        afar = tickets.ticket(session, afar.id)
        arriving.arrive(session, afar, now=town.now, actor=CITIZEN)
    assert point(town, afar) < before
    assert point(town, afar) == point(town, town.take("D", **HERE))


def test_the_first_own_wait_is_not_longer_as_a_rule_than_what_was_told(town: Town) -> None:
    """Whoever she is; in halls of two queues, one window serving both, and whatever happened before."""
    chance = random.Random(3)
    told, first = dict.fromkeys(("here", "care", "afar"), 0.0), dict.fromkeys(("here", "care", "afar"), 0.0)
    a_line(town)
    town.open("3", "4")
    for _ in range(6):
        for _ in range(chance.randrange(1, 5)):
            town.take(chance.choice("DDA"), **chance.choice([HERE, HERE, AFAR, AFAR, CARE]))
        foretell(town)
        new = {kind: town.take("D", **how) for kind, how in (("here", HERE), ("care", CARE), ("afar", AFAR))}
        before = {kind: point(town, ticket) for kind, ticket in new.items()}
        foretell(town)
        for kind, ticket in new.items():
            told[kind] += before[kind]
            first[kind] += point(town, ticket)
        town.pass_time(minutes=chance.randrange(1, 6))
        for window in "1234":
            town.call_next(window, finish=True)
    for kind, seconds in told.items():
        assert first[kind] <= 1.05 * seconds + 6 * 60, kind
    assert told["care"] < told["here"] < told["afar"]


def test_a_queue_without_numbers_tells_every_kind_why(town: Town) -> None:
    told = foretell(town)
    kinds = (None, newcomers.BY_LAW, newcomers.BY_CARE, newcomers.FROM_AFAR)
    assert {told.joining("D", kind).because for kind in kinds} == {"no_window_open"}


def test_what_is_stale_is_shown_to_no_kind(town: Town) -> None:
    town.open("1")
    foretell(town)
    afar = town.take("D", **AFAR)
    town.now += timedelta(hours=1)
    assert promised(town, afar.id).because == "stale"


def waits(point_s: float) -> Forecast:
    return Forecast(point_s, point_s / 2, point_s * 2, SIMULATED)


def test_a_model_that_knows_no_kinds_is_held_against_all_of_them_together() -> None:
    here = {0: waits(1200), 30: waits(600)}
    all_here = correcting.of_everybody(here, waits(2400), 0.0)
    assert [all_here[ahead].point_s for ahead in (0, 30)] == pytest.approx([1200, 600])
    half = correcting.of_everybody(here, waits(2400), 0.5)
    assert half[0].point_s == pytest.approx(1800)
    assert half[30].point_s > 600
    assert half[0].low_s <= half[0].point_s <= half[0].high_s
    assert correcting.of_everybody(here, Unknown("not_today"), 0.5) == here
    assert correcting.of_everybody({}, waits(2400), 0.5) == {}
