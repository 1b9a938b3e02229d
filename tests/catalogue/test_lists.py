"""What halls can do and often do: drawn from what is so, published by a person, in force from a day on."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.catalogue import placing
from dispatch.catalogue.lists import drawing, finding, publishing
from dispatch.catalogue.lists.differing import difference
from dispatch.catalogue.lists.drawing import Drawn, Often
from dispatch.catalogue.lists.refusals import NothingNew, NotPublished, SinceThePast
from dispatch.catalogue.volumes import taking
from dispatch.foundation import log
from dispatch.foundation.database import Database
from dispatch.ports.channels import Counted
from tests.standing_city import BUILDER, CARD, MORNING, RENEWAL, TOWN_HALL, Standing

TODAY = date(2026, 11, 20)
OFTEN = Often(days=90, share=0.8)
ITEMS = [f"I{n:02d}" for n in range(12)]


@pytest.fixture
def city(standing: Standing) -> Database:
    return standing.restore()


def draw(city: Database, kind: str) -> Drawn:
    with city.reading() as session:
        return drawing.draw(session, TOWN_HALL, kind, TODAY, OFTEN)


def publish(city: Database, kind: str = "can", since: date = TODAY, today: date = TODAY) -> int:
    drawn = draw(city, kind)
    with city.work() as session:
        row = publishing.publish(
            session, TOWN_HALL, kind, drawn, since=since, today=today, now=MORNING, actor=BUILDER
        )
        return row.version


def holds(city: Database, day: date, kind: str = "can") -> int:
    with city.reading() as session:
        return finding.on(session, TOWN_HALL, kind, day).version


def no_longer(city: Database, item: str) -> None:
    with city.work() as session:
        queues = placing.queues_by_item(session, TOWN_HALL)
        queues.pop(item)
        placing.place(session, TOWN_HALL, queues, now=MORNING, actor=BUILDER)


def test_what_it_can_do_is_what_is_placed_there(city: Database) -> None:
    can = {each["item"]: each["mode"] for each in draw(city, "can").items}
    with city.reading() as session:
        assert can == dict.fromkeys(placing.queues_by_item(session, TOWN_HALL), "handle")
    no_longer(city, CARD)
    assert {each["item"] for each in draw(city, "can").items} == can.keys() - {CARD}


def test_what_it_often_does_comes_from_its_counters(city: Database) -> None:
    day = TODAY - timedelta(days=3)
    counted = [
        Counted(day, CARD, "counter", 95, 90, hall=TOWN_HALL),
        Counted(day, RENEWAL, "counter", 12, 10, hall=TOWN_HALL),
        Counted(day, RENEWAL, "app", 500, 500),
        Counted(day, RENEWAL, "counter", 500, 500, hall="H-331082"),
    ]
    assert draw(city, "often").items == []
    with city.work() as session:
        taking.take(session, counted, "halls", now=MORNING, actor=BUILDER)
    drawn = draw(city, "often")
    assert drawn.items == [{"item": CARD, "mode": "handle", "count": 90, "share": 0.9}]
    assert (drawn.counted_from, drawn.counted_to) == (TODAY - timedelta(days=90), TODAY - timedelta(days=1))


@given(st.dictionaries(st.sampled_from([*ITEMS, "ELSEWHERE"]), st.integers(0, 500)), st.floats(0.05, 1))
def test_often_is_the_fewest_items_that_make_the_share(volume: dict[str, int], share: float) -> None:
    can = [{"item": item, "mode": "handle"} for item in ITEMS]
    found = drawing.often(can, volume, share)
    counts = [each["count"] for each in found]
    mine = sorted((volume.get(item, 0) for item in ITEMS), reverse=True)
    total = sum(mine)
    assert counts == mine[: len(found)]
    assert all(counts)
    assert sum(counts) >= share * total
    assert not counts or sum(counts[:-1]) < share * total


def test_a_version_holds_from_its_day_until_a_later_one_does(city: Database) -> None:
    with pytest.raises(NotPublished):
        holds(city, TODAY)
    assert publish(city) == 1
    no_longer(city, CARD)
    assert publish(city, since=TODAY + timedelta(days=10)) == 2
    assert holds(city, TODAY) == holds(city, TODAY + timedelta(days=9)) == 1
    assert holds(city, TODAY + timedelta(days=10)) == 2
    with pytest.raises(NotPublished):
        holds(city, TODAY - timedelta(days=1))
    with pytest.raises(NotPublished):
        holds(city, TODAY, "often")


def test_the_same_is_not_published_twice_nor_for_the_past(city: Database) -> None:
    publish(city)
    with pytest.raises(NothingNew):
        publish(city)
    no_longer(city, CARD)
    with pytest.raises(SinceThePast):
        publish(city, since=TODAY - timedelta(days=1))
    assert holds(city, TODAY) == 1


def test_a_later_version_may_be_brought_forward(city: Database) -> None:
    """Published for a day to come, then for today: from today on it is the last word."""
    publish(city)
    no_longer(city, CARD)
    publish(city, since=TODAY + timedelta(days=10))
    assert publish(city) == 3
    assert holds(city, TODAY) == holds(city, TODAY + timedelta(days=10)) == 3


def test_publishing_is_told_in_the_halls_log(city: Database) -> None:
    publish(city)
    with city.reading() as session:
        told = [e.data for e in log.entries_after(session, TOWN_HALL, 0) if e.kind == "ListPublished"]
    assert [(each["kind_of_list"], each["version"], each["since"]) for each in told] == [
        ("can", 1, "2026-11-20")
    ]


LISTS = st.dictionaries(st.sampled_from(ITEMS), st.sampled_from(["handle", "receive", "agent"]))


@given(LISTS, LISTS)
def test_the_difference_leads_from_one_list_to_the_other(
    before: dict[str, str], after: dict[str, str]
) -> None:
    one, other = ([{"item": item, "mode": mode} for item, mode in each.items()] for each in (before, after))
    found = difference(one, other)
    result = {item: mode for item, mode in before.items() if item not in found.went}
    result.update({item: after[item] for item in (*found.came, *found.otherwise)})
    assert result == after
    assert bool(found) is (before != after)
    assert not difference(one, one)
