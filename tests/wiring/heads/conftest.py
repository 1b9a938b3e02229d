"""Two halls whose heads are signed minute by minute, on each database, under a clock that the test sets."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dispatch.foundation import clock, log
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.log import Event
from dispatch.wiring.heads import handing_on, keys, signing
from dispatch.wiring.heads.reading import Record
from dispatch.wiring.verify_log import Verdict, verify

HALL, OTHER = "TOWN", "VILLAGE"
BEGAN = datetime(2026, 11, 22, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Noted(Event):
    """Something that happened."""

    count: int


@dataclass
class Minutes:
    """A city whose clock is pushed by hand, and the folder of its keys and heads."""

    database: Database
    var: Path
    now: datetime = BEGAN

    @property
    def folder(self) -> Path:
        return self.var / "heads"

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    @property
    def lines(self) -> list[str]:
        """All lines of the record, file by file."""
        return [line for path in self.files for line in path.read_text().splitlines()]

    def write(self, hall: str = HALL, entries: int = 1) -> None:
        with self.database.work() as session:
            for number in range(entries):
                log.announce(session, hall, Noted(number), at=self.now, actor=system("test"))

    def sign(self, after: timedelta = timedelta(minutes=1)) -> None:
        """Let time pass and sign."""
        self.now += after
        signing.sign_heads(self.database)

    def hand_on(self) -> None:
        handing_on.hand_on_heads(self.database)

    def verify(self, *records: Path) -> Verdict:
        """What `tongban verify-log` finds; the record of the city unless others are named."""
        known = keys.public_keys(self.var / "keys")
        read = [Record([path] if path.is_file() else sorted(path.glob("*.jsonl")), known) for path in records]
        with self.database.reading() as session:
            return verify(session, read or [Record(self.files, known)])


@pytest.fixture
def minutes(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Minutes:
    """The city, its two halls begun and nothing signed yet."""
    monkeypatch.setenv("TONGBAN_VAR", str(tmp_path))
    monkeypatch.delenv("TONGBAN_WITNESS_URL", raising=False)
    city = Minutes(database, tmp_path)
    monkeypatch.setattr(clock, "real_now", lambda: city.now)
    for hall in (HALL, OTHER, log.CITY):
        with database.work() as session:
            log.begin(session, hall, at=city.now)
    return city
