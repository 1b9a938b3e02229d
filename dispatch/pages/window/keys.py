"""The six keys: always in the same places, each alive or saying why it is not."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from dispatch.foundation.words import Language, translate


@dataclass(frozen=True)
class AtWindow:
    """What the keys need to know of a window."""

    window: str
    state: str
    ticket: str | None = None
    ticket_state: str = ""
    number: str = ""
    claim: int | None = None
    following: str = ""


@dataclass(frozen=True)
class Key:
    """One key. `look` is fruit, plain or off; `ends` asks about missing papers first."""

    letter: str
    verb: str
    title: str
    hint: str
    look: str
    url: str = ""
    body: dict[str, Any] | None = None
    ends: bool = False


def keys_for(at: AtWindow, lang: Language) -> list[Key]:
    """N F P T R M, in this order."""
    say = partial(translate, lang)
    return [
        _next(at, lang),
        _finish(at, lang),
        Key("P", "park", say("挂起"), say("暂未开通"), "off"),
        Key("T", "move", say("转号"), say("暂未开通"), "off"),
        _while_called(at, lang, "R", "recall", say("重呼"), say("再叫一遍")),
        _while_called(at, lang, "M", "missed", say("过号"), say("人没来")),
    ]


def _next(at: AtWindow, lang: Language) -> Key:
    """The key most likely wanted next."""
    say = partial(translate, lang)
    if at.ticket_state == "called":
        hint = say("%(number)s 到了就按", number=at.number)
        return Key(
            "N", "start", say("开始办理"), hint, "fruit", _ticket_url(at, "start"), {"claim": at.claim}
        )
    call = f"/api/v1/windows/{at.window}/call-next"
    if at.ticket_state == "serving":
        title = say("办结,叫下一位")
        if at.state != "open":
            return Key("N", "next", title, say("窗口没开放,不叫人"), "off")
        hint = say("接着叫 %(who)s", who=at.following) if at.following else say("后面现在没人等")
        return Key("N", "next-after", title, hint, "fruit", call, {"finish": True}, ends=True)
    title = say("叫下一位")
    if at.state != "open":
        return Key("N", "next", title, say("先开放窗口"), "off")
    if not at.following:
        return Key("N", "next", title, say("现在没人等"), "off")
    return Key("N", "next", title, at.following, "fruit", call, {"finish": False})


def _finish(at: AtWindow, lang: Language) -> Key:
    say = partial(translate, lang)
    title = say("办结")
    if at.ticket_state == "serving":
        look = "plain" if at.state == "open" else "fruit"
        body = {"claim": at.claim}
        return Key("F", "finish", title, say("先不叫人"), look, _ticket_url(at, "finish"), body, ends=True)
    return Key("F", "finish", title, say("先开始办理") if at.ticket else say("没有在办的号"), "off")


def _while_called(at: AtWindow, lang: Language, letter: str, verb: str, title: str, hint: str) -> Key:
    """Re-call and missed: only for somebody who was called and is not here yet."""
    if at.ticket_state == "called":
        return Key(letter, verb, title, hint, "plain", _ticket_url(at, verb), {"claim": at.claim})
    reason = "人已到" if at.ticket else "没有在叫的号"
    return Key(letter, verb, title, translate(lang, reason), "off")


def _ticket_url(at: AtWindow, verb: str) -> str:
    return f"/api/v1/tickets/{at.ticket}/{verb}"
