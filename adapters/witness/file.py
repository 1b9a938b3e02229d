"""A folder of daily files, `heads-2026-11-22.jsonl`: appended to, brought to the disk, never written over."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from dispatch.foundation import heads

log = logging.getLogger(__name__)

FOLDER_MODE, FILE_MODE = 0o750, 0o640
GLANCE = 64 * 1024


@dataclass(frozen=True)
class FileWitness:
    """The city's own record, or one on a disk of somebody else's."""

    folder: Path

    def take(self, lines: Sequence[str]) -> bool:
        """Append the lines; False, and a line in the log, when the disk does not take them."""
        try:
            self.append(lines)
        except OSError as trouble:
            log.warning("the witness's folder does not take the heads: %s", trouble)
            return False
        return True

    def append(self, lines: Sequence[str]) -> None:
        """Append lines that end with a seal to the file of its day; OSError unless they are on the disk."""
        self._make()
        path = self.file_for(heads.read(lines[-1]).head.at.astimezone(UTC).date().isoformat())
        fresh = not path.exists()
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, FILE_MODE)
        try:
            # what a power cut left half written becomes a line of its own, for everybody to see
            end = b"" if _ends_well(file) else b"\n"
            _write(file, end + heads.bytes_of(lines))
            os.fsync(file)
        finally:
            os.close(file)
        if fresh:
            _sync(self.folder)

    def files(self) -> list[Path]:
        """The daily files, the oldest first."""
        return sorted(self.folder.glob("heads-*.jsonl"))

    def file_for(self, day: str) -> Path:
        """Where lines of this day go: never into an older file than the newest, whatever the clock does."""
        return max([self.folder / f"heads-{day}.jsonl", *self.files()[-1:]])

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep everybody else who would write here waiting, in this process and in others."""
        self._make()
        lock = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)


def lines_since(path: Path, begins: Callable[[str], bool]) -> list[str]:
    """The lines of the file from the last one for which `begins` holds; all of them when there is none."""
    size, glance = path.stat().st_size, GLANCE
    while True:
        with path.open("rb") as file:
            file.seek(max(0, size - glance))
            lines = heads.lines_of(file.read(glance))
        whole = glance >= size
        for place in range(len(lines) - 1, -1 if whole else 0, -1):
            if begins(lines[place]):
                return lines[place:]
        if whole:
            return lines
        glance *= 8


def _ends_well(file: int) -> bool:
    size = os.fstat(file).st_size
    return size == 0 or os.pread(file, 1, size - 1) == b"\n"


def _write(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _sync(folder: Path) -> None:
    """Bring the name of a new file to the disk too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
