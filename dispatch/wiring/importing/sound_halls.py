"""Whether the halls, their tree and their calendar make sense together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from dispatch.wiring.importing.format import (
    LEVELS,
    WEEKDAYS,
    CalendarDay,
    Hall,
    Profile,
    Span,
)
from dispatch.wiring.importing.problems import Placed, Report, repeats

HAN = re.compile(r"[\u3400-\u9fff]")
SATURDAY = 5


def check_profile(profile: Profile, report: Report) -> None:
    """Time zone known, box the right way round."""
    try:
        ZoneInfo(profile.tz)
    except (KeyError, ValueError, OSError):
        report.add("city.json", "tz", f"no time zone {profile.tz!r}")
    (south, west), (north, east) = profile.box
    sound = south < north and west < east
    report.unless(sound, "city.json", "box", "must be [[south, west], [north, east]]")
    for index, code, first in repeats(skill.code for skill in profile.skills):
        report.add("city.json", f"skills[{index}].code", f"{code!r} is the code of skills[{first}] too")
    check_english(profile, "city.json", "", report)


def check_calendar(days: Sequence[Placed[CalendarDay]], report: Report) -> None:
    """Each date once; a make-up working day falls on a weekend, for other days are working days anyway."""
    for index, date, first in repeats(placed.part.date for placed in days):
        report.add(days[index].file, days[index].place, f"{date} stands on {days[first].place} already")
    for placed in days:
        day = placed.part
        if day.kind == "workday" and day.date.weekday() < SATURDAY:
            report.add(placed.file, placed.place, f"{day.date} is no weekend day, so no make-up day")
        check_english(day, placed.file, placed.place, report)


def check_halls(
    halls: Sequence[Placed[Hall]], codes: set[str], profile: Profile | None, report: Report
) -> None:
    """The tree of halls, and each hall by itself. `codes` are those of all halls, broken ones too."""
    for field in ("code", "name", "name_en"):
        for index, value, first in repeats(getattr(placed.part, field) for placed in halls):
            message = f"{value!r} is the {field} of {halls[first].place} too"
            report.add(halls[index].file, f"{halls[index].place} {field}", message)
    by_code = {placed.part.code: placed.part for placed in halls}
    for placed in halls:
        _check_parent(placed, by_code, codes, report)
        _check_kind(placed, report)
        _check_place(placed, profile, report)
        _check_hours(placed, report)
        _check_queues(placed, report)
        _check_windows(placed, report)
        _check_zones(placed, report)
        _check_demo_values(placed, report)
        check_english(placed.part, placed.file, placed.place, report)
    _check_root(halls, len(by_code) == len(codes), report)


def _check_root(halls: Sequence[Placed[Hall]], complete: bool, report: Report) -> None:
    roots = [placed for placed in halls if placed.part.parent is None]
    if complete and halls:
        report.unless(bool(roots), "halls.json", "halls", "one hall must have no parent: the city's")
    for extra in roots[1:]:
        message = f"only one hall may have no parent, and {roots[0].place} has none"
        report.add(extra.file, f"{extra.place} parent", message)


def _check_parent(placed: Placed[Hall], by_code: dict[str, Hall], codes: set[str], report: Report) -> None:
    hall, place = placed.part, f"{placed.place} parent"
    if hall.parent is None:
        return
    if hall.parent not in codes:
        report.add(placed.file, place, f"no hall {hall.parent!r}")
        return
    if hall.code in _ancestors(hall, by_code):
        report.add(placed.file, place, f"{hall.parent!r} stands below this hall: a cycle")
    parent = by_code.get(hall.parent)
    if parent is None:
        return
    if parent.kind != "hall":
        report.add(placed.file, place, f"{hall.parent!r} is a {parent.kind}, not a hall")
    if LEVELS.index(parent.level) >= LEVELS.index(hall.level):
        message = f"{hall.parent!r} is of level {parent.level}, not above {hall.level}"
        report.add(placed.file, place, message)


def _ancestors(hall: Hall, by_code: dict[str, Hall]) -> set[str]:
    seen: set[str] = set()
    code = hall.parent
    while code is not None and code not in seen:
        seen.add(code)
        code = by_code[code].parent if code in by_code else None
    return seen


def _check_kind(placed: Placed[Hall], report: Report) -> None:
    hall = placed.part
    if (hall.kind == "partner") != (hall.partner_kind is not None):
        message = "a partner has one, and nothing else has"
        report.add(placed.file, f"{placed.place} partner_kind", message)
    if hall.kind == "kiosk_site" and hall.kiosks == 0:
        report.add(placed.file, f"{placed.place} kiosks", "a kiosk site without kiosks")
    if hall.kind != "kiosk_site" and not hall.queues:
        report.add(placed.file, f"{placed.place} queues", f"a {hall.kind} without queues")


def _check_place(placed: Placed[Hall], profile: Profile | None, report: Report) -> None:
    hall = placed.part
    if (hall.address is None) != (hall.address_en is None):
        message = "an address stands in both languages or in none"
        report.add(placed.file, f"{placed.place} address", message)
    if profile is None:
        return
    (south, west), (north, east) = profile.box
    for field, value, low, high in (
        ("lat", hall.lat, south, north),
        ("lon", hall.lon, west, east),
    ):
        if not low <= value <= high:
            message = f"{value} lies outside the city's box, {low} to {high}"
            report.add(placed.file, f"{placed.place} {field}", message)


def _check_hours(placed: Placed[Hall], report: Report) -> None:
    weekly = placed.part.hours.weekly
    if not any(weekly.on(day) for day in WEEKDAYS):
        report.add(placed.file, f"{placed.place} hours.weekly", "the hall is never open")
    for day in WEEKDAYS:
        for message in _wrong_spans(weekly.on(day)):
            report.add(placed.file, f"{placed.place} hours.weekly.{day}", message)


def _wrong_spans(spans: Sequence[Span]) -> Iterator[str]:
    """Clock times of two digits each compare as text."""
    for start, end in spans:
        if start >= end:
            yield f"{start}-{end} ends before it begins"
    for (first_start, first_end), (start, end) in pairwise(spans):
        if start < first_end:
            yield f"{start}-{end} overlaps {first_start}-{first_end} or stands before it"


def _check_queues(placed: Placed[Hall], report: Report) -> None:
    queues = placed.part.queues
    for index, queue in enumerate(queues):
        if queue.code != queue.letter:
            message = f"{queue.code!r} must be the letter, {queue.letter!r}"
            report.add(placed.file, f"{placed.place} queues[{index}].code", message)
    for field in ("letter", "name"):
        for index, value, first in repeats(getattr(queue, field) for queue in queues):
            message = f"{value!r} is the {field} of queues[{first}] too"
            report.add(placed.file, f"{placed.place} queues[{index}].{field}", message)


def _check_windows(placed: Placed[Hall], report: Report) -> None:
    hall = placed.part
    codes = {queue.code for queue in hall.queues}
    for index, window in enumerate(hall.windows):
        place = f"{placed.place} windows[{index}].queues"
        for code in window.queues:
            report.unless(code in codes, placed.file, place, f"no queue {code!r} in this hall")
        for _, code, _ in repeats(window.queues):
            report.add(placed.file, place, f"{code!r} stands twice")
    for field in ("code", "name"):
        for index, value, first in repeats(getattr(window, field) for window in hall.windows):
            message = f"{value!r} is the {field} of windows[{first}] too"
            report.add(placed.file, f"{placed.place} windows[{index}].{field}", message)
    served = {code for window in hall.windows for code in window.queues}
    for index, queue in enumerate(hall.queues):
        if hall.windows and queue.code not in served:
            message = f"no window calls from queue {queue.code!r}"
            report.add(placed.file, f"{placed.place} queues[{index}]", message)


def _check_zones(placed: Placed[Hall], report: Report) -> None:
    hall = placed.part
    for field in ("code", "name"):
        for index, value, first in repeats(getattr(zone, field) for zone in hall.zones):
            message = f"{value!r} is the {field} of zones[{first}] too"
            report.add(placed.file, f"{placed.place} zones[{index}].{field}", message)
    owners: dict[str, str] = {}
    for index, zone in enumerate(hall.zones):
        for letter in zone.letters:
            if owners.setdefault(letter, zone.code) != zone.code:
                message = f"{letter!r} is a letter of zone {owners[letter]!r} too"
                report.add(placed.file, f"{placed.place} zones[{index}].letters", message)
        for _, language, _ in repeats(zone.voice.languages):
            place = f"{placed.place} zones[{index}].voice.languages"
            report.add(placed.file, place, f"{language!r} stands twice")
    letters = {zone.code: zone.letters for zone in hall.zones}
    for index, queue in enumerate(hall.queues):
        if queue.zone is not None and queue.letter not in letters.get(queue.zone, ()):
            message = f"{queue.letter!r} is no letter of a zone {queue.zone!r} of this hall"
            report.add(placed.file, f"{placed.place} queues[{index}].zone", message)
    for index, window in enumerate(hall.windows):
        known = window.zone is None or window.zone in letters
        place = f"{placed.place} windows[{index}].zone"
        report.unless(known, placed.file, place, f"no zone {window.zone!r} in this hall")


def _check_demo_values(placed: Placed[Hall], report: Report) -> None:
    for index, name in enumerate(placed.part.demo_values):
        place = f"{placed.place} demo_values[{index}]"
        report.unless(name in Hall.model_fields, placed.file, place, f"no field {name!r}")
    for index, name, _ in repeats(placed.part.demo_values):
        report.add(placed.file, f"{placed.place} demo_values[{index}]", f"{name!r} stands twice")


def check_english(part: BaseModel, file: str, place: str, report: Report) -> None:
    """English texts are English: a Chinese one left in its place would be shown to who can't read it."""
    for path, text in _english(part.model_dump(), ""):
        if HAN.search(text):
            report.add(file, f"{place} {path}".strip(), f"{text!r} is not English")


def _english(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            inner_path = f"{path}.{name}" if path else name
            if isinstance(inner, str) and name.endswith("_en"):
                yield inner_path, inner
            else:
                yield from _english(inner, inner_path)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _english(inner, f"{path}[{index}]")
