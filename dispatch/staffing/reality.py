"""The plan against what happened: who came when, who is late, away, or back from a break too late. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.staffing.sittings import Sitting
from dispatch.staffing.spans import Span

STANDINGS = (
    "ahead",
    "due",
    "working",
    "on_break",
    "break_over",
    "paused",
    "away",
    "absent",
    "done",
    "missed",
)
WANTS_SOMEBODY = ("break_over", "away", "absent")
"""Where a supervisor should look: somebody ought to sit there now and nobody does."""
GRACE = timedelta(minutes=5)
EARLY = timedelta(hours=1)
"""Whoever opens this long before the shift has come for it."""


@dataclass(frozen=True)
class Planned:
    """A shift as far as the comparison needs it."""

    account: str
    window: str | None
    span: Span
    breaks: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Standing:
    """How a shift stands. `late_s`, `left_early_s` are 0 within the grace; `other`: somebody else sat there for her."""

    standing: str
    opened_at: datetime | None = None
    late_s: int = 0
    left_early_s: int = 0
    other: str | None = None


def standing(planned: Planned, sittings: Sequence[Sitting], now: datetime) -> Standing:
    """How this shift stands at this moment, by what is known of the windows."""
    if now < planned.span.starts:
        return Standing("ahead")
    worked = [sitting for sitting in sittings if _counts(sitting, planned, now)]
    opened = [sitting for sitting in worked if sitting.state == "open"]
    over = now >= planned.span.ends
    if not opened:
        if over:
            return Standing("missed")
        return Standing("due" if now - planned.span.starts < GRACE else "absent")
    first = opened[0]
    return Standing(
        "done" if over else _now(planned, worked, now),
        opened_at=first.starts,
        late_s=_beyond_grace(first.starts - planned.span.starts),
        left_early_s=_beyond_grace(planned.span.ends - _last_sign(worked, planned, now)) if over else 0,
        other=first.who if first.who != planned.account else None,
    )


def unplanned(planned: Sequence[Planned], sittings: Sequence[Sitting], now: datetime) -> list[Sitting]:
    """Windows somebody sits at just now that no shift speaks of."""
    expected = {shift.window for shift in planned if shift.span.at(now)}
    people = {shift.account for shift in planned if shift.span.at(now) and shift.window is None}
    return [
        sitting
        for sitting in sittings
        if sitting.ends is None and sitting.window not in expected and sitting.who not in people
    ]


def _counts(sitting: Sitting, planned: Planned, now: datetime) -> bool:
    here = sitting.window == planned.window if planned.window else sitting.who == planned.account
    about = Span(planned.span.starts - EARLY, planned.span.ends)
    return here and sitting.until(now).ends >= planned.span.starts and about.at(sitting.starts)


def _now(planned: Planned, worked: Sequence[Sitting], now: datetime) -> str:
    going = [sitting for sitting in worked if sitting.ends is None]
    if any(sitting.state == "open" for sitting in going):
        return "working"
    if any(pause.at(now) for pause in planned.breaks):
        return "on_break"
    ended = [pause for pause in planned.breaks if pause.ends <= now]
    if ended and not any(s.state == "open" and s.until(now).ends > ended[-1].ends for s in worked):
        return "on_break" if now - ended[-1].ends < GRACE else "break_over"
    return "paused" if going else "away"


def _last_sign(worked: Sequence[Sitting], planned: Planned, now: datetime) -> datetime:
    last = max(sitting.until(now).ends for sitting in worked)
    return min(last, planned.span.ends)


def _beyond_grace(off: timedelta) -> int:
    return round(off.total_seconds()) if off > GRACE else 0
