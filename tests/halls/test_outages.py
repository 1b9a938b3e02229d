"""What is out of order holds places, whatever overlaps, and ends by itself."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.foundation import log
from dispatch.foundation.access import system
from dispatch.foundation.errors import BadInput, NotFound
from dispatch.halls import finding, outages
from dispatch.halls.models import Outage
from dispatch.halls.outages import NOTHING_FROZEN, Frozen, Scope, Why
from tests.standing_city import CARD, CITY_HALL, DISTRICT_HALL, TOWN_HALL, TRADE, Town

WORKS = system("test")
POWER = Why("power", "变压器检修", "transformer works")


def begin(town: Town, scope: Scope, *, until: datetime | None = None, why: Why = POWER) -> Outage:
    with town.database.work() as session:
        place = finding.hall(session, town.code)
        return outages.begin(session, place, scope, why, until=until, now=town.now, actor=WORKS)


def end(town: Town, ident: str) -> None:
    with town.database.work() as session:
        row = outages.outage(session, ident, town.code)
        outages.end(session, row, now=town.now, actor=WORKS)


def begin_city(town: Town, scope: Scope, *, until: datetime | None = None) -> Outage:
    with town.database.work() as session:
        return outages.begin_city(session, scope, POWER, until=until, now=town.now, actor=WORKS)


def end_city(town: Town, ident: str) -> None:
    with town.database.work() as session:
        outages.end(session, outages.outage(session, ident, None), now=town.now, actor=WORKS)


def tell(town: Town, hall: str = TOWN_HALL) -> None:
    with town.database.work() as session:
        outages.tell(session, finding.hall(session, hall), now=town.now, actor=WORKS)


def frozen(town: Town, hall: str = TOWN_HALL) -> Frozen:
    with town.database.reading() as session:
        return outages.frozen(session, hall, town.now)


def test_nothing_is_frozen_while_everything_works(town: Town) -> None:
    assert frozen(town) == NOTHING_FROZEN
    assert not frozen(town)


def test_a_queue_is_frozen_until_it_works_again(town: Town) -> None:
    row = begin(town, Scope(queues=("D",)))
    assert frozen(town) == Frozen(queues=frozenset("D"))
    assert frozen(town, DISTRICT_HALL) == NOTHING_FROZEN
    end(town, row.id)
    assert frozen(town) == NOTHING_FROZEN


def test_the_log_tells_reasons_and_never_the_note(town: Town) -> None:
    until = town.now + timedelta(hours=1)
    begin(town, Scope(queues=("A", "D")), until=until)
    entry = town.entries()[-1]
    assert entry.kind == "OutageBegan"
    assert entry.data["reason"] == "power"
    assert datetime.fromisoformat(entry.data["until"]) == until
    assert "变压器" not in entry.body


def test_the_very_same_said_twice_is_one_outage(town: Town) -> None:
    first = begin(town, Scope(items=(CARD,)))
    before = town.head()
    assert begin(town, Scope(items=(CARD,))).id == first.id
    assert town.head() == before
    end(town, first.id)
    after = town.head()
    end(town, first.id)
    assert town.head() == after


def test_it_ends_by_itself_and_says_so_once(town: Town) -> None:
    begin(town, Scope(whole=True), until=town.now + timedelta(minutes=30))
    assert frozen(town).whole
    town.pass_time(minutes=30)
    assert frozen(town) == NOTHING_FROZEN
    tell(town)
    tell(town)
    entry = town.entries()[-1]
    assert (entry.kind, entry.data["run_out"]) == ("OutageEnded", True)
    assert town.kinds().count("OutageEnded") == 1


@pytest.mark.parametrize(
    "scope", [Scope(), Scope(queues=("D",), whole=True), Scope(queues=("D",), items=(CARD,))]
)
def test_an_outage_is_about_one_thing(town: Town, scope: Scope) -> None:
    with pytest.raises(BadInput):
        begin(town, scope)


def test_an_outage_cannot_end_before_it_begins_nor_hit_a_queue_that_is_none(town: Town) -> None:
    with pytest.raises(BadInput):
        begin(town, Scope(queues=("D",)), until=town.now)
    with pytest.raises(NotFound):
        begin(town, Scope(queues=("Z",)))


def test_an_outage_of_another_hall_is_not_found(town: Town) -> None:
    row = begin(town, Scope(queues=("D",)))
    with town.database.reading() as session, pytest.raises(NotFound):
        outages.outage(session, row.id, DISTRICT_HALL)


# --- the whole city -----------------------------------------------------------------------------------


def test_the_citys_outage_holds_everywhere_at_once_and_each_log_tells_it_once(town: Town) -> None:
    row = begin_city(town, Scope(items=(CARD,)))
    for hall in (CITY_HALL, DISTRICT_HALL, TOWN_HALL):
        assert frozen(town, hall) == Frozen(items=frozenset({CARD}))
    assert "OutageBegan" not in town.kinds()
    tell(town)
    tell(town)
    entry = town.entries()[-1]
    assert (entry.kind, entry.data["city"]) == ("OutageBegan", row.id)
    assert town.kinds().count("OutageBegan") == 1


def test_the_citys_end_is_true_at_once_and_told_soon(town: Town) -> None:
    row = begin_city(town, Scope(whole=True))
    tell(town)
    end_city(town, row.id)
    assert frozen(town) == NOTHING_FROZEN
    tell(town)
    assert town.kinds()[-1] == "OutageEnded"
    with town.database.reading() as session:
        kinds = [entry.kind for entry in log.entries_after(session, log.CITY, 0)]
    assert kinds[-2:] == ["CityOutageBegan", "CityOutageEnded"]


def test_people_are_shown_the_citys_outage_once(town: Town) -> None:
    begin_city(town, Scope(whole=True))
    for told in (False, True):
        if told:
            tell(town)
        with town.database.reading() as session:
            assert len(outages.shown(session, TOWN_HALL, town.now)) == 1


def test_the_whole_citys_outage_is_never_of_queues(town: Town) -> None:
    with pytest.raises(BadInput):
        begin_city(town, Scope(queues=("D",)))


# --- whatever overlaps --------------------------------------------------------------------------------

SCOPES = [
    Scope(queues=("A",)),
    Scope(queues=("A", "D")),
    Scope(items=(CARD,)),
    Scope(items=(TRADE,)),
    Scope(whole=True),
]
deeds = st.lists(st.tuples(st.sampled_from(["begin", "end"]), st.integers(0, len(SCOPES) - 1)), max_size=14)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(deeds=deeds)
def test_frozen_is_what_any_live_outage_holds(town: Town, deeds: list[tuple[str, int]]) -> None:
    live: dict[int, str] = {}
    for verb, which in deeds:
        town.pass_time(seconds=1)
        if verb == "begin":
            live[which] = begin(town, SCOPES[which]).id
        elif which in live:
            end(town, live.pop(which))
    held = [SCOPES[which] for which in live]
    assert frozen(town) == Frozen(
        frozenset(queue for scope in held for queue in scope.queues),
        frozenset(item for scope in held for item in scope.items),
        any(scope.whole for scope in held),
    )
    for ident in live.values():
        end(town, ident)
