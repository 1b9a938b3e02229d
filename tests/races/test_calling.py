"""The real verbs under the same load: each person once, each number once."""

import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from dispatch.foundation.database import Database
from dispatch.halls.configuring import WindowSpec
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import WindowBusy
from tests import standing_city
from tests.races import bench
from tests.standing_city import Town, town_spec

PROCESSES = 8
PEOPLE = 400


def eight_windows(database: Database) -> Town:
    """The town's hall with a window for each process, all open, all calling from one line."""
    standing_city.build(database)
    desks = [WindowSpec(str(n), str(n), str(n), "general", ["D"]) for n in range(1, PROCESSES + 1)]
    standing_city.configure(database, town_spec(windows=desks))
    town = Town(database)
    town.open(*(window.name for window in desks))
    return town


@pytest.fixture
def busy_town(postgresql_url: str) -> Iterator[Town]:
    database = Database(postgresql_url)
    yield eight_windows(database)
    database.dispose()


def test_eight_processes_lose_and_double_nobody(busy_town: Town) -> None:
    told = bench.run_processes(bench.issue_and_call, busy_town.database.url, PROCESSES)
    check(busy_town, [what for part in told for what in part])


def test_eight_threads_on_sqlite_lose_and_double_nobody(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    town = eight_windows(database)
    gate = threading.Barrier(PROCESSES)
    parts = [lambda rank=rank: bench.issue_and_call(sqlite_url, rank, gate) for rank in range(PROCESSES)]
    told = bench.run_threads(parts)
    assert not [part for part in told if isinstance(part, BaseException)]
    check(town, [what for part in told if not isinstance(part, BaseException) for what in part])
    database.dispose()


def check(town: Town, told: list[bench.Told]) -> None:
    """What the processes were answered, what the rows say and what the log tells: one and the same."""
    assert {name for name, _ in told} <= {"issued", "called"}, Counter(
        what for what in told if what[0] == "refused"
    )
    numbers = Counter(what for name, what in told if name == "issued")
    assert numbers == Counter(f"D{n:03d}" for n in range(1, PEOPLE + 1))
    called = Counter(what for name, what in told if name == "called" and what is not None)
    assert (len(called), set(called.values())) == (PEOPLE, {1})
    log = [(entry.kind, entry.data) for entry in town.entries()]
    assert [data["n"] for kind, data in log if kind == "TicketIssued"] == list(range(1, PEOPLE + 1))
    assert Counter(data["ticket"] for kind, data in log if kind == "TicketCalled") == called
    assert town.faults() == []
    assert overtaken(log) == []


def overtaken(log: list[tuple[str, dict[str, object]]]) -> list[object]:
    """Who was called before somebody whose call had been possible earlier, by the log's own order."""
    waiting: list[object] = []
    wrong = []
    for kind, data in log:
        if kind == "TicketIssued":
            waiting.append(data["ticket"])
        elif kind == "TicketCalled":
            # The windows that called at the same moment may be written in another order than they chose in.
            if waiting.index(data["ticket"]) >= PROCESSES:
                wrong.append(data["number"])
            waiting.remove(data["ticket"])
    return wrong


def test_the_loser_of_a_race_gets_the_next(town: Town) -> None:
    town.open("1", "2", "3")
    people = [town.take("D").id for _ in range(3)]
    called = bench.run_threads([lambda name=name: town.called(name).id for name in "123"])  # type: ignore[misc]
    assert sorted(map(str, called)) == sorted(people)


def test_pressing_twice_calls_once(town: Town) -> None:
    town.open("1")
    for _ in range(12):
        first = town.take("D")
        town.take("D")
        results = bench.run_threads([lambda: town.call_next("1")] * 2)
        calls = [result for result in results if isinstance(result, Ticket)]
        refusals = [result for result in results if not isinstance(result, Ticket)]
        assert (len(calls), [type(refusal) for refusal in refusals]) == (1, [WindowBusy])
        town.do("finish", calls[0].id)
        assert town.ticket(first.id).state in ("finished", "waiting")


def test_pressing_finish_and_next_twice_never_leaves_two_at_the_window(town: Town) -> None:
    """Both presses count: whom the first one called, the second one finishes. The claim is what tells."""
    town.open("1")
    for _ in range(6):
        town.take("D")
    results = bench.run_threads([lambda: town.call_next("1", finish=True)] * 2)
    assert all(isinstance(result, Ticket) for result in results)
    assert [kind for kind in town.kinds() if kind.startswith("Ticket") and kind != "TicketIssued"] == [
        "TicketCalled",
        "TicketFinished",
        "TicketCalled",
    ]


def test_of_a_call_and_a_cancel_at_the_same_moment_one_wins(town: Town) -> None:
    town.open("1")
    for _ in range(12):
        person = town.take("D")
        call, cancel = bench.run_threads(
            [lambda: town.call_next("1"), lambda: town.do("cancel", person.id)]  # noqa: B023 - run at once
        )
        state = town.ticket(person.id).state
        if state == "called":
            assert isinstance(call, Ticket)
            assert isinstance(cancel, Exception)
            town.do("finish", person.id)
        else:
            assert state == "cancelled"
            assert call is None
    assert town.faults() == []


def test_of_two_verbs_at_the_same_moment_one_wins(town: Town) -> None:
    town.open("1")
    for _ in range(12):
        person = town.take("D")
        town.call_next("1")
        results = bench.run_threads(
            [lambda verb=verb: town.do(verb, person.id) for verb in ("missed", "finish")]  # type: ignore[misc] # noqa: B023
        )
        assert sum(isinstance(result, Ticket) for result in results) == 1
    assert town.faults() == []


# --- windows ------------------------------------------------------------------------------------------


def test_opening_a_window_twice_at_the_same_moment_opens_it_once_and_troubles_nobody(town: Town) -> None:
    """Asking for the state that it is in changes nothing; that holds for who asks a moment too late, too."""
    for _ in range(8):
        before = len(town.entries())
        results = bench.run_threads([lambda: town.change_window("1", "open")] * 3)
        assert results == [None, None, None]
        assert len(town.entries()) == before + 1
        town.change_window("1", "close")
