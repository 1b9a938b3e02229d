"""A ticket is drawn in the very moment in which its queue goes."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from dispatch.foundation.database import Database
from dispatch.foundation.errors import NotFound
from dispatch.halls import configuring, finding
from dispatch.halls.configuring import HallSpec
from dispatch.tickets import issuing, rearranging
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import PeopleInTheWay
from tests import standing_city
from tests.standing_city import BUILDER, MORNING, TOWN_HALL, Town, town_spec

A_MOMENT = 0.4


@pytest.fixture
def alone(postgresql_url: str) -> Iterator[Town]:
    """The town's hall where two can write at once."""
    database = Database(postgresql_url)
    standing_city.build(database)
    yield Town(database)
    database.dispose()


class Aside:
    """Something done by another thread; what came of it, once it has ended."""

    def __init__(self, deed: Callable[[], object]) -> None:
        self._deed = deed
        self.came: object = None
        self._thread = threading.Thread(target=self._run)

    def begin(self) -> None:
        self._thread.start()
        self._thread.join(A_MOMENT)

    def end(self) -> object:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.came

    def _run(self) -> None:
        try:
            self.came = self._deed()
        except BaseException as error:  # told to the test's thread
            self.came = error


def without_a() -> HallSpec:
    """The town's hall without its queue A."""
    spec = town_spec()
    return town_spec(queues=[queue for queue in spec.queues if queue.code != "A"])


def retire(database: Database) -> bool:
    with database.work() as session:
        return rearranging.rearrange(session, without_a(), now=MORNING, actor=BUILDER)


def retire_naively(database: Database) -> bool:
    """Look whether anybody is there, then change the hall: as it was once done."""
    with database.work() as session:
        assert rearranging.held_by(session, TOWN_HALL, without_a()) == []
        return configuring.configure(session, without_a(), now=MORNING, actor=BUILDER)


def between_choice_and_number(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], None]) -> None:
    """Whoever draws a ticket does this after its queue was chosen, before it is written."""
    draw = issuing._draw

    def drawn(*told: Any) -> Any:  # noqa: ANN401 - passed on as it came
        deed()
        return draw(*told)

    monkeypatch.setattr(issuing, "_draw", drawn)


def stranded(database: Database) -> int:
    """Live tickets in queues that are there no longer."""
    with database.reading() as session:
        live = {queue.code for queue in finding.queues_of(session, TOWN_HALL)}
        waiting = session.query(Ticket).filter_by(hall=TOWN_HALL, state="waiting")
        return sum(ticket.queue not in live for ticket in waiting)


def test_without_the_lock_a_ticket_lands_in_a_queue_that_is_gone(
    alone: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should this find no race, the tests below prove nothing."""

    def unlocked(session: Session, line: object) -> None:
        """Choose the queue and trust that it stays."""

    monkeypatch.setattr(finding, "hold_in_use", unlocked)
    aside = Aside(lambda: retire_naively(alone.database))
    between_choice_and_number(monkeypatch, aside.begin)
    alone.take("A")
    assert aside.end() is True
    assert stranded(alone.database) == 1


def test_a_ticket_drawn_first_keeps_its_queue(alone: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    aside = Aside(lambda: retire(alone.database))
    between_choice_and_number(monkeypatch, aside.begin)
    ticket = alone.take("A")
    refused = aside.end()
    assert isinstance(refused, PeopleInTheWay)
    assert refused.data["held"] == [{"part": "queue", "code": "A", "name": "A", "numbers": [ticket.number]}]
    assert stranded(alone.database) == 0


def test_a_queue_gone_first_gives_out_no_ticket(alone: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    aside = Aside(lambda: alone.take("A"))
    look = rearranging.held_by

    def looked(*told: Any) -> Any:  # noqa: ANN401 - passed on as it came
        aside.begin()
        return look(*told)

    monkeypatch.setattr(rearranging, "held_by", looked)
    assert retire(alone.database)
    assert isinstance(aside.end(), NotFound)
    assert stranded(alone.database) == 0


def test_a_window_that_called_first_stays(alone: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for a window: it is judged once its row is locked."""
    alone.open("1")
    alone.take("D")
    ticket = alone.called("1")
    windows = [window for window in town_spec().windows if window.code != "1"]
    with pytest.raises(PeopleInTheWay), alone.database.work() as session:
        rearranging.rearrange(session, town_spec(windows=windows), now=MORNING, actor=BUILDER)
    assert alone.ticket(ticket.id).state == "called"


def test_on_either_database_a_queue_with_people_stays(town: Town) -> None:
    town.take("A")
    with pytest.raises(PeopleInTheWay):
        retire(town.database)
    assert stranded(town.database) == 0
