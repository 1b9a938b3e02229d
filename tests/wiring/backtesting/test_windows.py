"""The file of window counts: good lines are taken, each bad one is refused with its number and reason."""

from pathlib import Path

import pytest

from dispatch.wiring.backtesting.windows import WindowCount, read
from dispatch.wiring.ticket_logs.csv_files import LogUnreadable
from tests.wiring.backtesting.small_logs import moment

AT = moment(0).isoformat()


def written(folder: Path, *rows: str, header: str = "hall,queue,at,open") -> Path:
    path = folder / "windows.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_a_count_holds_from_its_moment_on(tmp_path: Path) -> None:
    assert read(written(tmp_path, f"town,A,{AT},3")) == ([WindowCount("town", "A", moment(0), 3)], [])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"town,,{AT},3", "queue is empty"),
        ("town,A,,3", "at is empty"),
        ("town,A,nine,3", "at is not an ISO-8601 time: nine"),
        ("town,A,2024-03-04T09:00:00,3", "at has no offset: 2024-03-04T09:00:00"),
        (f"town,A,{AT},", "open is not a whole number: "),
        (f"town,A,{AT},-1", "open is not a whole number: -1"),
        (f"town,A,{AT},nan", "open is not a whole number: nan"),
        (f"town,A,{AT},1000000", "open is more than 10000: 1000000"),
        (f"town,A,{AT}", "3 columns, not 4"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(tmp_path: Path, row: str, reason: str) -> None:
    counts, refused = read(written(tmp_path, f"town,A,{AT},3", row))
    assert len(counts) == 1
    assert [str(each) for each in refused] == [f"windows.csv: line 3: {reason}"]


def test_only_the_hall_asked_for_counts(tmp_path: Path) -> None:
    counts, _ = read(written(tmp_path, f"town,A,{AT},3", f"city,A,{AT},4"), hall="city")
    assert [count.open for count in counts] == [4]


def test_another_file_is_no_windows_file(tmp_path: Path) -> None:
    with pytest.raises(LogUnreadable, match="the header lacks at and open"):
        read(written(tmp_path, "town,A", header="hall,queue"))
