"""What a change would do, in words: for a template's version and for an import."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dispatch.foundation.words import Language, local, translate
from dispatch.pages.admin.fields import FIGURES
from dispatch.ports.previews import Change, HallPreview, Touch

PARTS = {
    "hall": "大厅资料",
    "hours": "开门时间",
    "queue": "队列",
    "window": "窗口",
    "zone": "分区",
    "policy": "叫号规则",
    "placement": "事项归队",
    "notices": "大厅通知",
    "calendar": "日历",
    "item": "事项",
    "bundle": "一件事",
    "words": "同义的说法",
}
WHATS = {"added": "新增", "changed": "改动", "retired": "停用"}
MARKS = {"added": "+", "changed": "~", "retired": "−"}
FIELDS = {
    "name": "名称",
    "name_en": "英文名称",
    "letter": "号码字母",
    "zone": "分区",
    "kind": "类型",
    "queues": "叫哪些队",
    "letters": "号码字母",
    "voice": "语音",
    "spans": "时间",
    "queue": "队列",
    "windows": "窗口",
    "notices": "通知",
    "address": "地址",
    "address_en": "英文地址",
    "level": "级别",
    "parent": "上级",
    "kiosks": "自助机",
    **FIGURES,
    "makeup_workdays": "调休上班日开门",
    "public_holidays": "法定节假日开门",
}
KINDS = {"tickets": "个号", "windows": "个窗口", "bookings": "个预约"}
DAYS = {
    "mon": "星期一",
    "tue": "星期二",
    "wed": "星期三",
    "thu": "星期四",
    "fri": "星期五",
    "sat": "星期六",
    "sun": "星期日",
    "days": "特别的日子",
}
LONGEST = 90
MOST_NAMED = 10


@dataclass(frozen=True)
class ChangeTold:
    """A change in one line."""

    mark: str
    what: str
    part: str
    name: str
    fields: list[tuple[str, str, str]]


@dataclass(frozen=True)
class TouchTold:
    """Whom a change touches, in one line."""

    words: str
    named: str
    blocks: bool


@dataclass(frozen=True)
class HallTold:
    """A hall with what would change in it, or several where the same would and nobody is touched."""

    names: list[str]
    new: bool
    blocked: bool
    changes: list[ChangeTold]
    touches: list[TouchTold]


def halls_told(found: Iterable[HallPreview], lang: Language) -> list[HallTold]:
    """Halls with their changes, those with people in the way first; the same change in many is told once."""
    changed = [hall for hall in found if hall.changes]
    alike: dict[str, list[HallPreview]] = {}
    for hall in changed:
        same = repr(hall.changes) if not (hall.touches or hall.new) else hall.hall
        alike.setdefault(same, []).append(hall)
    groups = sorted(alike.values(), key=lambda group: (not group[0].blocked, not group[0].touches))
    return [
        HallTold(
            [local(hall, lang) for hall in group],
            group[0].new,
            group[0].blocked,
            changes_told(group[0].changes, lang),
            [_touch(touch, lang) for touch in group[0].touches],
        )
        for group in groups
    ]


def changes_told(changes: Sequence[Change], lang: Language) -> list[ChangeTold]:
    """Changes, one line each."""
    return [_change(change, lang) for change in changes]


def _change(change: Change, lang: Language) -> ChangeTold:
    fields = [
        (translate(lang, FIELDS.get(key, key)), _value(change.before.get(key), lang), _value(value, lang))
        for key, value in change.after.items()
    ]
    if change.part in ("hours", "policy", "hall", "notices"):
        name = translate(lang, DAYS[change.code]) if change.code in DAYS else ""
    else:
        name = change.code if change.name == change.code else f"{change.code} {change.name}"
    return ChangeTold(
        MARKS[change.what],
        translate(lang, WHATS[change.what]),
        translate(lang, PARTS[change.part]),
        name,
        fields if change.what == "changed" else [],
    )


def _touch(touch: Touch, lang: Language) -> TouchTold:
    named = " ".join(touch.named[:MOST_NAMED]) + (" …" if len(touch.named) > MOST_NAMED else "")
    part = translate(lang, PARTS[touch.part])
    counted = f"{len(touch.named)} {translate(lang, KINDS[touch.kind])}"
    return TouchTold(f"{part} {touch.code}: {counted}", named, touch.blocks)


def _value(value: object, lang: Language) -> str:
    if isinstance(value, bool):
        return translate(lang, "是") if value else translate(lang, "否")
    if value is None or value == "":
        return "—"
    if isinstance(value, list) and all(isinstance(span, list) and len(span) == 2 for span in value):
        return ", ".join(f"{start}–{end}" for start, end in value) or translate(lang, "不开门")
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return " ".join(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
