"""Which fields of a hall a template may speak of, what each takes, and a hall's description by these fields. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from dispatch.foundation.errors import BadInput
from dispatch.halls.configuring import HallSpec, QueueSpec, WindowSpec
from dispatch.halls.hours import WEEKDAYS
from dispatch.halls.models import WINDOW_KINDS
from dispatch.halls.templates.refusals import NoSuchField
from dispatch.halls.zones import Voice, ZoneSpec

MOST_FIELDS = 2000
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
_CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}")
_LETTER = re.compile(r"[A-Z]")


def _text(most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value == value.strip() and 0 < len(value) <= most


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _figure(value: object) -> bool:
    return type(value) is int and 0 <= value <= 100_000


def _code(value: object) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _code_or_none(value: object) -> bool:
    return value is None or _code(value)


def _codes(value: object) -> bool:
    return isinstance(value, list) and len(value) <= 50 and all(map(_code, value)) and _once(value)


def _letters(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_letter, value)) and _once(value)


def _letter(value: object) -> bool:
    return isinstance(value, str) and _LETTER.fullmatch(value) is not None


def _once(values: Sequence[Any]) -> bool:
    return len(set(values)) == len(values)


def _between(least: float, most: float) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
    )


def _spans(value: object) -> bool:
    """Spans of one day, in order and apart."""
    if not isinstance(value, list) or len(value) > 6:
        return False
    ends = [end for span in value if isinstance(span, list) and len(span) == 2 for end in span]
    if len(ends) != 2 * len(value) or not all(isinstance(end, str) and _CLOCK.fullmatch(end) for end in ends):
        return False
    return all(earlier < later for earlier, later in pairwise(ends))


def _notices(value: object) -> bool:
    if not isinstance(value, list) or len(value) > 8:
        return False
    return all(
        isinstance(each, dict) and set(each) == {"text", "text_en"} and all(map(_text(200), each.values()))
        for each in value
    )


def _languages(value: object) -> bool:
    return isinstance(value, list) and all(map(_code, value)) and Voice(languages=value).sound


@dataclass(frozen=True)
class Field:
    """One kind of field: its path, `*` standing for a code, what it takes, and what it is called."""

    pattern: str
    takes: str
    title: str
    fits: Callable[[Any], bool]

    @property
    def steps(self) -> list[str]:
        """The path's parts."""
        return self.pattern.split(".")


FIELDS = (
    *(Field(f"hours.weekly.{day}", "spans", "开门时间", _spans) for day in WEEKDAYS),
    Field("hours.makeup_workdays", "flag", "调休上班日开门", _flag),
    Field("hours.public_holidays", "flag", "法定节假日开门", _flag),
    Field("queues.*.present", "flag", "有这个队列", _flag),
    Field("queues.*.letter", "letter", "号码字母", _letter),
    Field("queues.*.name", "text", "名称", _text(60)),
    Field("queues.*.name_en", "text", "英文名称", _text(120)),
    Field("queues.*.zone", "code", "分区", _code_or_none),
    Field("kinds.*.queues", "codes", "这类窗口叫哪些队", _codes),
    Field("windows.*.kind", "kind", "窗口类型", WINDOW_KINDS.__contains__),
    Field("windows.*.queues", "codes", "窗口叫哪些队", _codes),
    Field("windows.*.zone", "code", "分区", _code_or_none),
    Field("zones.*.present", "flag", "有这个分区", _flag),
    Field("zones.*.name", "text", "名称", _text(40)),
    Field("zones.*.name_en", "text", "英文名称", _text(80)),
    Field("zones.*.letters", "letters", "号码字母", _letters),
    Field("zones.*.voice.languages", "codes", "叫号语言", _languages),
    Field("zones.*.voice.rate", "number", "语速", _between(0.5, 2)),
    Field("zones.*.voice.volume", "number", "音量", _between(0, 1)),
    Field("zones.*.voice.speaker", "text", "扬声器", _text(40)),
    Field("policy.*", "figure", "叫号规则", _figure),
    Field("placements.*", "code", "事项归哪个队", _code),
    Field("notices", "notices", "大厅通知", _notices),
)
_COUNT = "version"  # stands among a policy's figures and counts how often they were changed
_NEEDED = {
    "queues": ("letter", "name", "name_en"),
    "zones": ("name", "name_en", "letters"),
}


def field_of(path: str) -> Field:
    """The kind of field that stands at this path; NoSuchField."""
    steps = path.split(".")
    for each in FIELDS:
        if len(each.steps) == len(steps) and all(map(_matches, each.steps, steps)):
            if each.pattern.startswith("kinds.") and steps[1] not in WINDOW_KINDS:
                break
            return each
    raise NoSuchField(field=path[:80], what=path[:80])


def check(values: Mapping[str, Any]) -> None:
    """Refuse what no hall has, and values that make no sense there, by their path; NoSuchField, BadInput."""
    if len(values) > MOST_FIELDS:
        raise BadInput(reason=f"≤ {MOST_FIELDS}", field="body")
    for path, value in values.items():
        kind = field_of(path)
        if not kind.fits(value):
            raise BadInput(reason=f"{path} ({kind.takes})", field=path)


