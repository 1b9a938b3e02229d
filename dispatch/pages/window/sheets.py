"""What a key asks before it acts: why parked, where to, which items, how many. One key answers each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item
from dispatch.foundation.errors import NotFound
from dispatch.foundation.words import Language, local, translate
from dispatch.halls import finding as halls
from dispatch.halls.models import Window
from dispatch.pages.shared import telling
from dispatch.pages.shared.calls import Call, language
from dispatch.pages.window import showing
from dispatch.tickets import finding as tickets
from dispatch.tickets.life import PARK_REASONS, VOID_REASONS
from dispatch.tickets.models import Ticket

PARK = {
    "copy": ("去复印", "号留着,回来接着办"),
    "form": ("去填表", "号留着,回来接着办"),
    "payment": ("去缴费", "号留着,回来接着办"),
    "phone": ("打电话问一下", "号留着,回来接着办"),
    "other": ("别的事", "再按一次 P 也是这个"),
}
VOID = {
    "left": ("人走了", ""),
    "duplicate": ("取重了", ""),
    "wrong_item": ("取错事项", "要重新取号"),
    "test": ("试机的号", ""),
    "other": ("别的原因", ""),
}
GROUPS = range(2, 10)
HALLS_SHOWN = 9


@dataclass(frozen=True)
class Choice:
    """One answer. `instant` ones act at the press of their key; the others are marked by it, and Enter acts."""

    key: str
    title: str
    hint: str
    verb: str
    url: str
    body: dict[str, Any]
    instant: bool = True
    likely: bool = False


@dataclass(frozen=True)
class Part:
    """Choices that belong together."""

    name: str
    choices: list[Choice]
    shape: str = "rows"


@dataclass(frozen=True)
class Sheet:
    """One question. `again` is the letter that opened it: pressed once more it takes the likely answer."""

    name: str
    again: str
    title: str
    parts: list[Part] = field(default_factory=list)
    items: list[tuple[Item, int]] = field(default_factory=list)
    known: list[Item] = field(default_factory=list)
    send: Choice | None = None
    nothing: str = ""


def sheet(call: Call, window: Window, name: str) -> Sheet:
    """The question of this name as it stands now; NotFound for an unknown one, or with nobody there to ask about."""
    makers: dict[str, Callable[[Call, Window, Ticket, Language], Sheet]] = {
        "park": _park,
        "void": _void,
        "move": _move,
        "finish": partial(_items, verb="finish"),
        "change": partial(_items, verb="change"),
    }
    free = {"group": _group, "serve": _serve, "left": _left}
    if name in free:
        return free[name](call, window, language())
    here = tickets.at_window(call.session, window.id)
    if name not in makers or here is None:
        raise NotFound(what=name, field="sheet")
    return makers[name](call, window, here, language())


def _park(call: Call, window: Window, here: Ticket, lang: Language) -> Sheet:
    del call, window
    choices = _reasons(here, "park", PARK_REASONS, PARK, lang, likely="other")
    title = translate(lang, "%(number)s 为什么挂起?", number=here.number)
    return Sheet("park", "P", title, [Part("", choices)])


def _void(call: Call, window: Window, here: Ticket, lang: Language) -> Sheet:
    del call, window
    choices = _reasons(here, "void", VOID_REASONS, VOID, lang, likely="left")
    title = translate(lang, "%(number)s 为什么弃号?号就没有了", number=here.number)
    return Sheet("void", "V", title, [Part("", choices)])


def _reasons(
    here: Ticket,
    verb: str,
    reasons: tuple[str, ...],
    words: dict[str, tuple[str, str]],
    lang: Language,
    *,
    likely: str,
) -> list[Choice]:
    say = partial(translate, lang)
    url = f"/api/v1/tickets/{here.id}/{verb}"
    return [
        Choice(
            str(place),
            say(words[reason][0]),
            say(words[reason][1]) if words[reason][1] else "",
            verb,
            url,
            {"claim": here.claim, "reason": reason},
            likely=reason == likely,
        )
        for place, reason in enumerate(reasons, 1)
    ]


def _move(call: Call, window: Window, here: Ticket, lang: Language) -> Sheet:
    say = partial(translate, lang)
    session = call.session
    url = f"/api/v1/tickets/{here.id}/move"
    queues = halls.queues_of(session, window.hall)
    waiting = tickets.waiting_counts(session, [window.hall])
    stage = showing.next_stage(call, window, here)

    def to(key: str, title: str, hint: str, instant: bool, **where: str) -> Choice:
        return Choice(key, title, hint, "move", url, {"claim": here.claim, **where}, instant)

    def people_in(code: str) -> str:
        count = waiting.get((window.hall, code), 0)
        return say("%(n)s 人在等", n=count) if count else say("没人在等")

    parts = []
    if stage:
        named = next(queue for queue in queues if queue.code == stage)
        choice = Choice(
            "T",
            local(named, lang),
            say("同一个号,接着办下一环节"),
            "move",
            url,
            {"claim": here.claim, "queue": stage},
            likely=True,
        )
        parts.append(Part(say("下一环节"), [choice]))
    others = [queue for queue in queues if queue.code not in (here.queue, stage)]
    to_queues = [
        to(queue.letter, local(queue, lang), people_in(queue.code), True, queue=queue.code)
        for queue in others
    ]
    to_windows = [
        to(
            other.name,
            say("%(window)s 号窗口", window=other.name),
            _state(other, lang),
            False,
            window=other.id,
        )
        for other in halls.windows_of(session, window.hall)
        if other.id != window.id and other.state != "closed"
    ]
    to_halls = [
        to("", local(place, lang), "", False, hall=place.code)
        for place in _other_halls(call, window, here)[:HALLS_SHOWN]
    ]
    parts += [
        Part(say("队列,按字母"), to_queues),
        Part(say("窗口,按号再回车"), to_windows, "grid"),
        Part(say("别的大厅,用方向键"), to_halls),
    ]
    title = say("%(number)s 转到哪里?", number=here.number)
    return Sheet("move", "T", title, [part for part in parts if part.choices])


def _other_halls(call: Call, window: Window, here: Ticket) -> list[Any]:
    """Halls that take the item at hand, the nearest of its own part of the city first."""
    session = call.session
    if not here.items:
        return []
    own = halls.hall(session, window.hall)
    takes = {row.hall for row in catalogue.placements(session, here.items[0]["item"])}
    places = [place for place in halls.all_halls(session) if place.code in takes and place.code != own.code]
    return sorted(
        places, key=lambda place: ((place.lat - own.lat) ** 2 + (place.lon - own.lon) ** 2, place.code)
    )


def _state(window: Window, lang: Language) -> str:
    return translate(lang, "开放中" if window.state == "open" else "暂停中")


def _items(call: Call, window: Window, here: Ticket, lang: Language, *, verb: str) -> Sheet:
    say = partial(translate, lang)
    named = telling.items_of(call.session, [here])
    items = [(named[row["item"]], row["count"]) for row in here.items if row["item"] in named]
    title = say("%(number)s 办了哪几件?", number=here.number)
    if verb == "change":
        title = say("%(number)s 要办的其实是?", number=here.number)
    done = say("办结") if verb == "finish" else say("改好了")
    send = Choice(
        "Enter", done, "", verb, f"/api/v1/tickets/{here.id}/{verb}", {"claim": here.claim}, likely=True
    )
    letter = "F" if verb == "finish" else "C"
    return Sheet(verb, letter, title, items=items, known=_known(call, window), send=send)


def _group(call: Call, window: Window, lang: Language) -> Sheet:
    say = partial(translate, lang)
    url = f"/api/v1/windows/{window.id}/call-group"
    choices = [
        Choice(str(count), say("%(n)s 人", n=count), "", "call-group", url, {"count": count})
        for count in GROUPS
    ]
    return Sheet("group", "G", say("一次叫几个人?"), [Part("", choices, "grid")])


def _serve(call: Call, window: Window, lang: Language) -> Sheet:
    say = partial(translate, lang)
    url = f"/api/v1/windows/{window.id}/serve"
    named = {queue.code: queue for queue in halls.queues_of(call.session, window.hall)}
    choices = [
        Choice(
            named[code].letter, local(named[code], lang), "", "serve", url, {"queue": code}, likely=place == 0
        )
        for place, code in enumerate(window.queues)
        if code in named
    ]
    send = Choice("Enter", say("就办这件"), "", "serve", url, {})
    return Sheet(
        "serve",
        "W",
        say("没有号,直接办哪一队的事?"),
        [Part("", choices)],
        known=_known(call, window),
        send=send,
    )


def _left(call: Call, window: Window, lang: Language) -> Sheet:
    say = partial(translate, lang)
    shown = showing.panel(call, window)
    back = [
        Choice(
            str(place),
            f"{one.number} {one.title}",
            one.words or say("%(n)s 分钟前叫过", n=one.minutes),
            "reactivate",
            f"/api/v1/tickets/{one.id}/reactivate",
            {},
            instant=one.again,
        )
        for place, one in enumerate((one for one in shown["missed"] if one.again), 1)
    ]
    gone = [
        Choice(
            "",
            f"{one.number} {one.title}",
            say("弃号"),
            "void",
            f"/api/v1/tickets/{one.id}/void",
            {"reason": "left"},
            instant=False,
        )
        for one in shown["parked"]
    ]
    parts = [Part(say("过号的,按数字排回去"), back), Part(say("挂起的人不回来了,弃号"), gone)]
    return Sheet(
        "left",
        "L",
        say("过号和挂起"),
        [part for part in parts if part.choices],
        nothing=say("没有过号的,也没有挂起的"),
    )


def _known(call: Call, window: Window) -> list[Item]:
    """Every item that this window's queues take."""
    rows = catalogue.taken_in(call.session, window.hall)
    codes = {row.item for row in rows if row.queue in window.queues}
    return sorted(catalogue.items_ever(call.session, codes), key=lambda item: item.code) if codes else []
