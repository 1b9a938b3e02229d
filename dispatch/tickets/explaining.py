"""Why was B012 before A031? Answered from the tickets' rows, the hall's log and the discipline of that moment.

Of the other ticket nothing is told but its number, times and the kind of reason: whose legal priority it was, or what
she came for, is hers alone.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dispatch.foundation.log import LogEntry
from dispatch.halls import finding as halls
from dispatch.halls.models import Outage, Window
from dispatch.queues import rules
from dispatch.queues.policy import Policy
from dispatch.staffing import skills
from dispatch.tickets import lines
from dispatch.tickets.lines import Place
from dispatch.tickets.models import Ticket

REASONS = (
    "called_first",
    "ahead_in_line",
    "never_called",
    "both_waiting",
    "not_yet_issued",
    "parked",
    "missed",
    "moving",
    "at_a_window",
    "over",
    "called_by_number",
    "kept_for_a_window",
    "not_served_there",
    "not_skilled",
    "outage",
    "longer_wait_for_its_length",
    "own_line",
    "came_back",
    "legal_priority",
    "booked",
    "before_my_slot",
    "late_for_my_slot",
    "earlier_place",
    "passed_often",
    "same_instant",
)
First = Literal["mine", "other", "undecided"]

_STATES = {
    "TicketIssued": "waiting",
    "TicketCalled": "called",
    "TicketStarted": "serving",
    "TicketFinished": "over",
    "TicketMissed": "missed",
    "TicketCancelled": "over",
    "TicketExpired": "over",
    "TicketVoided": "over",
    "TicketKept": "waiting",
    "TicketParked": "parked",
    "TicketResumed": "serving",
    "TicketMoved": "waiting",
    "TicketSent": "moving",
    "TicketLeft": "over",
    "TicketBack": "waiting",
    "TicketReactivated": "waiting",
}
_KINDS = (*_STATES, "TicketUndone", "TicketPriorityChanged")
_ELSEWHERE = {
    "parked": "parked",
    "missed": "missed",
    "moving": "moving",
    "called": "at_a_window",
    "serving": "at_a_window",
    "over": "over",
}


@dataclass(frozen=True)
class Reason:
    """One reason, a word of REASONS, with the times and figures that bear it out."""

    code: str
    facts: Mapping[str, datetime | str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Explanation:
    """Which of two tickets was, or will be, served first; when that was decided, at which window, and why."""

    first: First
    at: datetime
    window: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class _Call:
    """A call that was not taken back."""

    seq: int
    at: datetime
    window: str
    by: str


@dataclass(frozen=True)
class _Standing:
    """Where a ticket was at a moment: its state and since when, and the place it had in a line."""

    state: str
    since: datetime
    place: Place


@dataclass(frozen=True)
class _Said:
    """An entry of the log about one ticket."""

    seq: int
    kind: str
    at: datetime
    data: Mapping[str, Any]


def explain(session: Session, mine: Ticket, other: Ticket, *, now: datetime) -> Explanation:
    """Why the other ticket of the same hall and day was before mine, or will be; or that it was not."""
    said = _said(session, mine, other)
    calls, others = _calls(said[mine.id]), _calls(said[other.id])
    until = calls[-1].seq if calls and mine.state != "waiting" else None
    earlier = [call for call in others if until is None or call.seq < until]
    if earlier:
        call = earlier[-1]
        reasons = _at_a_call(session, call, mine, other, said)
        return Explanation("other", call.at, _name(session, call.window), tuple(reasons))
    if mine.state == other.state == "waiting":
        return _now(session, mine, other, now)
    if calls:
        return Explanation("mine", calls[-1].at, None, (Reason("called_first", {"mine_at": calls[-1].at}),))
    return Explanation("undecided", now, None, (Reason("never_called"),))


def _now(session: Session, mine: Ticket, other: Ticket, now: datetime) -> Explanation:
    """Both wait, and nothing is decided: in one line their order is known, in two it depends on the windows."""
    if mine.queue != other.queue:
        return Explanation("undecided", now, None, (Reason("both_waiting"),))
    line = lines.line_of(session, mine.hall, mine.queue, mine.service_day)
    order = [person.id for person in line]
    if order.index(mine.id) < order.index(other.id):
        return Explanation("mine", now, None, (Reason("ahead_in_line"),))
    policy = lines.policy_of(session, mine.hall)
    reasons = _in_one_line(Place.of(mine), Place.of(other), policy)
    return Explanation("other", now, None, tuple(reasons))


def _at_a_call(
    session: Session, call: _Call, mine: Ticket, other: Ticket, said: Mapping[str, Sequence[_Said]]
) -> list[Reason]:
    """Why this call went to the other one."""
    me, she = _standing(mine, said[mine.id], call), _standing(other, said[other.id], call)
    if me is None or she is None:
        return [Reason("not_yet_issued", {"mine_at": mine.issued_at, "other_at": call.at})]
    if me.state != "waiting":
        return [Reason(_ELSEWHERE[me.state], {"since": me.since})]
    if call.by == "number":
        return [Reason("called_by_number")]
    if me.place.kept_from(call.window, call.at):
        return [Reason("kept_for_a_window", {"kept_for": _name(session, str(me.place.kept_for))})]
    if me.place.queue not in _queues_then(session, mine.hall, call):
        return [Reason("not_served_there")]
    if not _items(me.place).isdisjoint(_barred_then(session, mine.hall, call)):
        return [Reason("not_skilled")]
    if _is_frozen(session, mine.hall, me.place, call.at):
        return [Reason("outage")]
    policy = _policy_then(session, mine.hall, call.seq)
    if me.place.queue != she.place.queue:
        return _in_two_lines(session, mine.hall, me.place, she.place, call.at, policy)
    return _in_one_line(me.place, she.place, policy)


def _in_one_line(mine: Place, other: Place, policy: Policy) -> list[Reason]:
    """What the discipline says of two people of one line: all that put the other ahead, the plainest first."""
    line = lines.arrays_of([mine, other])
    my_place, her_place = rules.virtual_places(line, policy)
    if (my_place, line.number[0]) < (her_place, line.number[1]):
        return [Reason("passed_often" if line.remote[0] and line.here[1] else "same_instant")]
    facts = {"mine_at": mine.place, "other_at": other.place}
    if mine.reactivated:
        return [Reason("came_back", {**facts, "behind": policy.returned_behind})]
    if (other.place, line.number[1]) < (mine.place, line.number[0]):
        return [Reason("earlier_place", facts)]
    if line.classes[1] < line.classes[0]:
        return [Reason("legal_priority", facts)]
    if other.booked_for is not None and not other.reactivated:
        return [Reason("booked", {**facts, "slot": other.booked_for})]
    if mine.booked_for is not None:
        came_late = my_place > mine.booked_for.timestamp()
        return [Reason("late_for_my_slot" if came_late else "before_my_slot", {"slot": mine.booked_for})]
    return [Reason("earlier_place", facts)]


def _in_two_lines(
    session: Session, hall: str, mine: Place, other: Place, at: datetime, policy: Policy
) -> list[Reason]:
    """Two lines at one window: whoever had waited longer for the length of her service, if I headed mine."""
    _, index = lines.urgent(session, hall, [mine, other], now=at, policy=policy)
    if index[0] > index[1]:
        return [Reason("own_line")]
    waited = (at.timestamp() - rules.virtual_places(lines.arrays_of([mine, other]), policy)) / 60
    facts = {"mine_min": round(waited[0]), "other_min": round(waited[1])}
    return [Reason("longer_wait_for_its_length", facts)]


def _said(session: Session, *tickets: Ticket) -> dict[str, list[_Said]]:
    """What the hall's log says of these tickets of one day, in order."""
    about = [LogEntry.body.contains(f'"ticket":"{ticket.id}"') for ticket in tickets]
    rows = session.scalars(
        select(LogEntry)
        .where(
            LogEntry.hall == tickets[0].hall,
            LogEntry.kind.in_(_KINDS),
            LogEntry.at >= min(ticket.issued_at for ticket in tickets),
            or_(*about),
        )
        .order_by(LogEntry.seq)
    )
    told: dict[str, list[_Said]] = {ticket.id: [] for ticket in tickets}
    for row in rows:
        data = row.data
        told[data["ticket"]].append(_Said(row.seq, row.kind, row.at, data))
    return told


