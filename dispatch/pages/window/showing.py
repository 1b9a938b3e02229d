"""From the rooms' rows to what the console, the strip and the small screen say."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Bundle
from dispatch.foundation import clock
from dispatch.foundation.log import LogEntry
from dispatch.halls import finding as halls
from dispatch.halls import receipts
from dispatch.halls.models import Hall, Queue, Window
from dispatch.pages.shared import telling
from dispatch.pages.shared.calls import Call, language
from dispatch.pages.window import people
from dispatch.pages.window.keys import KEYMAP, AtWindow, Seat, keys_for, more_for
from dispatch.pages.window.undoable import last_deed
from dispatch.staffing import skills
from dispatch.tickets import fetching, lines, papers, prechecks, ratings
from dispatch.tickets import finding as tickets
from dispatch.tickets.beside import LEVELS, REASONS
from dispatch.tickets.models import Ticket

NEXT_SHOWN = 8
RATE_WITHIN_S = 45
CALLING = ("TicketCalled", "TicketRecalled")


@dataclass(frozen=True)
class WindowTold:
    """The window itself, its hall and what it calls from. `lapsed`: its lease ended in silence."""

    id: str
    name: str
    state: str
    lapsed: bool
    hall: Hall
    queues: list[Queue]


@dataclass(frozen=True)
class Member:
    """A part of the bundle that the item at hand belongs to."""

    name: str
    name_en: str
    where: str
    where_en: str
    now: bool


@dataclass(frozen=True)
class BundleTold:
    """一件事: the bundle at hand and its members in their stages; `others` are further ones the item belongs to."""

    name: str
    name_en: str
    members: list[Member]
    others: list[Bundle]


def panel(call: Call, row: Window) -> dict[str, Any]:
    """Everything the console and the strip show."""
    session = call.session
    place = halls.hall(session, row.hall)
    day = halls.service_day(session, place, call.now)
    barred = skills.barred_items(session, row.staff or "", now=call.now)
    line = lines.candidates(session, row, day, now=call.now, barred=barred)
    first = tickets.bulk(session, [person.id for person in line[:NEXT_SHOWN]])
    group = tickets.group_at(session, row.id)
    parked = _parked(call, row, day)
    missed = [ticket for ticket in tickets.missed_in(session, row.hall, day) if ticket.queue in row.queues]
    around = _around(call, place, [*first, *group, *parked, *missed])
    following = [people.following(around, ticket, row) for ticket in first]
    here = group[0] if group else None
    checked = prechecks.of(session, [here.id]) if here else {}
    held = papers.held_of(session, here.id) if here else []
    at = at_window(call, row, group, f"{following[0].number} {following[0].title}" if following else "")
    done = tickets.done_today(session, row.id, day)
    return {
        "window": _window(row, place, around),
        "ticket": people.served(around, here, row, checked.get(here.id, []), held) if here else None,
        "group": [people.served(around, one, row, [], []) for one in group] if len(group) > 1 else [],
        "call": _last_call(call, group),
        "bundle": _bundle(call, here, place),
        "next": following,
        "waiting": len(line),
        "longest_min": max((around.minutes(person.place) for person in line), default=0),
        "parked": [people.parked(around, one, reason) for one, reason in _with_reasons(call, place, parked)],
        "missed": [people.missed(around, one) for one in missed],
        "served_today": done.get("finished", 0),
        "missed_today": done.get("missed", 0),
        "keys": keys_for(at, around.lang),
        "more": more_for(at, around.lang, len(missed)),
        "undoable": last_deed(call, row, day, around.lang),
        "city_now": telling.here_and_now(call, place),
        "speed": clock.speed(session),
        "keymap": KEYMAP,
    }


def at_window(call: Call, row: Window, group: list[Ticket], who: str) -> AtWindow:
    """What the keys need to know; `who` comes next."""
    seats = tuple(Seat(one.id, one.number, one.state, one.claim) for one in group)
    stage = next_stage(call, row, group[0]) if group else ""
    if not group:
        return AtWindow(row.id, row.state, following=who)
    here = group[0]
    state = "called" if any(seat.state == "called" for seat in seats) else "serving"
    return AtWindow(
        row.id,
        row.state,
        here.id,
        state,
        here.number,
        here.claim,
        who,
        group=seats if len(seats) > 1 else (),
        several=len(here.items) > 1 or any(wanted["count"] > 1 for wanted in here.items),
        next_stage=stage,
    )


def next_stage(call: Call, row: Window, ticket: Ticket) -> str:
    """The queue of the hall's windows for payment and certificates, for somebody who is served and not there yet."""
    if ticket.state != "serving" or row.kind == "payment":
        return ""
    paying = [window for window in halls.windows_of(call.session, row.hall) if window.kind == "payment"]
    queues = [
        queue for window in paying for queue in window.queues if queue not in (ticket.queue, *row.queues)
    ]
    return queues[0] if queues else ""


