"""The zone of a log, and lines that belong to no one service day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dispatch.wiring.ticket_logs.csv_files import LogUnreadable
from dispatch.wiring.ticket_logs.judging import judge
from dispatch.wiring.ticket_logs.opening import open_log
from dispatch.wiring.ticket_logs.service_days import split_days, zone_of

NINE = "2024-03-04T09:00:00+00:00"
NEXT_DAY = "2024-03-05T01:00:00+00:00"


def test_a_line_that_ends_on_another_day_is_refused() -> None:
    told = [
        {"called_at": NINE},
        {"called_at": NEXT_DAY},
        {"called_at": NINE, "finished_at": NEXT_DAY},
    ]
    lines = [judge("log.csv", 2, {"queue": "A", "issued_at": NINE, **each}) for each in told]
    kept, refused = split_days(lines, ZoneInfo("UTC"))
    assert kept == lines[:1]
    assert [each.reason for each in refused] == [
        "called_at is not on the service day of issued_at",
        "finished_at is not on the service day of issued_at",
    ]


def test_offsets_in_whole_hours_are_zones() -> None:
    for hours in (-12, -5, 0, 1, 8, 14):
        zone = zone_of(timedelta(hours=hours))
        assert zone is not None
        assert datetime(2024, 3, 4, tzinfo=UTC).astimezone(zone).utcoffset() == timedelta(hours=hours)
    assert zone_of(timedelta(hours=5, minutes=30)) is None


def test_the_first_lines_offset_is_the_zone_unless_one_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("queue,issued_at\nA,2024-03-04T09:00:00+08:00\n")
    assert open_log(path, hall=None, zone=None).zone == ZoneInfo("Etc/GMT-8")
    assert open_log(path, hall=None, zone="Asia/Kolkata").zone == ZoneInfo("Asia/Kolkata")
    with pytest.raises(LogUnreadable, match="no such time zone: Mars/Base"):
        open_log(path, hall=None, zone="Mars/Base")
    path.write_text("queue,issued_at\nA,2024-03-04T09:00:00+05:30\n")
    with pytest.raises(LogUnreadable, match=r"log.csv line 2: no zone has its offset always"):
        open_log(path, hall=None, zone=None)


def test_a_log_of_bad_lines_only_opens_with_none(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("queue,issued_at\nA,yesterday\n")
    opened = open_log(path, hall=None, zone=None)
    assert (opened.lines, opened.notes) == (
        [],
        ["log.csv: line 2: issued_at is not an ISO-8601 time: yesterday"],
    )
