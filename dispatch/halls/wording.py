"""Why and until when, as people are told it, in both languages at once."""

from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from dispatch.foundation.words import translate

REASON_WORDS = MappingProxyType(
    {
        "system": "系统故障",
        "power": "停电",
        "network": "网络故障",
        "equipment": "设备故障",
        "staff": "人手不够",
        "weather": "天气原因",
        "security": "安全原因",
        "other": "临时有事",
    }
)


def both(msgid: str, **params: object) -> dict[str, str]:
    """A sentence as a thing with two names, for a refusal that is worded at the edge."""
    return {"name": translate("zh", msgid, **params), "name_en": translate("en", msgid, **params)}


def why(reason: str | None, note: str | None = None, note_en: str | None = None) -> dict[str, str]:
    """The reason, with what was noted beside it."""
    words = both(REASON_WORDS[reason or "other"])
    if note:
        words["name"] += f"({note})"
    if note_en or note:
        words["name_en"] += f" ({note_en or note})"
    return words


def when(until: datetime | None, tz: str, now: datetime) -> dict[str, str]:
    """When it is expected to go on."""
    if until is None:
        return both("恢复时间还不知道")
    return both("预计 %(at)s 恢复", at=clock_of(until, tz, now))


def clock_of(moment: datetime, tz: str, now: datetime) -> str:
    """A moment by the hall's clock, with the date where it is not today's."""
    zone = ZoneInfo(tz)
    here = moment.astimezone(zone)
    return f"{here:%H:%M}" if here.date() == now.astimezone(zone).date() else f"{here:%m-%d %H:%M}"
