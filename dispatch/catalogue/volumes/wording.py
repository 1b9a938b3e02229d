"""Why a line of volumes is refused, as people are told it: a stable code each, and a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dispatch.foundation.words import Language, translate

WRONG = MappingProxyType(
    {
        "columns": "这一行的列数和表头不一样",
        "day": "日期要写成 2026-11-20 这样:%(said)s",
        "future": "%(said)s 还没过完",
        "too_old": "%(said)s 太早,只留 %(days)s 天",
        "item": "没有这个事项:%(said)s",
        "situation": "这个事项没有这种情形:%(said)s",
        "channel": "办理渠道只有 app、web、kiosk、counter:%(said)s",
        "hall": "没有这个大厅:%(said)s",
        "number": "%(column)s 要是 0 到 %(most)s 的整数:%(said)s",
        "finished": "办成 %(said)s 次,比用过的 %(used)s 次还多",
        "came_back": "又去窗口的 %(said)s 次,比用过的 %(used)s 次还多",
        "twice": "和第 %(said)s 行说的是同一天、同一事项、同一渠道",
    }
)


@dataclass(frozen=True)
class Refused:
    """A line that was not taken: its number in the file, counted from 1, and why."""

    line: int
    code: str
    named: Mapping[str, object] = field(default_factory=dict)

    def said(self, lang: Language) -> str:
        """The sentence."""
        return translate(lang, WRONG[self.code], **self.named)
