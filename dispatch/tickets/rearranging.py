"""Changing a hall while people are in it: refused where a live ticket would lose its queue, letter or window."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import placing
from dispatch.foundation.access import Actor
from dispatch.halls import configuring
from dispatch.halls.configuring import HallSpec
from dispatch.halls.models import Window
from dispatch.halls.templates import inheriting
from dispatch.tickets.life import AT_A_WINDOW, LIVE
from dispatch.tickets.models import Ticket, number_text
from dispatch.tickets.refusals import PeopleInTheWay


@dataclass(frozen=True)
class Held:
    """What cannot go yet, and the numbers of the tickets that hold it: a queue, its letter, or a window."""

    part: str
    code: str
    name: str
    numbers: list[str]


def held_by(session: Session, hall: str, spec: HallSpec) -> list[Held]:
    """What live tickets forbid to change, should the hall become as described."""
    letters = {queue.code: queue.letter for queue in spec.queues}
    windows = {f"{hall}-{window.code}" for window in spec.windows}
    lines: dict[str, list[str]] = {}
    seats: dict[str, list[str]] = {}
    for ticket in _live(session, hall):
        number = number_text(ticket.letter, ticket.n)
        if letters.get(ticket.queue) != ticket.letter:
            lines.setdefault(ticket.queue, []).append(number)
        if ticket.state in AT_A_WINDOW and ticket.window is not None and ticket.window not in windows:
            seats.setdefault(ticket.window, []).append(number)
    rows = {window.id: window for window in session.scalars(select(Window).where(Window.id.in_(list(seats))))}
    return [
        Held("queue" if queue not in letters else "letter", queue, queue, numbers)
        for queue, numbers in sorted(lines.items())
    ] + [
        Held("window", rows[window].code, rows[window].name, numbers)
        for window, numbers in sorted(seats.items())
    ]


def rearrange(session: Session, spec: HallSpec, *, now: datetime, actor: Actor) -> bool:
    """Make the hall as described; whether anything changed. Raises PeopleInTheWay.

    It is judged after the change: the rows are locked then, and whoever drew a ticket first is seen.
    """
    changed = configuring.configure(session, spec, now=now, actor=actor)
    held = held_by(session, spec.code, spec)
    if held:
        raise PeopleInTheWay(held=[asdict(each) for each in held], what=_worded(held), field="hall")
    return changed


def take_over(session: Session, hall: str, *, now: datetime, actor: Actor) -> bool:
    """Make the hall what its templates and overrides say by now; whether anything changed.

    Raises PeopleInTheWay, BadInput where a queue or zone lacks what it needs.
    """
    fitted = inheriting.fit(session, hall, placing.queues_by_item(session, hall))
    inheriting.refuse_incomplete(fitted)
    changed = rearrange(session, fitted.spec, now=now, actor=actor)
    queues = [queue.code for queue in fitted.spec.queues]
    wanted = placing.fitting(session, fitted.placements, queues)
    changed |= placing.place(session, hall, wanted, now=now, actor=actor)
    inheriting.settle(session, hall, fitted, now=now, actor=actor)
    return changed


def _live(session: Session, hall: str) -> Sequence[Ticket]:
    wanted = select(Ticket).where(Ticket.hall == hall, Ticket.state.in_(LIVE))
    return session.scalars(wanted.order_by(Ticket.queue, Ticket.n)).all()


def _worded(held: Sequence[Held]) -> str:
    return ", ".join(f"{each.name} ({', '.join(each.numbers[:8])})" for each in held[:8])
