"""Waits as the interface tells them: of halls, queues, later arrivals and tickets, from the hall's row."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatch.waits.models import HallForecast
from tests.pages.api.office import Office
from tests.standing_city import CARD, MORNING, TOWN_HALL, TRADE

SHORT, LONG = [300, 100, 700, "simulated"], [900, 500, 1500, "simulated"]


def foretell(api: Office, **different: Any) -> None:  # noqa: ANN401 - columns
    """The town's row, as the process that computes ahead leaves it."""
    row = {
        "epoch": 1,
        "based_on": 3,
        "as_of": MORNING,
        "due_at": MORNING + timedelta(seconds=15),
        "queues": {"A": SHORT, "D": LONG},
        "arrivals": {
            "at": [(MORNING + timedelta(minutes=minutes)).timestamp() for minutes in (0, 15, 30)],
            "queues": {"A": [SHORT, LONG, "not_today"], "D": [LONG, LONG, LONG]},
        },
        "tickets": {},
        **different,
    }
    with api.town.database.work() as session:
        session.merge(HallForecast(hall=TOWN_HALL, **row))


def waits(api: Office, ask: str = "", at: datetime | None = None) -> dict[str, Any]:
    query = {} if at is None else {"at": at.isoformat()}
    answer = api.client().get(f"/api/v1/halls/{TOWN_HALL}/waits{ask}", query_string=query or None)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return {queue["queue"]: queue for queue in answer.json["queues"]}


def test_a_queues_wait_is_a_point_and_a_range(api: Office) -> None:
    foretell(api)
    queue = waits(api)["D"]
    assert queue["unknown_because"] is None
    assert queue["wait"] == {
        "point_s": 900,
        "low_s": 500,
        "high_s": 1500,
        "level": 0.9,
        "as_of": MORNING.isoformat(),
        "method": "simulated",
    }


def test_of_an_item_only_its_queue_is_told(api: Office) -> None:
    foretell(api)
    assert set(waits(api, f"?item={TRADE}")) == {"A"}


def test_a_later_arrival_waits_as_foretold_for_then(api: Office) -> None:
    foretell(api)
    middle = waits(api, at=MORNING + timedelta(minutes=7, seconds=30))["A"]["wait"]
    assert (middle["point_s"], middle["low_s"], middle["high_s"]) == (600, 300, 1100)
    late = waits(api, at=MORNING + timedelta(minutes=29))["A"]
    assert (late["wait"], late["unknown_because"]) == (None, "not_today")
    after = waits(api, at=MORNING + timedelta(minutes=31))["D"]
    assert (after["wait"], after["unknown_because"]) == (None, "closed")


@pytest.mark.parametrize("at", [MORNING - timedelta(seconds=1), MORNING + timedelta(days=1)])
def test_no_other_day_is_foretold(api: Office, at: datetime) -> None:
    foretell(api)
    answer = api.client().get(f"/api/v1/halls/{TOWN_HALL}/waits", query_string={"at": at.isoformat()})
    assert answer.status_code == 422
    assert answer.json is not None
    assert [error["field"] for error in answer.json["errors"]] == ["at"]


def test_a_hall_has_the_wait_of_what_was_asked_for_or_its_longest(api: Office) -> None:
    foretell(api)

    def of_town(ask: str) -> int:
        halls = api.get(f"/halls{ask}").json["halls"]  # type: ignore[index]
        (found,) = [hall for hall in halls if hall["code"] == TOWN_HALL]
        return int(found["wait"]["point_s"])

    assert of_town(f"?item={TRADE}") == 300
    assert of_town(f"?item={CARD}") == 900
    assert of_town("") == 900
    hall = api.get(f"/halls/{TOWN_HALL}").json
    assert hall is not None
    assert {queue["code"]: queue["wait"]["point_s"] for queue in hall["queues"]} == {"A": 300, "D": 900}


def test_a_ticket_is_told_its_queues_wait_and_then_its_own(api: Office) -> None:
    foretell(api)
    ticket = api.issue()
    assert ticket["wait"]["point_s"] == 900
    foretell(api, tickets={ticket["id"]: [120, 60, 240, "simulated"]})
    mine = api.get(f"/tickets/{ticket['id']}", secret=ticket["secret"])
    assert mine.json is not None
    assert mine.json["wait"]["point_s"] == 120
    foretell(api, tickets={ticket["id"]: "outage"})
    frozen = api.get(f"/tickets/{ticket['id']}", secret=ticket["secret"])
    assert frozen.json is not None
    assert (frozen.json["wait"], frozen.json["unknown_because"]) == (None, "outage")


def test_whoever_waits_no_more_has_no_wait(api: Office) -> None:
    foretell(api)
    ticket = api.issue()
    gone = api.post(f"/tickets/{ticket['id']}/cancel", secret=ticket["secret"], json={})
    assert gone.json is not None
    assert (gone.json["wait"], gone.json["unknown_because"]) == (None, None)


def test_what_is_too_old_is_not_told(api: Office) -> None:
    foretell(api, due_at=MORNING - timedelta(hours=1))
    assert waits(api)["D"]["unknown_because"] == "stale"
