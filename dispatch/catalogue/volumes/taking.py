"""Keeping what was counted: the same said twice changes nothing, what is said anew takes the place of the old."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dispatch.catalogue.models import Item
from dispatch.catalogue.volumes import reading
from dispatch.catalogue.volumes.models import LONGEST_SOURCE, Volume, VolumeCursor
from dispatch.catalogue.volumes.reading import KEPT_DAYS, Known, Row
from dispatch.catalogue.volumes.refusals import BadSource
from dispatch.catalogue.volumes.wording import Refused
from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.halls.models import Hall
from dispatch.ports.channels import Counted

HALLS = "halls"
"""The source of what our own counters did; nobody else may use its name."""
_NAME = re.compile(rf"[a-z0-9][a-z0-9._-]{{0,{LONGEST_SOURCE - 1}}}")
_KEY = ("source", "day", "item", "situation", "channel", "hall")
_FIGURES = ("used", "finished", "came_back")


@dataclass(frozen=True)
class VolumesTaken(log.Event):
    """A source told something new of its channels: so many counts, of these days."""

    source: str
    counts: int
    first_day: str
    last_day: str


@dataclass(frozen=True)
class Taken:
    """What became of lines: how many were new or other than before, how many as before, and the refused."""

    changed: int
    same: int
    refused: Sequence[Refused]


def known(session: Session, today: date) -> Known:
    """What lines are checked against."""
    items = {item.code: item for item in session.scalars(select(Item))}
    return Known(items, set(session.scalars(select(Hall.code))), today)


def take_file(session: Session, text: str, source: str, *, today: date, now: datetime, actor: Actor) -> Taken:
    """Keep the sound lines of a file; NoVolumes, BadSource."""
    if not _NAME.fullmatch(source) or source == HALLS:
        raise BadSource(said=source[:60], field="source")
    return take_lines(
        session, list(reading.lines_of(text)), source, known(session, today), now=now, actor=actor
    )


def take_lines(
    session: Session,
    lines: Sequence[tuple[int, Row]],
    source: str,
    known: Known,
    *,
    now: datetime,
    actor: Actor,
) -> Taken:
    """Keep the sound ones of these lines."""
    counted, refused = reading.check(lines, known)
    changed = take(session, counted, source, now=now, actor=actor)
    return Taken(changed, len(counted) - changed, refused)


def take(session: Session, counted: Sequence[Counted], source: str, *, now: datetime, actor: Actor) -> int:
    """Keep these counts; how many of them are new, or other than what was kept."""
    if not counted:
        return 0
    first, last = min(each.day for each in counted), max(each.day for each in counted)
    before = _kept(session, source, first, last)
    rows = [{"source": source, **asdict(each)} for each in counted]
    news = [row for row in rows if before.get(_of(row, _KEY)) != _of(row, _FIGURES)]
    if not news:
        return 0
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    adding = make(Volume)
    figures = {name: adding.excluded[name] for name in _FIGURES}
    session.execute(adding.on_conflict_do_update(index_elements=_KEY, set_=figures), news)
    _tell(session, VolumesTaken(source, len(news), first.isoformat(), last.isoformat()), now=now, actor=actor)
    return len(news)


def read_until(session: Session, source: str) -> str | None:
    """How far a source was read."""
    row = session.get(VolumeCursor, source)
    return row.cursor if row else None


def note(session: Session, source: str, cursor: str, *, now: datetime) -> None:
    """It was read so far."""
    session.merge(VolumeCursor(source=source, cursor=cursor, at=now))


def forget_old(session: Session, *, today: date) -> None:
    """Delete what is no longer kept."""
    session.execute(delete(Volume).where(Volume.day < today - timedelta(days=KEPT_DAYS)))


def _kept(
    session: Session, source: str, first: date, last: date
) -> dict[tuple[object, ...], tuple[object, ...]]:
    columns = [getattr(Volume, name) for name in (*_KEY, *_FIGURES)]
    rows = session.execute(select(*columns).where(Volume.source == source, Volume.day.between(first, last)))
    return {tuple(row)[: len(_KEY)]: tuple(row)[len(_KEY) :] for row in rows}


def _of(row: dict[str, object], names: Sequence[str]) -> tuple[object, ...]:
    return tuple(row[name] for name in names)


def _tell(session: Session, news: log.Event, *, now: datetime, actor: Actor) -> None:
    if log.head_of(session, log.CITY) is None:
        log.begin(session, log.CITY, at=now)
    log.announce(session, log.CITY, news, at=now, actor=actor)
