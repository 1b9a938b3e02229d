"""What U would take back: the last thing this person did at this window, for a few seconds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import or_, select

from dispatch.foundation import clock
from dispatch.foundation.words import Language, translate
from dispatch.halls.models import Window
from dispatch.pages.shared.calls import Call
from dispatch.tickets import finding
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket

SHOWN_S = 10
DEEDS = {
    "call": "叫了 %(number)s",
    "call_number": "叫了 %(number)s",
    "start": "%(number)s 开始办理",
    "finish": "%(number)s 办结",
    "missed": "%(number)s 记了过号",
    "park": "%(number)s 挂起",
    "resume": "%(number)s 接着办",
    "move": "%(number)s 转号",
    "void": "%(number)s 弃号",
    "reactivate": "%(number)s 排回队里",
    "change": "%(number)s 改了事项",
}


@dataclass(frozen=True)
class Undoable:
    """The last deed, in words, and until when the bar stands. A group called together is taken back together."""

    ticket: str
    words: str
    until: datetime
    others: tuple[str, ...] = ()

    @property
    def also(self) -> list[tuple[str, dict[str, str]]]:
        """The calls of the API that take back the rest of a group."""
        return [(f"/api/v1/tickets/{ticket}/undo", {}) for ticket in self.others]


def last_deed(call: Call, window: Window, day: Any, lang: Language) -> Undoable | None:  # noqa: ANN401 - a date
    """The newest deed of the caller at this window, while it is fresh; None when there is none to take back."""
    lasting = timedelta(seconds=SHOWN_S * max(1.0, clock.speed(call.session)))
    found = _newest(call, window, day)
    if found is None or call.now > found[0] + lasting:
        return None
    at, ident, before, others = found
    return Undoable(ident, _words(call, ident, before, lang), at + lasting, others)


def _newest(
    call: Call,
    window: Window,
    day: Any,  # noqa: ANN401 - a date
) -> tuple[datetime, str, dict[str, Any], tuple[str, ...]] | None:
    rows = call.session.execute(
        select(Ticket.id, Ticket.state, Ticket.before).where(
            Ticket.hall == window.hall,
            Ticket.service_day == day,
            Ticket.before.is_not(None),
            or_(Ticket.window == window.id, Ticket.window.is_(None)),
        )
    )
    deeds = [
        (datetime.fromisoformat(before["at"]), state in ("called", "serving"), ident, before)
        for ident, state, before in rows
        if before["verb"] in DEEDS
        and before["by"] == call.actor.name
        and state in LIFE["undo"].sources
        and (
            state in ("called", "serving")
            or before["was"]["window"] == window.id
            or before["verb"] == "reactivate"
        )
    ]
    if not deeds:
        return None
    at, _, ident, before = max(deeds, key=lambda deed: deed[:3])
    group = sorted(
        other
        for when, here, other, deed in deeds
        if here and when == at and deed["verb"] == before["verb"] == "call" and other != ident
    )
    return at, ident, before, tuple(group)


def _words(call: Call, ident: str, before: dict[str, Any], lang: Language) -> str:
    say = partial(translate, lang)
    number = finding.ticket(call.session, ident).number
    told = say(DEEDS[before["verb"]], number=number)
    for other in before.get("finished", ())[:1]:
        ended = finding.ticket(call.session, other).number
        told = say("%(ended)s 办结,叫了 %(number)s", ended=ended, number=number)
    return told
