"""The lines as they stand: the discipline applied to real tickets."""

from datetime import timedelta

from sqlalchemy import event, update

from dispatch.halls import finding, policies
from dispatch.halls.models import Hall
from dispatch.queues.policy import Policy
from dispatch.tickets import lines
from dispatch.tickets.models import Ticket
from tests.standing_city import BUILDER, CARD, MORNING, RENEWAL, TRADE, Town, item_row

DAY = MORNING.date()


def numbers(people: list[lines.Place]) -> list[str]:
    return [person.number for person in people]


def line(town: Town, queue: str = "D") -> list[str]:
    with town.database.reading() as session:
        return numbers(lines.line_of(session, town.code, queue, DAY))


def candidates(town: Town, window: str, *barred: str) -> list[str]:
    with town.database.reading() as session:
        row = finding.window(session, town.window_id(window))
        return numbers(lines.candidates(session, row, DAY, now=town.now, barred=frozenset(barred)))


def write(town: Town, ticket: Ticket, **values: object) -> None:
    with town.database.work() as session:
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(values))


def set_policy(town: Town, **figures: int) -> None:
    with town.database.work() as session:
        place = session.get_one(Hall, town.code)
        policies.change(session, place, figures, now=town.now, actor=BUILDER)


def test_the_law_goes_first_and_care_has_an_hour(town: Town) -> None:
    town.take("D")
    town.pass_time(minutes=70)
    town.take("D")
    town.take("D", priority="elderly")
    town.take("D", priority="soldier")
    assert line(town) == ["D004", "D001", "D003", "D002"]


def test_a_halls_own_policy_orders_its_lines(town: Town) -> None:
    town.take("D")
    town.pass_time(minutes=70)
    town.take("D", priority="elderly")
    set_policy(town, care_min=120)
    assert line(town) == ["D002", "D001"]


def test_somebody_booked_stands_by_her_slot_unless_she_is_late(town: Town) -> None:
    town.take("D", channel="kiosk")
    town.pass_time(minutes=10)
    town.take("D", channel="kiosk")
    town.pass_time(minutes=20)
    booked = town.take("D", channel="kiosk")
    write(town, booked, booked_for=MORNING + timedelta(minutes=20))
    assert line(town) == ["D001", "D003", "D002"]
    write(town, booked, booked_for=MORNING + timedelta(minutes=14))
    assert line(town) == ["D001", "D002", "D003"]
    write(town, booked, booked_for=MORNING + timedelta(minutes=20), reactivated=1)
    assert line(town) == ["D001", "D002", "D003"]


def test_a_window_of_two_queues_weighs_the_wait_by_the_length_of_service(town: Town) -> None:
    """The card takes its minutes, the trade licence longer: of two who waited alike the quicker is next."""
    assert item_row(CARD)["minutes"] < item_row(TRADE)["minutes"]
    town.take(items=[TRADE])
    town.pass_time(seconds=1)
    town.take(items=[CARD])
    town.pass_time(minutes=10)
    assert candidates(town, "3") == ["D001", "A001"]
    assert candidates(town, "4") == ["A001"]


def test_nobody_is_called_at_a_window_she_is_not_kept_for(town: Town) -> None:
    kept, _ = town.take("D"), town.take("D")
    until = town.now + timedelta(minutes=1)
    write(town, kept, kept_for=town.window_id("1"), kept_until=until)
    assert candidates(town, "1") == ["D001", "D002"]
    assert candidates(town, "2") == ["D002"]
    town.pass_time(minutes=1)
    assert candidates(town, "2") == ["D001", "D002"]
    write(town, kept, kept_until=None)
    assert candidates(town, "2") == ["D002"]
    assert line(town) == ["D001", "D002"]


def test_what_the_staff_may_not_serve_is_left_to_others(town: Town) -> None:
    town.take(items=[RENEWAL])
    town.take(items=[CARD])
    assert candidates(town, "1", RENEWAL) == ["D002"]
    assert candidates(town, "1") == ["D001", "D002"]


def test_tickets_from_afar_are_called_past_people_here_so_often_and_no_more(town: Town) -> None:
    set_policy(town, remote_passes=2)
    town.open("1")
    for _ in range(4):
        town.take("D", channel="app")
    here = town.take("D", channel="kiosk")
    town.take("D", channel="kiosk")
    assert line(town) == ["D001", "D002", "D005", "D006", "D003", "D004"]
    called = [town.called("1").number]
    for _ in range(5):
        town.pass_time(minutes=5)
        ticket = town.call_next("1", finish=True)
        assert ticket is not None
        called.append(ticket.number)
    assert called == ["D001", "D002", "D005", "D006", "D003", "D004"]
    assert town.ticket(here.id).passed == 2


def test_who_arrives_is_from_afar_no_more(town: Town) -> None:
    set_policy(town, remote_passes=1)
    town.take("D", channel="app")
    second = town.take("D", channel="app")
    town.take("D", channel="kiosk")
    assert line(town) == ["D001", "D003", "D002"]
    write(town, second, arrived_at=town.now)
    assert line(town) == ["D001", "D002", "D003"]


def test_only_a_call_from_afar_counts_as_passing(town: Town) -> None:
    town.open("1")
    town.take("D", channel="kiosk")
    here = town.take("D", channel="kiosk")
    other_queue = town.take("A", channel="kiosk")
    town.take("D", channel="app", priority="elderly")
    town.called("1")
    town.call_next("1", finish=True)
    assert town.ticket(here.id).passed == 0
    assert town.ticket(other_queue.id).passed == 0


def test_who_comes_back_stands_behind_three_and_never_better_than_before(town: Town) -> None:
    missed = town.take("D")
    others = []
    for _ in range(5):
        town.pass_time(minutes=1)
        others.append(town.take("D"))

    def place() -> float:
        with town.database.reading() as session:
            ticket = session.get_one(Ticket, missed.id)
            return (lines.place_on_return(session, ticket, town.now) - MORNING).total_seconds()

    write(town, missed, state="missed")
    assert 180 < place() < 180.001
    set_policy(town, returned_behind=0)
    assert 59.99 < place() < 60
    for other in others:
        write(town, other, state="finished")
    town.pass_time(minutes=5)
    assert place() == 600
    for _ in range(3):
        town.take("D", priority="soldier")
    set_policy(town, returned_behind=3)
    assert place() == 0


def test_the_order_costs_one_statement_for_the_tickets(town: Town) -> None:
    for _ in range(3):
        town.take("D")
    with town.database.work() as session:
        assert lines.policy_of(session, town.code) == Policy()
        statements: list[str] = []

        def note(_: object, __: object, statement: str, *___: object) -> None:
            statements.append(statement)

        event.listen(session.connection(), "before_cursor_execute", note)
        lines.line_of(session, town.code, "D", DAY)
        assert len(statements) == 1
        lines.waiting_in(session, town.code, ["D", "A"], DAY, now=town.now)
        assert len(statements) == 2
