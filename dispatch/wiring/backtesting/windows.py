"""The file that says how many windows served each queue: `hall,queue,at,open`, from then on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dispatch.wiring.ticket_logs.csv_files import Refused, rows
from dispatch.wiring.ticket_logs.judging import NO_HALL, LineRefused, needed_time, text

COLUMNS = ("hall", "queue", "at", "open")
REQUIRED = ("queue", "at", "open")
MOST = 10_000


@dataclass(frozen=True)
class WindowCount:
    """From `at` on, so many windows serve this queue."""

    hall: str
    queue: str
    at: datetime
    open: int


def read(path: Path, *, hall: str | None = None) -> tuple[list[WindowCount], list[Refused]]:
    """The counts of one hall or of all, and the lines that were refused. Raises LogUnreadable."""
    counts, refused = [], []
    for number, told in rows(path, COLUMNS, REQUIRED):
        try:
            count = _judge(told)
        except LineRefused as reason:
            refused.append(Refused(path.name, number, str(reason)))
        else:
            if hall is None or count.hall == hall:
                counts.append(count)
    return counts, refused


def _judge(told: Mapping[str, str] | LineRefused) -> WindowCount:
    if isinstance(told, LineRefused):
        raise told
    queue = text(told, "queue")
    if not queue:
        raise LineRefused("queue is empty")
    return WindowCount(text(told, "hall") or NO_HALL, queue, needed_time(told, "at"), _open(told["open"]))


def _open(word: str) -> int:
    told = word.strip()
    if not (told.isascii() and told.isdecimal()):
        raise LineRefused(f"open is not a whole number: {told[:40]}")
    if len(told) > 9 or int(told) > MOST:
        raise LineRefused(f"open is more than {MOST}: {told[:40]}")
    return int(told)
