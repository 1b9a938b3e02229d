"""From the rooms' rows to what a kiosk says."""

from collections import Counter
from dataclasses import dataclass
from functools import partial

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item
from dispatch.foundation.words import translate
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.kiosk.card import Card
from dispatch.pages.shared import telling
from dispatch.pages.shared.calls import Call, here, language
from dispatch.pages.shared.groups import Group, groups
from dispatch.pages.shared.interruptions import Halted, halted_items, halted_queues
from dispatch.people import citizens
from dispatch.tickets import finding as tickets
from dispatch.tickets.models import Ticket
from dispatch.waits import finding as waits
from dispatch.waits.wording import NOTHING, Foretold

COMMON = 6
SHOWN = ("waiting", "called", "serving", "parked", "missed")


@dataclass(frozen=True)
class Tile:
    """One of life's words on a key: how many wait, or why it cannot be pressed."""

    code: str
    words: str
    words_en: str
    hint: str
    hint_en: str
    open: bool
    why: str
    waiting: int
    staffed: bool
    wait: Foretold


@dataclass(frozen=True)
class Choice:
    """One item on a key, or why it cannot be pressed."""

    code: str
    name: str
    name_en: str
    open: bool
    why: str


@dataclass(frozen=True)
class Own:
    """A number that the person with the card has, with the key to it."""

    ticket: telling.TicketTold
    secret: str


def tickets_of(call: Call, place: Hall, found: Card) -> list[Ticket]:
    """The live numbers of this hall's day that were taken with this card."""
    day = halls.service_day(call.session, place, call.now)
    refs = citizens.refs_of_id(call.session, here().keys, found.number, found.kind)
    theirs = tickets.of_persons(call.session, refs) if refs else []
    return [row for row in theirs if row.hall == place.code and row.service_day == day and row.state in SHOWN]


def shut(call: Call, place: Hall) -> str:
    """Why no number can be had here now; empty when it can."""
    if not halls.queues_of(call.session, place.code):
        return _elsewhere(call, place)
    if halls.opening_at(call.session, place, call.now) is None:
        return telling.shut_sentence(call, place)
    return ""


def tiles(call: Call, place: Hall, closed: str) -> list[Tile]:
    """All groups as keys; what this hall cannot do stays in its place."""
    taken = {row.item: row.queue for row in catalogue.taken_in(call.session, place.code)}
    counts = tickets.waiting_counts(call.session, [place.code])
    staffed = {queue for _, queue in halls.staffed_queues(call.session, [place.code])}
    halted = halted_queues(call, place)
    waiting = {queue: count for (_, queue), count in counts.items()}
    foretold = waits.in_hall(call.session, place, call.now)
    return [_tile(group, taken, waiting, staffed, foretold, halted, closed) for group in groups()]


def choices(call: Call, place: Hall, group: Group, closed: str) -> list[Choice]:
    """The group's items: those taken here first."""
    taken = {row.item for row in catalogue.taken_in(call.session, place.code)}
    halted = halted_items(call, place)
    known = {item.code: item for item in catalogue.items_ever(call.session, group.items)}
    live = [code for code in group.items if code in known and known[code].active]
    ordered = sorted(live, key=lambda code: code not in taken)
    return [_choice(known[code], code in taken, closed, halted.get(code)) for code in ordered]


def common(call: Call, place: Hall) -> list[Item]:
    """What most people come for, as far as it is taken here: the most wanted of each of life's words."""
    taken = {row.item for row in catalogue.taken_in(call.session, place.code)}
    codes = [next((code for code in group.items if code in taken), None) for group in groups()]
    known = {item.code: item for item in catalogue.items_ever(call.session, [code for code in codes if code])}
    return [known[code] for code in codes if code in known and known[code].active][:COMMON]


def _tile(
    group: Group,
    taken: dict[str, str],
    waiting: dict[str, int],
    staffed: set[str],
    foretold: waits.HallWaits,
    halted: dict[str, Halted],
    closed: str,
) -> Tile:
    say = partial(translate, language())
    lines = Counter(taken[code] for code in group.items if code in taken)
    # Most of a group stands in one line; that line's length is what a person here will meet.
    line = lines.most_common(1)[0][0] if lines else None
    # With every line of the group halted there is nothing behind the key; one open line is reason to press it.
    halts = [halted.get(each) for each in lines]
    halt = halts[0] if lines and all(halts) else None
    why = halt.brief if halt else closed
    return Tile(
        code=group.code,
        words=group.words,
        words_en=group.words_en,
        hint=group.hint,
        hint_en=group.hint_en,
        open=line is not None and not closed and not halt,
        why=closed or why if line is not None else say("这个厅不办"),
        waiting=waiting.get(line, 0) if line else 0,
        staffed=line in staffed,
        wait=foretold.joining(line) if line else NOTHING,
    )


def _choice(item: Item, taken: bool, closed: str, halt: Halted | None) -> Choice:
    why = closed if taken else translate(language(), "这个厅不办")
    if taken and halt and not closed:
        why = halt.brief
    return Choice(item.code, item.name, item.name_en, taken and not closed and not halt, why)


def _elsewhere(call: Call, place: Hall) -> str:
    say = partial(translate, language())
    if place.parent is None:
        return say("这里没有窗口,取不了号")
    above = halls.hall(call.session, place.parent)
    return say("这里没有窗口,取号请到%(hall)s", hall=above.name_en if language() == "en" else above.name)
