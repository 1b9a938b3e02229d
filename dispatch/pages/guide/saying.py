"""What the guide desk says of tickets: one sentence for each state, and for those of earlier days."""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from dispatch.foundation.words import Language, translate
from dispatch.tickets.models import Ticket

STATE = {
    "waiting": "在排队",
    "called": "正在叫",
    "serving": "在办",
    "parked": "挂起中",
    "moving": "转厅中",
    "moved": "已转厅",
    "finished": "办完",
    "missed": "过号",
    "cancelled": "已退号",
    "void": "已作废",
    "expired": "已过期",
}
PRIORITY = {
    "none": "不优先",
    "elderly": "老年人",
    "disabled": "残疾人",
    "pregnant": "孕妇",
    "with_infant": "带婴幼儿",
    "soldier": "军人",
    "firefighter": "消防救援",
}
"""In the order in which people come."""
REASON = {
    "service": "正在给本人办事",
    "enquiry": "本人来问",
    "correction": "核对姓名写错",
    "request": "本人要求看",
    "complaint": "处理投诉",
}


def priorities(lang: Language) -> list[tuple[str, str]]:
    """The legal groups with their words."""
    return [(code, translate(lang, words)) for code, words in PRIORITY.items()]


def of_today(lang: Language, ticket: Ticket, ahead: int | None, window: str, zone: ZoneInfo) -> str:
    """How a ticket of today stands."""
    say = partial(translate, lang)
    sentences = {
        "called": partial(say, "%(window)s 号窗口,叫了 %(n)s 次", window=window, n=ticket.calls),
        "serving": partial(say, "在 %(window)s 号窗口", window=window),
        "parked": partial(say, "号留着,回来接着办"),
        "moving": partial(say, "等那边的大厅接收"),
        "moved": partial(say, "在新的大厅有新号"),
        "missed": partial(say, "%(at)s 叫过,人不在", at=_hour(ticket.called_at, zone)),
        "finished": partial(say, "%(at)s 办完", at=_hour(ticket.ended_at, zone)),
        "cancelled": partial(say, "%(at)s 自己退的", at=_hour(ticket.ended_at, zone)),
        "void": partial(say, "%(at)s 工作人员作废的", at=_hour(ticket.ended_at, zone)),
        "expired": partial(say, "今天收工时还没办"),
    }
    if ticket.state == "waiting":
        return say("前面 %(n)s 人", n=ahead) if ahead else say("下一个就叫")
    return sentences[ticket.state]()


def of_earlier(lang: Language, ticket: Ticket) -> str:
    """What became of a ticket of an earlier day, and what holds today."""
    say = partial(translate, lang)
    day = f"{ticket.service_day.month}/{ticket.service_day.day}"
    if ticket.state == "finished":
        return say("%(day)s 已办完", day=day)
    if ticket.state in ("cancelled", "void"):
        return say("%(day)s 已退掉,今天要办请重新取号", day=day)
    if ticket.called_at is not None:
        return say("%(day)s 叫过,人不在。号只当天有效,今天重新取", day=day)
    return say("%(day)s 收工前没轮到。号只当天有效,今天重新取", day=day)


def _hour(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%H:%M") if at else ""


def reasons(lang: Language) -> list[tuple[str, str]]:
    """Why a desk may need to see somebody's whole name."""
    return [(code, translate(lang, words)) for code, words in REASON.items()]
