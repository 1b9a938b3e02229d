"""When a hall is open."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.demo import CITY
from dispatch.halls.hours import (
    LOOK_AHEAD_DAYS,
    WEEKDAYS,
    DayPlan,
    Special,
    breaks,
    next_opening,
    opening_at,
    openings,
    scheduled,
    time_left,
    wrong_spans,
)
from dispatch.wiring.importing.reading import read_city

ZONE = "Asia/Shanghai"
WEEK = {day: [["08:30", "12:00"], ["13:30", "17:00"]] for day in WEEKDAYS[:5]}
OFFICE: dict[str, Any] = {
    "weekly": WEEK,
    "makeup_workdays": True,
    "public_holidays": False,
}
NIGHTLY = {"weekly": {"mon": [["22:00", "24:00"]], "tue": [["00:00", "02:00"], ["09:00", "12:00"]]}}
KINDS = {date(2026, 10, 1): "holiday", date(2026, 10, 10): "workday", date(2026, 11, 23): "workday"}


def ordinary_days(day: date) -> str | None:
    """Every day is what its weekday says."""
    return None


def at(text: str) -> datetime:
    """A moment of the hall's own clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def is_open(hours: dict[str, Any], moment: str) -> bool:
    return opening_at(hours, ZONE, at(moment), KINDS.get) is not None


# --- any hours, any calendar, any moment --------------------------------------------------------------


@st.composite
def spans(draw: st.DrawFn) -> list[list[str]]:
    """A day's spans as the import lets them through: in order, not overlapping, not past midnight."""
    marks = draw(st.lists(st.integers(0, 288), max_size=6, unique=True).map(sorted))
    texts = [f"{mark // 12:02d}:{mark % 12 * 5:02d}" for mark in marks]
    return [[start, end] for start, end in zip(texts[::2], texts[1::2], strict=False)]


weeks = st.fixed_dictionaries(
    {
        "weekly": st.dictionaries(st.sampled_from(WEEKDAYS), spans()),
        "makeup_workdays": st.booleans(),
        "public_holidays": st.booleans(),
    }
)
zones = st.sampled_from([ZONE, "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati"])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
calendars = st.dictionaries(
    st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.sampled_from(["holiday", "workday"]), max_size=30
)


@given(hours=weeks, zone=zones, moment=moments, calendar=calendars)
def test_the_opening_found_holds_the_moment(
    hours: dict[str, Any], zone: str, moment: datetime, calendar: dict[date, str]
) -> None:
    found = opening_at(hours, zone, moment, calendar.get)
    if found is not None:
        assert found.start <= moment < found.end
        assert found.day == found.start.astimezone(ZoneInfo(zone)).date()
        assert found in openings(hours, zone, found.day, calendar.get)


@given(hours=weeks, zone=zones, moment=moments, calendar=calendars)
def test_no_opening_found_means_that_none_of_the_days_around_holds_the_moment(
    hours: dict[str, Any], zone: str, moment: datetime, calendar: dict[date, str]
) -> None:
    today = moment.astimezone(ZoneInfo(zone)).date()
    around = [
        opening
        for ahead in (-1, 0, 1)
        for opening in openings(hours, zone, today + timedelta(days=ahead), calendar.get)
    ]
    if opening_at(hours, zone, moment, calendar.get) is None:
        assert not [opening for opening in around if opening.start <= moment < opening.end]


@given(hours=weeks, zone=zones, moment=moments, calendar=calendars)
def test_the_next_opening_is_the_first_that_starts_later(
    hours: dict[str, Any], zone: str, moment: datetime, calendar: dict[date, str]
) -> None:
    today = moment.astimezone(ZoneInfo(zone)).date()
    later = [
        opening
        for ahead in range(LOOK_AHEAD_DAYS + 1)
        for opening in openings(hours, zone, today + timedelta(days=ahead), calendar.get)
        if opening.start > moment
    ]
    first = min(later, key=lambda opening: opening.start, default=None)
    assert next_opening(hours, zone, moment, calendar.get) == first


