"""The sheet on which a ticket is made ready: what she wants, what she has with her, and how many tickets it will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item
from dispatch.foundation.words import local
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall, Queue
from dispatch.pages.guide.saying import priorities
from dispatch.pages.shared import guided, telling
from dispatch.pages.shared.calls import Call, language
from dispatch.tickets import finding
from dispatch.tickets.wanting import Wanted
from dispatch.waits import finding as waits
from dispatch.waits.wording import Foretold

MOST_COUNT = 50


@dataclass(frozen=True)
class Line:
    """One ticket to come: its queue, who waits there, and the items on it."""

    queue: Queue
    waiting: int
    staffed: bool
    wait: Foretold
    items: list[str]


@dataclass(frozen=True)
class Chosen:
    """An item on the sheet, how often, and its papers."""

    item: Item
    count: int
    papers: list[telling.Paper]


def sheet(call: Call, place: Hall, wanted: Sequence[Wanted]) -> dict[str, Any]:
    """The sheet for these items; ItemNotTakenHere, NotFound."""
    session, lang = call.session, language()
    lines = guided.by_queue(call, place, wanted)
    waiting = finding.waiting_counts(session, [place.code])
    staffed = halls.staffed_queues(session, [place.code])
    foretold = waits.in_hall(session, place, call.now)
    chosen = [_chosen(call, each) for each in wanted]
    names = {each.item.code: local(each.item, lang) for each in chosen}
    return {
        "chosen": chosen,
        "lines": [
            Line(
                halls.queue(session, place.code, code),
                waiting.get((place.code, code), 0),
                (place.code, code) in staffed,
                foretold.joining(code),
                [names[each.item] for each in items],
            )
            for code, items in lines.items()
        ],
        "priorities": priorities(lang),
        "open": halls.opening_at(session, place, call.now) is not None,
        "shut": telling.shut_sentence(call, place),
    }


def wanted_in(pairs: Sequence[tuple[str, str]]) -> list[Wanted]:
    """Items and counts as an address names them, each item once; a count that is none is one."""
    counts: dict[str, int] = {}
    for code, count in pairs:
        number = int(count) if count.isdecimal() and count.isascii() else 1
        counts[code] = max(1, min(MOST_COUNT, number))
    return [Wanted(code, count) for code, count in counts.items()]


def _chosen(call: Call, wanted: Wanted) -> Chosen:
    item = catalogue.item(call.session, wanted.item)
    return Chosen(item, wanted.count, telling.papers_of(item))
