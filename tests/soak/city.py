"""Tickets through HTTP by the thousand: eight callers take numbers and call, in many halls at once."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from benchmarks.client import Ask, Callers, Done
from benchmarks.counter import Place
from benchmarks.standing_halls import QUEUE
from dispatch.foundation.log import LogEntry, faults
from dispatch.tickets.models import NumberSeries, Ticket

AT_ONCE = 250
"""Calls of one caller before all wait for each other."""


@dataclass
class Heard:
    """What the callers were answered: the numbers of each hall, and every ticket that was called."""

    numbers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    issued: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    refused: list[tuple[int, bytes]] = field(default_factory=list)

    def note(self, done: list[Done]) -> int:
        """Take in the answers of a round; how many windows found nobody waiting."""
        nobody = 0
        for answer in (answer for each in done for answer in each.answers):
            if answer.status == 204:
                nobody += 1
            elif answer.status == 201:
                told = answer.json()
                self.numbers[told["hall"]].append(told["number"])
                self.issued.append(told["id"])
            elif answer.status == 200:
                self.called.append(answer.json()["id"])
            else:
                self.refused.append((answer.status, answer.body))
        return nobody


def play(place: Place, callers: Callers, tickets: int, seed: int = 1) -> Heard:
    """Issue so many tickets, calling all along, then call until nobody waits anywhere."""
    heard, chance, left = Heard(), random.Random(seed), tickets
    while left:
        part = min(left, AT_ONCE * len(callers))
        shares = [part // len(callers) + (rank < part % len(callers)) for rank in range(len(callers))]
        heard.note(callers.round([_turns(place, chance, share) for share in shares], keep=True)[1])
        left -= part
    every = [call(place, hall, n) for hall in place.city.halls for n in range(1, place.city.windows + 1)]
    rounds = [every[rank :: len(callers)] for rank in range(len(callers))]
    while heard.note(callers.round(rounds, keep=True)[1]) < len(every):
        pass
    return heard


def _turns(place: Place, chance: random.Random, count: int) -> list[Ask]:
    """So many numbers taken, and as many presses of *next*, somewhere in the city."""
    asks = []
    for _ in range(count):
        asks.append(issue(place, chance.choice(place.city.halls)))
        asks.append(call(place, chance.choice(place.city.halls), chance.randint(1, place.city.windows)))
    return asks


def issue(place: Place, hall: str) -> Ask:
    """A number taken at the counter."""
    body = {"hall": hall, "queue": QUEUE, "channel": "counter"}
    return Ask("/api/v1/tickets", body, place.city.token, keyed=True)


def call(place: Place, hall: str, window: int) -> Ask:
    """The window is done with whoever was there, and calls the next."""
    path = f"/api/v1/windows/{place.city.window(hall, window)}/call-next"
    return Ask(path, {"finish": True}, place.city.token, keyed=True)


def check(place: Place, heard: Heard, tickets: int) -> list[dict[str, object]]:
    """What was answered, what the rows say and what the logs tell must be one and the same; as a table."""
    assert not heard.refused, heard.refused[:3]
    assert len(heard.issued) == len(set(heard.issued)) == tickets
    assert sorted(heard.called) == sorted(heard.issued)
    for hall, numbers in heard.numbers.items():
        assert sorted(numbers) == sorted(f"A{n:03d}" for n in range(1, len(numbers) + 1)), hall
    told = {hall: len(numbers) for hall, numbers in heard.numbers.items()}
    with place.database.reading() as session:
        counted = session.execute(select(Ticket.hall, func.count()).group_by(Ticket.hall))
        rows = {row[0]: row[1] for row in counted}
        series = session.execute(select(NumberSeries.hall, NumberSeries.last))
        last = {row[0]: row[1] for row in series}
        waiting = session.scalar(select(func.count()).where(Ticket.state == "waiting"))
        assert (rows, last, waiting) == (told, told, 0)
        called = _called(session, place.city.halls)
        assert called == dict.fromkeys(heard.issued, 1)
        broken = [fault for hall in place.city.halls for fault in faults(session, hall)]
    assert not broken
    return [
        {"what": "halls", "figure": len(place.city.halls)},
        {"what": "tickets", "figure": tickets},
        {"what": "doubled numbers", "figure": 0},
        {"what": "gaps", "figure": 0},
        {"what": "people called twice", "figure": 0},
        {"what": "faults of the logs", "figure": 0},
    ]


def _called(session: Any, halls: list[str]) -> dict[str, int]:  # noqa: ANN401 - a session
    """How often each ticket was called, by the logs."""
    found: dict[str, int] = defaultdict(int)
    for hall in halls:
        wanted = select(LogEntry).where(LogEntry.hall == hall, LogEntry.kind == "TicketCalled")
        for entry in session.scalars(wanted):
            found[entry.data["ticket"]] += 1
    return dict(found)
