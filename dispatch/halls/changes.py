"""What differs between a hall as it is and as it should be. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dispatch.halls.configuring import HallSpec, QueueSpec, WindowSpec
from dispatch.halls.hours import WEEKDAYS
from dispatch.halls.templates.content import figures_of
from dispatch.halls.zones import ZoneSpec
from dispatch.ports.previews import Change, Part, What

_OF_HALL = ("name", "name_en", "level", "kind", "parent", "lat", "lon", "tz", "kiosks")
Row = QueueSpec | WindowSpec | ZoneSpec


def between(
    before: HallSpec | None,
    after: HallSpec,
    placed: Mapping[str, str] | None = None,
    to_be_placed: Mapping[str, str] | None = None,
) -> list[Change]:
    """Every difference, part by part; a hall that was not there yet differs as a whole."""
    if before is None:
        told = {"queues": len(after.queues), "windows": len(after.windows)}
        return [Change("hall", after.code, after.name, "added", {}, told)]
    return [
        *difference("hall", after.code, after.name, _hall(before), _hall(after)),
        *_hours(before.hours, after.hours),
        *_rows("zone", before.zones, after.zones),
        *_rows("queue", before.queues, after.queues),
        *_rows("window", before.windows, after.windows),
        *_policy(before, after),
        *difference("notices", "notices", "notices", _notices(before), _notices(after)),
        *_placements(placed or {}, to_be_placed or {}),
    ]


def difference(
    part: Part, code: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Change]:
    """A changed thing by its differing fields; nothing where none differ."""
    differing = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
    if not differing:
        return []
    old, new = ({key: row.get(key) for key in differing} for row in (before, after))
    return [Change(part, code, name, "changed", old, new)]


def _hall(spec: HallSpec) -> dict[str, Any]:
    details = {name: value for name, value in spec.details.items() if name != "notices"}
    return {**{name: getattr(spec, name) for name in _OF_HALL}, **details}


def _notices(spec: HallSpec) -> dict[str, Any]:
    return {"notices": [each["text"] for each in spec.details.get("notices", ())]}


def _hours(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    weekly = [
        change
        for day in WEEKDAYS
        for change in difference(
            "hours", day, day, {"spans": _spans(before, day)}, {"spans": _spans(after, day)}
        )
    ]
    rest = ("makeup_workdays", "public_holidays")
    flags = ({name: bool(hours.get(name)) for name in rest} for hours in (before, after))
    return weekly + difference("hours", "days", "days", *flags)


def _spans(hours: Mapping[str, Any], day: str) -> list[list[str]]:
    return [list(span) for span in hours["weekly"].get(day, [])]


def _rows(part: Part, before: Sequence[Row], after: Sequence[Row]) -> list[Change]:
    old, new = ({row.code: row for row in rows} for rows in (before, after))
    changed = [
        change
        for code in old.keys() & new.keys()
        for change in difference(part, code, new[code].name, _told(old[code]), _told(new[code]))
    ]
    added = [_whole(part, new[code], "added") for code in new.keys() - old.keys()]
    retired = [_whole(part, old[code], "retired") for code in old.keys() - new.keys()]
    return sorted([*changed, *added, *retired], key=lambda change: (len(change.code), change.code))


def _whole(part: Part, row: Row, what: What) -> Change:
    told = {key: value for key, value in _told(row).items() if key not in ("code", "voice")}
    return Change(
        part, row.code, row.name, what, told if what == "retired" else {}, told if what == "added" else {}
    )


def _told(row: Row) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(row).items()}


def _policy(before: HallSpec, after: HallSpec) -> list[Change]:
    if after.policy is None:
        return []
    return difference("policy", "policy", "policy", figures_of(before.policy), figures_of(after.policy))


def _placements(placed: Mapping[str, str], to_be_placed: Mapping[str, str]) -> list[Change]:
    changes = []
    for item in sorted({*placed, *to_be_placed}):
        before, after = placed.get(item), to_be_placed.get(item)
        if before != after:
            what: What = "added" if before is None else "retired" if after is None else "changed"
            old = {} if before is None else {"queue": before}
            new = {} if after is None else {"queue": after}
            changes.append(Change("placement", item, item, what, old, new))
    return changes
