"""What the log says as happenings is what the tables say, whatever was done and taken back."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from dispatch.foundation.errors import Refusal
from dispatch.foundation.transitions import WrongState
from dispatch.halls.models import Window
from dispatch.learning import hall_logs
from dispatch.learning.happenings import Happening, Kind
from dispatch.learning.learner import Learner
from dispatch.learning.reading import Reading, Said
from dispatch.tickets import arriving
from dispatch.tickets import finding as tickets
from dispatch.tickets.models import Ticket
from tests import standing_city
from tests.journeys.walkers import arrive, set_out
from tests.standing_city import CARD, CITIZEN, CITY_HALL, RENEWAL, TRADE, ZONE, Town, town_spec

Stands = tuple[dict[str, str], dict[str, str], dict[str, tuple[str, ...]]]


def told(happenings: list[Happening]) -> Stands:
    """Who stands in which line, who is at which window, which windows are open for what: by the happenings."""
    line: dict[str, str] = {}
    at: dict[str, str] = {}
    opened: dict[str, tuple[str, ...]] = {}
    for each in happenings:
        if each.kind is Kind.OPENED:
            opened[each.window] = each.queues
        elif each.kind is Kind.CLOSED:
            del opened[each.window]
        elif each.kind is Kind.ISSUED:
            line[each.ticket] = each.queue
            at.pop(each.ticket, None)
        elif each.kind is Kind.CALLED:
            line.pop(each.ticket, None)
            at[each.ticket] = each.window
        elif each.kind is Kind.STARTED:
            assert at[each.ticket] == each.window
        else:
            gone = line.pop(each.ticket, None), at.pop(each.ticket, None)
            assert any(gone), each
    return line, at, opened


def tables(town: Town) -> Stands:
    """The same by the tables."""
    with town.database.reading() as session:
        every = session.scalars(select(Ticket).where(Ticket.hall == town.code)).all()
        windows = session.scalars(select(Window).where(Window.hall == town.code)).all()
        return (
            {each.id: each.queue for each in every if each.state == "waiting"},
            {each.id: str(each.window) for each in every if each.state in ("called", "serving")},
            {each.id: tuple(each.queues) for each in windows if each.state == "open" and not each.lapsed},
        )


def read(town: Town, reading: Reading | None = None) -> list[Happening]:
    with town.database.reading() as session:
        return list(hall_logs.happenings_of(session, reading or Reading(town.code)))


NEXT = {
    "waiting": ("cancel", "void", "move", "move", "send", "arrive"),
    "called": (
        "start",
        "start",
        "start",
        "missed",
        "missed",
        "park",
        "finish",
        "void",
        "move",
        "recall",
        "send",
    ),
    "serving": ("finish", "finish", "finish", "park", "park", "move", "change", "void"),
    "parked": ("resume", "resume", "move", "void", "cancel"),
    "missed": ("reactivate", "reactivate", "void", "cancel"),
}
"""What may be done next to a ticket in this state."""


class Play:
    """Deeds by chance; what the hall refuses is left undone."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town, self.rng = town, random.Random(seed)
        self.known: list[str] = []

    def run(self, deeds: int) -> None:
        for _ in range(deeds):
            self.town.pass_time(seconds=self.rng.choice([1, 5, 15, 30]))
            try:
                self.rng.choices(*zip(*DEEDS, strict=True))[0](self)
            except (Refusal, WrongState):
                continue

    def window(self) -> str:
        return self.rng.choice("1234")

    def come(self) -> None:
        items = self.rng.choice([(), (), (CARD,), (RENEWAL, CARD), (TRADE,)])
        channel = self.rng.choice(["web", "kiosk", "counter"])
        queue = None if items else self.rng.choice("DDA")
        self.known.append(self.town.take(queue, items=items, channel=channel).id)

    def call(self) -> None:
        self.town.call_next(self.window(), finish=self.rng.random() < 0.7)

    def call_by_number(self) -> None:
        self.town.call_number(self.window(), self.rng.choice(self.known))

    def call_several(self) -> None:
        self.town.call_group(self.window(), 3, finish=True)

    def serve(self) -> None:
        self.known.append(self.town.serve(self.window()).id)

    def press(self) -> None:
        """Somebody is dealt with; now and then that was a mis-click."""
        with self.town.database.reading() as session:
            rows = session.execute(select(Ticket.id, Ticket.state).where(Ticket.id.in_(self.known)))
            states = {row.id: row.state for row in rows if row.state in NEXT}
        going = [(ticket, states[ticket]) for ticket in self.known if ticket in states]
        if not going:
            return
        ticket, state = self.rng.choice([*(each for each in going if each[1] != "waiting"), *going[-3:]])
        verb = self.rng.choice(NEXT[state])
        self._do(verb, ticket)
        if self.rng.random() < 0.3:
            self.town.pass_time(seconds=10)
            self.town.do("undo", ticket, **({"actor": CITIZEN} if verb == "cancel" else {}))

    def _do(self, verb: str, ticket: str) -> None:
        if verb == "move":
            goals = self.town.goal(queue="A"), self.town.goal(queue="D"), self.town.goal(window=self.window())
            self.town.do("move", ticket, goal=self.rng.choice(goals))
        elif verb == "resume":
            self.town.do("resume", ticket, window=self.town.window_id(self.window()))
        elif verb == "send":
            self.town.do("send", ticket)
            self.town.hear()
        elif verb == "arrive":
            with self.town.database.work() as session:
                arriving.arrive(session, tickets.ticket(session, ticket), now=self.town.now, actor=CITIZEN)
        else:
            self.town.do(verb, ticket)

    def take_a_call_back(self) -> None:
        if ticket := self.town.call_next(self.window(), finish=True):
            self.town.do("undo", ticket.id)

    def change_window(self) -> None:
        self.town.change_window(
            self.window(), self.rng.choice(["open", "open", "open", "open", "pause", "close"])
        )

    def reconfigure(self) -> None:
        spec = town_spec()
        first = replace(spec.windows[0], queues=self.rng.choice([["D"], ["A"], ["D", "A"]]))
        standing_city.configure(
            self.town.database, replace(spec, windows=[first, *spec.windows[1:]]), now=self.town.now
        )

    def fall_silent(self) -> None:
        self.town.pass_time(seconds=100)
        self.town.let_lapse()


