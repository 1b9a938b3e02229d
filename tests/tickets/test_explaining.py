"""Why was that number before mine? Every answer the discipline can give, on real tickets."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from dispatch.foundation.access import system
from dispatch.halls import finding, outages, policies
from dispatch.halls.models import Hall, Outage
from dispatch.pages.shared.why import SENTENCES, sentence
from dispatch.staffing.models import SkillKind, SkillNeeded
from dispatch.tickets import (
    calling,
    ending,
    explaining,
    leases,
    moving,
    parking,
    priority,
    returning,
    undoing,
)
from dispatch.tickets import finding as tickets
from dispatch.tickets.explaining import Explanation
from dispatch.tickets.models import Ticket
from tests.standing_city import BUILDER, CARD, CLERK, MORNING, RENEWAL, TRADE, Town


def why(town: Town, mine: Ticket, other: Ticket) -> Explanation:
    with town.database.reading() as session:
        return explaining.explain(
            session, session.get_one(Ticket, mine.id), session.get_one(Ticket, other.id), now=town.now
        )


def codes(told: Explanation) -> list[str]:
    """The reasons' words; each of them can be said in both languages, with nothing left open."""
    for reason in told.reasons:
        for lang in ("zh", "en"):
            said = sentence(lang, reason, mine="D001", other="D002", tz="Asia/Shanghai")
            assert said
            assert "%(" not in said
    return [reason.code for reason in told.reasons]


def act(town: Town, do: Callable[[Session], object]) -> None:
    town.pass_time(minutes=1)
    with town.database.work() as session:
        do(session)


def write(town: Town, ticket: Ticket, **values: object) -> None:
    with town.database.work() as session:
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(values))


def take(town: Town, queue: str = "D", **different: Any) -> Ticket:  # noqa: ANN401 - what issuing takes
    town.pass_time(minutes=1)
    return town.take(queue, **{"channel": "kiosk", **different})


def test_every_reason_has_its_sentence() -> None:
    assert set(SENTENCES) == set(explaining.REASONS)


def test_whoever_stood_in_line_earlier(town: Town) -> None:
    town.open("1")
    other, mine = take(town), take(town)
    town.called("1")
    told = why(town, mine, other)
    assert (told.first, told.window, codes(told)) == ("other", "1", ["earlier_place"])
    assert told.reasons[0].facts == {"other_at": other.place, "mine_at": mine.place}
    assert codes(why(town, other, mine)) == ["called_first"]


def test_both_still_wait(town: Town) -> None:
    other, mine, elsewhere = take(town), take(town), take(town, "A")
    assert (why(town, mine, other).first, codes(why(town, mine, other))) == ("other", ["earlier_place"])
    assert codes(why(town, other, mine)) == ["ahead_in_line"]
    assert (why(town, mine, elsewhere).first, codes(why(town, mine, elsewhere))) == (
        "undecided",
        ["both_waiting"],
    )
    town.do("cancel", elsewhere.id)
    assert codes(why(town, mine, elsewhere)) == ["never_called"]


def test_a_legal_priority_is_named_and_not_whose_it_is(town: Town) -> None:
    town.open("1")
    mine, other = take(town), take(town, priority="with_infant")
    town.called("1")
    told = why(town, mine, other)
    assert codes(told) == ["legal_priority"]
    assert "infant" not in repr(told)


def test_a_priority_given_after_the_call_explains_nothing(town: Town) -> None:
    town.open("1")
    first, mine = take(town), take(town)
    town.called("1")
    with town.database.work() as session:
        waiting = tickets.ticket(session, mine.id)
        priority.give_priority(session, waiting, "soldier", now=town.now, actor=CLERK)
    assert codes(why(town, mine, first)) == ["earlier_place"]


def test_a_number_not_taken_yet(town: Town) -> None:
    town.open("1")
    other = take(town)
    town.called("1")
    mine = take(town)
    told = why(town, mine, other)
    assert codes(told) == ["not_yet_issued"]
    assert told.reasons[0].facts["mine_at"] == mine.issued_at


def test_a_booking_of_hers_and_of_mine(town: Town) -> None:
    town.open("1")
    mine, other = take(town), take(town)
    write(town, other, booked_for=MORNING)
    town.pass_time(minutes=1)
    town.called("1")
    assert codes(why(town, mine, other)) == ["booked"]
    write(town, other, booked_for=None)
    write(town, mine, booked_for=MORNING + timedelta(hours=1))
    assert codes(why(town, mine, other)) == ["before_my_slot"]
    write(town, mine, booked_for=MORNING - timedelta(hours=1), arrived_at=town.now)
    assert codes(why(town, mine, other)) == ["late_for_my_slot"]


def test_a_call_by_number(town: Town) -> None:
    town.open("1")
    mine, other = take(town), take(town)

    def call(session: Session) -> None:
        window = finding.window(session, town.window_id("1"))
        calling.call_number(session, window, other.id, now=town.now, actor=CLERK)

    act(town, call)
    assert codes(why(town, mine, other)) == ["called_by_number"]


def test_another_queue_at_a_window_that_does_not_serve_mine(town: Town) -> None:
    town.open("4")
    mine, other = take(town), take(town, "A")
    town.called("4")
    assert codes(why(town, mine, other)) == ["not_served_there"]


def test_another_queue_whose_wait_weighed_more(town: Town) -> None:
    town.open("3")
    mine = take(town, items=[TRADE])
    other = take(town, items=[CARD])
    town.pass_time(minutes=20)
    assert town.called("3").id == other.id
    told = why(town, mine, other)
    assert codes(told) == ["longer_wait_for_its_length"]
    assert told.reasons[0].facts == {"mine_min": 21, "other_min": 20}