def pad(call: Call, row: Window, skipped: str = "") -> dict[str, Any]:
    """What the small screen that faces the citizen shows: idle, whom it serves, or the question how it was.

    Nobody is asked again who would rather not say (`skipped`).
    """
    session = call.session
    place = halls.hall(session, row.hall)
    speed = max(1.0, clock.speed(session))
    lasting = timedelta(seconds=RATE_WITHIN_S * speed)
    asked = ratings.to_rate(session, row.id, now=call.now, within=lasting)
    asked = None if asked and asked.id == skipped else asked
    group = tickets.group_at(session, row.id)
    left = (asked.ended_at + lasting - call.now) / speed if asked and asked.ended_at else timedelta(0)
    return {
        "window": row,
        "hall": place,
        "asked": asked,
        "left_s": round(left.total_seconds(), 1),
        "here": group,
        "serving": any(one.state == "serving" for one in group),
        "levels": LEVELS,
        "reasons": REASONS,
    }


def _around(call: Call, place: Hall, shown: list[Ticket]) -> people.Around:
    queues = {queue.code: queue for queue in halls.queues_of(call.session, place.code)}
    items = telling.items_of(call.session, shown)
    coming = fetching.coming(call.session, [ticket.id for ticket in shown])
    return people.Around(queues, items, ZoneInfo(place.tz), call.now, language(), coming)


def _window(row: Window, place: Hall, around: people.Around) -> WindowTold:
    queues = [around.queues[code] for code in row.queues if code in around.queues]
    return WindowTold(row.id, row.name, row.state, row.lapsed, place, queues)


def _parked(call: Call, row: Window, day: date) -> list[Ticket]:
    """Those whom this window parked first, then the rest of the hall's whom it could take as well."""
    all_of_hall = tickets.parked_in(call.session, row.hall, day)
    mine = [ticket for ticket in all_of_hall if ticket.window == row.id]
    others = [ticket for ticket in all_of_hall if ticket.window != row.id and ticket.queue in row.queues]
    return [*mine, *others]


def _with_reasons(call: Call, place: Hall, parked: list[Ticket]) -> list[tuple[Ticket, str]]:
    """Why each of them was parked, as the log has it."""
    since = min((ticket.parked_at for ticket in parked if ticket.parked_at), default=None)
    reasons = {}
    if since is not None:
        for body in _bodies(call, place.code, ("TicketParked",), since):
            reasons[body["data"]["ticket"]] = body["data"]["reason"]
    return [(ticket, reasons.get(ticket.id, "other")) for ticket in parked]


def _last_call(call: Call, group: list[Ticket]) -> dict[str, Any] | None:
    """The newest call of whoever is called: its seq, and what the hall's boards did with it."""
    called = [ticket for ticket in group if ticket.state == "called" and ticket.called_at]
    if not called:
        return None
    since = min(ticket.called_at for ticket in called if ticket.called_at)
    names = {ticket.id for ticket in called}
    mine = [body for body in _bodies(call, called[0].hall, CALLING, since) if body["data"]["ticket"] in names]
    if not mine:
        return None
    heard = receipts.of_call(call.session, called[0].hall, mine[-1]["epoch"], mine[-1]["seq"])
    return {"seq": heard.seq, "epoch": mine[-1]["epoch"], "shown": heard.shown, "spoken": heard.spoken}


def _bodies(call: Call, hall: str, kinds: tuple[str, ...], since: datetime) -> list[dict[str, Any]]:
    entries = select(LogEntry.body).where(
        LogEntry.hall == hall, LogEntry.kind.in_(kinds), LogEntry.at >= since
    )
    return [json.loads(body) for body in call.session.scalars(entries.order_by(LogEntry.seq))]


def _bundle(call: Call, ticket: Ticket | None, place: Hall) -> BundleTold | None:
    """The bundle that the item at hand belongs to: the one it leads, else the first."""
    if ticket is None or not ticket.items:
        return None
    code = ticket.items[0]["item"]
    found = [
        bundle
        for bundle in catalogue.bundles(call.session)
        if any(member["item"] == code for member in bundle.details["members"])
    ]
    found.sort(key=lambda bundle: bundle.details.get("key_item") != code)
    if not found:
        return None
    members = sorted(found[0].details["members"], key=lambda member: member["stage"])
    return BundleTold(
        found[0].name,
        found[0].name_en,
        [
            Member(
                member["name"],
                member.get("name_en") or member["name"],
                member["department"],
                member.get("department_en") or member["department"],
                member["item"] == code,
            )
            for member in members
        ],
        found[1:],
    )
