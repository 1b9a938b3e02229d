"""From the rooms' rows to what the guide desk says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.catalogue import enquiries
from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item, Placement
from dispatch.foundation.words import Language, local, translate
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall, Queue, Window
from dispatch.pages.guide.saying import STATE, of_earlier, of_today, priorities
from dispatch.pages.shared import searching, telling
from dispatch.pages.shared.calls import Call, here, language
from dispatch.pages.shared.groups import Group, groups
from dispatch.people import citizens
from dispatch.tickets import finding, guiding, lines, prechecks, whose
from dispatch.tickets.favourites import most_wanted
from dispatch.tickets.life import LIFE, LIVE
from dispatch.tickets.models import Ticket
from dispatch.tickets.priority import PRIORITY_WHILE
from dispatch.waits import finding as waits
from dispatch.waits.wording import NOTHING, Foretold

FAVOURITES = 9
RESULTS = 9
ELSEWHERE = 3
FAVOURITES_OF = timedelta(days=14)
LONG_CALLED = timedelta(seconds=60)


@dataclass(frozen=True)
class Choice:
    """An item as a key: the line it leads to here and how long one waits there, or where else it is taken."""

    item: Item
    queue: Queue | None
    waiting: int
    staffed: bool
    wait: Foretold
    elsewhere: list[Hall]


@dataclass(frozen=True)
class CalledRow:
    """A number that is called and has not come."""

    id: str
    number: str
    what: str
    window_name: str
    since: datetime
    times: int
    coming: bool
    long: bool


@dataclass(frozen=True)
class WatchRow:
    """A number that the desk keeps an eye on."""

    id: str
    number: str
    what: str
    note: str
    may_return: bool = False


@dataclass(frozen=True)
class CheckRow:
    """A pre-check as it is told: what it came to and what is lacking."""

    item: str
    result: str
    words: str
    lacking: str


@dataclass(frozen=True)
class TicketRow:
    """A ticket in somebody's list."""

    id: str
    number: str
    place: str
    here: bool
    mine: bool
    what: str
    state: str
    words: str
    note: str
    may_return: bool
    checks: list[CheckRow]


@dataclass(frozen=True)
class Act:
    """What may be done with a ticket now, or why not."""

    verb: str
    why_not: str = ""

    @property
    def may(self) -> bool:
        """Whether the key is alive."""
        return not self.why_not


def watch(call: Call, place: Hall) -> dict[str, Any]:
    """Everything at the desk's side that changes by itself."""
    session, lang = call.session, language()
    day = halls.service_day(session, place, call.now)
    queues = {queue.code: queue for queue in halls.queues_of(session, place.code)}
    called = guiding.called_in(session, place.code)
    near = guiding.near_in(session, place.code, list(queues), day)
    missed = guiding.missed_in(session, place.code, day)
    tickets = [*(each.ticket for each in called), *(each.ticket for each in near), *missed]
    items = telling.items_of(session, tickets)
    zone = ZoneInfo(place.tz)
    say = partial(translate, lang)
    return {
        "called": [
            _called_row(each, call.now, zone, _what(each.ticket, items, queues, lang)) for each in called
        ],
        "near": [
            WatchRow(
                each.ticket.id,
                each.ticket.number,
                _what(each.ticket, items, queues, lang),
                say("前面 %(n)s 人", n=each.ahead) if each.ahead else say("下一个就叫"),
            )
            for each in near
        ],
        "missed": [
            WatchRow(
                ticket.id,
                ticket.number,
                _what(ticket, items, queues, lang),
                _hour(ticket.called_at, zone),
                may_return=not ticket.reactivated,
            )
            for ticket in missed
        ],
        "asked": sum(each.count for each in enquiries.counted(session, place.code, day)),
        "waiting": sum(finding.waiting_counts(session, [place.code]).values()),
        "city_now": telling.here_and_now(call, place),
    }


def home(call: Call, place: Hall) -> dict[str, Any]:
    """The desk at rest: what this hall's people come for most, and life's words for the rest."""
    day = halls.service_day(call.session, place, call.now)
    taken = _taken(call, place)
    wanted = most_wanted(call.session, place.code, day - FAVOURITES_OF, FAVOURITES)
    usual = [code for group in groups() for code in group.items[:2]]
    codes = [code for code in dict.fromkeys([*wanted, *usual]) if code in taken][:FAVOURITES]
    return {
        "favourites": choices(call, place, codes),
        "groups": [group for group in groups() if taken.keys() & set(group.items)],
    }


def found_items(call: Call, place: Hall, words: str) -> list[Choice]:
    """The items that these words may mean, those taken here first."""
    codes = [item.code for item, _ in searching.search(call, words, RESULTS)]
    return sorted(choices(call, place, codes), key=lambda choice: choice.queue is None)


def of_group(call: Call, place: Hall, group: Group) -> list[Choice]:
    """The items under one of life's words, those taken here first."""
    return sorted(choices(call, place, group.items), key=lambda choice: choice.queue is None)


