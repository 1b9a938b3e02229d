"""From the rooms' rows to what the console says."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.catalogue.models import Item
from dispatch.foundation.words import Language, local, translate
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall, Queue, Window
from dispatch.pages.shared import telling
from dispatch.pages.shared.calls import Call, language
from dispatch.pages.window.keys import AtWindow, keys_for
from dispatch.tickets import finding as tickets
from dispatch.tickets import lines
from dispatch.tickets.models import Ticket

NEXT_SHOWN = 6
TAKEN_BY = {"app": "手机取号", "web": "网上取号", "kiosk": "自助机取号", "counter": "现场取号"}
CAME_BY = {"app": "手机", "web": "网上", "kiosk": "自助机", "counter": "现场"}
PRIORITY = {
    "soldier": "军人优先",
    "firefighter": "消防救援人员优先",
    "disabled": "残疾人优先",
    "elderly": "老年人优先",
    "pregnant": "孕妇优先",
    "with_infant": "带婴幼儿优先",
}


@dataclass(frozen=True)
class WindowTold:
    """The window itself, its hall and what it calls from."""

    id: str
    name: str
    state: str
    hall: Hall
    queues: list[Queue]


@dataclass(frozen=True)
class Step:
    """One step in a ticket's course."""

    words: str
    at: datetime | None
    note: str = ""
    done: bool = False
    now: bool = False


@dataclass(frozen=True)
class Served:
    """Whoever is at the window."""

    id: str
    number: str
    state: str
    item: Item | None
    all_items: list[Item]
    queue: Queue | None
    papers: list[telling.Paper]
    channel_words: str
    why: str
    note: str
    issued_at: datetime
    since: datetime
    waited_min: int
    times: int
    course: list[Step]


@dataclass(frozen=True)
class Following:
    """Somebody who waits, and why she stands where she stands."""

    number: str
    item: Item | None
    queue: Queue | None
    why_words: str
    waited_min: int
    papers: list[telling.Paper]


def panel(call: Call, row: Window) -> dict[str, Any]:
    """Everything the console shows."""
    session, lang = call.session, language()
    place = halls.hall(session, row.hall)
    queues = {queue.code: queue for queue in halls.queues_of(session, row.hall)}
    day = halls.service_day(session, place, call.now)
    line = lines.waiting_in(session, row.hall, row.queues, day)
    here = tickets.at_window(session, row.id)
    first = [tickets.ticket(session, person.id) for person in line[:NEXT_SHOWN]]
    items = telling.items_of(session, [*first, *([here] if here else [])])
    following = [_following(call, ticket, items, queues, lang) for ticket in first]
    now = telling.here_and_now(call, place)
    done = tickets.done_today(session, row.id, day)
    return {
        "window": WindowTold(
            row.id, row.name, row.state, place, [queues[q] for q in row.queues if q in queues]
        ),
        "ticket": _served(call, here, row, items, queues, lang) if here else None,
        "next": following,
        "waiting": len(line),
        "longest_min": max((_minutes(person.place, call.now) for person in line), default=0),
        "served_today": done.get("finished", 0),
        "missed_today": done.get("missed", 0),
        "keys": keys_for(_at(row, here, following, lang), lang),
        "city_now": now,
    }


def _at(row: Window, here: Ticket | None, following: list[Following], lang: Language) -> AtWindow:
    first = following[0] if following else None
    who = f"{first.number} {local(first.item or first.queue, lang)}" if first else ""
    if here is None:
        return AtWindow(row.id, row.state, following=who)
    return AtWindow(row.id, row.state, here.id, here.state, here.number, here.claim, who)


def _following(
    call: Call, ticket: Ticket, items: dict[str, Item], queues: dict[str, Queue], lang: Language
) -> Following:
    why = PRIORITY.get(ticket.priority) or CAME_BY[ticket.channel]
    wanted = _wanted(ticket, items)
    return Following(
        number=ticket.number,
        item=wanted[0] if wanted else None,
        queue=queues.get(ticket.queue),
        why_words=translate(lang, why),
        waited_min=_minutes(ticket.place, call.now),
        papers=telling.papers_of(wanted[0]) if wanted else [],
    )


def _served(
    call: Call,
    ticket: Ticket,
    row: Window,
    items: dict[str, Item],
    queues: dict[str, Queue],
    lang: Language,
) -> Served:
    wanted = _wanted(ticket, items)
    zone = ZoneInfo(halls.hall(call.session, ticket.hall).tz)
    called = ticket.called_at or ticket.issued_at
    return Served(
        id=ticket.id,
        number=ticket.number,
        state=ticket.state,
        item=wanted[0] if wanted else None,
        all_items=wanted,
        queue=queues.get(ticket.queue),
        papers=telling.papers_of(wanted[0]) if wanted else [],
        channel_words=translate(lang, TAKEN_BY[ticket.channel]),
        why=translate(lang, PRIORITY[ticket.priority]) if ticket.priority in PRIORITY else "",
        note=_days(wanted[0], lang) if wanted else "",
        issued_at=ticket.issued_at.astimezone(zone),
        since=ticket.started_at or called,
        waited_min=_minutes(ticket.issued_at, called),
        times=ticket.calls,
        course=_course(ticket, row, zone, lang),
    )


def _course(ticket: Ticket, row: Window, zone: ZoneInfo, lang: Language) -> list[Step]:
    say = partial(translate, lang)
    taken = Step(say(TAKEN_BY[ticket.channel]), ticket.issued_at.astimezone(zone), done=True)
    called_at = ticket.called_at.astimezone(zone) if ticket.called_at else None
    called = Step(say("叫到 %(window)s 号窗口", window=row.name), called_at, done=True)
    if ticket.state == "called":
        coming = Step(say("等人过来"), None, say("R 重呼,M 过号"), now=True)
        return [taken, called, coming, Step(say("开始办理"), None, say("按 N")), Step(say("办结"), None)]
    started = ticket.started_at.astimezone(zone) if ticket.started_at else None
    return [
        taken,
        called,
        Step(say("正在办理"), started, now=True),
        Step(say("办结"), None, say("按 N 或 F")),
    ]


def _wanted(ticket: Ticket, items: dict[str, Item]) -> list[Item]:
    return [items[row["item"]] for row in ticket.items if row["item"] in items]


def _days(item: Item, lang: Language) -> str:
    days = item.details.get("promise_days")
    if not days:
        return local(item, lang, "department")
    unit = "%(n)s 个工作日内办好" if item.details.get("day_unit") == "working" else "%(n)s 天内办好"
    return f"{local(item, lang, 'department')} ・ {translate(lang, unit, n=days)}"


def _minutes(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds() / 60))
