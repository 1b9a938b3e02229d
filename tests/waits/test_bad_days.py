"""A running hall on days that no hall should have: what is told is a sound wait, or that nobody knows and why."""

import math
import random
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from dispatch.foundation import clock
from dispatch.halls import finding as halls
from dispatch.tickets import closing
from dispatch.waits import forecasting
from dispatch.waits.finding import OVERDUE_S, HallWaits
from dispatch.waits.models import HallForecast
from dispatch.waits.reasons import REASONS
from dispatch.waits.wording import Foretold
from dispatch.wiring import forecasting_waits
from dispatch.wiring.forecasting_waits import Foretelling
from tests.standing_city import BUILDER, CLERK, MORNING, Town
from tests.waits.foretelling import foretell, promised, told

KINDS = (None, "law", "care", "afar")


def assert_sound(each: Foretold) -> None:
    if each.wait is None:
        assert each.because in REASONS
        return
    low, point, high = (each.wait[name] for name in ("low_s", "point_s", "high_s"))
    assert 0 <= low <= point <= high < math.inf


def all_told(town: Town, waits: HallWaits, tickets: list[str]) -> list[Foretold]:
    ahead = [waits.arriving("D", town.now + timedelta(minutes=minutes)) for minutes in (30, 300, 3000)]
    return [
        *(waits.joining(queue, kind) for queue in "DA" for kind in KINDS),
        *ahead,
        *(promised(town, ticket) for ticket in tickets),
    ]


def due(town: Town) -> list[str]:
    with town.database.reading() as session:
        return forecasting.due(session, town.now)


def test_a_clock_that_was_put_back_makes_all_anew(town: Town) -> None:
    """Until then nothing is told that was foretold of a moment to come."""
    town.open("1")
    town.pass_time(hours=2)
    foretell(town)
    assert town.code not in due(town)
    town.now = MORNING + timedelta(minutes=5)
    assert town.code in due(town)
    assert told(town).joining("D").because == "stale"
    assert foretell(town).joining("D").wait is not None


def test_clocks_that_differ_by_seconds_hide_nothing(town: Town) -> None:
    town.open("1")
    foretell(town)
    town.now -= timedelta(seconds=OVERDUE_S)
    assert told(town).joining("D").wait is not None


@pytest.mark.parametrize("hours", [1.0, 3.5, 26.0, 24.0 * 40])
def test_a_clock_that_jumps_ahead_with_people_in_the_line(town: Town, hours: float) -> None:
    town.open("1", "2")
    tickets = [town.take("D").id for _ in range(6)]
    for window in "12":
        town.called(window)
    foretell(town)
    town.now += timedelta(hours=hours)
    assert told(town).joining("D").because == "stale"
    for each in all_told(town, foretell(town), tickets):
        assert_sound(each)


def test_numbers_called_out_of_order_and_calls_that_nobody_follows(town: Town) -> None:
    chance = random.Random(5)
    town.open("1", "2")
    tickets = [town.take(chance.choice("DDA"), channel="counter", actor=CLERK).id for _ in range(12)]
    for window in "12":
        ticket = town.called(window)
        town.do("missed", ticket.id)
        town.pass_time(minutes=1)
        if window == "1":
            town.do("reactivate", ticket.id)
        for each in all_told(town, foretell(town), tickets):
            assert_sound(each)
    for ticket_id in tickets[-2:]:
        town.do("cancel", ticket_id)
    for each in all_told(town, foretell(town), tickets[:-2]):
        assert_sound(each)


def test_a_hall_that_closes_early_promises_nothing_beyond(town: Town) -> None:
    town.open("1")
    tickets = [town.take("D").id for _ in range(30)]
    foretell(town)
    closes = town.now + timedelta(minutes=20)
    with town.database.work() as session:
        place = halls.hall(session, town.code)
        closing.close_early(
            session, place, at=closes, reason="weather", afterwards="serve", now=town.now, actor=BUILDER
        )
    waits = foretell(town)
    assert promised(town, tickets[-1]).because == "not_today"
    assert waits.arriving("D", closes + timedelta(minutes=1)).because == "closed"
    for ticket in tickets:
        assert_sound(each := promised(town, ticket))
        assert each.wait is None or each.wait["low_s"] <= 20 * 60
    town.now = closes
    waits = foretell(town)
    assert {waits.joining(queue, kind).because for queue in "DA" for kind in KINDS} == {"closed"}


def test_a_day_without_anybody(town: Town) -> None:
    town.open("1")
    for day in range(3):
        town.now = MORNING + timedelta(days=day)
        empty = foretell(town)
        assert [empty.joining("D", kind).wait["point_s"] for kind in KINDS] == [0] * 4  # type: ignore[index]
        assert empty.joining("A").because == "no_window_open"
        town.now = MORNING.replace(hour=7) + timedelta(days=day + 1)
        for each in all_told(town, foretell(town), []):
            assert_sound(each)


def test_where_a_process_cannot_keep_up_the_oldest_comes_first_and_nobody_starves(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run has time for one hall only; each row says of when it is."""
    with town.database.work() as session:
        clock.begin_demo(session, town.now, speed=0.0)
    seconds = iter(range(0, 10**9, 15))
    monkeypatch.setattr(forecasting_waits, "AT_ONCE", 1)
    monkeypatch.setattr(forecasting_waits, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))
    job = Foretelling()

    def made() -> dict[str, object]:
        with town.database.reading() as session:
            return {row.hall: row.as_of for row in session.scalars(select(HallForecast))}

    everywhere = due(town)
    for each in ("first", "second"):
        before = made()
        turns = []
        for _ in everywhere:
            known = made()
            town.pass_time(minutes=1)
            with town.database.work() as session:
                clock.set_demo(session, to=town.now)
            job.forecast_waits(town.database)
            turns += [hall for hall, at in made().items() if known.get(hall) != at]
            assert made()[turns[-1]] == town.now
        assert sorted(turns) == sorted(everywhere), f"{each} time round, everybody once"
        assert set(before) <= set(made())
