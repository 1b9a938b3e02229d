"""A hall's days played at random against a model in plain Python: they must never differ."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from dispatch.foundation import log
from dispatch.foundation.database import Database
from dispatch.foundation.transitions import WrongState
from dispatch.halls import finding
from dispatch.queues.rules import PRIORITY_CLASS
from dispatch.tickets import lines
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import StaleClaim, WindowBusy, WindowNotOpen
from tests import standing_city
from tests.standing_city import MORNING, TOWN_WINDOWS, Standing, Town, town_spec

HALLS = count(1)
WINDOWS = st.sampled_from(sorted(TOWN_WINDOWS))
QUEUES = st.sampled_from("DDDA")
PRIORITIES = st.sampled_from(["none"] * 6 + ["elderly", "soldier"])
LEADS = {
    "recall": ({"called"}, "called"),
    "start": ({"called"}, "serving"),
    "finish": ({"called", "serving"}, "finished"),
    "missed": ({"called"}, "missed"),
}
KINDS = {"start": "TicketStarted", "missed": "TicketMissed", "finish": "TicketFinished"}
TICKET_NEWS = [f"Ticket{did}" for did in ("Issued", "Called", "Recalled", "Started", "Finished", "Missed")]
TICKET_NEWS += ["TicketCancelled", "TicketExpired"]
WINDOW_NEWS = ["WindowOpened", "WindowPaused", "WindowClosed"]
SITS = {"open": "open", "pause": "paused", "close": "closed"}


@dataclass
class Person:
    """A ticket as the model knows it."""

    id: str
    queue: str
    n: int
    day: date
    priority: str
    state: str = "waiting"
    window: str | None = None
    claim: int | None = None
    calls: int = 0

    @property
    def number(self) -> str:
        return f"{self.queue}{self.n:03d}"


@dataclass
class Desk:
    """A window as the model knows it."""

    state: str = "closed"
    turns: int = 0


@dataclass
class Model:
    """What a hall should be. People stand in the order in which they came."""

    hall: str
    people: list[Person] = field(default_factory=list)
    desks: dict[str, Desk] = field(default_factory=lambda: {name: Desk() for name in TOWN_WINDOWS})
    history: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def line(self, queues: list[str]) -> list[Person]:
        """Who waits in these queues, the next first."""
        waiting = [person for person in self.people if person.state == "waiting" and person.queue in queues]
        return sorted(waiting, key=lambda person: PRIORITY_CLASS[person.priority])  # stable: by coming

    def at(self, name: str) -> Person | None:
        """Who is at the window."""
        window = self.window_id(name)
        here = [p for p in self.people if p.state in ("called", "serving") and p.window == window]
        assert len(here) <= 1
        return here[0] if here else None

    def at_windows(self) -> list[Person]:
        """Everybody who is at one."""
        return [person for person in self.people if person.state in ("called", "serving")]

    def window_id(self, name: str) -> str:
        return f"{self.hall}-{name}"

    def say(self, kind: str, who: Person, /, **more: object) -> None:
        told = {"ticket": who.id, "number": who.number, "queue": who.queue}
        self.history.append((kind, {**told, **more}))

    def say_window(self, kind: str, name: str) -> None:
        self.history.append((kind, {"window": self.window_id(name), "window_name": name}))


class HallMachine(RuleBasedStateMachine):
    """Deeds chosen by chance, done in the hall and in the model."""

    database: Database
    played: Counter[str]

    @initialize()
    def begin(self) -> None:
        """Each play has a new hall in the same city."""
        code = f"T-{next(HALLS)}"
        standing_city.configure(self.database, replace(town_spec(), code=code))
        self.hall = Town(self.database, code, MORNING)
        self.model = Model(code)
        self.seen = len(self.hall.entries())
        for name in ("1", "2", "3"):
            self.a_window_opens(name)
        for queue in "DADDDD":
            self.somebody_comes(queue, "none")
        for name, verbs in (("1", ("start", "finish")), ("2", ("recall", "missed"))):
            self._call_to(name, finish=False)
            for verb in verbs:
                self._press(self.model.at_windows()[0], verb)
        self._gives_up(self.model.people[-1])

    def teardown(self) -> None:
        """Count what was played: a play in which nobody is called proves little."""
        if hasattr(self, "model"):
            self.played.update(kind for kind, _ in self.model.history)
            assert self.hall.faults() == []

    # --- deeds ---

    @rule(queue=QUEUES, priority=PRIORITIES)
    def somebody_comes(self, queue: str, priority: str) -> None:
        self.hall.pass_time(seconds=1)
        ticket = self.hall.take(queue, priority=priority)
        day = self.hall.now.date()
        n = 1 + sum(person.queue == queue and person.day == day for person in self.model.people)
        person = Person(ticket.id, queue, n, day, priority)
        self.model.people.append(person)
        self.model.say(
            "TicketIssued",
            person,
            letter=queue,
            n=n,
            service_day=day.isoformat(),
            channel="web",
            priority=priority,
            items=[],
            person=None,
            commitment=None,
        )
        assert ticket.number == person.number

    def a_window_opens(self, name: str) -> None:
        self._window(name, "open", {"closed", "paused"}, "WindowOpened")

    @rule(name=WINDOWS, verb=st.sampled_from(["open", "open", "pause", "close"]))
    def a_window_changes(self, name: str, verb: str) -> None:
        if verb == "open":
            self.a_window_opens(name)
            return
        sources = {"open"} if verb == "pause" else {"open", "paused"}
        self._window(name, verb, sources, "WindowPaused" if verb == "pause" else "WindowClosed")

    def _window(self, name: str, verb: str, sources: set[str], kind: str) -> None:
        desk = self.model.desks[name]
        if desk.state == SITS[verb]:
            self.hall.change_window(name, verb)
        elif desk.state in sources:
            self.hall.change_window(name, verb)
            desk.state = SITS[verb]
            self.model.say_window(kind, name)
        else:
            with pytest.raises(WrongState):
                self.hall.change_window(name, verb)

    # Hypothesis leaves some rules out of each play: what matters most has more than one.

    @rule(data=st.data())
    def a_window_calls(self, data: st.DataObject) -> None:
        self._call(data, finish=False)

    @rule(data=st.data())
    def a_window_finishes_and_calls(self, data: st.DataObject) -> None:
        self._call(data, finish=True)

    def _call(self, data: st.DataObject, *, finish: bool) -> None:
        """Most of the time at an open window."""
        open_ = [name for name, desk in self.model.desks.items() if desk.state == "open"]
        prefer = bool(open_) and data.draw(st.integers(0, 5)) > 0
        self._call_to(data.draw(st.sampled_from(open_) if prefer else WINDOWS), finish=finish)

    def _call_to(self, name: str, *, finish: bool) -> None:
        desk, here = self.model.desks[name], self.model.at(name)
        if desk.state != "open":
            with pytest.raises(WindowNotOpen):
                self.hall.call_next(name, finish=finish)
            return
        if here is not None and not finish:
            with pytest.raises(WindowBusy):
                self.hall.call_next(name)
            return
        called = self.hall.call_next(name, finish=finish)
        desk.turns += 1
        if here is not None:
            self._done(here)
        firsts = {line[0].id: line[0] for queue in TOWN_WINDOWS[name] if (line := self.model.line([queue]))}
        assert (called is None) == (not firsts)
        if called:  # which of several queues goes first is the discipline's own matter
            self._called(firsts[called.id], name, desk.turns)

    def _called(self, person: Person, name: str, turn: int) -> None:
        person.state, person.window, person.claim = "called", self.model.window_id(name), turn
        person.calls += 1
        self.model.say(
            "TicketCalled", person, **self._where(person, name), claim=turn, by="next", instead_of=None
        )

    def _done(self, person: Person) -> None:
        imputed, person.state = person.state == "called", "finished"
        self.model.say(
            "TicketFinished", person, window=person.window, claim=person.claim, start_imputed=imputed
        )

    def _where(self, person: Person, name: str) -> dict[str, object]:
        return {"service_day": person.day.isoformat(), "window": person.window, "window_name": name}

    @precondition(lambda self: self.model.at_windows())
    @rule(data=st.data(), verb=st.sampled_from(["start", "recall"]))
    def somebody_sits_down_or_is_called_again(self, data: st.DataObject, verb: str) -> None:
        self._press(data.draw(st.sampled_from(self.model.at_windows())), verb)

    @precondition(lambda self: self.model.at_windows())
    @rule(data=st.data(), verb=st.sampled_from(["missed", "finish"]))
    def somebody_did_not_come_or_is_done(self, data: st.DataObject, verb: str) -> None:
        self._press(data.draw(st.sampled_from(self.model.at_windows())), verb, claim="right")

    @precondition(lambda self: self.model.people)
    @rule(data=st.data(), verb=st.sampled_from(sorted(LEADS)), claim=st.sampled_from(["stale", "none"]))
    def somebody_presses_too_late(self, data: st.DataObject, verb: str, claim: str) -> None:
        self._press(data.draw(st.sampled_from(self.model.people)), verb, claim)

    def _press(self, person: Person, verb: str, claim: str = "none") -> None:
        sources, target = LEADS[verb]
        number = {"none": None, "right": person.claim, "stale": (person.claim or 0) + 1}[claim]
        if person.state not in sources or claim == "stale":
            with pytest.raises(WrongState if person.state not in sources else StaleClaim):
                self.hall.do(verb, person.id, claim=number)
            return
        self.hall.do(verb, person.id, claim=number)
        if verb == "finish":
            self._done(person)
            return
        person.state = target
        if verb == "recall":
            person.calls += 1
            where = self._where(person, str(person.window).rpartition("-")[2])
            self.model.say("TicketRecalled", person, **where, claim=person.claim, times=person.calls)
        else:
            self.model.say(KINDS[verb], person, window=person.window, claim=person.claim)

    @precondition(lambda self: self.model.people)
    @rule(data=st.data())
    def somebody_gives_up(self, data: st.DataObject) -> None:
        self._gives_up(data.draw(st.sampled_from(self.model.people)))

    def _gives_up(self, person: Person) -> None:
        if person.state in ("waiting", "missed"):
            self.hall.do("cancel", person.id)
            self.model.say("TicketCancelled", person, was=person.state)
            person.state = "cancelled"
        else:
            with pytest.raises(WrongState):
                self.hall.do("cancel", person.id)

    @rule(hours=st.sampled_from([None] * 6 + [0, 24]))
    def the_day_ends(self, hours: int | None) -> None:
        """The same evening, after which the hall may open once more; or the next morning; or not yet."""
        if hours is None:
            return
        self.hall.pass_time(hours=hours)
        if self.hall.now.weekday() == 5:
            self.hall.pass_time(hours=48)
        before = self.hall.now.date() + timedelta(days=0 if hours else 1)
        ended = self.hall.end_day(before)
        left = [p for p in self.model.people if p.state in ("waiting", "called", "missed") and p.day < before]
        for person in left:
            self.model.say("TicketExpired", person, was=person.state)
            person.state = "expired"
        assert ended == len(left)
        for name, desk in self.model.desks.items():
            if desk.state != "closed" and self.model.at(name) is None:
                desk.state = "closed"
                self.model.say_window("WindowClosed", name)

    # --- what holds after each ---

    @invariant()
    def hall_and_model_agree(self) -> None:
        with self.database.reading() as session:
            rows = list(session.scalars(select(Ticket).where(Ticket.hall == self.model.hall)))
            self._tickets_are_as_the_model_says(rows)
            desks = {window.name: window for window in finding.windows_of(session, self.model.hall)}
            for name, desk in self.model.desks.items():
                assert (desks[name].state, desks[name].claim) == (desk.state, desk.turns)
            news = log.entries_after(session, self.model.hall, self.seen)
            assert [(entry.kind, entry.data) for entry in news] == self.model.history
            for queue in "AD":
                for place, person in enumerate(self.model.line([queue])):
                    assert lines.ahead(session, session.get_one(Ticket, person.id)) == place

    def _tickets_are_as_the_model_says(self, rows: list[Ticket]) -> None:
        stands = {
            row.id: (row.number, row.service_day, row.state, row.window, row.claim, row.calls) for row in rows
        }
        assert stands == {
            person.id: (person.number, person.day, person.state, person.window, person.claim, person.calls)
            for person in self.model.people
        }
        here = [row.window for row in rows if row.state in ("called", "serving")]
        assert len(here) == len(set(here))
        numbers: dict[tuple[date, str], list[int]] = {}
        for row in rows:
            numbers.setdefault((row.service_day, row.letter), []).append(row.n)
        assert all(sorted(given) == list(range(1, len(given) + 1)) for given in numbers.values())


def play(standing: Standing, **chosen: Any) -> None:  # noqa: ANN401 - what Hypothesis takes
    """Play days of deeds; each kind of news must have come up."""
    played: Counter[str] = Counter()
    machine = type("Hall", (HallMachine,), {"database": standing.restore(), "played": played})
    told = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, **chosen)
    run_state_machine_as_test(machine, settings=told)
    assert not {*TICKET_NEWS, *WINDOW_NEWS} - set(played), played


def test_a_hall_does_what_the_model_does(standing: Standing) -> None:
    """The same plays each time. The soak plays others, and looks for the shortest that fails."""
    play(standing, max_examples=8, stateful_step_count=40, derandomize=True, phases=[Phase.generate])


@pytest.mark.soak
def test_a_hall_does_what_the_model_does_for_many_days(standing: Standing) -> None:
    play(standing, max_examples=400, stateful_step_count=100)
