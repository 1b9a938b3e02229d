"""Persons over the API: masked, seen for a reason, corrected, handed out, erased."""

import pytest
from sqlalchemy import select

from dispatch.foundation import log
from dispatch.foundation.idempotency import KeptAnswer
from dispatch.tickets.models import Ticket
from tests.pages.api.office import KEY, Office, code, told
from tests.standing_city import TOWN_HALL

PERSON = {
    "name": "王小明",
    "phone": "13800001234",
    "id_kind": "resident_id",
    "id_number": "33108219900101001X",
}


@pytest.fixture
def ref(api: Office) -> str:
    """Somebody with a ticket in the town's hall."""
    ticket = api.issue(person=PERSON)
    ref = api.town.ticket(ticket["id"]).person
    assert ref is not None
    return ref


def test_staff_of_her_hall_see_her_masked(api: Office, ref: str) -> None:
    for who in ("clerk", "guide", "supervisor"):
        shown = told(api.get(f"/persons/{ref}", who))
        assert (shown["name"], shown["phone"], shown["id_number"]) == (
            "王*明",
            "138****1234",
            "331082********001X",
        )
    assert code(api.get(f"/persons/{ref}", "other clerk")) == (403, "not_allowed")
    assert code(api.get(f"/persons/{ref}", "street")) == (403, "not_allowed")
    assert code(api.get(f"/persons/{'0' * 32}", "clerk")) == (403, "not_allowed")
    assert code(api.get(f"/persons/{'0' * 32}", "city clerk")) == (404, "not_found")


def test_who_sees_her_in_full_says_why_and_is_seen_by_the_auditor(api: Office, ref: str) -> None:
    with api.unchanged():
        assert api.post(f"/persons/{ref}/unmask", "clerk", {}).status_code == 422
        assert code(api.post(f"/persons/{ref}/unmask", "clerk", {"reason": "other"})) == (422, "bad_input")
    shown = api.post(f"/persons/{ref}/unmask", "clerk", {"reason": "service"}, key=KEY)
    assert {name: told(shown)[name] for name in PERSON} == PERSON
    [read] = told(api.get(f"/persons/{ref}/reads", "auditor"))["reads"]
    assert (read["by"], read["kind"], read["reason"]) == ("staff:clerk", "unmask", "service")
    assert told(api.get("/reads?reason=service&actor=staff:clerk", "auditor"))["reads"] == [read]
    assert told(api.get("/reads?kind=erase", "auditor"))["reads"] == []
    assert code(api.get("/reads", "supervisor")) == (403, "not_allowed")
    assert code(api.get(f"/persons/{ref}/reads", "clerk")) == (403, "not_allowed")


def test_what_is_known_of_her_is_not_kept_for_a_repeated_call(api: Office, ref: str) -> None:
    api.post(f"/persons/{ref}/unmask", "clerk", {"reason": "service"}, key=KEY)
    api.post(f"/persons/{ref}/export", "supervisor", {}, key=KEY)
    with api.standing.database.reading() as session:
        assert "王小明" not in str([row.answer for row in session.scalars(select(KeptAnswer))])


def test_a_correction(api: Office, ref: str) -> None:
    body = {"name": "王晓明", "phone": None}
    shown = told(api.call("PATCH", f"/persons/{ref}", "guide", json=body))
    assert (shown["name"], shown["phone"], shown["id_number"]) == ("王*明", None, "331082********001X")
    assert told(api.post(f"/persons/{ref}/unmask", "guide", {"reason": "service"}))["name"] == "王晓明"


def test_she_is_given_everything(api: Office, ref: str) -> None:
    export = told(api.post(f"/persons/{ref}/export", "supervisor", {}))
    assert export["data"] == PERSON
    assert [ticket["hall"] for ticket in export["tickets"]] == [TOWN_HALL]
    assert [read["kind"] for read in export["reads"]] == ["export"]


def test_she_is_erased_once_her_business_is_over(api: Office, ref: str) -> None:
    assert code(api.post(f"/persons/{ref}/erase", "supervisor", {})) == (409, "person_in_use")
    api.town.open("1")
    ticket = api.town.called("1")
    api.town.do("finish", ticket.id, claim=ticket.claim)
    assert api.post(f"/persons/{ref}/erase", "supervisor", {}).status_code == 204
    with api.standing.database.reading() as session:
        assert session.get_one(Ticket, ticket.id).person is None
        for hall in (TOWN_HALL, log.CITY):
            assert list(log.faults(session, hall)) == []
    refused = api.get(f"/persons/{ref}/reads", "auditor")
    assert code(refused) == (403, "not_allowed"), "of somebody without a ticket only the city's auditor knows"