def test_others_were_ahead_in_my_own_queue(town: Town) -> None:
    """Mine is quick, but whoever heads my queue comes with five firms and weighs less than the other queue."""
    town.open("3")
    other, head = take(town, items=[TRADE]), take(town, items=[CARD])
    write(town, head, items=[{"item": CARD, "count": 5}])
    mine = take(town, items=[CARD])
    town.pass_time(minutes=20)
    assert town.called("3").id == other.id
    assert codes(why(town, mine, other)) == ["own_line"]


@pytest.mark.parametrize("state", ["parked", "missed", "serving", "void"])
def test_where_mine_was_instead_of_in_line(town: Town, state: str) -> None:
    town.open("1", "2")
    mine, other = take(town), take(town)
    assert town.called("1").id == mine.id
    if state == "serving":
        town.do("start", mine.id)
    if state == "missed":
        town.do("missed", mine.id)
    if state == "parked":
        act(
            town,
            lambda session: parking.park(
                session, tickets.ticket(session, mine.id), reason="copy", now=town.now, actor=CLERK
            ),
        )
    if state == "void":
        act(
            town,
            lambda session: ending.void(
                session, tickets.ticket(session, mine.id), reason="left", now=town.now, actor=CLERK
            ),
        )
    town.called("2")
    assert codes(why(town, mine, other)) == ["called_first"]
    if state in ("parked", "missed"):
        if state == "missed":
            act(
                town,
                lambda session: returning.reactivate(
                    session, tickets.ticket(session, mine.id), now=town.now, actor=CLERK
                ),
            )
        else:
            act(
                town,
                lambda session: moving.move(
                    session,
                    tickets.ticket(session, mine.id),
                    moving.Goal(queue="D"),
                    now=town.now,
                    actor=CLERK,
                ),
            )
        told = why(town, mine, other)
        assert codes(told) == [state]


def test_back_after_a_missed_call_behind_three(town: Town) -> None:
    town.open("1")
    mine, *others = [take(town) for _ in range(3)]
    town.called("1")
    town.do("missed", mine.id)
    act(
        town,
        lambda session: returning.reactivate(
            session, tickets.ticket(session, mine.id), now=town.now, actor=CLERK
        ),
    )
    assert town.called("1").id == others[0].id
    told = why(town, mine, others[0])
    assert codes(told) == ["came_back"]
    assert told.reasons[0].facts["behind"] == 3


def test_a_call_taken_back_decides_nothing(town: Town) -> None:
    town.open("1")
    mine, other = take(town), take(town)
    town.called("1")
    act(
        town,
        lambda session: undoing.undo(session, tickets.ticket(session, mine.id), now=town.now, actor=CLERK),
    )
    assert codes(why(town, mine, other)) == ["ahead_in_line"]


def test_kept_for_a_window_that_was_not_heard_of(town: Town) -> None:
    town.open("1", "2")
    mine, other = take(town), take(town)
    town.called("1")
    town.pass_time(seconds=100)
    with town.database.work() as session:
        window = finding.window(session, town.window_id("1"))
        assert leases.lapse(session, window, now=town.now, actor=system("leases"))
    assert town.called("2").id == other.id
    told = why(town, mine, other)
    assert codes(told) == ["kept_for_a_window"]
    assert told.reasons[0].facts == {"kept_for": "1"}


def test_staff_without_the_skill_for_mine(town: Town) -> None:
    with town.database.work() as session:
        session.add(SkillKind(code="renewal", name="证件", name_en="Documents"))
        session.flush()
        session.add(SkillNeeded(item=RENEWAL, skill="renewal", grade=1))
    town.open("1")
    mine, other = take(town, items=[RENEWAL]), take(town, items=[CARD])
    assert town.called("1").id == other.id
    assert codes(why(town, mine, other)) == ["not_skilled"]


def test_an_outage_that_held_mine(town: Town) -> None:
    scope, reason = outages.Scope(items=(RENEWAL,)), outages.Why("system")
    with town.database.work() as session:
        place = session.get_one(Hall, town.code)
        began = outages.begin(session, place, scope, reason, now=town.now, actor=BUILDER)
        outage = began.id
    town.open("1")
    mine, other = take(town, "D"), take(town, items=[CARD])
    write(town, mine, items=[{"item": RENEWAL, "count": 1}])
    assert town.called("1").id == other.id
    assert codes(why(town, mine, other)) == ["outage"]
    with town.database.work() as session:
        session.execute(update(Outage).where(Outage.id == outage).values(ended_at=MORNING))
    assert codes(why(town, mine, other)) == ["same_instant"]


def test_a_ticket_from_afar_that_others_had_let_pass_often_enough(town: Town) -> None:
    with town.database.work() as session:
        place = session.get_one(Hall, town.code)
        policies.change(session, place, {"remote_passes": 1}, now=town.now, actor=BUILDER)
    town.open("1")
    take(town, channel="app")
    mine, other = take(town, channel="app"), take(town)
    town.called("1")
    town.call_next("1", finish=True)
    assert codes(why(town, mine, other)) == ["passed_often"]
    write(town, mine, arrived_at=town.now + timedelta(minutes=1))
    assert codes(why(town, mine, other)) == ["passed_often"]


def test_the_policy_of_that_moment_explains_not_the_one_of_today(town: Town) -> None:
    town.open("1")
    mine = take(town)
    town.pass_time(minutes=30)
    other = take(town, priority="elderly")
    town.called("1")
    assert codes(why(town, mine, other)) == ["legal_priority"]
    with town.database.work() as session:
        place = session.get_one(Hall, town.code)
        policies.change(session, place, {"care_min": 0}, now=town.now, actor=BUILDER)
    assert codes(why(town, mine, other)) == ["legal_priority"]
