"""Why one number was called before another, as one says it to its holder and to staff alike."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.foundation.words import Language, translate
from dispatch.tickets.explaining import Reason

SENTENCES: Mapping[str, str] = {
    "called_first": "%(mine)s 先叫到,在 %(mine_at)s",
    "ahead_in_line": "%(mine)s 现在排在 %(other)s 前面",
    "never_called": "%(other)s 还没有叫过",
    "both_waiting": "两个号在不同的队里等,哪个先叫,要看哪个窗口先空出来",
    "not_yet_issued": "%(other_at)s 叫 %(other)s 的时候,%(mine)s 还没有取号",
    "parked": "那时 %(mine)s 挂起着(%(since)s 起),没有在队里等",
    "missed": "那时 %(mine)s 已过号(%(since)s),没有在队里等",
    "moving": "那时 %(mine)s 正转往别的大厅(%(since)s 起)",
    "at_a_window": "那时 %(mine)s 已经叫到窗口(%(since)s)",
    "over": "那时 %(mine)s 已经结束(%(since)s)",
    "called_by_number": "窗口工作人员点号叫了 %(other)s,没有按顺序",
    "kept_for_a_window": "那时 %(mine)s 只等 %(kept_for)s 号窗口,别的窗口不叫",
    "not_served_there": "叫 %(other)s 的窗口不办 %(mine)s 这一队",
    "not_skilled": "那个窗口当时的工作人员还不能办 %(mine)s 的事项",
    "outage": "那时 %(mine)s 要办的事停办,位置留着,先不叫",
    "longer_wait_for_its_length": (
        "这个窗口叫几个队:%(other)s 算作等了 %(other_min)s 分钟,%(mine)s 算作等了 %(mine_min)s 分钟;"
        "按各自要办多久折算,先轮到 %(other)s"
    ),
    "own_line": "那时 %(mine)s 这一队前面还有别人,窗口先轮到 %(other)s 那一队",
    "came_back": "%(mine)s 过号后回来,排在当时前 %(behind)s 位的后面",
    "legal_priority": "%(other)s 属于法定优先",
    "booked": "%(other)s 预约了 %(slot)s,按预约的时间排",
    "before_my_slot": "%(mine)s 预约的是 %(slot)s,按预约的时间排",
    "late_for_my_slot": "%(mine)s 预约的是 %(slot)s,来晚了,从到达的时候排起",
    "earlier_place": "%(other)s 从 %(other_at)s 排起,%(mine)s 从 %(mine_at)s 排起",
    "passed_often": "%(mine)s 是在别处取的号,人还没到;在大厅等的人已经让过好几个这样的号,先叫他们",
    "same_instant": "按规则 %(mine)s 在前;多半是两个窗口同一刻叫号,%(other)s 被先叫走",
}
"""A sentence for each of the reasons, by its word."""


def sentence(lang: Language, reason: Reason, *, mine: str, other: str, tz: str) -> str:
    """The reason with the two numbers and its facts, times on the hall's clock."""
    told = {name: _said(value, tz) for name, value in reason.facts.items()}
    return translate(lang, SENTENCES[reason.code], mine=mine, other=other, **told)


def _said(value: Any, tz: str) -> Any:  # noqa: ANN401 - a fact of any kind
    return value.astimezone(ZoneInfo(tz)).strftime("%H:%M") if isinstance(value, datetime) else value
