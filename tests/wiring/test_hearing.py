"""Hearing again and again: what is known to be silent is not looked through anew."""

import pytest
from sqlalchemy import event

from dispatch.foundation import listening
from dispatch.foundation.listening import Listener
from dispatch.foundation.log import LogEntry
from dispatch.wiring.listening import LISTENERS, Hearing
from tests.standing_city import Town


def statements(town: Town, hearing: Hearing) -> list[str]:
    """What a look asks the database."""
    said: list[str] = []

    def note(*told: object) -> None:
        said.append(str(told[2]))

    event.listen(town.database.engine, "before_cursor_execute", note)
    hearing.hear_all(town.database)
    event.remove(town.database.engine, "before_cursor_execute", note)
    return [each for each in said if each.startswith("SELECT")]


def test_where_nothing_happened_a_look_is_one_statement(town: Town) -> None:
    hearing = Hearing()
    hearing.hear_all(town.database)
    assert len(statements(town, hearing)) == 1
    town.take()
    assert len(statements(town, hearing)) == 2
    assert len(statements(town, hearing)) == 1


def test_a_listener_that_fails_is_told_again(town: Town) -> None:
    heard: list[int] = []

    def stumble(_: object, entry: LogEntry, __: object) -> None:
        heard.append(entry.seq)
        if len(heard) == 1:
            raise ArithmeticError

    listener = Listener("stumbles", frozenset({"TicketIssued"}), stumble)
    known: dict[str, int] = {}
    town.take()
    town.take()
    assert listening.hear(town.database, [listener], known) == 0
    assert town.code not in known
    assert listening.hear(town.database, [listener], known) == 2
    assert heard == [heard[0], *sorted(set(heard))]
    assert listening.hear(town.database, [listener], known) == 0


@pytest.mark.parametrize("listener", LISTENERS, ids=lambda listener: listener.name)
def test_every_listener_has_a_name_of_its_own(listener: Listener) -> None:
    assert [each.name for each in LISTENERS].count(listener.name) == 1
