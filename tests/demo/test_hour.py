"""Some time of the demo city, played through its public interface."""

import json
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from dispatch.demo.visitors.clocks import PushedClock
from dispatch.demo.visitors.demo_file import DemoFile
from dispatch.demo.visitors.figures import Figures
from dispatch.demo.visitors.first_hour import play_first_hour
from dispatch.demo.visitors.pace import Budget
from dispatch.demo.visitors.playing import play
from dispatch.demo.visitors.world import World
from dispatch.foundation import clock, log
from dispatch.foundation.database import Database
from dispatch.halls.models import Window
from dispatch.tickets.models import Ticket
from tests.demo.conftest import LIVELY, OPENS, DemoCity

HOUR = timedelta(hours=1)
HALF = HOUR / 2
UNLIMITED = 10**6


def first_hour(city: DemoCity, length: timedelta = HOUR) -> Figures:
    """Play it."""
    return play_first_hour(city.client, city.demo, OPENS, OPENS + length, 7, lambda _: None)


def go_on(city: DemoCity, jump_to: datetime, length: timedelta) -> Figures:
    """A new process finds the city as it is, after somebody pushed its clock."""
    demo = DemoFile.of(city.demo)
    end = jump_to + length
    return play(
        city.client, lambda asker: PushedClock(asker, jump_to, end), demo, Budget(UNLIMITED), seed=8, until=end
    )  # fmt: skip


def tickets(database: Database) -> list[Ticket]:
    """All of them."""
    with database.reading() as session:
        found = list(session.scalars(select(Ticket).order_by(Ticket.hall, Ticket.letter, Ticket.n)))
        session.expunge_all()
    return found


def deeds(database: Database, hall: str) -> list[tuple[str, str, str]]:
    """What a hall's log tells, without the random references."""
    with database.reading() as session:
        entries = log.entries_after(session, hall, 0, 10_000)
        return [
            (
                entry.kind,
                entry.at.isoformat(timespec="seconds"),
                json.loads(entry.body)["data"].get("number", ""),
            )
            for entry in entries
            if entry.kind != "HallConfigured"
        ]


def test_an_hour_leaves_every_ticket_accounted_for_and_the_logs_clean(demo_city: DemoCity) -> None:
    """Nobody is lost, nobody is served twice, no hall is touched that is to be quiet."""
    figures = first_hour(demo_city)
    database = demo_city.web.database
    found = tickets(database)
    states = Counter(ticket.state for ticket in found)
    assert figures.errors.total() == 0
    assert len(found) == figures.issued > 30
    assert states["finished"] == figures.served > 10
    assert states["missed"] == figures.missed
    assert states["cancelled"] == figures.cancelled
    assert set(states) <= {"waiting", "called", "serving", "finished", "missed", "cancelled"}
    assert {ticket.hall for ticket in found} <= LIVELY
    with database.reading() as session:
        for hall in LIVELY:
            assert list(log.faults(session, hall)) == []
        assert clock.now(session) >= OPENS + HOUR
        assert clock.speed(session) == 1.0
        worked = set(session.scalars(select(Window.hall).where(Window.state != "closed")))
    assert worked <= LIVELY
    assert Counter(ticket.hall for ticket in found if ticket.state == "waiting")["H-331082112"] >= 8
    assert {ticket.channel for ticket in found} == {"kiosk", "counter", "app", "web"}


def test_a_new_process_goes_on_where_the_first_hour_ended(demo_city: DemoCity) -> None:
    """Whoever was at a window then is finished by the live visitors, who never saw her called."""
    first_hour(demo_city, HALF)
    at_windows = {t.id for t in tickets(demo_city.web.database) if t.state in ("called", "serving")}
    assert at_windows
    figures = go_on(demo_city, OPENS + HALF, 2 * HALF)
    after = {ticket.id: ticket.state for ticket in tickets(demo_city.web.database)}
    assert {after[ident] for ident in at_windows} <= {"finished", "missed"}
    assert figures.served >= len(at_windows) - figures.missed
    # the second program signs in within the same half minute: a one-time code is good once
    assert set(figures.errors) <= {"otp_used"}


def test_hours_that_the_clock_jumps_over_are_not_played(demo_city: DemoCity) -> None:
    """The people who would have come are not made up for; services that should be over end."""
    first_hour(demo_city, timedelta(minutes=20))
    jumps = [OPENS + timedelta(hours=6)]
    demo, end = DemoFile.of(demo_city.demo), jumps[0] + timedelta(minutes=5)

    def between(world: World, now: datetime) -> None:
        if jumps and now > OPENS + timedelta(minutes=25):
            world.clock.wait_until(jumps.pop())

    figures = play(
        demo_city.client, lambda asker: PushedClock(asker, OPENS, end), demo, Budget(UNLIMITED),
        seed=8, until=end, between=between,
    )  # fmt: skip
    at_a_stroke = [t for t in tickets(demo_city.web.database) if t.issued_at > OPENS + timedelta(hours=5)]
    assert len(at_a_stroke) < 15
    assert figures.late >= 1
    long_services = [
        t
        for t in tickets(demo_city.web.database)
        if t.state == "serving" and t.started_at and t.started_at < end - HOUR
    ]
    assert long_services == []


def test_clerks_come_again_the_next_morning(demo_city: DemoCity) -> None:
    """They go home in the evening, and the day after the city lives again."""
    first_hour(demo_city, timedelta(minutes=10))
    go_on(demo_city, OPENS + timedelta(hours=9), HALF)
    with demo_city.web.database.reading() as session:
        assert set(session.scalars(select(Window.state))) == {"closed"}
    morning = OPENS + timedelta(days=1)
    go_on(demo_city, morning - timedelta(minutes=10), timedelta(minutes=40))
    assert [
        ticket
        for ticket in tickets(demo_city.web.database)
        if ticket.called_at and ticket.called_at > morning
    ]
    with demo_city.web.database.reading() as session:
        assert "open" in set(session.scalars(select(Window.state)))


def test_the_demo_file_must_be_whole() -> None:
    """Else there is a clear word."""
    supervisor = {"username": "x", "password": "x", "role": "supervisor"}
    with pytest.raises(ValueError, match="administrator"):
        DemoFile.of({"quiet_halls": [], "device_tokens": {}, "logins": [supervisor]})


def test_the_same_seed_plays_the_same_hour(demo_city: DemoCity, second_city: DemoCity) -> None:
    """Event by event, number by number."""
    length = timedelta(minutes=20)
    first_hour(demo_city, length)
    first_hour(second_city, length)
    for hall in sorted(LIVELY):
        told = deeds(demo_city.web.database, hall)
        assert told == deeds(second_city.web.database, hall)
        assert told
