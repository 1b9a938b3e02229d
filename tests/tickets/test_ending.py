"""How a ticket ends without being served."""

from datetime import date, datetime, timedelta

import pytest

from dispatch.foundation import clock
from dispatch.foundation.ids import Keyring
from dispatch.foundation.transitions import WrongState
from dispatch.halls import finding as halls
from dispatch.tickets import finding
from dispatch.tickets.refusals import NotYourTicket
from dispatch.wiring import keeping_hours
from tests.standing_city import MORNING, Town


def test_who_gives_her_place_up_leaves_the_line(town: Town) -> None:
    town.open("1")
    first, second = town.take("D"), town.take("D")
    done = town.do("cancel", first.id)
    assert (done.state, done.ended_at) == ("cancelled", town.now)
    assert town.entries()[-1].data == {
        "ticket": first.id,
        "number": "D001",
        "queue": "D",
        "was": "waiting",
    }
    assert town.called("1").id == second.id


def test_who_was_missed_may_still_give_her_place_up(town: Town) -> None:
    town.open("1")
    ticket = town.take("D")
    town.call_next("1")
    town.do("missed", ticket.id)
    town.do("cancel", ticket.id)
    assert town.entries()[-1].data["was"] == "missed"


def test_who_is_called_cannot_slip_away_unseen(town: Town) -> None:
    town.open("1")
    ticket = town.take("D")
    town.call_next("1")
    with pytest.raises(WrongState):
        town.do("cancel", ticket.id)


def test_the_day_ends_in_the_order_of_the_line(town: Town) -> None:
    town.open("1", "4")
    numbers = []
    for queue in "DADA":
        numbers.append(town.take(queue).number)
        town.pass_time(seconds=1)
    town.call_next("4")
    before = len(town.entries())
    assert town.end_day() == 4
    told = town.entries()[before:]
    expired = [entry.data for entry in told if entry.kind == "TicketExpired"]
    assert [data["number"] for data in expired] == numbers
    assert [data["was"] for data in expired] == ["waiting", "called", "waiting", "waiting"]
    assert [entry.data["window_name"] for entry in told if entry.kind == "WindowClosed"] == ["1", "4"]


def test_somebody_still_served_stays_and_so_does_her_window(town: Town) -> None:
    town.open("1", "2")
    ticket = town.take("D")
    town.call_next("1")
    town.do("start", ticket.id)
    assert town.end_day() == 0
    assert town.ticket(ticket.id).state == "serving"
    assert (town.window("1").state, town.window("2").state) == ("open", "closed")


def test_a_day_ends_once(town: Town) -> None:
    town.open("1")
    town.take("D")
    town.end_day()
    before = town.head()
    assert town.end_day() == 0
    assert town.head() == before


def test_todays_people_stay_when_yesterday_ends(town: Town) -> None:
    town.open("1")
    ticket = town.take("D")
    assert town.end_day(before=MORNING.date()) == 0
    assert (town.ticket(ticket.id).state, town.window("1").state) == ("waiting", "open")


def test_another_halls_people_stay(town: Town) -> None:
    other = Town(town.database, "H-331082").take("D")
    town.end_day()
    assert town.ticket(other.id).state == "waiting"


def test_whoever_opens_early_by_the_halls_clock_keeps_the_window_open(town: Town) -> None:
    """At 07:50 in Shanghai it is still yesterday in Greenwich."""
    town.now = MORNING.replace(hour=7, minute=50)
    town.open("1")
    town.pass_time(minutes=1)
    town.end_day(before=MORNING.date())
    assert town.window("1").state == "open"


def test_numbers_go_on_when_the_hall_opens_again_the_same_day(town: Town) -> None:
    town.take("D")
    town.end_day()
    assert town.take("D").number == "D002"


def test_an_old_day_can_be_ended_late(town: Town) -> None:
    ticket = town.take("D")
    town.pass_time(days=10)
    assert town.end_day(before=date(2026, 12, 3)) == 1
    assert town.ticket(ticket.id).ended_at == MORNING + timedelta(days=10)


# --- whose ticket -------------------------------------------------------------------------------------


def test_a_holder_reaches_her_ticket_and_no_other(
    town: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    keys = Keyring(tmp_path_factory.mktemp("keys"))
    mine, yours = town.take("D"), town.take("D")
    secret = keys.secret_of(finding.SECRET, mine.id)
    with town.database.reading() as session:
        assert finding.ticket_of_holder(session, keys, mine.id, secret).id == mine.id
        for ident in (yours.id, "0" * 32):
            with pytest.raises(NotYourTicket):
                finding.ticket_of_holder(session, keys, ident, secret)


def at(town: Town, moment: datetime) -> None:
    """It is then, for the jobs too."""
    town.now = moment
    with town.database.work() as session:
        clock.begin_demo(session, town.now, speed=0)


def test_the_job_ends_the_day_where_something_is_left(town: Town) -> None:
    town.open("1", "2", "4")
    waiting, missed, served = town.take("D"), town.take("D"), town.take("A")
    town.call_next("1")
    town.do("missed", waiting.id)
    town.call_next("4")
    town.do("start", served.id)
    at(town, town.now)
    head = town.head()
    keeping_hours.end_service_days(town.database)
    assert town.head() == head, "the day is not over"

    at(town, town.now + timedelta(days=1))
    keeping_hours.end_service_days(town.database)
    assert [town.ticket(each.id).state for each in (waiting, missed, served)] == [
        "expired",
        "expired",
        "serving",
    ]
    assert [town.window(name).state for name in ("1", "2", "4")] == ["closed", "closed", "open"]
    head = town.head()
    keeping_hours.end_service_days(town.database)
    assert town.head() == head


def test_a_hall_open_past_midnight_ends_its_day_when_it_closes(town: Town) -> None:
    with town.database.work() as session:
        place = halls.hall(session, town.code)
        place.hours = {**place.hours, "weekly": {**place.hours["weekly"], "mon": [["20:00", "02:00"]]}}
    monday = town.now - timedelta(days=town.now.weekday())
    at(town, monday + timedelta(days=7, hours=14))
    town.open("1")
    ticket = town.take("D")
    at(town, town.now + timedelta(hours=1))
    town.open("1")
    keeping_hours.end_service_days(town.database)
    assert town.ticket(ticket.id).state == "waiting"
    at(town, town.now + timedelta(hours=2))
    keeping_hours.end_service_days(town.database)
    assert town.ticket(ticket.id).state == "expired"
