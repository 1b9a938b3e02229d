"""Whether a replay accounts for every line: the tables and the log, asked afterwards."""

from collections import Counter
from dataclasses import dataclass, field
from statistics import fmean

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.tickets.life import LIVE
from dispatch.tickets.models import Ticket
from dispatch.wiring.replaying.planning import Plan
from dispatch.wiring.replaying.replay import Tally


@dataclass
class Account:
    """One hall after its replay. With `problems` something is not as it must be."""

    hall: str
    name: str
    lines: int
    issued: int
    called: int
    called_right: int
    called_other: int
    places_off_mean: float | None
    places_off_most: int | None
    finished: int
    missed: int
    cancelled: int
    expired: int
    log_entries: int
    problems: list[str] = field(default_factory=list)


def account(session: Session, plan: Plan, tally: Tally) -> Account:
    """What became of every line of this hall, and whatever does not add up."""
    head = log.head_of(session, plan.code)
    off = tally.places_off
    return Account(
        hall=plan.code,
        name=plan.name,
        lines=len(plan.lines),
        issued=tally.issued,
        called=tally.called_right + tally.called_other,
        called_right=tally.called_right,
        called_other=tally.called_other,
        places_off_mean=round(fmean(off), 2) if off else None,
        places_off_most=max(off) if off else None,
        finished=tally.finished,
        missed=tally.missed,
        cancelled=tally.cancelled,
        expired=tally.expired - tally.missed,  # who was missed expires too when the day ends
        log_entries=head.seq if head else 0,
        problems=[
            *tally.problems,
            *_lines_unaccounted(plan, tally),
            *_numbers_with_gaps(session, plan.code),
            *_states(session, plan, tally),
            *_log(session, plan, tally),
        ],
    )


def _lines_unaccounted(plan: Plan, tally: Tally) -> list[str]:
    """Every line was issued, called if the office called it, and came to an end."""
    called = sum(line.called_at is not None for line in plan.lines)
    ended = tally.finished + tally.cancelled + tally.expired
    sums = {
        "issued": (tally.issued, len(plan.lines)),
        "called": (tally.called_right + tally.called_other, called),
        "ended": (ended, len(plan.lines)),
        "finished or missed": (tally.finished + tally.missed, called),
    }
    return [f"{done} {what}, not {due}" for what, (done, due) in sums.items() if done != due]


def _numbers_with_gaps(session: Session, hall: str) -> list[str]:
    """Under each letter the numbers of a day run from 1 without a gap."""
    series = (
        select(Ticket.letter, Ticket.service_day, func.min(Ticket.n), func.max(Ticket.n), func.count())
        .where(Ticket.hall == hall)
        .group_by(Ticket.letter, Ticket.service_day)
    )
    return [
        f"{letter} on {day}: {count} numbers from {first} to {last}"
        for letter, day, first, last, count in session.execute(series)
        if (first, last) != (1, count)
    ]


def _states(session: Session, plan: Plan, tally: Tally) -> list[str]:
    """Each ticket is in a final state, and in as many as the verbs said."""
    counted = select(Ticket.state, func.count()).where(Ticket.hall == plan.code).group_by(Ticket.state)
    states = dict(session.execute(counted).all())
    live = [f"{count} tickets are still {state}" for state, count in states.items() if state in LIVE]
    ended = {"finished": tally.finished, "cancelled": tally.cancelled, "expired": tally.expired}
    return live + _differences("tickets {}", Counter(states), Counter(ended))


def _log(session: Session, plan: Plan, tally: Tally) -> list[str]:
    """The hall's log is whole, and says each thing once."""
    found = [f"log {fault.seq}: {fault.what}" for fault in log.faults(session, plan.code)]
    counted = select(log.LogEntry.kind, func.count()).where(log.LogEntry.hall == plan.code)
    kinds = dict(session.execute(counted.group_by(log.LogEntry.kind)).all())
    expected = {
        "HallConfigured": 1,
        "WindowOpened": sum(step.opens for step in plan.steps),
        "WindowClosed": sum(step.verb == "close" for step in plan.steps),
        "TicketIssued": tally.issued,
        "TicketCalled": tally.called_right + tally.called_other,
        "TicketFinished": tally.finished,
        "TicketMissed": tally.missed,
        "TicketCancelled": tally.cancelled,
        "TicketExpired": tally.expired,
    }
    return found + _differences("{} in the log", Counter(kinds), Counter(expected))


def _differences(what: str, found: Counter[str], expected: Counter[str]) -> list[str]:
    return [
        f"{found[name]} {what.format(name)}, not {expected[name]}"
        for name in sorted(found | expected)
        if found[name] != expected[name]
    ]
