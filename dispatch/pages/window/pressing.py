"""A key of a box without a screen: what it means now by the screen's own rule, and done at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Literal

from dispatch.foundation import clock
from dispatch.foundation.words import Language
from dispatch.halls import finding as halls
from dispatch.halls.models import Window
from dispatch.pages.shared import telling
from dispatch.pages.shared.calls import Call
from dispatch.pages.window import showing
from dispatch.pages.window.keys import Key, keys_for
from dispatch.pages.window.undoable import last_deed
from dispatch.tickets import calling, finding, lines, moving, papers, parking, serving, undoing
from dispatch.tickets.models import Ticket

SETTLE_S = 1.0
"""A second press within this time is the bounce of the first."""
Asks = Literal["papers", "where", "nothing", "again"]


@dataclass(frozen=True)
class Pressed:
    """What a press did, or what it would need to know before it could."""

    did: str | None
    asks: Asks | None = None
    missing: int = 0


def press(call: Call, window: Window, letter: str, *, lang: Language) -> Pressed:
    """Do what this key means at this window now. Nothing is done for a dead key, a bounce, or an open question.

    Missing papers are asked about once; the same key again within a quarter of a minute is the answer.
    """
    group = finding.group_at(call.session, window.id)
    if letter == "U":
        return _undo(call, window, lang)
    if _bounces(call, group):
        return Pressed(None, "again")
    at = showing.at_window(call, window, group, _somebody(call, window))
    key = next(key for key in keys_for(at, lang) if key.letter == letter)
    if key.look == "off":
        return Pressed(None, "nothing")
    if key.verb == "move" and not at.next_stage:
        return Pressed(None, "where")
    if (
        key.ends
        and (missing := _missing(call, group[0]))
        and papers.ask(call.session, group[0].id, now=call.now)
    ):
        return Pressed(None, "papers", missing)
    _do(call, window, group, key)
    return Pressed(key.verb)


def _do(call: Call, window: Window, group: list[Ticket], key: Key) -> None:
    act: dict[str, Any] = {"now": call.now, "actor": call.actor}
    if key.verb in ("next", "next-after"):
        calling.call_next(call.session, window, finish=key.verb == "next-after", **act)
        return
    one: dict[str, Callable[[Ticket], None]] = {
        "start": partial(serving.start, call.session, **act),
        "recall": partial(serving.recall, call.session, **act),
        "missed": partial(serving.missed, call.session, **act),
        "finish": partial(serving.finish, call.session, **act),
        "park": partial(parking.park, call.session, **act),
        "move": lambda ticket: moving.move(
            call.session, ticket, moving.Goal(queue=showing.next_stage(call, window, ticket)), **act
        ),
    }
    means = {f"/api/v1/tickets/{ticket.id}/{key.verb}": ticket for ticket in group}
    for url in (key.url, *(url for url, _ in key.also)):
        one[key.verb](means[url])


def _undo(call: Call, window: Window, lang: Language) -> Pressed:
    place = halls.hall(call.session, window.hall)
    day = halls.service_day(call.session, place, call.now)
    deed = last_deed(call, window, day, lang)
    if deed is None:
        return Pressed(None, "nothing")
    for ticket in (deed.ticket, *deed.others):
        undoing.undo(call.session, finding.ticket(call.session, ticket), now=call.now, actor=call.actor)
    return Pressed("undo")


def _bounces(call: Call, group: list[Ticket]) -> bool:
    settled = timedelta(seconds=SETTLE_S * clock.speed(call.session))
    latest = [moment for ticket in group for moment in (ticket.called_at, ticket.started_at) if moment]
    return bool(latest) and call.now - max(latest) < settled


def _somebody(call: Call, window: Window) -> str:
    place = halls.hall(call.session, window.hall)
    day = halls.service_day(call.session, place, call.now)
    line = lines.candidates(call.session, window, day, now=call.now)
    return line[0].number if line else ""


def _missing(call: Call, ticket: Ticket) -> int:
    items = telling.items_of(call.session, [ticket])
    first = items.get(ticket.items[0]["item"]) if ticket.items else None
    return papers.missing(call.session, ticket.id, len(telling.papers_of(first))) if first else 0