DEEDS: list[tuple[Callable[[Play], None], int]] = [
    (Play.come, 12),
    (Play.call, 10),
    (Play.call_by_number, 2),
    (Play.call_several, 1),
    (Play.serve, 1),
    (Play.press, 22),
    (Play.take_a_call_back, 2),
    (Play.change_window, 4),
    (Play.reconfigure, 1),
    (Play.fall_silent, 1),
]
PLAYED = {
    f"Ticket{did}"
    for did in ("Undone", "Moved", "Kept", "Parked", "Resumed", "Missed", "Reactivated", "Sent")
}


def test_a_log_read_as_happenings_leads_where_the_tables_stand(town: Town) -> None:
    play = Play(town, seed=1)
    town.open("1", "2", "3", "4")
    play.known += [town.take("D").id for _ in range(4)]
    for _ in range(8):
        play.run(50)
        assert told(read(town)) == tables(town)
    assert set(town.kinds()) >= PLAYED
    town.pass_time(days=1)
    town.end_day()
    assert told(read(town)) == tables(town)
    _goes_on_where_it_stood(town, random.Random(2))


def _goes_on_where_it_stood(town: Town, rng: random.Random) -> None:
    """Read in steps of any length, through JSON, it is what it is read at once; and it can be learned."""
    at_once = read(town)
    reading, steps = Reading(town.code), []
    learner = Learner(ZONE)
    with town.database.reading() as session:
        while True:
            most = rng.randrange(1, 40)
            before = reading.seq
            found = list(hall_logs.happenings_of(session, reading, most=most))
            steps += found
            for happening in found:
                learner.see(happening)
            if reading.seq == before:
                break
            reading = Reading(town.code, json.loads(json.dumps(reading.plain())))
            learner = Learner(ZONE, json.loads(json.dumps(learner.plain())))
    assert steps == at_once
    whole = Learner(ZONE)
    for happening in at_once:
        whole.see(happening)
    assert json.loads(json.dumps(learner.plain())) == json.loads(json.dumps(whole.plain()))
    times = [happening.at for happening in at_once]
    assert times == sorted(times)


