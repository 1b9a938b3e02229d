"""Making a hall what its description says: itself, its queues and its windows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.halls import finding, zones
from dispatch.halls.models import CalendarDay, Hall, Queue, Window, Zone
from dispatch.halls.news import HallConfigured, PolicyChanged
from dispatch.halls.zones import ZoneSpec


@dataclass(frozen=True)
class QueueSpec:
    """A queue as it should be."""

    code: str
    letter: str
    name: str
    name_en: str
    zone: str | None = None


@dataclass(frozen=True)
class WindowSpec:
    """A window as it should be; `queues` are codes of its hall. Without an `arrow` the one it has stays."""

    code: str
    name: str
    name_en: str
    kind: str
    queues: list[str]
    zone: str | None = None
    arrow: str | None = None


@dataclass(frozen=True)
class HallSpec:
    """A hall as it should be; its parent exists already. Without a `policy` the one it has stays."""

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
    zones: Sequence[ZoneSpec] = ()
    policy: dict[str, Any] | None = None


def configure(session: Session, spec: HallSpec, *, now: datetime, actor: Actor) -> bool:
    """Make the hall as described; whether anything changed. What is described no longer is put out of use."""
    letters = {zone.code: zone.letters for zone in spec.zones}
    zones.refuse_foreign_letters(letters, [(queue.letter, queue.zone) for queue in spec.queues])
    zones.refuse_unknown(letters, [window.zone for window in spec.windows])
    before = _policy(session, spec.code)
    changed = [
        _hall(session, spec, now),
        zones.configure(session, spec.code, spec.zones),
        _queues(session, spec),
        _windows(session, spec),
    ]
    session.flush()
    if any(changed):
        _announce(session, spec.code, now, actor)
    after = _policy(session, spec.code)
    if after != before:
        log.announce(session, spec.code, PolicyChanged(after), at=now, actor=actor)
    return any(changed)


def spec_of(session: Session, hall: str) -> HallSpec:
    """The hall as it is; NotFound."""
    row = finding.hall(session, hall)
    told = {
        each.name: getattr(row, each.name)
        for each in fields(HallSpec)
        if each.name not in ("queues", "windows", "zones")
    }
    return HallSpec(
        **told,
        queues=[
            QueueSpec(**_told(queue, "code letter name name_en zone"))
            for queue in finding.queues_of(session, hall)
        ],
        windows=[
            WindowSpec(**_told(window, "code name name_en kind queues zone arrow"))
            for window in finding.windows_of(session, hall)
        ],
        zones=[_spec_of(zone) for zone in zones.zones_of(session, hall)],
    )


def set_zone(session: Session, hall: str, spec: ZoneSpec, *, now: datetime, actor: Actor) -> bool:
    """Make one zone of a hall as described, another or a new one; whether anything changed.

    Raises LetterOutsideZone when a queue of the zone would lose its letter, or two zones would share one.
    """
    wanted = {row.code: _spec_of(row) for row in zones.zones_of(session, hall)} | {spec.code: spec}
    letters = {code: zone.letters for code, zone in wanted.items()}
    zones.refuse_foreign_letters(
        letters, [(queue.letter, queue.zone) for queue in finding.queues_of(session, hall)]
    )
    changed = zones.configure(session, hall, list(wanted.values()))
    session.flush()
    if changed:
        _announce(session, hall, now, actor)
    return changed


def set_arrows(
    session: Session, hall: str, arrows: Mapping[str, str], *, now: datetime, actor: Actor
) -> bool:
    """Say where windows of a hall lie, by their ids; whether anything changed."""
    changed = False
    for window in finding.windows_of(session, hall):
        changed |= _update(window, {"arrow": arrows.get(window.id, window.arrow)})
    session.flush()
    if changed:
        _announce(session, hall, now, actor)
    return changed


def set_calendar(session: Session, days: Sequence[CalendarDay]) -> None:
    """Add or replace these days; days not named stay as they are."""
    for day in days:
        session.merge(day)


def _hall(session: Session, spec: HallSpec, now: datetime) -> bool:
    parent = finding.hall(session, spec.parent).path if spec.parent else "/"
    wanted = {key: value for key, value in asdict(spec).items() if key not in ("queues", "windows", "zones")}
    if spec.policy is None:
        del wanted["policy"]
    wanted["path"] = f"{parent}{spec.code}/"
    known = session.get(
        Hall, spec.code, with_for_update={"key_share": True}
    )  # whoever refers to it need not wait
    if known is None:
        session.add(Hall(**wanted))
        session.flush()
        log.begin(session, spec.code, at=now)
        return True
    return _update(known, wanted)


def _policy(session: Session, code: str) -> dict[str, int]:
    known = session.get(Hall, code)
    return dict(known.policy or {}) if known else {}


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
        if window.arrow is None:
            del wanted["arrow"]
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


def _spec_of(zone: Zone) -> ZoneSpec:
    return ZoneSpec(zone.code, zone.name, zone.name_en, zone.letters, zones.Voice(**zone.voice))


def _announce(session: Session, hall: str, now: datetime, actor: Actor) -> None:
    news = HallConfigured(
        queues=[_told(queue, "code letter name name_en zone") for queue in finding.queues_of(session, hall)],
        windows=[
            _told(window, "id name name_en queues zone arrow") for window in finding.windows_of(session, hall)
        ],
        zones=[_told(zone, "code name name_en letters voice") for zone in zones.zones_of(session, hall)],
    )
    log.announce(session, hall, news, at=now, actor=actor)


def _told(row: Queue | Window | Zone, columns: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in columns.split()}
