"""What an import, or a version of a template, would change in each hall, and whom it would touch there.

Who counts what is touched is one table, so that whatever else lives in a hall can add itself.
"""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import placing
from dispatch.catalogue.models import Bundle, Item, WordGroup
from dispatch.halls import changes, configuring, finding, touched_windows
from dispatch.halls.models import CalendarDay, Hall
from dispatch.halls.templates import inheriting, versioning
from dispatch.ports.previews import Change, CityPreview, HallPreview, Part, Touch
from dispatch.tickets import touched as touched_tickets
from dispatch.wiring.importing import applying, format
from dispatch.wiring.importing.problems import CityRefused
from dispatch.wiring.importing.reading import read_city

Counter = Callable[[Session, str, Iterable[Change]], list[Touch]]
COUNTERS: tuple[Counter, ...] = (touched_tickets.touched, touched_windows.touched)
FILES = ("city.json", "halls.json", "calendar.csv", "items.json", "bundles.json", "words.json")


class Previewing:
    """Keeps the promise of `ports.previews`."""

    def of_city(self, session: Session, files: Mapping[str, str]) -> CityPreview:
        """What importing these files would do, by their names in a city's directory."""
        with tempfile.TemporaryDirectory() as folder:
            for name in FILES:
                if name in files:
                    (Path(folder) / name).write_text(files[name], encoding="utf-8")
            try:
                city = read_city(Path(folder))
            except CityRefused as refused:
                return CityPreview(tuple(map(str, refused.problems)), (), (), ())
        return preview(session, city)

    def of_template(self, session: Session, template: str, version: int) -> list[HallPreview]:
        """What this version would do in each hall that inherits it, were it live now."""
        row = versioning.version(session, template, version)
        previews = []
        for hall in versioning.heirs(session, template):
            placed = placing.queues_by_item(session, hall.code)
            fitted = inheriting.fit(session, hall.code, placed, instead=row)
            queues = [queue.code for queue in fitted.spec.queues]
            wanted = placing.fitting(session, fitted.placements, queues)
            before = configuring.spec_of(session, hall.code)
            previews.append(_hall(session, hall, changes.between(before, fitted.spec, placed, wanted)))
        return previews


def preview(session: Session, city: format.City) -> CityPreview:
    """What importing this city would do."""
    known = {hall.code: hall for hall in finding.all_halls(session)}
    wanted = [_import_of(session, city, hall, known.get(hall.code)) for hall in city.halls]
    return CityPreview(
        problems=(),
        halls=tuple(each for each in wanted if each.changes),
        city=(
            *_calendar(session, city),
            *_items(session, city),
            *_bundles(session, city),
            *_words(session, city),
        ),
        missing=tuple(sorted(set(known) - {hall.code for hall in city.halls})),
    )


def _import_of(session: Session, city: format.City, hall: format.Hall, known: Hall | None) -> HallPreview:
    fitted = applying.fitted(session, city, hall)
    if known is None:
        return HallPreview(
            hall.code, hall.name, hall.name_en, True, tuple(changes.between(None, fitted.spec)), ()
        )
    items = {item.code for item in city.items}
    queues = {queue.code for queue in fitted.spec.queues}
    wanted = {item: queue for item, queue in fitted.placements.items() if item in items and queue in queues}
    placed = placing.queues_by_item(session, hall.code)
    before = configuring.spec_of(session, hall.code)
    return _hall(session, known, changes.between(before, fitted.spec, placed, wanted))


def _hall(session: Session, hall: Hall, found: Sequence[Change]) -> HallPreview:
    touches = [touch for count in COUNTERS for touch in count(session, hall.code, found)] if found else []
    return HallPreview(hall.code, hall.name, hall.name_en, False, tuple(found), tuple(touches))


def _calendar(session: Session, city: format.City) -> list[Change]:
    columns = ("kind", "name", "name_en")
    before = {row.day.isoformat(): _columns(row, columns) for row in session.scalars(select(CalendarDay))}
    after = {row.day.isoformat(): _columns(row, columns) for row in applying.calendar_of(city)}
    return _differences("calendar", before, {**before, **after})


def _items(session: Session, city: format.City) -> list[Change]:
    rows = applying.item_rows(city)
    before = {
        row.code: _columns(row, tuple(rows[0])) for row in session.scalars(select(Item).where(Item.active))
    }
    return _differences("item", before, {row["code"]: row for row in rows})


def _bundles(session: Session, city: format.City) -> list[Change]:
    rows = {row["code"]: row for row in applying.bundle_rows(city)}
    columns = ("code", "name", "name_en", "position", "details")
    before = {
        row.code: _columns(row, columns) for row in session.scalars(select(Bundle).where(Bundle.active))
    }
    return _differences("bundle", before, rows)


def _words(session: Session, city: format.City) -> list[Change]:
    if city.words is None:
        return []
    rows = {group.code: {"name": group.code, "words": list(group.words)} for group in city.words}
    before = {row.code: {"name": row.code, "words": row.words} for row in session.scalars(select(WordGroup))}
    return _differences("words", before, rows)


def _differences(
    part: Part, before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> list[Change]:
    """Added, changed and retired things of the whole city; of new and old ones the name is enough."""
    found = []
    for code in sorted({*before, *after}):
        old, new = before.get(code), after.get(code)
        if old is None and new is not None:
            found.append(Change(part, code, str(new["name"]), "added", {}, {"name": new["name"]}))
        elif new is None and old is not None:
            found.append(Change(part, code, str(old["name"]), "retired", {"name": old["name"]}, {}))
        elif old is not None and new is not None:
            found += changes.difference(part, code, str(new["name"]), old, new)
    return found


def _columns(row: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
