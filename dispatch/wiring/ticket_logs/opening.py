"""A ticket log made ready for a command: read, its zone found, its lines each within one service day."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from dispatch.wiring.ticket_logs.csv_files import Refused
from dispatch.wiring.ticket_logs.judging import Line
from dispatch.wiring.ticket_logs.reading import read
from dispatch.wiring.ticket_logs.service_days import split_days, zone_for


@dataclass(frozen=True)
class Opened:
    """Lines to go on with, and what there is to say of the others."""

    lines: Sequence[Line]
    zone: ZoneInfo
    refused: Sequence[Refused]
    passed_over: Sequence[str]

    @property
    def notes(self) -> list[str]:
        """What was passed over and refused, in one line each."""
        return [*self.passed_over, *map(str, self.refused)]


def open_log(path: Path, *, hall: str | None, zone: str | None) -> Opened:
    """The log, whose zone is the one asked for, else the offset of its first line. Raises LogUnreadable."""
    log = read(path, hall=hall)
    if not log.lines:
        return Opened([], ZoneInfo("UTC"), log.refused, log.passed_over)
    found = zone_for(zone, log.lines)
    kept, elsewhen = split_days(log.lines, found)
    refused = sorted([*log.refused, *elsewhen], key=lambda each: (each.file, each.number))
    return Opened(kept, found, refused, log.passed_over)
