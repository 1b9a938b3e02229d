"""Fields of templates in words and in forms: what each is called, its value as one reads it, as one types it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from dispatch.foundation.errors import BadInput
from dispatch.foundation.words import Language, translate
from dispatch.halls.hours import WEEKDAYS
from dispatch.halls.models import WINDOW_KINDS
from dispatch.halls.templates.content import FIELDS, field_of
from dispatch.halls.templates.rules import Merged, Origin
from dispatch.queues.policy import Policy

GROUPS = {
    "hours": "开门时间",
    "queues": "队列",
    "kinds": "窗口类型",
    "windows": "窗口",
    "zones": "分区",
    "policy": "叫号规则",
    "placements": "事项归哪个队",
    "notices": "大厅通知",
}
DAYS = dict(
    zip(WEEKDAYS, ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"), strict=True)
)
KINDS = dict(zip(WINDOW_KINDS, ("综合", "受理", "缴费出证", "帮办代办", "潮汐"), strict=True))
FIGURES = {
    "law_min": "法定优先提前(分钟)",
    "care_min": "照顾优先提前(分钟)",
    "booked_credit_min": "预约到场提前(分钟)",
    "booked_grace_min": "预约迟到宽限(分钟)",
    "returned_behind": "过号回来排在几人后",
    "remote_passes": "远程号最多超过几次",
    "target_min": "承诺等候(分钟)",
    "fastest_min": "最快按几分钟算",
    "slowest_min": "最慢按几分钟算",
}
ORIGINS = {"own": "本厅自有", "inherited": "继承", "overridden": "本厅改过", "locked": "统一规定"}
TITLES = {each.pattern: each.title for each in FIELDS}
_SPAN = re.compile(r"(\d{1,2}:\d{2})\s*[-–—~至到]\s*(\d{1,2}:\d{2})")
_SHUT = ("关", "不开", "closed", "-", "—")
_YES, _NO = "yes", "no"


@dataclass(frozen=True)
class Line:
    """One field on a page: its words, its value, where that comes from, and how it stands in a form."""

    path: str
    title: str
    takes: str
    words: str
    typed: str
    origin: Origin | None = None
    source: str = ""
    locked: bool = False
    beneath: str = ""


@dataclass(frozen=True)
class Group:
    """Fields that belong together, such as a queue's."""

    path: str
    title: str
    lines: Sequence[Line]
    locked: bool = False


def groups(lines: Iterable[Line], lang: Language, locked: Iterable[str] = ()) -> list[Group]:
    """Lines by what they belong to: first where somebody else than the hall itself speaks, then in a fixed order."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(_group_of(line.path), []).append(line)
    order = {name: index for index, name in enumerate(GROUPS)}
    held = set(locked)

    def place(row: tuple[str, list[Line]]) -> tuple[object, ...]:
        left_alone = all(line.origin is not None and line.origin.kind == "own" for line in row[1])
        return left_alone, order[row[0].split(".")[0]], len(row[0]), row[0]

    return [
        Group(path, _group_title(path, lang), rows, path in held or path.split(".")[0] in held)
        for path, rows in sorted(found.items(), key=place)
    ]


def of_hall(fields: Merged, names: Mapping[str, str], lang: Language) -> list[Line]:
    """Every field of a hall with its origin; `names` are those of the templates."""
    return [
        Line(
            path=path,
            title=title(path, lang),
            takes=field_of(path).takes,
            words=in_words(path, value, lang),
            typed=as_typed(path, value) if origin.kind == "overridden" else "",
            origin=origin,
            source=names.get(origin.source, ""),
            locked=origin.kind == "locked",
        )
        for path, value in in_order(fields.values)
        for origin in [fields.origins[path]]
    ]


def of_version(
    values: Mapping[str, Any],
    locked: Iterable[str],
    above: Merged | None,
    names: Mapping[str, str],
    lang: Language,
    also: Iterable[str] = (),
) -> list[Line]:
    """What a template says, beneath it what it inherits; `also` are fields that one may add."""
    inherited = above.values if above else {}
    held = set(locked)
    paths = {**dict.fromkeys(also), **inherited, **values}
    return [
        Line(
            path=path,
            title=title(path, lang),
            takes=field_of(path).takes,
            words=in_words(path, values[path], lang) if path in values else "",
            typed=as_typed(path, values[path]) if path in values else "",
            origin=above.origins.get(path) if above else None,
            source=names.get(above.origins[path].source, "") if above and path in inherited else "",
            locked=path in held,
            beneath=in_words(path, inherited[path], lang) if path in inherited else "",
        )
        for path, _ in in_order(paths)
    ]


def queue_fields(code: str) -> list[str]:
    """The fields of a queue that a template begins to speak of."""
    return [f"queues.{code}.{name}" for name in ("present", "letter", "name", "name_en")]


def in_order(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Fields as they follow each other on a page."""
    order = {each.pattern: index for index, each in enumerate(FIELDS)}
    figures = [each.name for each in fields(Policy)]

    def place(row: tuple[str, Any]) -> tuple[object, ...]:
        parts = row[0].split(".")
        code = parts[1] if len(parts) > 1 else ""
        at = figures.index(code) if parts[0] == "policy" and code in figures else 0
        return (parts[0], len(code) if parts[0] != "policy" else at, code, order[field_of(row[0]).pattern])

    return sorted(values.items(), key=place)


