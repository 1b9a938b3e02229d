"""A past service day as it was: who came, how long each was served, when which window called.

From the tickets' rows and the hall's log; what it would have been under another discipline, `queues.previewing` says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.log import LogEntry
from dispatch.halls import models as halls
from dispatch.halls.models import Hall
from dispatch.queues import previewing, rules
from dispatch.queues.policy import Policy
from dispatch.queues.previewing import Day, Figures, Outcome, Span, Window
from dispatch.tickets import lines
from dispatch.tickets.life import CHANNELS
from dispatch.tickets.lines import Place
from dispatch.tickets.minutes import USUAL, minutes_in
from dispatch.tickets.models import Ticket

CLASSES = {"law": rules.LAW, "care": rules.CARE, "ordinary": rules.ORDINARY}
LONGEST_S = 7200.0
"""Nobody holds a window longer; what was measured as longer was a forgotten key."""
_CALLS = {"WindowOpened": True, "WindowPaused": False, "WindowClosed": False}


@dataclass(frozen=True)
class Compared:
    """Some people of the day: how they really waited, and how they would have under two policies.

    `kind` is `all`, `class` or `channel`, `name` the word of it.
    """

    kind: str
    name: str
    measured: Figures
    present: Figures
    proposed: Figures


def preview(session: Session, place: Hall, day: date, proposed: Policy, *, now: datetime) -> list[Compared]:
    """What a service day of this hall would have been under its present policy and the proposed one.

    Groups in which nobody came are left out.
    """
    tickets = list(
        session.scalars(
            select(Ticket)
            .where(Ticket.hall == place.code, Ticket.service_day == day)
            .order_by(Ticket.issued_at, Ticket.letter, Ticket.n)
        )
    )
    if not tickets:
        return []
    present = lines.policy_of(session, place.code)
    past = _day(session, place, tickets, day, now)
    called = np.array([_seconds(ticket.called_at) for ticket in tickets])
    passed = np.array([ticket.passed for ticket in tickets], dtype=np.int64)
    outcomes = (
        Outcome(called, passed),
        previewing.simulate(past, present),
        previewing.simulate(past, proposed),
    )
    promised = present, present, proposed
    channels = np.array([ticket.channel for ticket in tickets])
    groups = [
        ("all", "all", np.ones(len(tickets), dtype=bool)),
        ("class", "booked", ~np.isnan(past.line.slot)),
        *(("class", name, past.line.classes == number) for name, number in CLASSES.items()),
        *(("channel", name, channels == name) for name in CHANNELS),
    ]
    return [
        Compared(
            kind,
            name,
            *(
                previewing.figures(past, outcome, policy, among)
                for outcome, policy in zip(outcomes, promised, strict=True)
            ),
        )
        for kind, name, among in groups
        if among.any()
    ]


def _day(session: Session, place: Hall, tickets: Sequence[Ticket], day: date, now: datetime) -> Day:
    start = datetime.combine(day, time(0), ZoneInfo(place.tz)).astimezone(UTC)
    until = min(now, start + timedelta(days=1))
    entries = _entries(session, place.code, min(start, tickets[0].issued_at), until)
    codes = sorted({ticket.queue for ticket in tickets})
    known = minutes_in(session, place.code)
    return Day(
        line=lines.arrays_of([_first_place(ticket) for ticket in tickets]),
        of=np.array([codes.index(ticket.queue) for ticket in tickets], dtype=np.int64),
        joins=np.array([ticket.issued_at.timestamp() for ticket in tickets]),
        leaves=np.array([_leaves(ticket) for ticket in tickets]),
        service=np.array(_service(tickets, _missed(entries), known.queues)),
        minutes=np.array([known.of(ticket.items, ticket.queue) for ticket in tickets]),
        windows=tuple(_windows(session, place.code, codes, entries, until)),
    )


def _first_place(ticket: Ticket) -> Place:
    """Where she stood when she came: somebody who missed her call would not, had it come at another time."""
    standing = Place.of(ticket)
    return standing._replace(place=ticket.issued_at, reactivated=0) if ticket.reactivated else standing


def _leaves(ticket: Ticket) -> float:
    """When she gave up waiting, if she did."""
    gave_up = ticket.called_at is None and ticket.state in ("cancelled", "void", "moved")
    return ticket.ended_at.timestamp() if gave_up and ticket.ended_at else np.inf


def _service(
    tickets: Sequence[Ticket], missed: Mapping[str, datetime], minutes: Mapping[str, float]
) -> list[float]:
    """How long each held her window; of those never called, what is usual in their queue."""
    held = [_held(ticket, missed.get(ticket.id)) for ticket in tickets]
    usual = {
        ticket.queue: median(
            [
                seconds
                for other, seconds in zip(tickets, held, strict=True)
                if seconds is not None and other.queue == ticket.queue
            ]
            or [60 * minutes.get(ticket.queue, USUAL)]
        )
        for ticket in tickets
    }
    return [
        usual[ticket.queue] if seconds is None else seconds
        for ticket, seconds in zip(tickets, held, strict=True)
    ]


def _held(ticket: Ticket, missed: datetime | None) -> float | None:
    if ticket.called_at is None:
        return None
    ended = missed if missed and missed >= ticket.called_at else ticket.ended_at
    if ended is None:
        return None
    return min(max((ended - ticket.called_at).total_seconds(), 0.0), LONGEST_S)


def _entries(session: Session, hall: str, since: datetime, until: datetime) -> list[LogEntry]:
    wanted = select(LogEntry).where(
        LogEntry.hall == hall,
        LogEntry.kind.in_((*_CALLS, "TicketMissed")),
        LogEntry.at >= since,
        LogEntry.at < until,
    )
    return list(session.scalars(wanted.order_by(LogEntry.seq)))


def _missed(entries: Iterable[LogEntry]) -> dict[str, datetime]:
    """When each was last noted as missed."""
    return {str(entry.data["ticket"]): entry.at for entry in entries if entry.kind == "TicketMissed"}


def _windows(
    session: Session, hall: str, codes: Sequence[str], entries: Iterable[LogEntry], until: datetime
) -> list[Window]:
    """When each window called that day, for the queues that it serves by now, or served last."""
    spans: dict[str, list[Span]] = {}
    since: dict[str, float] = {}
    for entry in entries:
        if entry.kind not in _CALLS:
            continue
        window, at = str(entry.data["window"]), entry.at.timestamp()
        if _CALLS[entry.kind]:
            since.setdefault(window, at)
        elif window in since:
            spans.setdefault(window, []).append((since.pop(window), at))
    for window, at in since.items():
        spans.setdefault(window, []).append((at, until.timestamp()))
    rows = session.execute(select(halls.Window.id, halls.Window.queues).where(halls.Window.hall == hall))
    served = {row.id: row.queues for row in rows}
    return [
        Window(tuple(each), frozenset(codes.index(code) for code in served.get(window, ()) if code in codes))
        for window, each in sorted(spans.items())
    ]


def _seconds(at: datetime | None) -> float:
    return np.nan if at is None else at.timestamp()
