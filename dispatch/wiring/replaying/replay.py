"""Playing a plan: the halls are built, then every step is done by the verb that a real hall would use."""

import heapq
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.errors import Refusal
from dispatch.halls import configuring, windows
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall, Window
from dispatch.tickets import calling, ending, finding, issuing, serving
from dispatch.wiring.replaying.naming import letters
from dispatch.wiring.replaying.planning import Plan, Step

REPLAY = system("replay")
AT_ONCE = 50
ALL_DAY = [["00:00", "24:00"]]
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass
class Tally:
    """What the verbs did in one hall."""

    issued: int = 0
    called_right: int = 0
    called_other: int = 0
    places_off: list[int] = field(default_factory=list)
    """For each call, how many numbers lie between the line's own ticket and the one that was called."""
    finished: int = 0
    missed: int = 0
    cancelled: int = 0
    expired: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Player:
    """One hall being replayed.

    `call_next` decides who is called, and the office did not always call whoever came first. When it calls another
    ticket than the line's, the two lines change tickets: the one that was called lives on as this line does, the
    other waits in its place. So whatever happens to a line later has a ticket that it can happen to.
    """

    database: Database
    plan: Plan
    tally: Tally = field(default_factory=Tally)
    _place: Hall | None = None
    _ticket_of: dict[int, str] = field(default_factory=dict)
    _line_of: dict[str, int] = field(default_factory=dict)
    _first_number: dict[int, tuple[str, int]] = field(default_factory=dict)

    def build(self, at: datetime) -> None:
        """Make the hall, open around the clock so that no real opening hour is in the way."""
        with self.database.work() as session:
            configuring.configure(session, _spec(self.plan), now=at, actor=REPLAY)
        with self.database.reading() as session:
            self._place = halls.hall(session, self.plan.code)
            session.expunge_all()

    def play(self, session: Session, steps: Sequence[Step]) -> None:
        """Do these steps. What a verb refuses is a problem of the replay, and the next step goes on."""
        # Sessions hold what they have read only weakly: held here, a queue is read once for all these steps.
        held = [halls.queues_of(session, self.plan.code), halls.windows_of(session, self.plan.code)]
        for step in steps:
            try:
                _VERBS[step.verb](self, session, step)
            except Refusal as refusal:
                self._problem(step, f"refused as {refusal.code} {refusal.data}")
        del held

    def issue(self, session: Session, step: Step) -> None:
        """The line's person takes a number."""
        assert self._place is not None
        queue = self.plan.queues[self.plan.lines[step.line].queue]
        ticket = issuing.issue(
            session, self._place, queue=queue, channel="counter", now=step.at, actor=REPLAY
        )
        self._ticket_of[step.line], self._line_of[ticket.id] = ticket.id, step.line
        self._first_number[step.line] = (ticket.id, ticket.n)
        self.tally.issued += 1

    def call(self, session: Session, step: Step) -> None:
        """The line's window calls whoever is next in the line's queue."""
        window = halls.window(session, f"{self.plan.code}-{step.window}")
        if step.opens:
            windows.change(session, window, "open", now=step.at, actor=REPLAY)
        ends_missed = step.ends >= 0 and self.plan.lines[step.ends].outcome == "missed"
        if ends_missed:
            self.missed(session, Step(step.at, "missed", step.ends))
        finishes = step.ends >= 0 and not ends_missed
        queue = self.plan.queues[self.plan.lines[step.line].queue]
        called = calling.call_next(
            session, _calling_from(window, queue), finish=finishes, now=step.at, actor=REPLAY
        )
        self.tally.finished += finishes
        if called is None:
            self._problem(step, "nobody waited")
            return
        self._note_call(step.line, called.id, called.n)

    def _note_call(self, line: int, called: str, n: int) -> None:
        own, own_n = self._first_number[line]
        self.tally.called_right += called == own
        self.tally.called_other += called != own
        self.tally.places_off.append(abs(own_n - n))
        other = self._line_of[called]
        self._hold(other, self._ticket_of[line])
        self._hold(line, called)

    def _hold(self, line: int, ticket: str) -> None:
        self._ticket_of[line], self._line_of[ticket] = ticket, line

    def finish(self, session: Session, step: Step) -> None:
        """The line's person is done."""
        ticket = finding.ticket(session, self._ticket_of[step.line])
        serving.finish(session, ticket, now=step.at, actor=REPLAY)
        self.tally.finished += 1

    def missed(self, session: Session, step: Step) -> None:
        """The line's person did not come."""
        ticket = finding.ticket(session, self._ticket_of[step.line])
        serving.missed(session, ticket, now=step.at, actor=REPLAY)
        self.tally.missed += 1

    def cancel(self, session: Session, step: Step) -> None:
        """The line's person gives up her place."""
        ticket = finding.ticket(session, self._ticket_of[step.line])
        ending.cancel(session, ticket, now=step.at, actor=REPLAY)
        self.tally.cancelled += 1

    def close(self, session: Session, step: Step) -> None:
        """The window closes for the day."""
        window = halls.window(session, f"{self.plan.code}-{step.window}")
        windows.change(session, window, "close", now=step.at, actor=REPLAY)

    def end_day(self, session: Session, step: Step) -> None:
        """Midnight: whoever still waits or was missed has an expired ticket."""
        today = step.at.astimezone(self.plan.zone).date()
        self.tally.expired += ending.end_day(session, self.plan.code, today, now=step.at, actor=REPLAY)

    def _problem(self, step: Step, what: str) -> None:
        line = self.plan.lines[step.line]
        where = f"{line.file} line {line.number}" if step.line >= 0 else step.window or f"{step.at:%Y-%m-%d}"
        self.tally.problems.append(f"{where}: {step.verb}: {what}")