@given(hours=weeks, day=st.dates(date(2026, 1, 1), date(2027, 1, 1)), calendar=calendars)
def test_openings_of_a_day_follow_each_other(
    hours: dict[str, Any], day: date, calendar: dict[date, str]
) -> None:
    found = openings(hours, ZONE, day, calendar.get)
    for before, after in pairwise(found):
        assert before.end <= after.start
    assert all(opening.start < opening.end and opening.day == day for opening in found)


@given(hours=weeks, day=st.dates(date(2026, 1, 1), date(2027, 1, 1)))
def test_a_holiday_is_closed_unless_the_hall_works_on_holidays(hours: dict[str, Any], day: date) -> None:
    ordinary = openings(hours, ZONE, day, ordinary_days)
    on_holiday = openings(hours, ZONE, day, {day: "holiday"}.get)
    assert on_holiday == (ordinary if hours["public_holidays"] else [])


# --- by the clock on the wall -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-24T08:29:59", False),
        ("2026-11-24T08:30", True),
        ("2026-11-24T11:59:59.999999", True),
        ("2026-11-24T12:00", False),
        ("2026-11-24T13:30", True),
        ("2026-11-24T17:00", False),
        ("2026-11-28T09:00", False),
    ],
)
def test_an_office_opens_on_the_minute_and_shuts_on_the_minute(moment: str, open_: bool) -> None:
    assert is_open(OFFICE, moment) is open_


def test_midnight_ends_the_evening_and_begins_the_night_without_a_gap() -> None:
    evening = opening_at(NIGHTLY, ZONE, at("2026-11-23T23:59:59.999999"), ordinary_days)
    night = opening_at(NIGHTLY, ZONE, at("2026-11-24T00:00"), ordinary_days)
    assert evening is not None
    assert night is not None
    assert evening.end == night.start == at("2026-11-24T00:00")
    assert (evening.day, night.day) == (date(2026, 11, 23), date(2026, 11, 24))


def test_a_hall_open_day_and_night_is_always_open() -> None:
    always = {"weekly": {day: [["00:00", "24:00"]] for day in WEEKDAYS}, "public_holidays": True}
    for hour in range(24 * 8):
        assert opening_at(always, ZONE, at("2026-09-30T00:00") + timedelta(hours=hour), KINDS.get)


def test_a_moment_is_judged_by_the_halls_clock_not_by_the_callers() -> None:
    monday_in_shanghai = datetime(2026, 11, 22, 22, 30, tzinfo=UTC) + timedelta(hours=3)
    found = opening_at(OFFICE, ZONE, monday_in_shanghai, ordinary_days)
    assert found is not None
    assert found.day == date(2026, 11, 23)


def test_a_made_up_workday_is_worked_like_a_monday_where_the_hall_is_shut_else() -> None:
    saturday = date(2026, 10, 10)
    monday = openings(OFFICE, ZONE, date(2026, 10, 12), KINDS.get)
    made_up = openings(OFFICE, ZONE, saturday, KINDS.get)
    assert (
        [o.start.time() for o in made_up] == [o.start.time() for o in monday] == [time(8, 30), time(13, 30)]
    )
    assert openings({**OFFICE, "makeup_workdays": False}, ZONE, saturday, KINDS.get) == []


def test_a_made_up_saturday_is_a_whole_day_where_saturdays_are_half() -> None:
    half = {**OFFICE, "weekly": {**WEEK, "sat": [["08:30", "11:30"]]}}
    made_up = openings(half, ZONE, date(2026, 10, 10), KINDS.get)
    assert [opening.end.time() for opening in made_up] == [time(12), time(17)]
    (ordinary,) = openings(half, ZONE, date(2026, 10, 17), KINDS.get)
    assert ordinary.end == at("2026-10-17T11:30")


def test_after_the_last_evening_the_next_opening_is_past_the_weekend() -> None:
    found = next_opening(OFFICE, ZONE, at("2026-11-27T17:00"), ordinary_days)
    assert found is not None
    assert found.start == at("2026-11-30T08:30")


def test_a_hall_that_never_opens_has_no_next_opening() -> None:
    assert next_opening({"weekly": {}}, ZONE, at("2026-11-27T17:00"), ordinary_days) is None


