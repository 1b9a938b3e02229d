"""Duty days: rules such as the 8th of each month, moved where the hall is closed."""

from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.foundation.errors import BadInput
from dispatch.halls import finding as halls
from dispatch.staffing import duty_days
from dispatch.staffing.duty_days import Office
from dispatch.staffing.duty_rules import Rule, upcoming
from dispatch.staffing.models import DutyDay
from tests.staffing.rota import PLANNER, Rota
from tests.standing_city import TOWN_HALL

OFFICE = Office("人力社保局", "Bureau of Human Resources", time(9), time(11, 30))
START = date(2026, 11, 23)
RULES = st.one_of(
    st.builds(Rule, st.just("month"), st.integers(1, 31), st.sampled_from(["next", "skip"])),
    st.builds(Rule, st.just("week"), st.integers(0, 6), st.sampled_from(["next", "skip"])),
)


def weekday(day: date) -> bool:
    return day.weekday() < 5


def set_day(rota: Rota, rule: Rule, office: Office = OFFICE) -> DutyDay:
    with rota.database.work() as session:
        place = halls.hall(session, TOWN_HALL)
        return duty_days.set_day(session, place, office, rule, now=rota.town.now, actor=PLANNER)


def dates(rota: Rota) -> list[date]:
    with rota.database.reading() as session:
        place = halls.hall(session, TOWN_HALL)
        return [
            day for found in duty_days.announced(session, place, now=rota.town.now) for day in found.dates
        ]


def test_the_8th_of_each_month() -> None:
    found = upcoming(Rule("month", 8), START, weekday, 3)
    assert found == [date(2026, 12, 8), date(2027, 1, 8), date(2027, 2, 8)]


def test_a_closed_day_moves_or_is_left_out() -> None:
    start = date(2027, 5, 1)  # the 8th of May 2027 is a Saturday
    assert upcoming(Rule("month", 8), start, weekday, 1) == [date(2027, 5, 10)]
    assert upcoming(Rule("month", 8, "skip"), start, weekday, 1) == [date(2027, 6, 8)]


def test_a_moved_day_that_lies_ahead_is_still_told() -> None:
    assert upcoming(Rule("month", 8), date(2027, 5, 9), weekday, 1) == [date(2027, 5, 10)]


def test_a_short_month_takes_its_last_day() -> None:
    assert upcoming(Rule("month", 31), date(2027, 2, 1), lambda _: True, 2) == [
        date(2027, 2, 28),
        date(2027, 3, 31),
    ]


@given(rule=RULES, start=st.dates(date(2024, 1, 1), date(2030, 1, 1)), closed=st.sets(st.integers(0, 6)))
def test_dates_are_open_in_order_and_no_earlier(rule: Rule, start: date, closed: set[int]) -> None:
    found = upcoming(rule, start, lambda day: day.weekday() not in closed, 5)
    assert found == sorted(set(found))
    assert all(day >= start and day.weekday() not in closed for day in found)
    if len(closed) < 7 and rule.if_closed == "next":
        assert len(found) == 5
        gap = timedelta(days=31 + 8 if rule.every == "month" else 14)
        assert all(later - earlier <= gap for earlier, later in pairwise(found))


def test_today_counts_until_it_is_over(rota: Rota) -> None:
    set_day(rota, Rule("week", 0))
    assert dates(rota)[0] == date(2026, 11, 23)
    rota.town.pass_time(hours=2)
    assert dates(rota)[0] == date(2026, 11, 30)


def test_it_is_said_and_can_be_dropped(rota: Rota) -> None:
    row = set_day(rota, Rule("month", 8))
    with rota.database.work() as session:
        duty_days.drop(session, session.get_one(DutyDay, row.id), now=rota.town.now, actor=PLANNER)
    assert rota.town.kinds()[-2:] == ["DutyDaySet", "DutyDayDropped"]
    assert dates(rota) == []


@pytest.mark.parametrize(
    ("rule", "office"),
    [
        (Rule("month", 0), OFFICE),
        (Rule("month", 32), OFFICE),
        (Rule("week", 7), OFFICE),
        (Rule("week", 6, "skip"), OFFICE),
        (Rule("month", 8), Office("局", "Bureau", time(12), time(9))),
    ],
)
def test_what_makes_no_sense_is_refused(rota: Rota, rule: Rule, office: Office) -> None:
    with pytest.raises(BadInput):
        set_day(rota, rule, office)