def choices(call: Call, place: Hall, codes: Sequence[str]) -> list[Choice]:
    """These items as keys of this desk, in this order."""
    session = call.session
    known = {item.code: item for item in catalogue.items(session)}
    taken = _taken(call, place)
    queues = {queue.code: queue for queue in halls.queues_of(session, place.code)}
    waiting = finding.waiting_counts(session, [place.code])
    staffed = halls.staffed_queues(session, [place.code])
    foretold = waits.in_hall(session, place, call.now)
    told = []
    for code in codes:
        if code not in known:
            continue
        queue = queues.get(taken[code].queue) if code in taken else None
        told.append(
            Choice(
                known[code],
                queue,
                waiting.get((place.code, queue.code), 0) if queue else 0,
                queue is not None and (place.code, queue.code) in staffed,
                foretold.joining(queue.code) if queue else NOTHING,
                [] if queue else _elsewhere(call, place, code),
            )
        )
    return told


def owner(call: Call, place: Hall, found: whose.Owner) -> dict[str, Any]:
    """Everything somebody has, sorted by what is to be done about it."""
    day = halls.service_day(call.session, place, call.now)
    rows = ticket_rows(call, place, found.tickets)
    by_day: dict[str, list[TicketRow]] = {"live": [], "missed": [], "over": [], "earlier": []}
    for ticket, row in zip(found.tickets, rows, strict=True):
        by_day[_when(ticket, day)].append(row)
    return {"masked": found.masked, "ref": found.ref, "near": found.near, "rows": by_day, "any": bool(rows)}


def ticket_rows(call: Call, place: Hall, tickets: Sequence[Ticket]) -> list[TicketRow]:
    """Tickets of any hall as lines of a list."""
    session, lang = call.session, language()
    day = halls.service_day(session, place, call.now)
    items = telling.items_of(session, list(tickets))
    checks = prechecks.of(session, [ticket.id for ticket in tickets])
    told = []
    for ticket in tickets:
        at = halls.hall(session, ticket.hall)
        zone = ZoneInfo(at.tz)
        queue = session.get(Queue, (ticket.hall, ticket.queue))
        earlier = ticket.service_day < day
        mine = call.actor.may("tickets.guide", at.path)
        told.append(
            TicketRow(
                id=ticket.id,
                number=ticket.number,
                place=local(at, lang),
                here=at.code == place.code,
                mine=mine,
                what=_what(ticket, items, {ticket.queue: queue} if queue else {}, lang),
                state=ticket.state,
                words=translate(lang, STATE[ticket.state]),
                note=of_earlier(lang, ticket) if earlier else _note(call, ticket, zone, lang),
                may_return=mine and ticket.state == "missed" and not ticket.reactivated and not earlier,
                checks=check_rows(checks.get(ticket.id, ()), items, lang),
            )
        )
    return told


def ticket(call: Call, place: Hall, row: Ticket) -> dict[str, Any]:
    """One ticket and what the desk may do with it."""
    session, lang = call.session, language()
    day = halls.service_day(session, place, call.now)
    told = ticket_rows(call, place, [row])[0]
    zone = ZoneInfo(place.tz)
    items = telling.items_of(session, [row])
    coming = fetch_of(call, row)
    masked = whose.of_ticket(session, here().keys, row)
    return {
        "row": told,
        "ticket": row,
        "today": row.service_day == day,
        "issued_at": row.issued_at.astimezone(zone),
        "counts": [
            (items[wanted["item"]], wanted["count"]) for wanted in row.items if wanted["item"] in items
        ],
        "papers": [(item, telling.papers_of(item)) for item in items.values() if item.details.get("papers")],
        "seen": _seen(prechecks.of(session, [row.id]).get(row.id, ())),
        "masked": masked,
        "ref": row.person,
        "coming": coming,
        "window_name": _window_name(call, row),
        "acts": _acts(row, day, lang),
        "priorities": priorities(lang),
        "may_prioritise": row.state in PRIORITY_WHILE and row.service_day == day,
        "queues": [queue for queue in halls.queues_of(session, place.code) if queue.code != row.queue],
        "halls": _halls_for(call, place, row),
    }


def given(call: Call, place: Hall, rows: Sequence[Ticket], urls: Sequence[str]) -> list[dict[str, Any]]:
    """Tickets just given out, as their slips say it."""
    session, lang, keys = call.session, language(), here().keys
    items = telling.items_of(session, list(rows))
    slips = []
    for row, url in zip(rows, urls, strict=True):
        queue = session.get(Queue, (row.hall, row.queue))
        masked = whose.of_ticket(session, keys, row)
        slips.append(
            {
                "id": row.id,
                "number": row.number,
                "queue": queue,
                "items": [(items[w["item"]], w["count"]) for w in row.items if w["item"] in items],
                "priority": "" if row.priority == "none" else dict(priorities(lang))[row.priority],
                "ahead": lines.ahead(session, row) or 0,
                "wait": waits.of_ticket(session, place, row, call.now),
                "issued_at": row.issued_at.astimezone(ZoneInfo(place.tz)),
                "id_tail": masked.id[-4:] if masked and masked.id else "",
                "qr": telling.code_picture(url),
                "checks": check_rows(prechecks.of(session, [row.id]).get(row.id, ()), items, lang),
            }
        )
    return slips