def _calls(said: Sequence[_Said]) -> list[_Call]:
    calls: list[_Call] = []
    for entry in said:
        if entry.kind == "TicketCalled":
            calls.append(_Call(entry.seq, entry.at, entry.data["window"], entry.data.get("by", "next")))
        elif entry.kind == "TicketUndone" and entry.data["verb"].startswith("call") and calls:
            calls.pop()
    return calls


def _standing(ticket: Ticket, said: Sequence[_Said], call: _Call) -> _Standing | None:
    """Where the ticket was just before a call; None while it did not exist."""
    came_back = any(entry.kind == "TicketReactivated" for entry in said)
    was_here = ticket.arrived_at is not None and ticket.arrived_at <= call.at
    place = Place.of(ticket)._replace(
        place=ticket.issued_at if came_back else ticket.place,
        arrived_at=ticket.arrived_at if was_here else None,
        reactivated=0,
        kept_for=None,
        kept_until=None,
    )
    state, since = "", ticket.issued_at
    for entry in said:
        if entry.seq >= call.seq:
            break
        place = _placed(place, entry)
        after = entry.data["state"] if entry.kind == "TicketUndone" else _STATES.get(entry.kind, state)
        state, since = after, since if after == state else entry.at
    return _Standing(state, since, place) if state else None