# --- the demo's own calendar --------------------------------------------------------------------------


def test_the_demo_city_rests_in_the_golden_week_and_works_the_days_made_up_for_it() -> None:
    city = read_city(CITY)
    days = {day.date: day.kind for day in city.calendar}
    hours = next(hall for hall in city.halls if hall.level == "city").model_dump(mode="json")["hours"]
    worked = [
        day for day in range(17, 41) if openings(hours, ZONE, date(2026, 9, 1) + timedelta(day - 1), days.get)
    ]
    # From Thursday, 17 September: the 20th is a Sunday made up, 25-27 mid-autumn, 1-7 October the golden
    # week, the 10th a Saturday made up.
    assert worked == [17, 18, 20, 21, 22, 23, 24, 28, 29, 30, 38, 39, 40]


def test_before_a_holiday_the_next_opening_is_after_it() -> None:
    city = read_city(CITY)
    days = {day.date: day.kind for day in city.calendar}
    found = next_opening(OFFICE, ZONE, at("2026-09-30T17:00"), days.get)
    assert found is not None
    assert found.start == at("2026-10-08T08:30")


# --- where clocks are changed -------------------------------------------------------------------------


def test_openings_keep_their_wall_time_when_clocks_are_changed() -> None:
    """On 25 October 2026 Berlin has an hour twice."""
    sunday = {"weekly": {"sun": [["01:00", "04:00"]]}}
    berlin = ZoneInfo("Europe/Berlin")
    (opening,) = openings(sunday, "Europe/Berlin", date(2026, 10, 25), ordinary_days)
    assert opening.start.astimezone(UTC) == datetime(2026, 10, 24, 23, tzinfo=UTC)
    assert opening.end.astimezone(UTC) == datetime(2026, 10, 25, 3, tzinfo=UTC)
    for half_hours in range(8):
        moment = datetime(2026, 10, 24, 23, tzinfo=UTC) + timedelta(minutes=30 * half_hours)
        assert opening_at(sunday, "Europe/Berlin", moment, ordinary_days) == opening
        assert opening_at(sunday, "Europe/Berlin", moment.astimezone(berlin), ordinary_days) == opening


# --- seasons, particular days, early closes, past midnight -------------------------------------------


@st.composite
def any_spans(draw: st.DrawFn) -> list[list[str]]:
    """A day's spans as people may set them: the last may run past midnight."""
    found = draw(spans())
    late = draw(st.integers(0, 288))
    after = found[-1][1] if found else "00:00"
    begins = f"{late // 12:02d}:{late % 12 * 5:02d}"
    if begins >= after and begins != "24:00" and draw(st.booleans()):
        ends = draw(st.integers(0, late))
        found = [*found, [begins, f"{ends // 12:02d}:{ends % 12 * 5:02d}"]]
    return [span for span in found if span[0] != span[1]]


plans = st.builds(
    DayPlan,
    st.none() | any_spans(),
    st.none() | moments,
)
seasons = st.lists(
    st.tuples(
        st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.dates(date(2026, 1, 1), date(2027, 1, 1)), weeks
    ).map(
        lambda told: {
            "first": min(told[:2]).isoformat(),
            "last": max(told[:2]).isoformat(),
            "weekly": told[2]["weekly"],
        }
    ),
    max_size=3,
)
specials = st.builds(
    lambda seasons, days: Special(seasons, days.get),
    seasons,
    st.dictionaries(st.dates(date(2026, 3, 20), date(2026, 4, 10)), plans, max_size=12),
)
spring = st.dates(date(2026, 3, 20), date(2026, 4, 10))
late_weeks = st.fixed_dictionaries({"weekly": st.dictionaries(st.sampled_from(WEEKDAYS), any_spans())})


@given(hours=late_weeks, zone=zones, day=spring, special=specials)
def test_no_two_openings_ever_overlap_whatever_the_days_and_clocks_do(
    hours: dict[str, Any], zone: str, day: date, special: Special
) -> None:
    """Berlin loses an hour on 29 March 2026, and openings run past midnight."""
    found = [
        opening
        for ahead in range(3)
        for opening in openings(hours, zone, day + timedelta(ahead), ordinary_days, special)
    ]
    for opening in found:
        assert opening.start.astimezone(UTC) < opening.end.astimezone(UTC)
    for before, after in pairwise(found):
        assert before.end.astimezone(UTC) <= after.start.astimezone(UTC)


