"""A journey: begun, counted, and ended once, whoever comes first."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from dispatch.foundation.errors import NotFound
from dispatch.foundation.ids import Keyring, new_id
from dispatch.foundation.transitions import WrongState
from dispatch.journeys import finding, weighing
from dispatch.journeys.beginning import AHEAD, AT_LEAST, PER_WINDOW
from dispatch.journeys.models import Journey, JourneyShow
from dispatch.journeys.refusals import ManyUnderWay, NotYourJourney, TooEarly, UnderWayAlready
from dispatch.journeys.ways import LEAST_GRACE_S, LEAVES_S, way
from dispatch.journeys.weighing import COMES
from tests.journeys.walkers import (
    TRAVEL_S,
    all_journeys,
    arrive,
    give_up,
    let_expire,
    set_out,
    under_way,
    unforeseen,
)
from tests.standing_city import DISTRICT_HALL, MORNING, TOWN_HALL, TOWN_WINDOWS, Town

OF_D = sum("D" in queues for queues in TOWN_WINDOWS.values())


def state(town: Town, journey: Journey) -> str:
    return next(row.state for row in all_journeys(town) if row.id == journey.id)


@contextmanager
def counted(town: Town) -> Iterator[list[str]]:
    """The statements sent within."""
    said: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(town.database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(town.database.engine, "before_cursor_execute", note)


# --- setting out --------------------------------------------------------------------------------------


def test_whoever_sets_out_is_expected(town: Town) -> None:
    journey = set_out(town)
    (told,) = under_way(town)
    assert told.at == (town.now + timedelta(seconds=LEAVES_S + TRAVEL_S)).timestamp()
    assert (told.queue, told.comes, told.spread_s) == ("D", COMES, journey.spread_s)


def test_the_log_tells_the_journey_and_nothing_of_the_person(town: Town) -> None:
    journey = set_out(town)
    entry = town.entries()[-1]
    told = {"journey", "queue", "arrives_at", "until"}
    assert (entry.kind, set(entry.data)) == ("JourneyBegun", told)
    assert entry.data["journey"] == journey.id
    assert journey.route not in entry.body


def test_of_an_advice_one_journey_at_a_time(town: Town) -> None:
    first = set_out(town, route="r")
    with pytest.raises(UnderWayAlready):
        set_out(town, route="r")
    with pytest.raises(UnderWayAlready):
        set_out(Town(town.database, DISTRICT_HALL), route="r")
    give_up(town, first.id)
    set_out(town, route="r")
    assert len(under_way(town)) == 1


def test_nobody_sets_out_for_a_queue_that_is_not_there(town: Town) -> None:
    with pytest.raises(NotFound):
        set_out(town, "nowhere")


def test_a_journey_begins_on_the_day_itself(town: Town) -> None:
    set_out(town, leaves_at=town.now + AHEAD)
    with pytest.raises(TooEarly):
        set_out(town, leaves_at=town.now + AHEAD + timedelta(seconds=1))


def test_no_more_are_counted_than_the_windows_can_take(town: Town) -> None:
    most = max(AT_LEAST, PER_WINDOW * OF_D)
    journeys = [set_out(town) for _ in range(most)]
    head = town.head()
    with pytest.raises(ManyUnderWay):
        set_out(town)
    assert (len(under_way(town)), town.head()) == (most, head)
    set_out(town, "A")
    give_up(town, journeys[0].id)
    set_out(town)


# --- its end ------------------------------------------------------------------------------------------


def test_whoever_stands_in_line_is_under_way_no_more(town: Town) -> None:
    journey, ticket = set_out(town), town.take("D")
    assert arrive(town, journey.id, ticket.id)
    assert under_way(town) == []
    assert all_journeys(town)[0].ticket == ticket.id
    assert town.entries()[-1].data == {"journey": journey.id, "queue": "D", "ticket": ticket.id}


def test_a_second_ticket_ends_no_journey_again(town: Town) -> None:
    journey = set_out(town)
    assert arrive(town, journey.id)
    head = town.head()
    assert not arrive(town, journey.id, ticket="another")
    assert town.head() == head


def test_a_journey_given_up_counts_no_longer_and_may_be_given_up_again(town: Town) -> None:
    journey = set_out(town)
    give_up(town, journey.id)
    head = town.head()
    give_up(town, journey.id)
    assert (under_way(town), state(town, journey), town.head()) == ([], "cancelled", head)


def test_whoever_has_come_cannot_give_up_her_journey(town: Town) -> None:
    journey = set_out(town)
    arrive(town, journey.id)
    with pytest.raises(WrongState):
        give_up(town, journey.id)


def test_whoever_is_overdue_counts_no_longer(town: Town) -> None:
    late, later = set_out(town), set_out(town, travel_s=7200.0)
    town.now = late.until
    assert let_expire(town) == 0
    town.pass_time(seconds=1)
    assert let_expire(town) == 1
    assert let_expire(town) == 0
    assert [state(town, each) for each in (late, later)] == ["expired", "under_way"]
    assert town.kinds().count("JourneyExpired") == 1
    assert not arrive(town, late.id)


def test_only_the_holder_reads_a_journey(town: Town, tmp_path_factory: pytest.TempPathFactory) -> None:
    keys, journey = Keyring(tmp_path_factory.mktemp("keys")), set_out(town)
    secret, lost = keys.secret_of(finding.SECRET, journey.id), new_id()
    with town.database.reading() as session:
        assert finding.journey_of_holder(session, keys, journey.id, secret).id == journey.id
        with pytest.raises(NotYourJourney):
            finding.journey_of_holder(session, keys, journey.id, keys.secret_of("ticket", journey.id))
        with pytest.raises(NotYourJourney):
            finding.journey_of_holder(session, keys, lost, secret)
        with pytest.raises(NotFound):
            finding.journey_of_holder(session, keys, lost, keys.secret_of(finding.SECRET, lost))


def test_every_deed_says_as_much_to_the_database_however_many_are_under_way(town: Town) -> None:
    def said() -> list[int]:
        counts = []
        with counted(town) as statements:
            first = set_out(town)
            counts.append(len(statements))
            give_up(town, first.id)
            counts.append(len(statements))
            under_way(town)
            counts.append(len(statements))
            unforeseen(town, MORNING - timedelta(hours=1))
        return [*counts, len(statements)]

    said()  # what is asked once only is known from here on
    few = said()
    for _ in range(15):
        set_out(town)
    assert said() == few


# --- what is known since a forecast, and what is learned ------------------------------------------------


def test_who_set_out_since_a_forecast_is_told_even_if_she_has_come(town: Town) -> None:
    set_out(town)
    as_of = town.now
    town.pass_time(minutes=1)
    still, there, gone = set_out(town), set_out(town, "A"), set_out(town)
    arrive(town, there.id)
    give_up(town, gone.id)
    found = unforeseen(town, as_of)
    assert {key: [each.comes for each in people] for key, people in found.items()} == {
        (TOWN_HALL, "D"): [COMES],
        (TOWN_HALL, "A"): [1.0],
    }
    assert found[TOWN_HALL, "D"][0].at == still.arrives_at.timestamp()
    with town.database.reading() as session:
        assert finding.unforeseen(session, {}) == {}
        assert finding.unforeseen(session, {DISTRICT_HALL: as_of}) == {}


def test_the_share_that_comes_is_learned_by_hall_and_city(town: Town) -> None:
    for nth in range(20):
        journey = set_out(town)
        if nth < 5:
            arrive(town, journey.id)
    town.pass_time(hours=2)
    assert let_expire(town) == 15
    with town.database.work() as session:
        weighing.weigh(session, town.now)
    with town.database.reading() as session:
        rows = {row.hall: (row.joined, row.expired, row.comes) for row in session.query(JourneyShow)}
    assert rows["city"][:2] == rows[TOWN_HALL][:2] == (5, 15)
    assert 5 / 20 < rows[TOWN_HALL][2] <= rows["city"][2] < COMES
    set_out(town)
    elsewhere = Town(town.database, DISTRICT_HALL, town.now)
    set_out(elsewhere, "C")
    assert under_way(town)[0].comes == pytest.approx(rows[TOWN_HALL][2])
    assert under_way(elsewhere)[0].comes == pytest.approx(rows["city"][2])


def test_old_journeys_are_forgotten_and_weighing_twice_changes_nothing(town: Town) -> None:
    arrive(town, set_out(town).id)
    for age, left in ((weighing.KEPT, 1), (weighing.KEPT, 1), (weighing.KEPT + timedelta(seconds=1), 0)):
        with town.database.work() as session:
            weighing.weigh(session, MORNING + age)
        assert len(all_journeys(town)) == left


def test_a_hall_with_little_to_show_is_drawn_to_the_city() -> None:
    counts = {
        "city": {"joined": 901, "expired": 99},
        "large": {"joined": 900, "expired": 97},
        "small": {"joined": 1, "expired": 2},
    }
    told = weighing.shares(counts)
    assert 1 / 3 < told["small"] < told["city"]
    assert told["large"] == pytest.approx(0.9, abs=0.01)


def test_the_further_the_way_the_longer_she_may_be_late() -> None:
    near, far = way(MORNING, 300.0), way(MORNING, 3600.0)
    assert near.until - near.arrives_at >= timedelta(seconds=LEAST_GRACE_S)
    assert far.spread_s > near.spread_s
    assert far.until - far.arrives_at > near.until - near.arrives_at