def _placed(place: Place, entry: _Said) -> Place:
    """The place in line after an entry."""
    data = entry.data
    if entry.kind == "TicketIssued":
        return place._replace(queue=data["queue"], priority=data["priority"])
    if entry.kind == "TicketPriorityChanged":
        return place._replace(priority=data["priority"])
    if entry.kind == "TicketReactivated":
        return place._replace(place=datetime.fromisoformat(data["place"]), reactivated=1)
    if entry.kind == "TicketMoved":
        return place._replace(queue=data["queue"], kept_for=data["for_window"], kept_until=None)
    if entry.kind == "TicketKept":
        until = datetime.fromisoformat(data["until"])
        return place._replace(kept_for=data["window"], kept_until=until)
    if entry.kind == "TicketCalled":
        return place._replace(kept_for=None, kept_until=None)
    return place


def _queues_then(session: Session, hall: str, call: _Call) -> Collection[str]:
    """Which queues the window served when it called."""
    configured = _latest(session, hall, "HallConfigured", call.seq)
    for window in configured["windows"] if configured else ():
        if window["id"] == call.window:
            queues: list[str] = window["queues"]
            return queues
    return halls.window(session, call.window).queues


def _barred_then(session: Session, hall: str, call: _Call) -> Collection[str]:
    """What whoever sat at the window then may not serve."""
    opened = session.scalar(
        select(LogEntry.body)
        .where(
            LogEntry.hall == hall,
            LogEntry.kind == "WindowOpened",
            LogEntry.seq < call.seq,
            LogEntry.body.contains(f'"window":"{call.window}"'),
        )
        .order_by(LogEntry.seq.desc())
        .limit(1)
    )
    kind, _, staff = json.loads(opened)["actor"].partition(":") if opened else ("", "", "")
    return skills.barred_items(session, staff if kind == "staff" else "", now=call.at)


def _is_frozen(session: Session, hall: str, place: Place, at: datetime) -> bool:
    """Whether an outage held her place at that moment."""
    lasting = select(Outage).where(
        or_(Outage.hall == hall, Outage.hall.is_(None)),
        Outage.began_at <= at,
        or_(Outage.ended_at.is_(None), Outage.ended_at > at),
        or_(Outage.until.is_(None), Outage.until > at),
    )
    return any(
        each.whole or place.queue in each.queues or not _items(place).isdisjoint(each.items)
        for each in session.scalars(lasting)
    )


def _policy_then(session: Session, hall: str, before: int) -> Policy:
    """The figures in force: those last announced, or before the first announcement the usual ones."""
    changed = _latest(session, hall, "PolicyChanged", before)
    return Policy.stored(changed["policy"]) if changed else Policy()


def _latest(session: Session, hall: str, kind: str, before: int) -> Mapping[str, Any] | None:
    entry = session.scalars(
        select(LogEntry)
        .where(LogEntry.hall == hall, LogEntry.kind == kind, LogEntry.seq < before)
        .order_by(LogEntry.seq.desc())
        .limit(1)
    ).first()
    return entry.data if entry else None


def _items(place: Place) -> set[str]:
    return {wanted["item"] for wanted in place.items}


def _name(session: Session, window: str) -> str:
    row = session.get(Window, window)
    return row.name if row else window
