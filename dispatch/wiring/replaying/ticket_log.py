"""Reading ticket logs: CSV, plain or gzipped, a file or a directory of them; one line is one ticket."""

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO

from dispatch.wiring.replaying.judging import NO_HALL, Line, LineRefused, judge

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
GZIP = b"\x1f\x8b"


class LogUnreadable(Exception):
    """No ticket log can be read there at all; the text says why, in one line."""


@dataclass(frozen=True)
class Refused:
    """A line that was refused."""

    file: str
    number: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: line {self.number}: {self.reason}"


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
            with _opened(file) as stream:
                _read_file(stream, file, hall, log, seen, alone=file == path)
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or error
            raise LogUnreadable(f"{file}: cannot be read: {reason}") from error
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


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked where it is packed, whatever its name says."""
    with file.open("rb") as raw:
        packed = raw.read(len(GZIP)) == GZIP
        raw.seek(0)
        if not packed:
            yield raw
            return
        with gzip.open(raw) as unpacked:
            yield unpacked  # type: ignore[misc]


def _read_file(
    stream: Iterable[bytes],
    file: Path,
    hall: str | None,
    log: TicketLog,
    seen: dict[tuple[str, str, date, str], Line],
    *,
    alone: bool,
) -> None:
    rows = enumerate(stream, start=1)
    header = _header(next(rows, (1, b""))[1], file)
    missing = [column for column in REQUIRED if column not in header]
    if missing and alone:
        raise LogUnreadable(f"{file}: the header lacks {' and '.join(missing)}")
    if missing:
        log.passed_over.append(f"{file.name}: no ticket log, its header lacks {' and '.join(missing)}")
        return
    for number, raw in rows:
        if not raw.strip():
            continue
        try:
            told = _told(raw, header)
            if hall is not None and (told.get("hall", "").strip() or NO_HALL) != hall:
                continue
            line = judge(file.name, number, told)
            _refuse_twin(line, seen)
            log.lines.append(line)
        except LineRefused as refused:
            log.refused.append(Refused(file.name, number, str(refused)))


def _header(raw: bytes, file: Path) -> list[str]:
    try:
        names = [name.strip() for name in _fields(raw.removeprefix(b"\xef\xbb\xbf"))]
    except LineRefused as refused:
        raise LogUnreadable(f"{file}: line 1: {refused}") from refused
    for name in COLUMNS:
        if names.count(name) > 1:
            raise LogUnreadable(f"{file}: the header names {name} twice")
    return names


def _told(raw: bytes, header: list[str]) -> dict[str, str]:
    values = _fields(raw)
    if len(values) != len(header):
        raise LineRefused(f"{len(values)} columns, not {len(header)}")
    return dict(zip(header, values, strict=True))


def _fields(raw: bytes) -> list[str]:
    """One line taken apart by itself, so that a quote never closed cannot swallow the lines below it."""
    try:
        return next(csv.reader([raw.decode().rstrip("\r\n")], strict=True), [])
    except UnicodeDecodeError:
        raise LineRefused("it is not UTF-8") from None
    except csv.Error as error:
        raise LineRefused(f"it is not CSV: {error}") from None


def _refuse_twin(line: Line, seen: dict[tuple[str, str, date, str], Line]) -> None:
    if not line.ticket:
        return
    first = seen.setdefault(line.names, line)
    if first is not line:
        raise LineRefused(
            f"ticket {line.ticket} of this queue and day stands already in {first.file} line {first.number}"
        )
