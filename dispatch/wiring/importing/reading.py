"""Reading a city directory: all of it or, with every problem at once, none of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dispatch.wiring.importing.format import (
    LEVELS,
    SHAPES,
    Bundle,
    CalendarDay,
    City,
    Hall,
    Item,
    Profile,
    WordGroup,
)
from dispatch.wiring.importing.problems import CityRefused, Placed, Problem, Report
from dispatch.wiring.importing.sound_catalogue import (
    Halls,
    check_bundles,
    check_items,
    check_skills,
    check_words,
)
from dispatch.wiring.importing.sound_halls import check_calendar, check_halls, check_profile

__all__ = ["CityRefused", "Problem", "read_city"]

P = TypeVar("P", bound=BaseModel)
CALENDAR_COLUMNS = ["date", "kind", "name", "name_en"]
LONGEST_SHOWN = 40


def read_city(directory: Path) -> City:
    """The city in this directory. Raises CityRefused with everything that is wrong with it."""
    report = Report()
    profile = _read_profile(directory, report)
    halls, hall_codes, all_halls = _read_list(directory, "halls", Hall, report)
    items, item_codes, _ = _read_list(directory, "items", Item, report)
    bundles, _, _ = _read_list(directory, "bundles", Bundle, report)
    words = _read_words(directory, report)
    calendar = _read_calendar(directory, report)

    if profile is not None:
        check_profile(profile, report)
    check_halls(halls, hall_codes, profile, report)
    check_calendar(calendar, report)
    check_items(items, Halls([placed.part for placed in halls], complete=all_halls), report)
    if profile is not None:
        check_skills(items, profile, report)
    check_bundles(bundles, items, item_codes, report)
    check_words(words or [], report)

    if report.problems or profile is None:
        raise CityRefused(report.problems)
    return City(
        profile=profile,
        halls=tuple(sorted((placed.part for placed in halls), key=lambda h: LEVELS.index(h.level))),
        calendar=tuple(placed.part for placed in calendar),
        items=tuple(placed.part for placed in items),
        bundles=tuple(placed.part for placed in bundles),
        words=None if words is None else tuple(placed.part for placed in words),
    )


def _read_profile(directory: Path, report: Report) -> Profile | None:
    raw = _read_object(directory / "city.json", report)
    return None if raw is None else _part(raw, Profile, "city.json", "", report)


def _read_list(
    directory: Path, noun: str, model: type[P], report: Report
) -> tuple[list[Placed[P]], set[str], bool]:
    """The sound parts of a list file, the codes of all its parts, and whether all could be read.

    The codes of broken parts count too: who names one is not to blame for its being broken.
    """
    file = f"{noun}.json"
    raw = _read_object(directory / file, report)
    if raw is None:
        return [], set(), False
    for name in sorted(set(raw) - {noun}):
        report.add(file, name, "no such field")
    parts = raw.get(noun)
    if not isinstance(parts, list):
        report.add(file, noun, "must be a list")
        return [], set(), False
    report.unless(bool(parts) or noun == "bundles", file, noun, "must not be empty")
    codes = [part.get("code") if isinstance(part, dict) else None for part in parts]
    read = []
    for index, (raw_part, code) in enumerate(zip(parts, codes, strict=True)):
        place = f"{noun}[{index}]" + (f" ({code})" if isinstance(code, str) else "")
        part = _part(raw_part, model, file, place, report)
        if part is not None:
            read.append(Placed(file, place, part))
    return read, {code for code in codes if isinstance(code, str)}, len(read) == len(parts)


def _read_words(directory: Path, report: Report) -> list[Placed[WordGroup]] | None:
    """The city's own words, where it has a file of them."""
    if not (directory / "words.json").exists():
        return None
    return _read_list(directory, "words", WordGroup, report)[0]


def _read_calendar(directory: Path, report: Report) -> list[Placed[CalendarDay]]:
    file = "calendar.csv"
    text = _read_text(directory / file, report)
    if text is None:
        return []
    rows = csv.reader(io.StringIO(text, newline=""))
    header = next(rows, [])
    if header != CALENDAR_COLUMNS:
        report.add(file, "line 1", f"the header must be {','.join(CALENDAR_COLUMNS)}")
        return []
    days = []
    for row in rows:
        place = f"line {rows.line_num}"
        if len(row) != len(CALENDAR_COLUMNS):
            report.add(file, place, f"{len(row)} columns, not {len(CALENDAR_COLUMNS)}")
            continue
        raw = dict(zip(CALENDAR_COLUMNS, row, strict=True))
        day = _part(raw, CalendarDay, file, place, report)
        if day is not None:
            days.append(Placed(file, place, day))
    return days


def _read_text(path: Path, report: Report) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        report.add(path.name, f"byte {error.start}", "is not UTF-8")
    except OSError as error:
        report.add(path.name, "", f"cannot be read ({error.strerror})")
    return None


def _read_object(path: Path, report: Report) -> dict[str, Any] | None:
    """The object in a JSON file, or None with its problems noted."""
    text = _read_text(path, report)
    if text is None:
        return None
    try:
        raw = json.loads(
            text,
            object_pairs_hook=_unique_names(path.name, report),
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        report.add(path.name, f"line {error.lineno} column {error.colno}", f"bad JSON, {error.msg}")
        return None
    except (ValueError, RecursionError) as error:
        report.add(path.name, "", f"bad JSON, {error}")
        return None
    if not isinstance(raw, dict):
        report.add(path.name, "", "must hold one JSON object")
        return None
    return raw


def _unique_names(file: str, report: Report) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    """JSON lets a field stand twice and the last wins silently; here that is a problem."""

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for name, value in pairs:
            if name in built:
                code = f" of ({built['code']})" if "code" in built else ""
                report.add(file, f"{name}{code}", "stands twice in one object")
            built[name] = value
        return built

    return build


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _part(raw: object, model: type[P], file: str, place: str, report: Report) -> P | None:
    """One part as its model, or None with its problems noted.

    By way of JSON text, because there a strict model takes lists for tuples and text for dates
    and still no text for numbers.
    """
    try:
        return model.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        for message, path in _told(error):
            report.add(file, _joined(place, path), message)
    return None


def _told(error: ValidationError) -> Iterator[tuple[str, str]]:
    for detail in error.errors(include_url=False):
        given = detail["input"]
        message = detail["msg"]
        if detail["type"] == "extra_forbidden":
            message = "no such field"
        elif detail["type"] == "missing":
            message = "is missing"
        elif isinstance(given, str | int | float | bool):
            message = f"{_said(detail)}, not {_shown(given)}"
        yield message, _path(detail["loc"])


def _said(detail: ErrorDetails) -> str:
    pattern = detail.get("ctx", {}).get("pattern", "")
    return SHAPES.get(pattern, detail["msg"])


def _shown(given: object) -> str:
    text = repr(given)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def _path(loc: tuple[int | str, ...]) -> str:
    """`windows[1].queues` of ("windows", 1, "queues")."""
    text = ""
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _joined(place: str, path: str) -> str:
    return " ".join(part for part in (place, path) if part)