def title(path: str, lang: Language) -> str:
    """What a field is called."""
    parts = path.split(".")
    if path.startswith("hours.weekly."):
        return translate(lang, DAYS[parts[2]])
    if parts[0] == "policy":
        return translate(lang, FIGURES[parts[1]]) if parts[1] in FIGURES else parts[1]
    if parts[0] == "kinds":
        return translate(lang, "%(kind)s窗口", kind=translate(lang, KINDS[parts[1]]))
    if parts[0] == "placements":
        return parts[1]
    return translate(lang, TITLES[field_of(path).pattern])


def in_words(path: str, value: Any, lang: Language) -> str:  # noqa: ANN401 - a JSON value
    """A value as one reads it."""
    takes = field_of(path).takes
    if takes == "spans":
        return ", ".join(f"{start}–{end}" for start, end in value) or translate(lang, "不开门")
    if takes == "flag":
        return translate(lang, "是") if value else translate(lang, "否")
    if takes == "kind":
        return translate(lang, KINDS[value])
    if takes in ("codes", "letters"):
        return " ".join(value) or "—"
    if takes == "notices":
        return " / ".join(each["text_en" if lang == "en" else "text"] for each in value)
    return "—" if value is None else str(value)


def as_typed(path: str, value: Any) -> str:  # noqa: ANN401 - a JSON value
    """A value as it stands in its field of a form."""
    takes = field_of(path).takes
    if takes == "spans":
        return " ".join(f"{start}-{end}" for start, end in value) or _SHUT[0]
    if takes == "flag":
        return _YES if value else _NO
    if takes in ("codes", "letters"):
        return " ".join(value)
    if takes == "notices":
        return "\n".join(f"{each['text']} | {each['text_en']}" for each in value)
    return "" if value is None else str(value)


def typed(said: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, as values by path; an empty field says nothing. BadInput, NoSuchField."""
    return {path: _read(path, text.strip()) for path, text in said.items() if text.strip()}


def _read(path: str, text: str) -> Any:  # noqa: ANN401 - a JSON value
    takes = field_of(path).takes
    if takes == "spans":
        return _read_spans(path, text)
    if takes == "flag":
        return text == _YES
    if takes in ("codes", "letters"):
        return re.split(r"[\s,,、]+", text)
    if takes in ("figure", "number"):
        return _read_number(path, text)
    if takes == "notices":
        rows = [line.partition("|") for line in text.splitlines() if line.strip()]
        return [{"text": zh.strip(), "text_en": en.strip()} for zh, _, en in rows]
    return text


def _read_spans(path: str, text: str) -> list[list[str]]:
    if text.lower() in _SHUT:
        return []
    found = [[start.zfill(5), end.zfill(5)] for start, end in _SPAN.findall(text)]
    if not found or re.sub(r"[\s,,、;;]", "", _SPAN.sub("", text)):
        raise BadInput(reason=f"{path}: {text[:40]}", field=path)
    return found


def _read_number(path: str, text: str) -> int | float:
    try:
        number = json.loads(text)
    except ValueError as error:
        raise BadInput(reason=f"{path}: {text[:40]}", field=path) from error
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise BadInput(reason=f"{path}: {text[:40]}", field=path)
    return number


def offered() -> list[str]:
    """Fields that every template may speak of, whatever halls it is for."""
    return [
        *(each.pattern for each in FIELDS if "*" not in each.pattern),
        *(f"kinds.{kind}.queues" for kind in WINDOW_KINDS),
        *(f"policy.{each.name}" for each in fields(Policy)),
    ]


def _group_of(path: str) -> str:
    """`queues.D` of `queues.D.name`; `hours` of all opening hours."""
    part, *rest = path.split(".")
    return f"{part}.{rest[0]}" if part in ("queues", "windows", "zones") else part


def _group_title(path: str, lang: Language) -> str:
    part, _, code = path.partition(".")
    return f"{translate(lang, GROUPS[part])} {code}".strip()
