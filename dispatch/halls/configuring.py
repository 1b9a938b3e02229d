"""Making a hall what its description says: itself, its queues and its windows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.halls import finding
from dispatch.halls.models import CalendarDay, Hall, Queue, Window
from dispatch.halls.news import HallConfigured


@dataclass(frozen=True)
class QueueSpec:
    """A queue as it should be."""

    code: str
    letter: str
    name: str
    name_en: str


@dataclass(frozen=True)
class WindowSpec:
    """A window as it should be; `queues` are codes of its hall."""

    code: str
    name: str
    name_en: str
    kind: str
    queues: list[str]


@dataclass(frozen=True)
class HallSpec:
    """A hall as it should be; its parent exists already."""

    code: str
    name: str
    name_en: str
    level: str
    kind: str
    parent: str | None
    lat: float
    lon: float
    tz: str
    hours: dict[str, Any]
    kiosks: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    queues: Sequence[QueueSpec] = ()
    windows: Sequence[WindowSpec] = ()


def configure(session: Session, spec: HallSpec, *, now: datetime, actor: Actor) -> bool:
    """Make the hall as described; whether anything changed. What is described no longer is put out of use."""
    changed = [_hall(session, spec, now), _queues(session, spec), _windows(session, spec)]
    session.flush()
    if any(changed):
        log.announce(session, spec.code, _configured(session, spec.code), at=now, actor=actor)
    return any(changed)


def set_calendar(session: Session, days: Sequence[CalendarDay]) -> None:
    """Add or replace these days; days not named stay as they are."""
    for day in days:
        session.merge(day)


def _hall(session: Session, spec: HallSpec, now: datetime) -> bool:
    parent = finding.hall(session, spec.parent).path if spec.parent else "/"
    wanted = {key: value for key, value in asdict(spec).items() if key not in ("queues", "windows")}
    wanted["path"] = f"{parent}{spec.code}/"
    known = session.get(Hall, spec.code, with_for_update=True)
    if known is None:
        session.add(Hall(**wanted))
        session.flush()
        log.begin(session, spec.code, at=now)
        return True
    return _update(known, wanted)


def _queues(session: Session, spec: HallSpec) -> bool:
    known = {row.code: row for row in session.scalars(select(Queue).where(Queue.hall == spec.code))}
    changed = False
    for position, queue in enumerate(spec.queues):
        wanted = {**asdict(queue), "position": position, "active": True}
        if queue.code in known:
            changed |= _update(known.pop(queue.code), wanted)
        else:
            session.add(Queue(hall=spec.code, **wanted))
            changed = True
    return _retire(list(known.values())) or changed


def _windows(session: Session, spec: HallSpec) -> bool:
    known = {row.code: row for row in session.scalars(select(Window).where(Window.hall == spec.code))}
    changed = False
    for position, window in enumerate(spec.windows):
        wanted = {**asdict(window), "position": position, "active": True}
        if window.code in known:
            changed |= _update(known.pop(window.code), wanted)
        else:
            session.add(
                Window(id=f"{spec.code}-{window.code}", hall=spec.code, state="closed", claim=0, **wanted)
            )
            changed = True
    return _retire(list(known.values())) or changed


def _update(row: Hall | Queue | Window, wanted: dict[str, Any]) -> bool:
    differing = {key: value for key, value in wanted.items() if getattr(row, key) != value}
    for key, value in differing.items():
        setattr(row, key, value)
    return bool(differing)


def _retire(rows: Sequence[Queue | Window]) -> bool:
    in_use = [row for row in rows if row.active]
    for row in in_use:
        row.active = False
        if isinstance(row, Window):
            row.state = "closed"
    return bool(in_use)


def _configured(session: Session, hall: str) -> HallConfigured:
    return HallConfigured(
        queues=[
            {"code": queue.code, "letter": queue.letter, "name": queue.name, "name_en": queue.name_en}
            for queue in finding.queues_of(session, hall)
        ],
        windows=[
            {"id": window.id, "name": window.name, "name_en": window.name_en, "queues": window.queues}
            for window in finding.windows_of(session, hall)
        ],
    )
