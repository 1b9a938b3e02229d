"""Processes and threads that do the same at the same moment.

Lives in a module of its own, since a spawned process must be able to import what it is to run.
"""

import threading
from collections.abc import Callable, Sequence
from multiprocessing.queues import Queue
from typing import Protocol, TypeVar

from sqlalchemy import func, insert, select, update

from dispatch.foundation.database import Database
from dispatch.foundation.errors import Refusal
from dispatch.foundation.ids import new_id
from dispatch.tickets.models import Ticket
from tests.patience import PATIENCE_S, be_patient
from tests.processes import START
from tests.standing_city import MORNING, TOWN_HALL, Town

T = TypeVar("T")
Told = tuple[str, object]


class Gate(Protocol):
    """Where all wait until the last has come: a barrier of threads or of processes."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the others."""

    def abort(self) -> None:
        """Nobody need wait any longer."""


Part = Callable[[str, int, Gate], list[Told]]


def run_processes(part: Part, url: str, count: int) -> list[list[Told]]:
    """Run this part in so many new processes, which begin together; what each tells, in no order."""
    gate = START.Barrier(count)
    told: Queue[list[Told]] = START.Queue()
    processes = [START.Process(target=_run, args=(part, url, rank, gate, told)) for rank in range(count)]
    for process in processes:
        process.start()
    try:
        return [told.get(timeout=2 * PATIENCE_S) for _ in processes]
    finally:
        for process in processes:
            process.join(PATIENCE_S)
            if process.is_alive():
                process.kill()


def _run(part: Part, url: str, rank: int, gate: Gate, told: "Queue[list[Told]]") -> None:
    be_patient()
    try:
        told.put(part(url, rank, gate))
    except BaseException as error:  # the test must hear of it
        gate.abort()
        told.put([("broke", f"{type(error).__name__}: {error}")])


def run_threads(deeds: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """Run these at the same instant in threads; what each gave back, or what it raised, in their order."""
    gate = threading.Barrier(len(deeds))
    results: list[T | BaseException] = [RuntimeError("never ended")] * len(deeds)

    def do(index: int) -> None:
        gate.wait(PATIENCE_S)
        try:
            results[index] = deeds[index]()
        except BaseException as error:  # told to the test's thread
            results[index] = error

    threads = [threading.Thread(target=do, args=(index,)) for index in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE_S)
    return results


# --- without the guards -------------------------------------------------------------------------------


def call_naively(url: str, rank: int, gate: Gate) -> list[Told]:
    """Read who waits first, then write that she is called: two statements and nothing between them."""
    database = Database(url)
    told: list[Told] = []
    gate.wait(PATIENCE_S)
    while True:
        with database.engine.begin() as connection:
            waiting = select(Ticket.id).where(Ticket.hall == TOWN_HALL, Ticket.state == "waiting")
            first = connection.execute(waiting.order_by(Ticket.n).limit(1)).scalar()
            if first is None:
                break
            connection.execute(update(Ticket).where(Ticket.id == first).values(state="finished"))
            told.append(("called", first))
    database.dispose()
    return told


def number_naively(url: str, rank: int, gate: Gate) -> list[Told]:
    """The highest number so far and one more, as a table without a series would do it."""
    database = Database(url)
    told: list[Told] = []
    row = {
        "hall": TOWN_HALL,
        "queue": "D",
        "letter": "D",
        "service_day": MORNING.date(),
        "state": "waiting",
        "priority": "none",
        "channel": "web",
        "items": [],
        "issued_at": MORNING,
        "place": MORNING,
        "calls": 0,
    }
    gate.wait(PATIENCE_S)
    for _ in range(40):
        with database.engine.begin() as connection:
            n = (connection.execute(select(func.max(Ticket.n))).scalar() or 0) + 1
            connection.execute(insert(Ticket).values(**row, id=new_id(), n=n))
            told.append(("issued", n))
    database.dispose()
    return told


# --- with them ----------------------------------------------------------------------------------------


def issue_and_call(url: str, rank: int, gate: Gate) -> list[Told]:
    """Fifty people come and the window calls as many, turn by turn, until the line is empty."""
    town = Town(Database(url))
    window = str(rank + 1)
    told: list[Told] = []
    gate.wait(PATIENCE_S)
    for _ in range(50):
        told += _deed("issued", lambda: town.take("D").number)
        told += _deed("called", lambda: _called(town, window))
    empty = 0
    while empty < 3:
        done = _deed("called", lambda: _called(town, window))
        empty = empty + 1 if done == [("called", None)] else 0
        told += done
    town.database.dispose()
    return told


def _called(town: Town, window: str) -> str | None:
    ticket = town.call_next(window, finish=True)
    return ticket.id if ticket else None


def _deed(name: str, do: Callable[[], object]) -> list[Told]:
    try:
        return [(name, do())]
    except Refusal as refusal:
        return [("refused", refusal.code)]
