"""What each key means now: one rule for the console, the strip and every box of keys beside them.

Six keys never change place, each alive or saying why it is not. A row of further letters stands above them.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dispatch.foundation.words import Language, translate

LETTERS = "NFPTRM"
KEYMAP = {
    "Numpad1": "N",
    "Numpad2": "F",
    "Numpad3": "P",
    "Numpad4": "T",
    "Numpad5": "R",
    "Numpad6": "M",
    "NumpadAdd": "N",
    "NumpadSubtract": "U",
    "NumpadDecimal": "#",
}
"""A small box of keys speaks as a keyboard does: which of its keys is which of ours."""

Steps = tuple[tuple[str, dict[str, Any]], ...]


@dataclass(frozen=True)
class Seat:
    """Somebody at the window: one person, or one of a group called together."""

    ticket: str
    number: str
    state: str
    claim: int | None


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
    group: tuple[Seat, ...] = ()
    several: bool = False
    next_stage: str = ""

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Everybody at the window."""
        if self.group or self.ticket is None:
            return self.group
        return (Seat(self.ticket, self.number, self.ticket_state, self.claim),)

    def among(self, state: str) -> tuple[Seat, ...]:
        """Whoever of them is in this state."""
        return tuple(seat for seat in self.seats if seat.state == state)


@dataclass(frozen=True)
class Key:
    """One key. `look` is fruit, plain or off; `ends` asks about missing papers first, `sheet` asks what is meant.

    `also` are further calls of the API that the same press makes, for a group.
    """

    letter: str
    verb: str
    title: str
    hint: str
    look: str
    url: str = ""
    body: dict[str, Any] | None = None
    ends: bool = False
    sheet: str = ""
    also: Steps = field(default=())


def keys_for(at: AtWindow, lang: Language) -> list[Key]:
    """N F P T R M, in this order."""
    return [
        _next(at, lang),
        _finish(at, lang),
        _park(at, lang),
        _move(at, lang),
        _while_called(at, lang, "R", "recall", "重呼", "再叫一遍"),
        _while_called(at, lang, "M", "missed", "过号", "人没来"),
    ]


def more_for(at: AtWindow, lang: Language, missed: int = 0) -> list[Key]:
    """C V G W L S: seldom wanted, always in the same row."""
    say = partial(translate, lang)
    here = "plain" if at.ticket and not at.group else "off"
    free = "plain" if at.state == "open" and not at.ticket else "off"
    waits = "plain" if free == "plain" and at.following else "off"
    return [
        Key("C", "change", say("改事项"), "", here, sheet="change"),
        Key("V", "void", say("弃号"), "", here, sheet="void"),
        Key("G", "call-group", say("叫一组"), "", waits, sheet="group"),
        Key("W", "serve", say("直接办"), "", free, sheet="serve"),
        Key("L", "left", say("过号 %(n)s", n=missed) if missed else say("过号"), "", "plain", sheet="left"),
        Key("S", "strip", say("小条"), "", "plain"),
    ]


def _next(at: AtWindow, lang: Language) -> Key:
    """The key most likely wanted next."""
    say = partial(translate, lang)
    if called := at.among("called"):
        numbers = " ".join(seat.number for seat in called)
        title = say("开始办理") if len(called) == 1 else say("开始办理 %(n)s 人", n=len(called))
        url, body, also = _each(called, "start")
        return Key(
            "N", "start", title, say("%(number)s 到了就按", number=numbers), "fruit", url, body, also=also
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
    serving = at.among("serving")
    if not serving:
        hint = say("先开始办理") if at.ticket else say("没有在办的号")
        return Key("F", "finish", say("办结"), hint, "off")
    look = "plain" if at.state == "open" or at.among("called") else "fruit"
    url, body, also = _each(serving, "finish")
    if at.several and not at.group:
        return Key(
            "F", "finish", say("办结"), say("先看办了几件"), look, url, body, ends=True, sheet="finish"
        )
    hint = say("先不叫人") if len(serving) == 1 else say("在办的 %(n)s 人", n=len(serving))
    return Key("F", "finish", say("办结"), hint, look, url, body, ends=True, also=also)


def _park(at: AtWindow, lang: Language) -> Key:
    say = partial(translate, lang)
    if len(at.seats) != 1:
        hint = say("先各自办") if at.seats else say("没有在办的号")
        return Key("P", "park", say("挂起"), hint, "off")
    url, body, _ = _each(at.seats, "park")
    return Key(
        "P", "park", say("挂起"), say("号留着"), "plain", url, {**body, "reason": "other"}, sheet="park"
    )


def _move(at: AtWindow, lang: Language) -> Key:
    say = partial(translate, lang)
    if len(at.seats) != 1:
        hint = say("先各自办") if at.seats else say("没有在办的号")
        return Key("T", "move", say("转号"), hint, "off")
    url, body, _ = _each(at.seats, "move")
    hint = say("下一环节在最前") if at.next_stage else say("队列・窗口・厅")
    where = {"queue": at.next_stage} if at.next_stage else {}
    return Key("T", "move", say("转号"), hint, "plain", url, {**body, **where}, sheet="move")


def _while_called(at: AtWindow, lang: Language, letter: str, verb: str, title: str, hint: str) -> Key:
    """Re-call and missed: only for somebody who was called and is not here yet."""
    say = partial(translate, lang)
    if called := at.among("called"):
        told = say(hint) if len(called) == 1 else say("没到的 %(n)s 人", n=len(called))
        url, body, also = _each(called, verb)
        return Key(letter, verb, say(title), told, "plain", url, body, also=also)
    return Key(letter, verb, say(title), say("人已到") if at.ticket else say("没有在叫的号"), "off")


def _each(seats: tuple[Seat, ...], verb: str) -> tuple[str, dict[str, Any], Steps]:
    """The calls that do this verb to all of them: the first one's address and body, then the others'."""
    steps = [(f"/api/v1/tickets/{seat.ticket}/{verb}", {"claim": seat.claim}) for seat in seats]
    return steps[0][0], steps[0][1], tuple(steps[1:])
