"""How often a ticket's way makes the city talk with PostgreSQL: each time costs a process as much as a verb's rules."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from dispatch.foundation.driver import Asked, Driver
from tests.pages.api.office import KEY, Office, office
from tests.standing_city import MORNING, TOWN_HALL

TICKET = {"hall": TOWN_HALL, "queue": "D", "channel": "counter"}
CALL = f"/windows/{TOWN_HALL}-1/call-next"


@pytest.fixture
def city(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(postgresql_url, tmp_path_factory.mktemp("var")) as opened:
        yield opened()


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often something was asked since this was asked last, but for signs of life."""
    talk, made = Driver._talk, [0]

    def counted(line: Driver, asked: Sequence[Asked]) -> None:
        made[0] += bool(asked[0].statement.text)
        talk(line, asked)

    def told() -> int:
        count, made[0] = made[0], 0
        return count

    monkeypatch.setattr(Driver, "_talk", counted)
    return told


def test_a_ticket_and_a_call_cost_four_trips_each_and_a_key_one_more(
    city: Office, trips: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.pages.api.tickets.real_now", lambda: MORNING)
    city.post(f"/windows/{TOWN_HALL}-1/open", "clerk")
    for turn, key in enumerate([None, None, f"{KEY}-1"]):
        trips()
        assert city.post("/tickets", "clerk", TICKET, key=key).status_code == 201
        assert trips() == 4 + bool(key)
        assert city.post(CALL, "clerk", {"finish": turn > 0}, key=key).status_code == 200
        assert trips() == 4 + bool(key)
    assert city.town.faults() == []
