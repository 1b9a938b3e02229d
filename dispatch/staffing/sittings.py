"""Who really sat where, as the hall's log tells it."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.log import LogEntry
from dispatch.staffing.spans import Span

KINDS = ("WindowOpened", "WindowPaused", "WindowClosed")
LOOK_BACK = timedelta(days=2)
"""A window that was opened longer ago than this and never touched since is not followed further."""


@dataclass(frozen=True)
class Sitting:
    """A window was open or paused from `starts` until `ends`, or still is; `who` is the account that opened it."""

    window: str
    who: str | None
    state: str
    starts: datetime
    ends: datetime | None

    def until(self, now: datetime) -> Span:
        """The stretch of it that has been so far."""
        return Span(self.starts, self.ends or max(now, self.starts))


def sittings(session: Session, hall: str, during: Span) -> list[Sitting]:
    """What windows of the hall were open or paused during this time, in order; what was so before begins with it."""
    rows = session.execute(
        select(LogEntry.kind, LogEntry.at, LogEntry.body)
        .where(
            LogEntry.hall == hall,
            LogEntry.kind.in_(KINDS),
            LogEntry.at >= during.starts - LOOK_BACK,
            LogEntry.at < during.ends,
        )
        .order_by(LogEntry.seq)
    )
    found: list[Sitting] = []
    going: dict[str, Sitting] = {}
    for kind, at, body in rows:
        told = json.loads(body)
        window = told["data"]["window"]
        if (before := going.pop(window, None)) is not None:
            found.append(replace(before, ends=at))
        if kind != "WindowClosed":
            state = "open" if kind == "WindowOpened" else "paused"
            going[window] = Sitting(window, _account(told["actor"]), state, at, None)
    found.extend(going.values())
    return sorted(
        (_within(sitting, during) for sitting in found if _reaches(sitting, during)),
        key=lambda sitting: (sitting.starts, sitting.window),
    )


def _reaches(sitting: Sitting, during: Span) -> bool:
    return sitting.ends is None or sitting.ends > during.starts


def _within(sitting: Sitting, during: Span) -> Sitting:
    return replace(sitting, starts=max(sitting.starts, during.starts))


def _account(actor: str) -> str | None:
    kind, _, ident = actor.partition(":")
    return ident if kind == "staff" else None
