"""Standing in line: numbers, queues, closed doors, and how many are ahead."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from dispatch.foundation.errors import NotFound
from dispatch.foundation.ids import Keyring
from dispatch.halls import finding
from dispatch.people import citizens
from dispatch.tickets import lines
from dispatch.tickets.issuing import issue
from dispatch.tickets.models import NumberSeries, number_text
from dispatch.tickets.refusals import HallClosed, ItemNotTakenHere, ItemsApart, NothingWanted
from dispatch.tickets.wanting import Wanted
from tests.standing_city import (
    CARD,
    CITIZEN,
    DISTRICT_HALL,
    MORNING,
    MORTGAGE,
    NIGHT,
    RENEWAL,
    TOWN_HALL,
    TRADE,
    Town,
)


def ahead(town: Town, *tickets: str) -> list[int | None]:
    with town.database.reading() as session:
        return [lines.ahead(session, town.ticket(ident)) for ident in tickets]


# --- numbers ------------------------------------------------------------------------------------------


def test_numbers_count_up_by_letter(town: Town) -> None:
    assert [town.take(queue).number for queue in "DDADA"] == ["D001", "D002", "A001", "D003", "A002"]


def test_each_hall_counts_for_itself(town: Town) -> None:
    town.take("D")
    assert Town(town.database, DISTRICT_HALL).take("D").number == "D001"


def test_each_day_begins_with_one(town: Town) -> None:
    town.take("D")
    town.pass_time(days=1)
    ticket = town.take("D")
    assert (ticket.number, ticket.service_day) == ("D001", MORNING.date() + timedelta(days=1))


def test_the_afternoon_goes_on_counting(town: Town) -> None:
    town.take("D")
    town.pass_time(hours=5)
    assert town.take("D").number == "D002"


def test_after_999_comes_1000(town: Town) -> None:
    with town.database.work() as session:
        told = {
            "hall": TOWN_HALL,
            "letter": "A",
            "service_day": MORNING.date(),
            "last": 998,
            "place": MORNING,
        }
        session.execute(insert(NumberSeries).values(told))
    assert [town.take("A").number for _ in range(3)] == ["A999", "A1000", "A1001"]


@pytest.mark.parametrize(("n", "text"), [(1, "A001"), (42, "A042"), (999, "A999"), (1000, "A1000")])
def test_a_number_reads_as_on_the_slip(n: int, text: str) -> None:
    assert number_text("A", n) == text


def test_a_refused_person_takes_no_number(town: Town) -> None:
    town.take("D")

    def break_halfway() -> None:
        with town.database.work() as session:
            place = finding.hall(session, TOWN_HALL)
            issue(session, place, queue="D", channel="web", now=town.now, actor=CITIZEN)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_halfway()
    assert town.take("D").number == "D002"


def test_the_log_tells_the_ticket_and_nothing_of_the_person(
    town: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    keys = Keyring(tmp_path_factory.mktemp("keys"))
    with town.database.work() as session:
        kept = citizens.keep(session, keys, citizens.PersonData("王小明", "13800000000"), now=town.now)
        place = finding.hall(session, TOWN_HALL)
        wanted = [Wanted(CARD, 2)]
        ticket = issue(
            session,
            place,
            items=wanted,
            channel="kiosk",
            priority="elderly",
            person=kept,
            now=town.now,
            actor=CITIZEN,
        )
    entry = town.entries()[-1]
    assert entry.data == {
        "ticket": ticket.id,
        "number": "D001",
        "queue": "D",
        "letter": "D",
        "n": 1,
        "service_day": "2026-11-23",
        "channel": "kiosk",
        "priority": "elderly",
        "items": [{"item": CARD, "count": 2}],
        "person": kept.ref,
        "commitment": kept.commitment,
    }
    assert "王小明" not in entry.body
    assert "13800000000" not in entry.body


# --- which queue --------------------------------------------------------------------------------------


def test_an_item_leads_to_its_queue(town: Town) -> None:
    assert town.take(items=[CARD, RENEWAL]).queue == "D"
    assert town.take(items=[TRADE]).queue == "A"


def test_items_of_different_queues_need_tickets_of_their_own(town: Town) -> None:
    with pytest.raises(ItemsApart) as refused:
        town.take(items=[CARD, TRADE])
    assert refused.value.data == {"queues": ["A", "D"]}


def test_an_item_and_another_queue_contradict_each_other(town: Town) -> None:
    with town.database.work() as session:
        place = finding.hall(session, TOWN_HALL)
        with pytest.raises(ItemsApart):
            issue(session, place, items=[Wanted(CARD)], queue="A", channel="web", now=town.now, actor=CITIZEN)


def test_an_item_and_its_own_queue_agree(town: Town) -> None:
    with town.database.work() as session:
        place = finding.hall(session, TOWN_HALL)
        told = issue(
            session, place, items=[Wanted(CARD)], queue="D", channel="web", now=town.now, actor=CITIZEN
        )
    assert told.queue == "D"


def test_who_wants_nothing_gets_nothing(town: Town) -> None:
    with pytest.raises(NothingWanted):
        town.take(None)


def test_an_item_of_other_halls_is_not_taken_here(town: Town) -> None:
    with pytest.raises(ItemNotTakenHere):
        town.take(items=[MORTGAGE])


@pytest.mark.parametrize("wanted", [{"items": ["NO-SUCH"]}, {"queue": "Z"}])
def test_unknown_items_and_queues_are_not_found(town: Town, wanted: dict[str, object]) -> None:
    with pytest.raises(NotFound):
        town.take(**wanted)  # type: ignore[arg-type]


def opens(refusal: HallClosed) -> datetime:
    """When a closed hall says it opens."""
    return datetime.fromisoformat(refusal.data["opens_at"])


# --- open doors ---------------------------------------------------------------------------------------


def test_a_closed_hall_says_when_it_opens(town: Town) -> None:
    town.now = NIGHT
    before = town.head()
    with pytest.raises(HallClosed) as refused:
        town.take("D")
    assert opens(refused.value) == MORNING.replace(day=24, hour=8, minute=30)
    assert town.head() == before


def test_in_the_lunch_break_nobody_can_stand_in_line(town: Town) -> None:
    town.now = MORNING.replace(hour=12, minute=30)
    with pytest.raises(HallClosed) as refused:
        town.take("D")
    assert opens(refused.value) == MORNING.replace(hour=13, minute=30)


# --- how many are ahead -------------------------------------------------------------------------------


def test_everybody_before_her_in_her_queue_is_ahead(town: Town) -> None:
    first, _, second, third = (town.take(queue).id for queue in "DADD")
    assert ahead(town, first, second, third) == [0, 1, 2]


def test_priority_goes_ahead_of_everybody_ordinary(town: Town) -> None:
    ordinary = town.take("D").id
    old = town.take("D", priority="elderly").id
    soldier = town.take("D", priority="soldier").id
    assert ahead(town, soldier, old, ordinary) == [0, 1, 2]


def test_nobody_is_ahead_of_who_no_longer_waits(town: Town) -> None:
    town.open("1")
    first, second = (town.take("D").id for _ in range(2))
    town.call_next("1")
    assert ahead(town, first, second) == [None, 0]


def test_a_clock_that_stumbles_lets_nobody_overtake(town: Town) -> None:
    """The second process's clock is a little behind: her number is higher, so she stands behind."""
    first = town.take("D")
    town.pass_time(seconds=-3)
    second = town.take("D")
    assert second.place >= first.place
    assert ahead(town, first.id, second.id) == [0, 1]


def test_nobody_of_yesterday_stands_before_somebody_of_today(town: Town) -> None:
    """The job that ends the day may come a minute late; the first person of the morning is still the first."""
    town.take("D")
    town.pass_time(days=1)
    today = town.take("D")
    assert ahead(town, today.id) == [0]
