"""A hall that closes before its time, a day that is ended, and the numbers that go on."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from dispatch.foundation.access import system
from dispatch.foundation.errors import BadInput
from dispatch.halls import finding as halls
from dispatch.halls.models import HallDay
from dispatch.halls.refusals import NothingToClose
from dispatch.tickets import closing, finding, interrupting
from dispatch.tickets.refusals import HallClosed
from tests.standing_city import CARD, CITY_HALL, DISTRICT_HALL, MORNING, TOWN_HALL, ZONE, Town

WORKS = system("test")


def close_early(town: Town, **told: Any) -> HallDay:  # noqa: ANN401 - what the verb takes
    said = {"reason": "weather", "afterwards": "serve", "now": town.now, "actor": WORKS, **told}
    with town.database.work() as session:
        return closing.close_early(session, halls.hall(session, town.code), **said)


def reopen(town: Town) -> HallDay:
    with town.database.work() as session:
        return closing.reopen(session, halls.hall(session, town.code), now=town.now, actor=WORKS)


def end_day(town: Town) -> HallDay:
    with town.database.work() as session:
        place = halls.hall(session, town.code)
        return closing.end_day(session, place, reason="power", now=town.now, actor=WORKS)


def settle(town: Town) -> None:
    with town.database.work() as session:
        for row in closing.unsettled(session, town.now):
            closing.settle(session, halls.hall(session, row.hall), row, now=town.now, actor=WORKS)


def is_open(town: Town) -> bool:
    with town.database.reading() as session:
        return halls.opening_at(session, halls.hall(session, town.code), town.now) is not None


def told_of(town: Town, ticket: str) -> interrupting.Interruption | None:
    with town.database.reading() as session:
        return interrupting.of_ticket(session, finding.ticket(session, ticket), town.now)


def test_from_the_moment_on_there_are_no_more_numbers_and_who_waits_is_served(town: Town) -> None:
    town.open("1")
    waiting = town.take("D")
    close_early(town, at=town.now + timedelta(minutes=30))
    town.take("D")
    town.pass_time(minutes=30)
    with pytest.raises(HallClosed) as refused:
        town.take("D")
    assert refused.value.data["opens_at"].startswith("2026-11-24T08:30")
    assert town.called("1").id == waiting.id
    assert told_of(town, waiting.id) is None


def test_the_afternoon_is_closed_too(town: Town) -> None:
    close_early(town)
    town.now = MORNING.replace(hour=14)
    assert not is_open(town)
    town.now = MORNING + timedelta(days=1)
    assert is_open(town)


def test_a_hall_re_opened_the_same_day_goes_on_with_its_numbers(town: Town) -> None:
    before = town.take("D").n
    close_early(town)
    town.pass_time(minutes=5)
    assert not is_open(town)
    reopen(town)
    assert town.take("D").n == before + 1
    assert town.kinds()[-2:] == ["HallReopened", "TicketIssued"]


def test_said_twice_it_is_done_once(town: Town) -> None:
    close_early(town)
    before = town.head()
    town.pass_time(minutes=1)
    close_early(town)
    assert town.head() == before
    reopen(town)
    after = town.head()
    reopen(town)
    assert town.head() == after


def test_a_hall_that_does_not_open_again_today_has_nothing_to_close(town: Town) -> None:
    town.now = MORNING.replace(hour=20)
    with pytest.raises(NothingToClose):
        close_early(town)


@pytest.mark.parametrize(
    "told",
    [
        {"afterwards": "move"},
        {"afterwards": "serve", "to_hall": DISTRICT_HALL},
        {"afterwards": "move", "to_hall": TOWN_HALL},
    ],
)
def test_moving_needs_another_hall_and_nothing_else_does(town: Town, told: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        close_early(town, **told)


def test_who_waits_is_sent_to_the_other_hall_when_the_moment_comes(town: Town) -> None:
    town.open("1")
    here, one, two = town.take(items=[CARD]), town.take(items=[CARD]), town.take(items=[CARD])
    town.called("1")
    close_early(town, at=town.now + timedelta(minutes=10), afterwards="move", to_hall=DISTRICT_HALL)
    settle(town)
    assert town.ticket(one.id).state == "waiting"
    town.pass_time(minutes=10)
    settle(town)
    settle(town)
    assert [town.ticket(each.id).state for each in (here, one, two)] == ["called", "moving", "moving"]
    assert town.kinds().count("TicketSent") == 2


def test_who_is_only_told_learns_what_happened_and_where_else_to_go(town: Town) -> None:
    waiting = town.take(items=[CARD])
    close_early(town, afterwards="notify", note="台风红色预警", note_en="red typhoon warning")
    told = told_of(town, waiting.id)
    assert told is not None
    assert (told.kind, told.why["name"]) == ("closing", "天气原因(台风红色预警)")
    assert {each.code for each in told.elsewhere} == {CITY_HALL, DISTRICT_HALL}
    assert "台风" not in "".join(entry.body for entry in town.entries())


def test_the_end_of_a_day_lets_go_whoever_waits_and_nobody_who_is_called(town: Town) -> None:
    town.open("1", "2")
    called, waiting = town.take("D"), town.take("A")
    town.called("1")
    end_day(town)
    assert town.ticket(waiting.id).state == "expired"
    assert town.ticket(called.id).state == "called"
    assert (town.window("1").state, town.window("2").state) == ("open", "closed")
    entry = town.entries()[-1]
    assert (entry.kind, entry.data["tickets"], entry.data["windows"]) == ("DayEnded", 1, 1)
    assert not is_open(town)
    told = told_of(town, waiting.id)
    assert told is not None
    assert (told.kind, told.since) == ("day_ended", town.now)
    before = town.head()
    end_day(town)
    assert town.head() == before


def test_after_the_end_of_a_day_a_re_opened_hall_goes_on_with_its_numbers(town: Town) -> None:
    last = town.take("D").n
    end_day(town)
    with pytest.raises(NothingToClose):
        close_early(town)
    town.pass_time(minutes=20)
    reopen(town)
    again = town.take("D")
    assert (again.n, again.service_day) == (last + 1, date(2026, 11, 23))
    town.open("1")
    assert town.called("1").id == again.id


def test_a_ticket_of_yesterday_that_just_ran_out_needs_no_explanation(town: Town) -> None:
    ticket = town.take("D")
    town.now = datetime(2026, 11, 24, 9, 30, tzinfo=ZONE)
    town.end_day(date(2026, 11, 24))
    assert town.ticket(ticket.id).state == "expired"
    assert told_of(town, ticket.id) is None
