"""Two who end one journey, or begin the last one, at the same moment. Without the guards the bench shows the race."""

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from sqlalchemy import func, select, update

from dispatch.foundation import log
from dispatch.foundation.database import Database
from dispatch.foundation.ids import new_id
from dispatch.foundation.prepared import put
from dispatch.journeys import beginning, ending
from dispatch.journeys.beginning import AT_LEAST
from dispatch.journeys.models import Journey
from dispatch.journeys.refusals import ManyUnderWay, UnderWayAlready
from tests import standing_city
from tests.journeys.walkers import arrive, give_up, let_expire, set_out, under_way
from tests.races.bench import run_threads
from tests.standing_city import Town

TRIES = 6


@pytest.fixture
def crowd(postgresql_url: str) -> Iterator[Town]:
    """The town's hall on a PostgreSQL of its own."""
    with Database(postgresql_url) as database:
        standing_city.build(database)
        yield Town(database)


def ends(town: Town) -> list[str]:
    """The ends that the hall's log tells."""
    return [kind for kind in town.kinds() if kind.startswith("Journey") and kind != "JourneyBegun"]


def test_a_naive_end_is_told_twice(crowd: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look first whether she is under way, then write that she is not: two arrivals end one journey."""
    both = threading.Barrier(2)

    class Naive:
        def first(self, session: object, **told: object) -> object:
            row = session.get_one(Journey, told["of"])  # type: ignore[attr-defined]
            was = row.state
            both.wait(30)
            written = (
                update(Journey).where(Journey.id == told["of"]).values(state="joined", ended_at=told["at"])
            )
            session.execute(written)  # type: ignore[attr-defined]
            return row if was == "under_way" else None

    monkeypatch.setattr(ending, "_END", Naive())
    journey = set_out(crowd)
    told = run_threads([partial(arrive, crowd, journey.id, ticket) for ticket in ("one", "other")])
    assert told == [True, True]
    assert ends(crowd) == ["JourneyJoined", "JourneyJoined"]


def test_of_two_arrivals_with_one_journey_one_ends_it(crowd: Town) -> None:
    for nth in range(1, TRIES + 1):
        journey = set_out(crowd)
        told = run_threads([partial(arrive, crowd, journey.id, ticket) for ticket in ("one", "other")])
        assert sorted(map(bool, told)) == [False, True]
        assert ends(crowd) == ["JourneyJoined"] * nth
    assert under_way(crowd) == []
    assert crowd.faults() == []


def test_whoever_arrives_gives_up_and_is_overdue_at_once_ends_once(crowd: Town) -> None:
    for nth in range(1, TRIES + 1):
        journey = set_out(crowd, travel_s=0.0)
        late = Town(crowd.database, now=journey.until.replace(year=2027))
        deeds: list[Callable[[], object]] = [
            partial(arrive, crowd, journey.id, "one"),
            partial(give_up, crowd, journey.id),
            partial(let_expire, late),
        ]
        run_threads(deeds)
        assert len(ends(crowd)) == nth
    assert under_way(crowd) == []
    assert crowd.faults() == []


def test_of_many_who_follow_one_advice_one_is_under_way(crowd: Town) -> None:
    told = run_threads([lambda: set_out(crowd, route="r") for _ in range(6)])
    assert [type(each) for each in told].count(Journey) == 1
    assert sum(isinstance(each, UnderWayAlready) for each in told) == 5


@pytest.mark.parametrize("guarded", [False, True])
def test_the_last_journeys_are_not_begun_twice(
    crowd: Town, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Whoever counts before the log's end is his counts without those who begin beside him."""
    monkeypatch.setattr(beginning, "PER_WINDOW", 0)
    if not guarded:
        all_wrote, all_counted = threading.Barrier(6), threading.Barrier(6)
        monkeypatch.setattr(log, "hold", lambda *_: all_wrote.wait(30))
        monkeypatch.setattr(beginning, "put", lambda *row: (all_counted.wait(30), put(*row))[1])
    for _ in range(AT_LEAST - 3):
        if guarded:
            set_out(crowd)
        else:
            _write_one(crowd)
    told = run_threads([lambda: set_out(crowd) for _ in range(6)])
    refused = sum(isinstance(each, ManyUnderWay) for each in told)
    assert len(under_way(crowd)) == (AT_LEAST if guarded else AT_LEAST + 3)
    assert refused == (3 if guarded else 0)


def _write_one(town: Town) -> None:
    """One under way, without a word to anybody."""
    with town.database.work() as session:
        count = session.scalar(select(func.count()).select_from(Journey))
        told = {
            "route": new_id(),
            "hall": town.code,
            "queue": "D",
            "state": "under_way",
            "spread_s": 1.0,
        }
        moments = {"begun_at": town.now, "arrives_at": town.now, "until": town.now}
        stops = [{"queue": "D", "items": [], "after_s": 0.0}]
        session.add(Journey(id=f"{count:032d}", stops=stops, **told, **moments))
