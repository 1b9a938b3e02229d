"""The same key sent by many at once."""

from werkzeug.test import TestResponse

from tests.pages.api.office import KEY, Office
from tests.races import bench
from tests.standing_city import CARD, TOWN_HALL

SENDERS = 8
GOOD = {"hall": TOWN_HALL, "items": [CARD], "channel": "app"}


def test_the_same_key_sent_by_eight_at_once_takes_one_ticket(api: Office) -> None:
    for attempt in range(4):
        before = api.town.kinds().count("TicketIssued")
        key = f"{KEY}{attempt}"
        answers = bench.run_threads([lambda key=key: api.post("/tickets", json=GOOD, key=key)] * SENDERS)  # type: ignore[misc]
        assert all(isinstance(answer, TestResponse) for answer in answers), answers
        told = [answer for answer in answers if isinstance(answer, TestResponse)]
        done = [answer.json for answer in told if answer.status_code == 201]
        running = [answer.json for answer in told if answer.status_code != 201]
        assert done
        assert all(ticket == done[0] for ticket in done)
        assert {problem["code"] for problem in running if problem} <= {"still_running"}
        assert api.town.kinds().count("TicketIssued") == before + 1
        again = api.post("/tickets", json=GOOD, key=key)
        assert again.json == done[0]
    assert api.town.faults() == []