def check_locks(paths: Sequence[str]) -> None:
    """Refuse to lock what is neither a field nor above one; NoSuchField."""
    for path in paths:
        steps = path.split(".")
        if not any(
            len(steps) <= len(each.steps) and all(map(_matches, each.steps, steps)) for each in FIELDS
        ):
            raise NoSuchField(field=path[:80], what=path[:80])


def _matches(step: str, said: str) -> bool:
    return step == said or (step == "*" and _CODE.fullmatch(said) is not None)


def told(spec: HallSpec, placements: Mapping[str, str]) -> dict[str, Any]:
    """A hall's description by these fields."""
    hours = spec.hours
    values: dict[str, Any] = {
        f"hours.weekly.{day}": [list(span) for span in hours["weekly"].get(day, [])] for day in WEEKDAYS
    }
    for name in ("makeup_workdays", "public_holidays"):
        values[f"hours.{name}"] = bool(hours.get(name))
    for queue in spec.queues:
        values |= _row(f"queues.{queue.code}", queue, "letter name name_en zone") | {
            f"queues.{queue.code}.present": True
        }
    for window in spec.windows:
        values |= _row(f"windows.{window.code}", window, "kind queues zone")
    for zone in spec.zones:
        values |= _row(f"zones.{zone.code}", zone, "name name_en letters") | {
            f"zones.{zone.code}.present": True,
            **{f"zones.{zone.code}.voice.{key}": value for key, value in zone.voice.told().items()},
        }
    values |= {f"policy.{figure}": value for figure, value in figures_of(spec.policy).items()}
    values |= {f"placements.{item}": queue for item, queue in placements.items()}
    if spec.details.get("notices"):
        values["notices"] = spec.details["notices"]
    return values


def spec_with(spec: HallSpec, values: Mapping[str, Any]) -> HallSpec:
    """The hall with these values in place of its own: queues and zones without all they need are left out."""
    hours = {**spec.hours, "weekly": dict(spec.hours["weekly"])}
    for day in WEEKDAYS:
        hours["weekly"][day] = values[f"hours.weekly.{day}"]
    hours |= {name: values[f"hours.{name}"] for name in ("makeup_workdays", "public_holidays")}
    zones = [
        ZoneSpec(code, one["name"], one["name_en"], one["letters"], Voice(**one.get("voice", {})))
        for code, one in _present(values, "zones", [zone.code for zone in spec.zones])
    ]
    inside = {zone.code for zone in zones}
    queues = [
        QueueSpec(code, one["letter"], one["name"], one["name_en"], _known(one.get("zone"), inside))
        for code, one in _present(values, "queues", [queue.code for queue in spec.queues])
    ]
    codes = {queue.code for queue in queues}
    notices = {"notices": values["notices"]} if values.get("notices") else {}
    details = {key: value for key, value in spec.details.items() if key != "notices"}
    return replace(
        spec,
        hours=hours,
        zones=zones,
        queues=queues,
        windows=[_window(window, values, codes, inside) for window in spec.windows],
        policy=_policy(spec.policy or {}, values),
        details={**details, **notices},
    )


def figures_of(policy: Mapping[str, Any] | None) -> dict[str, Any]:
    """A hall's policy without the count of its changes."""
    return {figure: value for figure, value in (policy or {}).items() if figure != _COUNT}


def _policy(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    figures = {
        path.removeprefix("policy."): value for path, value in values.items() if path.startswith("policy.")
    }
    if figures == figures_of(before):
        return dict(before)
    return {**figures, _COUNT: int(before.get(_COUNT, 0)) + 1}


def _window(window: WindowSpec, values: Mapping[str, Any], queues: set[str], zones: set[str]) -> WindowSpec:
    kind, called, zone = (values[f"windows.{window.code}.{name}"] for name in ("kind", "queues", "zone"))
    return replace(
        window,
        kind=kind,
        queues=[queue for queue in called if queue in queues],
        zone=_known(zone, zones),
    )


def _present(values: Mapping[str, Any], part: str, order: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """Queues or zones that stand in the hall: those it has in their order, what a template brings by its code."""
    found: dict[str, dict[str, Any]] = {code: {} for code in order}
    for path, value in values.items():
        if path.startswith(f"{part}."):
            _, code, *rest = path.split(".")
            place = found.setdefault(code, {})
            for step in rest[:-1]:
                place = place.setdefault(step, {})
            place[rest[-1]] = value
    places = [*order]
    for brought in sorted(set(found) - set(order)):
        after = next((place for place, code in enumerate(places) if code > brought), len(places))
        places.insert(after, brought)
    return [
        (code, found[code])
        for code in places
        if found[code].get("present") and all(name in found[code] for name in _NEEDED[part])
    ]


def _known(zone: str | None, zones: set[str]) -> str | None:
    return zone if zone in zones else None


def _row(above: str, row: QueueSpec | WindowSpec | ZoneSpec, names: str) -> dict[str, Any]:
    values = {f"{above}.{name}": getattr(row, name) for name in names.split()}
    return {path: list(value) if isinstance(value, tuple) else value for path, value in values.items()}