def check_rows(checks: Sequence[prechecks.Checked], items: dict[str, Item], lang: Language) -> list[CheckRow]:
    """Pre-checks in words."""
    words = {"pass": "预审:齐", "later": "预审:可后补", "not_yet": "预审:没备齐"}
    return [
        CheckRow(
            local(items[each.item], lang) if each.item in items else each.item,
            each.result,
            translate(lang, words[each.result]),
            "、".join(local(paper, lang) for paper in each.lacking)
            if lang == "zh"
            else ", ".join(local(paper, lang) for paper in each.lacking),
        )
        for each in checks
    ]


def fetch_of(call: Call, row: Ticket) -> bool:
    """Whether the guide already said that she is coming."""
    return any(each.ticket.id == row.id and each.coming for each in guiding.called_in(call.session, row.hall))


def person_label(masked: citizens.Masked) -> str:
    """A person in a few words: the masked name and the end of her number."""
    tail = translate(language(), "尾号 %(tail)s", tail=masked.id[-4:]) if masked.id else ""
    return " ".join(part for part in (masked.name, tail) if part.strip("* "))


def _taken(call: Call, place: Hall) -> dict[str, Placement]:
    return {placed.item: placed for placed in catalogue.taken_in(call.session, place.code)}


def _elsewhere(call: Call, place: Hall, code: str) -> list[Hall]:
    """Halls that take an item which this one does not, the nearest first as the crow flies."""
    taking = [halls.hall(call.session, placed.hall) for placed in catalogue.placements(call.session, code)]
    return sorted(taking, key=lambda hall: _apart(hall, place))[:ELSEWHERE]


def _halls_for(call: Call, place: Hall, row: Ticket) -> list[Hall]:
    """Other halls that take everything this ticket is for, the nearest first."""
    wanted = [each["item"] for each in row.items]
    if not wanted:
        return []
    taking = [{p.hall for p in catalogue.placements(call.session, code)} for code in wanted]
    codes = set.intersection(*taking) - {place.code}
    found = [hall for hall in halls.all_halls(call.session) if hall.code in codes]
    return sorted(found, key=lambda hall: _apart(hall, place))


def _apart(one: Hall, other: Hall) -> float:
    return (one.lat - other.lat) ** 2 + (0.875 * (one.lon - other.lon)) ** 2


def _called_row(each: guiding.Called, now: datetime, zone: ZoneInfo, what: str) -> CalledRow:
    since = each.ticket.called_at or now
    return CalledRow(
        id=each.ticket.id,
        number=each.ticket.number,
        what=what,
        window_name=each.window.name,
        since=since.astimezone(zone),
        times=each.ticket.calls,
        coming=each.coming is not None,
        long=each.ticket.calls > 1 or now - since > LONG_CALLED,
    )


def _what(row: Ticket, items: dict[str, Item], queues: dict[str, Queue], lang: Language) -> str:
    named = [local(items[wanted["item"]], lang) for wanted in row.items if wanted["item"] in items]
    if not named:
        return local(queues[row.queue], lang) if row.queue in queues else row.queue
    return (
        named[0] if len(named) == 1 else translate(lang, "%(first)s等 %(n)s 件", first=named[0], n=len(named))
    )


def _note(call: Call, row: Ticket, zone: ZoneInfo, lang: Language) -> str:
    ahead = lines.ahead(call.session, row) if row.state == "waiting" else None
    return of_today(lang, row, ahead, _window_name(call, row), zone)


def _window_name(call: Call, row: Ticket) -> str:
    window = call.session.get(Window, row.window) if row.window else None
    return window.name if window else ""


def _when(row: Ticket, day: date) -> str:
    if row.service_day < day:
        return "earlier"
    if row.state == "missed":
        return "missed"
    return "live" if row.state in LIVE else "over"


def _seen(checks: Sequence[prechecks.Checked]) -> dict[str, dict[str, str]]:
    return {each.item: {paper.name: paper.state for paper in each.papers} for each in checks}


def _acts(row: Ticket, day: date, lang: Language) -> dict[str, Act]:
    """Every key of a ticket, each alive or saying why it is not."""
    say = partial(translate, lang)
    not_today = say("不是今天的号") if row.service_day != day else ""
    over = say("这个号已经结束") if row.state not in LIVE else ""

    def act(verb: str, why: str = "") -> Act:
        return Act(verb, not_today or why)

    def by_life(verb: str, why: str) -> Act:
        return act(verb, "" if row.state in LIFE[verb].sources else over or why)

    again = say("已经激活过一次") if row.reactivated and row.state == "missed" else ""
    back = Act("reactivate", not_today or again) if again else by_life("reactivate", say("没有过号"))
    return {
        "fetch": act("fetch", "" if row.state == "called" else over or say("现在没在叫")),
        "reactivate": back,
        "print": act("print", over),
        "move": by_life("move", say("过号的先排回去") if row.state == "missed" else say("现在不能转")),
        "void": by_life("void", say("现在不能作废")),
        "precheck": act("precheck", over or ("" if row.items else say("号上没写办什么事"))),
    }


def _hour(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%H:%M") if at else ""
