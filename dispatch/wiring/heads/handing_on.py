"""Handing the record on to an outside witness: a job of the clock, and how long it has not succeeded.

The record itself is the queue. How far the witness has it, is a file beside it; killed between the two, the job hands
the same batch on once more. Nothing in the city waits for a witness.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.witness import pretend
from adapters.witness.file import FileWitness, lines_since
from adapters.witness.http import HttpWitness
from dispatch.foundation import heads
from dispatch.foundation.database import Database
from dispatch.foundation.ids import digest
from dispatch.foundation.settings import Settings
from dispatch.ports.witness import Witness
from dispatch.wiring.heads.signing import record_of

UNWITNESSED = timedelta(hours=1)
"""Heads that wait longer than this are an alarm."""
UNSIGNED = timedelta(minutes=5)
"""And so is a record that nobody wrote to for this long."""
AT_ONCE = 4 * 1024 * 1024
BATCHES_A_RUN = 20


@dataclass(frozen=True)
class HandedOn:
    """How far a witness has the record: this file of it, up to here. `witness` is a digest of its address."""

    witness: str
    file: str
    offset: int


def witness_at(url: str) -> Witness:
    """The witness of an address: `https://host/path`, `file:///a/disk/of/somebody/else`, or `pretend://name`."""
    scheme, _, rest = url.partition("://")
    if scheme == "pretend":
        return pretend.at(rest)
    return FileWitness(Path(rest)) if scheme == "file" else HttpWitness(url)


def hand_on_heads(_database: Database) -> None:
    """Give the witness what it does not have yet, in order; what it does not take now, it is given next time."""
    settings = Settings()
    if not settings.witness_url:
        return
    witness, folder = witness_at(settings.witness_url), record_of(settings).folder
    for _ in range(BATCHES_A_RUN):
        waiting = next(_waiting(settings), None)
        if waiting is None or not witness.take(waiting.lines):
            return
        _note(folder, waiting.after)


def unwitnessed(settings: Settings, *, real_now: datetime) -> timedelta | None:
    """How long the oldest head waits that the outside witness does not have.

    None when it has all of them, or when there is no witness. Longer than UNWITNESSED is an alarm.
    """
    waiting = next(_waiting(settings), None) if settings.witness_url else None
    if waiting is None:
        return None
    first = next(filter(None, map(_moment, waiting.news)), real_now)
    return max(real_now - first, timedelta(0))


def unsigned(settings: Settings, *, real_now: datetime) -> timedelta | None:
    """How long ago the heads were last signed; None when they never were. Longer than UNSIGNED is an alarm."""
    newest = record_of(settings).files()[-1:]
    lines = lines_since(newest[0], _is_seal) if newest else []
    signed = _moment(lines[0]) if lines else None
    return None if signed is None else max(real_now - signed, timedelta(0))


@dataclass(frozen=True)
class _Batch:
    """Lines that the witness does not have, and where it is once it has them."""

    lines: list[str]
    after: HandedOn

    @property
    def news(self) -> list[str]:
        """Without the seal that a day's file begins with, which is of the day before."""
        begins = self.after.offset == len(heads.bytes_of(self.lines))
        return self.lines[1:] if begins and len(self.lines) > 1 and _is_seal(self.lines[0]) else self.lines


def _waiting(settings: Settings) -> Iterator[_Batch]:
    """Whole batches from where the witness is; one that is new begins with the newest day."""
    files, name = record_of(settings).files(), digest(settings.witness_url)
    place = _noted(record_of(settings).folder)
    if place is None or place.witness != name:
        place = HandedOn(name, files[-1].name if files else "", 0)
    for path in files:
        if path.name >= place.file:
            offset = place.offset if path.name == place.file else 0
            lines = _sealed(path, offset)
            if lines:
                after = HandedOn(name, path.name, offset + len(heads.bytes_of(lines)))
                yield _Batch(lines, after)


def _sealed(path: Path, offset: int) -> list[str]:
    """The lines of the file from there on, up to the last seal of those that are read at once."""
    with path.open("rb") as file:
        file.seek(offset)
        lines = heads.lines_of(file.read(AT_ONCE).rpartition(b"\n")[0] + b"\n")
    last = max((place for place, line in enumerate(lines) if _is_seal(line)), default=-1)
    return lines[: last + 1]


def _is_seal(line: str) -> bool:
    try:
        return heads.read(line).is_seal
    except heads.NoHead:
        return False


def _moment(line: str) -> datetime | None:
    try:
        return heads.read(line).head.at.astimezone(UTC)
    except heads.NoHead:
        return None


def _place(folder: Path) -> Path:
    return folder / "handed-on.json"


def _noted(folder: Path) -> HandedOn | None:
    try:
        return HandedOn(**json.loads(_place(folder).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):  # lost, or left empty by a power cut: it begins anew
        return None


def _note(folder: Path, place: HandedOn) -> None:
    fresh = _place(folder).with_suffix(".fresh")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(place)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(_place(folder))
