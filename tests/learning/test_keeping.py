"""What was learned and how far the log was read stand in the database together, or not at all."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, select

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.listening import Cursor
from dispatch.foundation.log import CITY, LogEntry
from dispatch.learning import hall_logs, keeping
from dispatch.learning.halls_known import HallsKnown
from dispatch.learning.keeping import Behind
from dispatch.learning.minutes import shortest
from dispatch.learning.models import Learned
from dispatch.learning.reading import Said
from dispatch.tickets.minutes import minutes_in
from dispatch.wiring import learning_halls
from tests.standing_city import CARD, CITY_HALL, RENEWAL, TOWN_HALL, Town


def serve(town: Town, people: int, *, minutes: float = 9.0, item: str = CARD) -> None:
    """So many come and are served one after the other at one window."""
    for _ in range(people):
        town.take(items=[item])
        ticket = town.called("1")
        town.pass_time(seconds=20)
        town.do("start", ticket.id)
        town.pass_time(minutes=minutes)
        town.do("finish", ticket.id)
        town.pass_time(minutes=0.5)


def kept(town: Town) -> dict[str, dict[str, object]]:
    with town.database.reading() as session:
        return {part: json.loads(text) for part, text in keeping.told(session, town.code).items()}


def cursor(town: Town) -> int | None:
    with town.database.reading() as session:
        row = session.get(Cursor, (keeping.LISTENER, town.code))
        return row.seq if row else None


def learn(town: Town, most: int) -> int:
    """Learn once; how many entries that were new to the hall's cursor before."""
    before = cursor(town) or 0
    with town.database.reading() as session:
        here = [each for each in keeping.behind(session) if each.hall == town.code]
    if here:
        keeping.learn(town.database, here[0], most)
    return (cursor(town) or 0) - before


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_the_log_learned_in_steps_is_learned_as_at_once(town: Town) -> None:
    town.open("1")
    serve(town, 6)
    learned = []
    while number := learn(town, 7):
        learned.append(number)
    in_steps = kept(town)
    assert cursor(town) == sum(learned) == len(town.entries())
    assert len(learned) > 3
    with town.database.work() as session:
        session.delete(session.get_one(Cursor, (keeping.LISTENER, town.code)))
    learn(town, 10_000)
    assert kept(town) == in_steps
    assert in_steps["people"]["durations"]


def test_a_crash_between_learning_and_keeping_loses_nothing_and_doubles_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.open("1")
    serve(town, 4)
    learn(town, 10)
    before = kept(town), cursor(town)
    with monkeypatch.context() as patched:
        patched.setattr(keeping, "_keep", lambda *_: (_ for _ in ()).throw(RuntimeError("power cut")))
        with pytest.raises(RuntimeError):
            learn(town, 10_000)
    assert (kept(town), cursor(town)) == before
    learn(town, 10_000)
    after = kept(town)
    with town.database.work() as session:
        session.delete(session.get_one(Cursor, (keeping.LISTENER, town.code)))
    learn(town, 10_000)
    assert kept(town) == after


