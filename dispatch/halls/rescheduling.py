"""Changing when a hall is open: its week, its seasons, and single days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput
from dispatch.foundation.log import announce
from dispatch.halls import finding, hours
from dispatch.halls.models import Hall, HallDay
from dispatch.halls.news import HallDaySet, WeekChanged
from dispatch.halls.refusals import WrongOpenings
from dispatch.halls.templates import inheriting


@dataclass(frozen=True)
class Season:
    """A range of days with a week of its own, such as the summer's."""

    first: date
    last: date
    weekly: dict[str, list[list[str]]]
    name: str
    name_en: str

    def row(self) -> dict[str, Any]:
        """As it stands with its hall."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "weekly": self.weekly,
            "name": self.name,
            "name_en": self.name_en,
        }


def set_week(
    session: Session,
    place: Hall,
    *,
    weekly: dict[str, list[list[str]]] | None = None,
    seasons: Sequence[Season] | None = None,
    now: datetime,
    actor: Actor,
) -> bool:
    """Make the hall's ordinary week this one, and its seasons these; whether anything changed.

    Raises WrongOpenings, FieldLocked for a day that the hall's template holds.
    """
    for each in [weekly or {}, *[season.weekly for season in seasons or ()]]:
        for day, spans in each.items():
            _refuse_wrong(spans, day)
    for season in seasons or ():
        if season.last < season.first:
            raise BadInput(reason=f"{season.first} – {season.last}", field="seasons")
    session.refresh(place, with_for_update=True)
    wanted = {**place.hours, **({"weekly": weekly} if weekly is not None else {})}
    rows = [season.row() for season in seasons] if seasons is not None else place.seasons
    if wanted == place.hours and rows == place.seasons:
        return False
    changed = {
        f"hours.weekly.{day}": spans
        for day, spans in (weekly or {}).items()
        if spans != place.hours["weekly"].get(day, [])
    }
    inheriting.keep(session, place, changed, now=now, actor=actor)
    place.hours, place.seasons = wanted, rows
    session.flush()
    announce(session, place.code, WeekChanged(len(rows)), at=now, actor=actor)
    return True


def set_day(
    session: Session,
    place: Hall,
    day: date,
    kind: str,
    *,
    openings: list[list[str]] | None = None,
    reason: str | None = None,
    note: str | None = None,
    note_en: str | None = None,
    now: datetime,
    actor: Actor,
) -> HallDay:
    """Make one day this: `duty` or `shortened` with its openings, `closed`, or `ordinary` again. WrongOpenings."""
    if day < finding.service_day(session, place, now):
        raise BadInput(reason=day.isoformat(), field="day")
    if (openings is None) is (kind in ("duty", "shortened")):
        raise WrongOpenings(reason=kind, field="openings")
    _refuse_wrong(openings or [], "openings")
    row = row_of(session, place, day)
    wanted = {
        "kind": kind,
        "openings": [] if kind == "closed" else openings,
        "reason": None if kind == "ordinary" else reason,
        "note": None if kind == "ordinary" else note,
        "note_en": None if kind == "ordinary" else note_en,
    }
    if all(getattr(row, name) == value for name, value in wanted.items()):
        return row
    for name, value in wanted.items():
        setattr(row, name, value)
    session.flush()
    finding.forget_hours(session)
    news = HallDaySet(day.isoformat(), row.kind, row.openings, row.reason)
    announce(session, place.code, news, at=now, actor=actor)
    return row


def row_of(session: Session, place: Hall, day: date) -> HallDay:
    """The row of a day, locked; a new one for a day that nothing was particular about. The hall's row is locked too."""
    session.refresh(place, with_for_update=True)
    row = session.get(HallDay, (place.code, day), with_for_update=True, populate_existing=True)
    if row is None:
        row = HallDay(hall=place.code, day=day, kind="ordinary", settled=False)
        session.add(row)
    return row


def _refuse_wrong(spans: Sequence[hours.Span], field: str) -> None:
    if wrong := list(hours.wrong_spans(spans)):
        raise WrongOpenings(reason=";".join(wrong), field=field)