@given(hours=late_weeks, zone=zones, day=spring, special=specials)
def test_an_early_close_only_ever_takes_time_away(
    hours: dict[str, Any], zone: str, day: date, special: Special
) -> None:
    planned = scheduled(hours, zone, day, ordinary_days, special)
    found = openings(hours, zone, day, ordinary_days, special)
    assert [opening.start for opening in found] == [opening.start for opening in planned[: len(found)]]
    plan = special.day(day)
    if plan is None or plan.closed_from is None:
        assert found == planned
    else:
        assert all(opening.end.astimezone(UTC) <= plan.closed_from for opening in found)


@given(hours=late_weeks, zone=zones, day=spring, special=specials, moment=moments)
def test_breaks_and_openings_fill_the_day_between_them(
    hours: dict[str, Any], zone: str, day: date, special: Special, moment: datetime
) -> None:
    found = openings(hours, zone, day, ordinary_days, special)
    if not found:
        assert breaks(found) == []
        return

    def length(parts: list[Any]) -> timedelta:
        return sum((each.end.astimezone(UTC) - each.start.astimezone(UTC) for each in parts), timedelta(0))

    whole = found[-1].end.astimezone(UTC) - found[0].start.astimezone(UTC)
    assert length(found) + length(breaks(found)) == whole
    assert timedelta(0) <= time_left(found, moment) <= length(found)


@given(spans=any_spans())
def test_what_people_may_set_is_not_wrong(spans: list[list[str]]) -> None:
    assert list(wrong_spans(spans)) == []


@pytest.mark.parametrize(
    "spans",
    [
        [["09:00", "09:00"]],
        [["24:00", "02:00"]],
        [["22:00", "02:00"], ["09:00", "10:00"]],
        [["09:00", "12:00"], ["11:00", "13:00"]],
        [["13:00", "14:00"], ["09:00", "10:00"]],
    ],
)
def test_what_people_may_not_set(spans: list[list[str]]) -> None:
    assert list(wrong_spans(spans))


def test_lunch_is_the_break_between_two_openings() -> None:
    (lunch,) = breaks(openings(OFFICE, ZONE, date(2026, 11, 24), ordinary_days))
    assert (lunch.start, lunch.end) == (at("2026-11-24T12:00"), at("2026-11-24T13:30"))


def test_a_season_counts_from_its_first_to_its_last_day() -> None:
    summer = {"first": "2026-07-01", "last": "2026-08-31", "weekly": {"tue": [["08:00", "11:30"]]}}
    special = Special([summer])
    ends = [
        openings(OFFICE, ZONE, day, ordinary_days, special)[0].end.time()
        for day in (date(2026, 6, 30), date(2026, 7, 7), date(2026, 9, 1))
    ]
    assert ends == [time(12), time(11, 30), time(12)]


def test_a_days_own_plan_wins_over_calendar_and_season() -> None:
    holiday = date(2026, 10, 1)
    duty = Special(day={holiday: DayPlan([["09:00", "11:00"]])}.get)
    assert len(openings(OFFICE, ZONE, holiday, KINDS.get, duty)) == 1
    typhoon = Special(day={date(2026, 11, 24): DayPlan([])}.get)
    assert openings(OFFICE, ZONE, date(2026, 11, 24), ordinary_days, typhoon) == []


def test_an_opening_past_midnight_belongs_to_the_day_on_which_it_began() -> None:
    market = {"weekly": {"sat": [["20:00", "01:30"]]}}
    found = opening_at(market, ZONE, at("2026-11-29T01:00"), ordinary_days)
    assert found is not None
    assert (found.day, found.end) == (date(2026, 11, 28), at("2026-11-29T01:30"))
    assert opening_at(market, ZONE, at("2026-11-29T01:30"), ordinary_days) is None
