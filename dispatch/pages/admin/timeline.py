"""A hall's day as a picture of rows and bars: where each stretch stands on the scale, and what it says aloud."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dispatch.halls.models import Window
from dispatch.pages.shared.rosters import Roster, Told
from dispatch.staffing.models import Leave
from dispatch.staffing.sittings import Sitting
from dispatch.staffing.spans import Span

HOUR = timedelta(hours=1)
OFFICE_HOURS = (8, 18)
Kind = Literal["shift", "break", "open", "paused", "away"]


@dataclass(frozen=True)
class Bar:
    """A stretch on the scale, in hundredths of its width."""

    kind: Kind
    x: float
    width: float
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Row:
    """A window, or those planned without one, or somebody away: its bars, and the shifts they are of."""

    window: Window | None
    bars: Sequence[Bar]
    shifts: Sequence[Told] = ()
    unplanned: Sequence[Sitting] = ()
    leaves: Sequence[Leave] = ()


@dataclass(frozen=True)
class Hour:
    """A tick of the scale."""

    words: str
    x: float


@dataclass(frozen=True)
class Timeline:
    """Rows over one scale; `now` is where this moment stands on it, if it does."""

    hours: Sequence[Hour]
    now: float | None
    rows: Sequence[Row]


@dataclass(frozen=True)
class Scale:
    """From where to where the picture reaches."""

    span: Span

    def at(self, moment: datetime) -> float:
        """Where a moment stands, from 0 to 100."""
        whole = self.span.ends - self.span.starts
        return round(min(max((moment - self.span.starts) / whole, 0.0), 1.0) * 100, 2)

    def bar(self, kind: Kind, span: Span) -> Bar | None:
        """The part of a stretch that can be seen."""
        if not span.overlaps(self.span):
            return None
        x = self.at(span.starts)
        return Bar(kind, x, round(self.at(span.ends) - x, 2), span.starts, span.ends)


def timeline(roster: Roster) -> Timeline:
    """Every window with what is planned and what was, then whoever is planned without a window, then who is away."""
    scale = _scale(roster)
    local = [scale.span.starts + HOUR * step for step in range(_length(scale.span) + 1)]
    rows = [_window_row(scale, roster, window) for window in roster.windows]
    loose = [told for told in roster.shifts if told.shift.window is None]
    if loose:
        rows.append(Row(None, list(_planned(scale, loose)), loose))
    away = [leave for leave in roster.leaves if leave.state == "granted"]
    if away:
        bars = [scale.bar("away", Span(leave.starts, leave.ends)) for leave in away]
        rows.append(Row(None, [bar for bar in bars if bar], leaves=away))
    return Timeline(
        [Hour(f"{moment:%H}", scale.at(moment)) for moment in local],
        scale.at(roster.now) if scale.span.at(roster.now) else None,
        rows,
    )


def _window_row(scale: Scale, roster: Roster, window: Window) -> Row:
    shifts = [told for told in roster.shifts if told.shift.window == window.id]
    sat = [sitting for sitting in roster.sittings if sitting.window == window.id]
    return Row(
        window,
        [*_planned(scale, shifts), *_real(scale, sat, roster)],
        shifts,
        [sitting for sitting in roster.unplanned if sitting.window == window.id],
    )


def _planned(scale: Scale, shifts: Iterable[Told]) -> Iterable[Bar]:
    for told in shifts:
        stretches: list[tuple[Kind, Span]] = [("shift", Span(told.shift.starts, told.shift.ends))]
        stretches += [("break", pause) for pause in told.breaks]
        for kind, span in stretches:
            if bar := scale.bar(kind, span):
                yield bar


def _real(scale: Scale, sat: Iterable[Sitting], roster: Roster) -> Iterable[Bar]:
    for sitting in sat:
        span = sitting.until(min(roster.now, roster.during.ends))
        if span.sound and (bar := scale.bar("open" if sitting.state == "open" else "paused", span)):
            yield bar


def _scale(roster: Roster) -> Scale:
    """The hall's office hours, and as far beyond as anything reaches, in whole hours of the day."""
    zone = ZoneInfo(roster.hall.tz)
    midnight = roster.during.starts.astimezone(zone)
    first, last = (midnight + HOUR * hour for hour in OFFICE_HOURS)
    for told in roster.shifts:
        first, last = min(first, told.shift.starts), max(last, told.shift.ends)
    for sitting in roster.sittings:
        first = min(first, sitting.starts)
    starts = first.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    ends = last.astimezone(zone)
    if ends.minute or ends.second:
        ends = ends.replace(minute=0, second=0, microsecond=0) + HOUR
    within = roster.during
    return Scale(Span(max(starts, within.starts), min(ends, within.ends)))


def _length(span: Span) -> int:
    return (span.ends - span.starts) // HOUR
