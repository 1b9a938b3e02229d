"""How a hall stands, in figures."""

from dispatch.tickets import finding
from dispatch.tickets.finding import Load
from tests.standing_city import DISTRICT_HALL, MORNING, TOWN_HALL, Town


def test_waiting_people_are_counted_by_hall_and_queue(town: Town) -> None:
    town.open("1")
    for queue in "DDDA":
        town.take(queue)
    town.call_next("1")
    Town(town.database, DISTRICT_HALL).take("C")
    with town.database.reading() as session:
        everywhere = finding.waiting_counts(session)
        here = finding.waiting_counts(session, [TOWN_HALL])
    assert here == {(TOWN_HALL, "D"): 2, (TOWN_HALL, "A"): 1}
    assert everywhere == {**here, (DISTRICT_HALL, "C"): 1}


def test_a_load_tells_who_waits_since_when_and_how_many_were_served(town: Town) -> None:
    town.open("1")
    for _ in range(4):
        town.take("D")
        town.pass_time(minutes=1)
    town.called("1")
    town.call_next("1", finish=True)
    with town.database.reading() as session:
        load = finding.loads(session)[TOWN_HALL]
    assert (load.waiting, load.served) == (2, 1)
    assert load.oldest == MORNING.replace(minute=32)


def test_a_load_is_of_the_latest_service_day(town: Town) -> None:
    town.open("1")
    ticket = town.take("D")
    town.call_next("1")
    town.do("finish", ticket.id)
    town.pass_time(days=1)
    town.take("D")
    with town.database.reading() as session:
        loads = finding.loads(session)
    assert (loads[TOWN_HALL].waiting, loads[TOWN_HALL].served) == (1, 0)
    assert loads.get(DISTRICT_HALL, Load()) == Load()


def test_a_windows_day_is_counted_by_how_it_ended(town: Town) -> None:
    town.open("1")
    for verb in ("finish", "missed", "finish"):
        ticket = town.take("D")
        town.call_next("1")
        town.do(verb, ticket.id)
    with town.database.reading() as session:
        assert finding.done_today(session, town.window_id("1"), MORNING.date()) == {
            "finished": 2,
            "missed": 1,
        }
        assert finding.done_today(session, town.window_id("2"), MORNING.date()) == {}


def test_live_tickets_hold_their_queue_and_their_window_fast(town: Town) -> None:
    town.open("1", "4")
    for queue in "DDA":
        town.take(queue)
    called = town.called("1")
    gone = town.called("4")
    town.do("finish", gone.id)
    with town.database.reading() as session:
        live = finding.live_in(session, TOWN_HALL)
    assert live.by_queue == {("D", "D"): 2}
    assert live.windows == {called.window}
