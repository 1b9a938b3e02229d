"""The calendar of working days, and what it doesn't know."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dispatch.foundation import log
from dispatch.foundation.access import system
from dispatch.halls import calendar
from dispatch.halls.calendar import Day, Warned, WrongCalendar, known_until, read_csv, warnings, wrong_days
from dispatch.halls.refusals import EditedMeanwhile
from dispatch.wiring.cli import main
from tests.standing_city import MORNING, Town

WORKS = system("test")
DAYS = st.lists(st.dates(date(2020, 1, 1), date(2031, 12, 31)), max_size=20)
NEW_YEAR = Day(date(2027, 1, 1), "holiday", "元旦", "New Year's Day")


@given(days=DAYS)
def test_every_year_until_the_last_known_one_is_known(days: list[date]) -> None:
    until = known_until(days)
    years = {day.year for day in days}
    assert (until is None) is (not years)
    if until is not None:
        assert set(range(min(years), until.year + 1)) <= years
        assert until.year + 1 not in years


@given(
    days=DAYS, today=st.dates(date(2020, 1, 1), date(2031, 12, 31)), asked=st.sets(st.integers(2019, 2033))
)
def test_a_year_asked_for_is_warned_of_just_when_it_is_unknown(
    days: list[date], today: date, asked: set[int]
) -> None:
    known = {day.year for day in days}
    found = warnings(days, today, asked)
    assert {each.year for each in found if each.code == "year_unknown"} == asked - known
    late = (today.month, today.day) >= (11, 1)
    missing = Warned("next_year_missing", today.year + 1)
    assert (missing in found) is (late and today.year + 1 not in known)


def test_the_next_year_is_missed_from_november_on() -> None:
    assert warnings([date(2026, 1, 1)], date(2026, 10, 31)) == []
    assert warnings([date(2026, 1, 1)], date(2026, 11, 1)) == [Warned("next_year_missing", 2027)]


def test_a_file_is_read_with_or_without_its_mark() -> None:
    text = "date,kind,name,name_en\n2027-01-01,holiday,元旦,New Year's Day\n"
    assert read_csv(text) == read_csv("\ufeff" + text) == [NEW_YEAR]


def test_a_line_at_fault_is_named() -> None:
    with pytest.raises(WrongCalendar) as wrong:
        read_csv("date,kind,name,name_en\n2027-01-01,holiday,元旦,x\n2027-02-30,holiday,春节,y\n")
    assert "line 3" in wrong.value.data["reason"]


def test_only_weekends_are_made_up() -> None:
    assert list(wrong_days(2027, [Day(date(2027, 1, 4), "workday", "x", "x")]))
    assert list(wrong_days(2027, [Day(date(2027, 1, 3), "workday", "x", "x")])) == []


def test_a_year_is_replaced_once_and_the_city_says_so(town: Town) -> None:
    with town.database.work() as session:
        assert calendar.replace_year(session, 2027, [NEW_YEAR], now=MORNING, actor=WORKS)
    with town.database.work() as session:
        assert not calendar.replace_year(session, 2027, [NEW_YEAR], now=MORNING, actor=WORKS)
        assert [each.day for each in calendar.days_of(session, 2026)] == [
            date(2026, 10, 1),
            date(2026, 10, 10),
        ]
    with town.database.reading() as session:
        (entry,) = [
            each for each in log.entries_after(session, log.CITY, 0) if each.kind == "CalendarChanged"
        ]
    assert entry.data == {"year": 2027, "holidays": 1, "workdays": 0}


def test_the_same_days_may_change_their_kind(town: Town) -> None:
    saturday = Day(date(2027, 1, 2), "holiday", "元旦", "New Year")
    for day in (saturday, Day(saturday.day, "workday", "调休", "Make-up")):
        with town.database.work() as session:
            calendar.replace_year(session, 2027, [day], now=MORNING, actor=WORKS)
    with town.database.reading() as session:
        assert [each.kind for each in calendar.days_of(session, 2027)] == ["workday"]


def test_whoever_comes_second_is_told(town: Town) -> None:
    with town.database.work() as session:
        seen = calendar.version(calendar.days_of(session, 2027))
        calendar.replace_year(session, 2027, [NEW_YEAR], expected=seen, now=MORNING, actor=WORKS)
    with town.database.work() as session, pytest.raises(EditedMeanwhile):
        calendar.replace_year(session, 2027, [], expected=seen, now=MORNING, actor=WORKS)


def test_whole_years_are_imported_from_a_file(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "calendar.csv"
    file.write_text("date,kind,name,name_en\n2027-01-01,holiday,元旦,New Year's Day\n", encoding="utf-8")
    run = CliRunner().invoke(main, ["--database", town.database.url, "import-calendar", str(file)])
    assert run.exit_code == 0, run.output
    assert run.output.splitlines() == ["2027: changed", "the calendar is known until 2027-12-31"]
    file.write_text("date,kind\n", encoding="utf-8")
    wrong = CliRunner().invoke(main, ["--database", town.database.url, "import-calendar", str(file)])
    assert wrong.exit_code == 2
