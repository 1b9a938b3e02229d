"""Reading ticket logs: good lines are taken, each bad one is refused with its number and reason."""

import gzip
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatch.wiring.ticket_logs.csv_files import LogUnreadable
from dispatch.wiring.ticket_logs.judging import NO_HALL
from dispatch.wiring.ticket_logs.reading import COLUMNS, read

GOOD = {
    "ticket": "A001",
    "hall": "town",
    "queue": "A",
    "item": "passports",
    "window": "3",
    "issued_at": "2024-03-04T09:00:00+08:00",
    "called_at": "2024-03-04T09:10:00+08:00",
    "finished_at": "2024-03-04T09:15:00+08:00",
    "outcome": "finished",
    "booked_for": "",
    "score": "1",
}


def written(folder: Path, *lines: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    path = folder / "log.csv"
    rows = [",".join(columns), *(",".join(line.get(column, "") for column in columns) for line in lines)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_full_line_is_read(tmp_path: Path) -> None:
    log = read(written(tmp_path, GOOD))
    (line,) = log.lines
    assert (line.number, line.ticket, line.hall, line.queue, line.window) == (2, "A001", "town", "A", "3")
    assert line.called_at == datetime(2024, 3, 4, 1, 10, tzinfo=UTC)
    assert (line.outcome, line.score, line.booked_for) == ("finished", True, None)


def test_two_columns_are_enough_in_any_order_among_others(tmp_path: Path) -> None:
    columns = ("colour", "queue", "issued_at")
    log = read(written(tmp_path, {**GOOD, "colour": "red"}, columns=columns))
    (line,) = log.lines
    assert (line.hall, line.ticket, line.called_at, line.outcome, line.score) == (NO_HALL, "", None, "", True)


def test_score_0_is_replayed_and_not_scored(tmp_path: Path) -> None:
    assert not read(written(tmp_path, {**GOOD, "score": "0"})).lines[0].score


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"issued_at": ""}, "issued_at is empty"),
        ({"issued_at": "yesterday"}, "issued_at is not an ISO-8601 time: yesterday"),
        ({"issued_at": "2024-03-04T09:00:00"}, "issued_at has no offset: 2024-03-04T09:00:00"),
        ({"issued_at": "0001-01-01T00:00:00+14:00"}, "issued_at lies in the year 1"),
        ({"called_at": "2024-03-04T09:10:00"}, "called_at has no offset: 2024-03-04T09:10:00"),
        ({"booked_for": "9:30"}, "booked_for is not an ISO-8601 time: 9:30"),
        ({"called_at": "2024-03-04T08:59:59+08:00"}, "called_at is before issued_at"),
        ({"finished_at": "2024-03-04T09:09:59+08:00"}, "finished_at is before called_at"),
        ({"queue": " "}, "queue is empty"),
        ({"outcome": "vanished"}, "outcome is none of .*: vanished"),
        ({"outcome": "cancelled"}, "cancelled, and yet it has a called_at"),
        ({"outcome": "expired"}, "expired, and yet it has a called_at"),
        ({"called_at": ""}, "finished, and yet called_at is empty"),
        ({"called_at": "", "outcome": ""}, "it has a finished_at, and yet called_at is empty"),
        ({"score": "yes"}, "score is neither 0 nor 1: yes"),
        ({"item": "x" * 201}, "item is longer than 200 characters"),
        ({"hall": "a\x07b"}, "hall holds control characters"),
        ({"item": "one,two"}, "12 columns, not 11"),
        ({"item": '"never closed'}, "it is not CSV: .*"),
    ],
)
def test_a_bad_line_is_refused_and_the_others_go_on(
    tmp_path: Path, changed: dict[str, str], reason: str
) -> None:
    log = read(written(tmp_path, GOOD, {**GOOD, "ticket": "A002", **changed}, {**GOOD, "ticket": "A003"}))
    assert [line.number for line in log.lines] == [2, 4]
    (refused,) = log.refused
    assert (refused.file, refused.number) == ("log.csv", 3)
    assert re.fullmatch(reason, refused.reason)


def test_a_ticket_stands_once_per_hall_queue_and_day(tmp_path: Path) -> None:
    elsewhere = [{**GOOD, "hall": "village"}, {**GOOD, "queue": "B"}]
    next_day = {key: value.replace("03-04", "03-05") for key, value in GOOD.items()}
    log = read(written(tmp_path, GOOD, *elsewhere, next_day, GOOD))
    assert len(log.lines) == 4
    assert [str(each) for each in log.refused] == [
        "log.csv: line 6: ticket A001 of this queue and day stands already in log.csv line 2"
    ]


def test_lines_without_a_ticket_are_no_twins(tmp_path: Path) -> None:
    assert len(read(written(tmp_path, {**GOOD, "ticket": ""}, {**GOOD, "ticket": ""})).lines) == 2


def test_bytes_that_are_no_text_cost_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    path.write_bytes(path.read_bytes() + b"\xff\xfe\n" + b"\n")
    log = read(path)
    assert len(log.lines) == 1
    assert [each.reason for each in log.refused] == ["it is not UTF-8"]


def test_a_byte_order_mark_and_windows_line_ends_are_taken(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read(path).lines[0].ticket == "A001"


def test_a_directory_is_read_whole_and_other_tables_in_it_passed_over(tmp_path: Path) -> None:
    first = written(tmp_path, GOOD)
    (tmp_path / "more.csv.gz").write_bytes(gzip.compress(first.read_bytes().replace(b"A001", b"A002")))
    (tmp_path / "windows.csv").write_text("hall,queue,at,open\n", encoding="utf-8")
    (tmp_path / "README.md").write_text("not a table", encoding="utf-8")
    log = read(tmp_path)
    assert [line.ticket for line in log.lines] == ["A001", "A002"]
    assert log.passed_over == ["windows.csv: no ticket log, its header lacks issued_at"]


def test_one_hall_alone(tmp_path: Path) -> None:
    bad_elsewhere = {**GOOD, "hall": "village", "issued_at": "?"}
    log = read(written(tmp_path, GOOD, {**GOOD, "hall": "village"}, bad_elsewhere), hall="town")
    assert [line.hall for line in log.lines] == ["town"]
    assert log.refused == []


def test_what_is_no_ticket_log_is_said_in_one_line(tmp_path: Path) -> None:
    empty, folder = tmp_path / "empty.csv", tmp_path / "folder"
    empty.touch()
    folder.mkdir()
    packed = tmp_path / "cut.csv.gz"
    packed.write_bytes(gzip.compress(b"queue,issued_at\n" * 100)[:30])
    twice = tmp_path / "twice.csv"
    twice.write_text("queue,issued_at,queue\n", encoding="utf-8")
    header_only = tmp_path / "header.csv"
    header_only.write_text("queue,issued_at\n", encoding="utf-8")
    for path, reason in {
        empty: "the header lacks issued_at and queue",
        folder: "no .csv or .csv.gz file in it",
        packed: "cannot be read",
        twice: "the header names queue twice",
        header_only: "no ticket in it",
    }.items():
        with pytest.raises(LogUnreadable, match=reason) as caught:
            read(path)
        assert "\n" not in str(caught.value)
