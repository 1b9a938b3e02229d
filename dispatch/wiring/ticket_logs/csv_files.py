"""CSV files with named columns, plain or gzipped, read line by line so that one bad line spoils no other."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dispatch.wiring.ticket_logs.judging import LineRefused

GZIP = b"\x1f\x8b"


class LogUnreadable(Exception):
    """Nothing can be read there at all; the text says why, in one line."""


class HeaderLacks(LogUnreadable):
    """It is another file than was asked for: a needed column is not in its header."""

    def __init__(self, file: Path, missing: Sequence[str]) -> None:
        super().__init__(f"{file}: the header lacks {' and '.join(missing)}")
        self.missing = missing


@dataclass(frozen=True)
class Refused:
    """A line that was refused."""

    file: str
    number: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: line {self.number}: {self.reason}"


def rows(
    file: Path, columns: Sequence[str], required: Sequence[str]
) -> Iterator[tuple[int, Mapping[str, str] | LineRefused]]:
    """The lines below the header with their numbers, as values by column, or why one is none.

    Any order of columns, others are ignored, empty lines passed over. Raises LogUnreadable.
    """
    try:
        with _opened(file) as stream:
            lines = enumerate(stream, start=1)
            header = _header(next(lines, (1, b""))[1], file, columns)
            if missing := [column for column in required if column not in header]:
                raise HeaderLacks(file, missing)
            for number, raw in lines:
                if raw.strip():
                    yield number, _told(raw, header)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise LogUnreadable(f"{file}: cannot be read: {reason}") from error


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


def _header(raw: bytes, file: Path, columns: Sequence[str]) -> list[str]:
    try:
        names = [name.strip() for name in _fields(raw.removeprefix(b"\xef\xbb\xbf"))]
    except LineRefused as refused:
        raise LogUnreadable(f"{file}: line 1: {refused}") from refused
    for name in columns:
        if names.count(name) > 1:
            raise LogUnreadable(f"{file}: the header names {name} twice")
    return names


def _told(raw: bytes, header: list[str]) -> Mapping[str, str] | LineRefused:
    try:
        values = _fields(raw)
    except LineRefused as refused:
        return refused
    if len(values) != len(header):
        return LineRefused(f"{len(values)} columns, not {len(header)}")
    return dict(zip(header, values, strict=True))


def _fields(raw: bytes) -> list[str]:
    """One line taken apart by itself, so that a quote never closed cannot swallow the lines below it."""
    try:
        return next(csv.reader([raw.decode().rstrip("\r\n")], strict=True), [])
    except UnicodeDecodeError:
        raise LineRefused("it is not UTF-8") from None
    except csv.Error as error:
        raise LineRefused(f"it is not CSV: {error}") from None