def kinds(town: Town, ident: str) -> list[str]:
    return [each.kind.value for each in read(town) if each.ticket == ident]


def test_who_is_finished_by_the_call_of_the_next_and_both_taken_back(town: Town) -> None:
    town.open("1")
    first, second = town.take("D").id, town.take("D").id
    town.called("1")
    town.called_after("1")
    town.do("undo", second)
    assert kinds(town, first) == ["issued", "called", "finished", "called"]
    assert kinds(town, second) == ["issued", "called", "issued"]


def test_whoever_is_moved_on_from_a_window_that_served_her_was_done_there(town: Town) -> None:
    town.open("1")
    ticket = town.take("D", items=[CARD]).id
    town.called("1")
    town.do("start", ticket)
    town.do("move", ticket, goal=town.goal(queue="A"))
    found = [(each.kind.value, each.queue, each.item) for each in read(town) if each.ticket == ticket]
    assert found == [
        ("issued", "D", CARD),
        ("called", "D", CARD),
        ("started", "D", CARD),
        ("finished", "D", CARD),
        ("issued", "A", ""),
    ]


def test_who_she_is_and_who_serves_her(town: Town) -> None:
    town.open("1")
    town.take("D", items=[CARD, RENEWAL], channel="app")
    town.called("1")
    issued, called = (each for each in read(town) if each.ticket)
    assert (issued.remote, issued.item) == (True, "")  # for two things at once
    assert (called.window, called.clerk) == (town.window_id("1"), standing_city.CLERK.id)
    town.do("finish", called.ticket)
    assert read(town)[-1].imputed


def test_one_who_was_never_heard_of_is_taken_as_she_comes(town: Town) -> None:
    town.open("1")
    town.take("D")
    ticket = town.called("1")
    town.pass_time(minutes=1)
    with town.database.reading() as session:
        reading = hall_logs.begin(session, town.code, town.now - timedelta(seconds=1))
    town.do("finish", ticket.id)
    (happening,) = read(town, reading)
    assert (happening.kind, happening.queue, happening.item) == (Kind.FINISHED, "D", "")
    town.open("3")
    assert read(town, reading)[-1].queues == ("D", "A")
    assert reading.seq == len(town.entries())


def test_one_whom_no_other_hall_takes_stands_here_again(town: Town) -> None:
    ticket = town.take("A", items=[TRADE]).id
    town.do("send", ticket, goal=town.goal(hall=CITY_HALL))
    town.hear()
    assert town.ticket(ticket).state == "waiting"
    assert kinds(town, ticket) == ["issued", "left", "issued"]


def test_who_has_come_and_wants_something_else_is_called_as_such(town: Town) -> None:
    town.open("1")
    ticket = town.take("D", items=[CARD], channel="app").id
    with town.database.work() as session:
        arriving.arrive(session, tickets.ticket(session, ticket), now=town.now, actor=CITIZEN)
    town.called("1")
    town.do("change", ticket, items=[town.wanted(RENEWAL)])
    town.do("finish", ticket)
    _, called, finished = (each for each in read(town) if each.ticket)
    assert (called.remote, called.item) == (False, CARD)
    assert finished.item == RENEWAL


def test_who_comes_by_a_journey_had_been_expected(town: Town) -> None:
    arrive(town, set_out(town).id)
    kinds = [each.kind for each in read(town)]
    assert kinds == [Kind.ISSUED, Kind.EXPECTED]


def test_unknown_kinds_say_nothing() -> None:
    reading = Reading("h")
    anything: dict[str, Any] = {"whatever": 1}
    assert reading.read(Said(7, "SomethingElse", 0.0, "system:x", anything)) == []
    assert reading.seq == 7