_VERBS: dict[str, Callable[[Player, Session, Step], None]] = {
    "issue": Player.issue,
    "call": Player.call,
    "finish": Player.finish,
    "missed": Player.missed,
    "cancel": Player.cancel,
    "close": Player.close,
    "end_day": Player.end_day,
}


def replay(database: Database, plans: Sequence[Plan], *, speed: float | None = None) -> list[Tally]:
    """Play these halls in a fresh database; what was done in each.

    `speed`, city seconds per real second: every step is a transaction of its own, in time order over all halls.
    None, as fast as it goes: hall after hall, AT_ONCE steps to a transaction. Since no hall knows of another and
    each step brings its own time, the tickets and the logs are the same.
    """
    players = [Player(database, plan) for plan in plans]
    for player in players:
        player.build(player.plan.steps[0].at)
    for player, steps in _fast(players) if speed is None else _paced(players, speed):
        with database.work() as session:
            player.play(session, steps)
    return [player.tally for player in players]


def _fast(players: Iterable[Player]) -> Iterator[tuple[Player, Sequence[Step]]]:
    for player in players:
        steps = player.plan.steps
        for start in range(0, len(steps), AT_ONCE):
            yield player, steps[start : start + AT_ONCE]


def _paced(players: Iterable[Player], speed: float) -> Iterator[tuple[Player, Sequence[Step]]]:
    streams = [[(player, step) for step in player.plan.steps] for player in players]
    began, first = time.monotonic(), None
    for player, step in heapq.merge(*streams, key=lambda turn: turn[1].at):
        first = first or step.at
        due = began + (step.at - first).total_seconds() / speed
        time.sleep(max(0.0, due - time.monotonic()))
        yield player, [step]


def _calling_from(window: Window, queue: str) -> Window:
    """The window as it calls from this queue alone: the log says whose turn it was there."""
    if window.queues == [queue]:
        return window
    return Window(id=window.id, hall=window.hall, code=window.code, name=window.name, queues=[queue])


def _spec(plan: Plan) -> configuring.HallSpec:
    named = zip(plan.queues.items(), letters(), strict=False)
    return configuring.HallSpec(
        code=plan.code,
        name=plan.name,
        name_en=plan.name,
        level="street",
        kind="hall",
        parent=None,
        lat=0.0,
        lon=0.0,
        tz=plan.zone.key,
        hours={"weekly": dict.fromkeys(WEEK, ALL_DAY), "public_holidays": True, "makeup_workdays": False},
        queues=[
            configuring.QueueSpec(code, letter, plan.queue_name(queue), plan.queue_name(queue))
            for (queue, code), letter in named
        ],
        windows=[
            configuring.WindowSpec(code, name, name, "general", queues)
            for code, (name, queues) in plan.windows.items()
        ],
    )
