"""Reading ticket logs: CSV, plain or gzipped, a file or a directory of them; one line is one ticket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from dispatch.wiring.ticket_logs.csv_files import HeaderLacks, LogUnreadable, Refused, rows
from dispatch.wiring.ticket_logs.judging import NO_HALL, Line, LineRefused, judge

COLUMNS = (
    "ticket",
    "hall",
    "queue",
    "item",
    "window",
    "issued_at",
    "called_at",
    "finished_at",
    "outcome",
    "booked_for",
    "score",
)
REQUIRED = ("issued_at", "queue")


@dataclass
class TicketLog:
    """What was read: sound lines, refused ones, and files of a directory that are no ticket logs."""

    lines: list[Line] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


def read(path: Path, *, hall: str | None = None) -> TicketLog:
    """All tickets of a file, or of the CSV files of a directory; those of one hall, or of all.

    Raises LogUnreadable where there is no readable ticket log. Bad lines are in `refused`, the others go on.
    """
    log = TicketLog()
    seen: dict[tuple[str, str, date, str], Line] = {}
    for file in _files(path):
        try:
            _read_file(file, hall, log, seen)
        except HeaderLacks as other:
            if file == path:
                raise
            log.passed_over.append(
                f"{file.name}: no ticket log, its header lacks {' and '.join(other.missing)}"
            )
    if not (log.lines or log.refused):
        raise LogUnreadable(f"{path}: no ticket{f' of hall {hall}' if hall else ''} in it")
    return log


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.iterdir() if each.name.endswith((".csv", ".csv.gz")))
    if not found:
        raise LogUnreadable(f"{path}: no .csv or .csv.gz file in it")
    return found


def _read_file(
    file: Path, hall: str | None, log: TicketLog, seen: dict[tuple[str, str, date, str], Line]
) -> None:
    for number, told in rows(file, COLUMNS, REQUIRED):
        try:
            if hall is None or _hall(told) == hall:
                line = judge(file.name, number, _sound(told))
                _refuse_twin(line, seen)
                log.lines.append(line)
        except LineRefused as refused:
            log.refused.append(Refused(file.name, number, str(refused)))


def _sound(told: Mapping[str, str] | LineRefused) -> Mapping[str, str]:
    if isinstance(told, LineRefused):
        raise told
    return told


def _hall(told: Mapping[str, str] | LineRefused) -> str:
    return _sound(told).get("hall", "").strip() or NO_HALL


def _refuse_twin(line: Line, seen: dict[tuple[str, str, date, str], Line]) -> None:
    if not line.ticket:
        return
    first = seen.setdefault(line.names, line)
    if first is not line:
        raise LineRefused(
            f"ticket {line.ticket} of this queue and day stands already in {first.file} line {first.number}"
        )
