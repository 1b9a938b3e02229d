"""The time zone of a log, and the service day of its lines."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.wiring.ticket_logs.csv_files import LogUnreadable, Refused
from dispatch.wiring.ticket_logs.judging import Line


def zone_for(name: str | None, lines: Sequence[Line]) -> ZoneInfo:
    """The zone asked for, else the one that always has the first line's offset. Raises LogUnreadable."""
    if name:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise LogUnreadable(f"--tz: no such time zone: {name}") from None
    offset = lines[0].issued_at.utcoffset()
    zone = zone_of(offset) if offset is not None else None
    if zone is None:
        raise LogUnreadable(
            f"{lines[0].file} line {lines[0].number}: no zone has its offset always; say one by --tz"
        )
    return zone


def zone_of(offset: timedelta) -> ZoneInfo | None:
    """The time zone that always has this offset; None for one that is not in whole hours."""
    hours, rest = divmod(offset, timedelta(hours=1))
    if rest or not -12 <= hours <= 14:
        return None
    return ZoneInfo(f"Etc/GMT{-hours:+d}")  # named the other way round: GMT-8 is +08:00


def split_days(lines: Iterable[Line], zone: ZoneInfo) -> tuple[list[Line], list[Refused]]:
    """The lines that end on the service day they were issued on, and the others refused."""
    kept, refused = [], []
    for line in lines:
        later = [column for column in ("called_at", "finished_at") if _on_another_day(line, column, zone)]
        if later:
            reason = f"{later[0]} is not on the service day of issued_at"
            refused.append(Refused(line.file, line.number, reason))
        else:
            kept.append(line)
    return kept, refused


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The day in that zone."""
    return at.astimezone(zone).date()


def _on_another_day(line: Line, column: str, zone: ZoneInfo) -> bool:
    at: datetime | None = getattr(line, column)
    return at is not None and day_of(at, zone) != day_of(line.issued_at, zone)