def test_of_two_who_learn_the_same_one_finds_it_done(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.open("1")
    serve(town, 4)
    said_after = hall_logs.said_after

    def slowly(*told: Any) -> list[Said]:  # noqa: ANN401
        found = said_after(*told)
        monkeypatch.setattr(hall_logs, "said_after", said_after)
        assert learn(town, 10_000) > 0  # the other one, meanwhile
        return found

    monkeypatch.setattr(hall_logs, "said_after", slowly)
    learn(town, 10_000)
    once = kept(town)
    with town.database.work() as session:
        session.delete(session.get_one(Cursor, (keeping.LISTENER, town.code)))
    learn(town, 10_000)
    assert kept(town) == once
    assert cursor(town) == len(town.entries())
    serve(town, 1)
    assert learn(town, 10_000) > 0


def test_what_another_format_wrote_is_learned_anew(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.open("1")
    serve(town, 3)
    learn(town, 10_000)
    once = kept(town)
    monkeypatch.setattr(keeping, "FORMAT", keeping.FORMAT + 1)
    monkeypatch.setattr(keeping, "LISTENER", f"learn.{keeping.FORMAT}")
    assert kept(town) == {}
    with town.database.reading() as session:
        assert TOWN_HALL in [each.hall for each in keeping.behind(session)]
    learn(town, 10_000)
    assert kept(town) == once
    with town.database.reading() as session:
        listeners = session.scalars(select(Cursor.listener).where(Cursor.hall == town.code))
        assert list(listeners) == [keeping.LISTENER]


def test_where_nothing_happens_learning_is_one_statement(town: Town) -> None:
    town.open("1")
    town.open("1")
    serve(town, 2)
    learning_halls.learn_halls(town.database)
    with counted(town.database) as said:
        learning_halls.learn_halls(town.database)
    assert len([each for each in said if each.startswith("SELECT")]) == 1
    with town.database.reading() as session:
        assert keeping.behind(session) == []
    serve(town, 1)
    with town.database.reading() as session:
        assert [each.hall for each in keeping.behind(session)] == [TOWN_HALL]


def test_entries_that_are_gone_from_a_log_are_passed_over(town: Town) -> None:
    town.open("1")
    serve(town, 2)
    last = len(town.entries())
    with town.database.work() as session:
        session.execute(delete(LogEntry).where(LogEntry.hall == town.code, LogEntry.seq > last - 2))
    learning_halls.learn_halls(town.database)
    assert cursor(town) == last
    serve(town, 1)
    learning_halls.learn_halls(town.database)
    assert cursor(town) == last + 4
    with town.database.reading() as session:
        assert keeping.behind(session) == []


def test_a_hall_whose_log_cannot_be_learned_does_not_hold_up_the_others(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keep = keeping.learn

    def learn_but_one(database: Database, place: Behind, most: int) -> Behind | None:
        if place.hall == CITY_HALL:
            raise ValueError("unreadable")
        return keep(database, place, most)

    monkeypatch.setattr(keeping, "learn", learn_but_one)
    learning_halls.learn_halls(town.database)
    with town.database.reading() as session:
        assert [each.hall for each in keeping.behind(session)] == [CITY_HALL]
    assert f"cannot learn from the log of {CITY_HALL}" in caplog.text


def at_night(town: Town) -> None:
    with town.database.work() as session:
        clock.begin_demo(session, town.now)
    learning_halls.pool_halls(town.database)


def test_others_ask_for_what_is_known_and_read_only_what_is_new(town: Town) -> None:
    asked = HallsKnown()
    with town.database.reading() as session:
        first = asked.of(session, TOWN_HALL)
        assert first.service(CARD).mean_s == pytest.approx(60 * minutes_in(session, TOWN_HALL).items[CARD])
        assert first.arrivals("D", 0, 3600) is None
    town.open("1")
    serve(town, 30, minutes=2)
    learning_halls.learn_halls(town.database)
    with town.database.reading() as session:
        later = asked.of(session, TOWN_HALL)
        assert later.version != first.version
        assert later.service(CARD).weight == 29  # the last one may still be undone
        assert later.service(CARD).mean_s == pytest.approx(140, rel=0.2)
        with counted(town.database) as said:
            assert asked.of(session, TOWN_HALL) is later
        assert len(said) == 1
        assert HallsKnown().of(session, TOWN_HALL).service(CARD) == later.service(CARD)


def test_by_night_halls_are_taken_together_once(town: Town) -> None:
    town.open("1")
    serve(town, 30, minutes=2)
    learning_halls.learn_halls(town.database)
    at_night(town)
    with town.database.reading() as session:
        assert HallsKnown().of(session, CITY_HALL).service(CARD).mean_s == pytest.approx(140, rel=0.25)
        told = {(row.hall, row.part): row.told for row in session.scalars(select(Learned))}
    serve(town, 1)
    learning_halls.learn_halls(town.database)
    at_night(town)
    with town.database.reading() as session:
        assert keeping.told(session, CITY, (keeping.POOL,))[keeping.POOL] == told[CITY, keeping.POOL]
    town.pass_time(days=1)
    at_night(town)
    with town.database.reading() as session:
        assert keeping.told(session, CITY, (keeping.POOL,))[keeping.POOL] != told[CITY, keeping.POOL]


def test_lines_go_by_learned_minutes_where_enough_is_known(town: Town) -> None:
    with town.database.reading() as session:
        catalogue = minutes_in(session, TOWN_HALL)
    town.open("1")
    serve(town, 25, minutes=2)
    serve(town, 3, minutes=6, item=RENEWAL)
    town.pass_time(minutes=3)
    town.take("D")  # whoever was finished last is settled by what comes later
    learning_halls.learn_halls(town.database)
    with town.database.reading() as session:
        assert minutes_in(session, TOWN_HALL) == catalogue
    at_night(town)
    with town.database.reading() as session:
        found = minutes_in(session, TOWN_HALL)
    assert found.items[CARD] == pytest.approx(140 / 60, rel=0.2)
    assert found.items[CARD] < 0.7 * catalogue.items[CARD]
    assert found.items[RENEWAL] == catalogue.items[RENEWAL]
    assert found.queues["D"] < catalogue.queues["D"]
    assert found.queues["A"] == catalogue.queues["A"]


def test_the_least_minutes_in_memory_are_gone_with_what_was_learned(town: Town) -> None:
    town.open("1")
    serve(town, 25, minutes=2)
    town.pass_time(minutes=3)
    town.take("D")  # whoever was finished last is settled by what comes later
    learning_halls.learn_halls(town.database)
    at_night(town)
    with town.database.reading() as session:
        assert shortest(session).keys() == {CARD}
    with town.database.work() as session:  # as where another format wrote it
        session.delete(session.get_one(Cursor, (keeping.LISTENER, town.code)))
    learning_halls.learn_halls(town.database)
    with town.database.reading() as session:
        assert shortest(session) == {}


def test_a_day_without_anybody_and_a_clock_that_jumps_leave_figures_sound(town: Town) -> None:
    town.open("1")
    serve(town, 3)
    town.pass_time(days=40)
    town.end_day()
    town.now -= timedelta(days=2)  # the log's own time stands still until the clock has caught up
    town.open("1")
    serve(town, 2)
    learning_halls.learn_halls(town.database)
    with town.database.reading() as session:
        known = HallsKnown().of(session, TOWN_HALL)
    now = town.now.timestamp()
    came = known.arrivals("D", now, now + 86_400)
    assert came is not None
    assert (came >= 0).all()
    assert known.service(CARD).mean_s > 0
