"""City time: real time, or in the demo a clock that only goes forward."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.foundation import clock
from dispatch.foundation.database import Database

MORNING = datetime(2026, 11, 23, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def wrist(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Real time in the test's hand: the last of these moments."""
    moments = [datetime(2031, 1, 1, tzinfo=UTC)]
    monkeypatch.setattr(clock, "real_now", lambda: moments[-1])
    return moments


def pass_real_time(wrist: list[datetime], **amount: float) -> None:
    wrist.append(wrist[-1] + timedelta(**amount))


def now(database: Database) -> datetime:
    with database.reading() as session:
        return clock.now(session)


def begin(database: Database, speed: float = 1.0) -> None:
    with database.work() as session:
        clock.begin_demo(session, MORNING, speed=speed)


def push(database: Database, to: datetime | None = None, speed: float | None = None) -> None:
    with database.work() as session:
        clock.set_demo(session, to=to, speed=speed)


def test_without_a_demo_city_time_is_real_time(database: Database) -> None:
    before = clock.real_now()
    assert before <= now(database) <= clock.real_now()


def test_the_demo_begins_when_it_is_told(database: Database, wrist: list[datetime]) -> None:
    begin(database)
    assert now(database) == MORNING


def test_city_time_is_aware_and_utc(database: Database, wrist: list[datetime]) -> None:
    begin(database)
    assert now(database).utcoffset() == timedelta(0)
    assert clock.real_now().utcoffset() == timedelta(0)


def test_the_demo_runs_as_fast_as_it_is_told(database: Database, wrist: list[datetime]) -> None:
    begin(database, speed=60)
    pass_real_time(wrist, seconds=10)
    assert now(database) == MORNING + timedelta(minutes=10)
    with database.reading() as session:
        assert clock.speed(session) == 60


def test_a_change_of_speed_does_not_jump(database: Database, wrist: list[datetime]) -> None:
    begin(database)
    pass_real_time(wrist, seconds=30)
    push(database, speed=10)
    assert now(database) == MORNING + timedelta(seconds=30)
    pass_real_time(wrist, seconds=3)
    assert now(database) == MORNING + timedelta(seconds=60)


def test_the_clock_can_stand_still(database: Database, wrist: list[datetime]) -> None:
    begin(database)
    push(database, speed=0)
    pass_real_time(wrist, hours=5)
    assert now(database) == MORNING


def test_the_clock_can_be_pushed_forward_and_keeps_its_speed(
    database: Database, wrist: list[datetime]
) -> None:
    begin(database, speed=4)
    later = MORNING + timedelta(days=3)
    push(database, to=later)
    pass_real_time(wrist, seconds=1)
    assert now(database) == later + timedelta(seconds=4)


def test_the_clock_never_goes_backwards(database: Database, wrist: list[datetime]) -> None:
    begin(database)
    pass_real_time(wrist, seconds=30)
    with pytest.raises(clock.ClockBackwards) as refused:
        push(database, to=MORNING + timedelta(seconds=29), speed=9)
    assert (refused.value.code, refused.value.status, refused.value.field) == ("clock_backwards", 409, "now")
    assert now(database) == MORNING + timedelta(seconds=30)
    with database.reading() as session:
        assert clock.speed(session) == 1


def test_a_real_clock_that_is_set_back_does_not_set_the_city_back(
    database: Database, wrist: list[datetime]
) -> None:
    begin(database, speed=60)
    pass_real_time(wrist, minutes=-5)
    assert now(database) == MORNING


def test_a_time_without_a_zone_is_refused(database: Database, wrist: list[datetime]) -> None:
    begin(database)
    with pytest.raises((ValueError, TypeError)):
        push(database, to=MORNING.replace(tzinfo=None) + timedelta(days=1))
    assert now(database) == MORNING
