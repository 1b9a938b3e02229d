"""The guide desk over HTTP: who somebody is, tickets in one go, priority, fetching, pre-checks, enquiries."""

from typing import Any

import pytest

from tests.pages.api.office import KEY, OTHER_HALL, Office, code, fields, told
from tests.standing_city import CARD, CITY_HALL, DISTRICT_HALL, MORTGAGE, RENEWAL, TOWN_HALL, TRADE, item_row

NUMBER = "33108219900101001X"
GUIDE = f"/halls/{TOWN_HALL}/guide"
PERSON = {"name": "王小明", "phone": "13812345678", "id_kind": "resident_id", "id_number": NUMBER}


def papers_of(item: str) -> list[dict[str, Any]]:
    return list(item_row(item)["details"]["papers"])


def found_papers(item: str, state: str = "present") -> list[dict[str, str]]:
    return [{"name": paper["name"], "state": state} for paper in papers_of(item)]


def find(api: Office, who: str = "guide", **wanted: str) -> list[dict[str, Any]]:
    answer = api.post(f"{GUIDE}/find", who, json=wanted)
    assert answer.status_code == 200, answer.text
    return list(told(answer)["owners"])


def give(api: Office, *items: str, who: str = "guide", **different: object) -> list[dict[str, Any]]:
    body = {"items": [{"item": item} for item in items], **different}
    answer = api.post(f"{GUIDE}/tickets", who, json=body)
    assert answer.status_code == 201, answer.text
    return list(told(answer)["tickets"])


# --- who is this ------------------------------------------------------------------------------------------


def test_a_document_shows_everything_its_holder_has_here_and_elsewhere(api: Office) -> None:
    here = api.issue(person=PERSON)
    there = api.issue(hall=DISTRICT_HALL, person=PERSON)
    api.issue(person={**PERSON, "id_number": "11010519491231002X"})
    (owner,) = find(api, id_number=NUMBER)
    assert {ticket["id"] for ticket in owner["tickets"]} == {here["id"], there["id"]}
    assert {ticket["hall"]: (ticket["mine"], ticket["ahead"]) for ticket in owner["tickets"]} == {
        TOWN_HALL: (True, 0),
        DISTRICT_HALL: (False, 0),
    }
    assert owner["person"]["name"] == "王*明"
    assert owner["person"]["id"] == "331082********001X"
    assert "王小明" not in str(owner)
    assert NUMBER not in str(owner)


def test_a_document_nobody_has_shown_finds_nobody(api: Office) -> None:
    assert find(api, id_number=NUMBER) == []


@pytest.mark.parametrize("number", ["331082199001010011", "3310821990010100", "33108219900101001"])
def test_a_number_that_cannot_be_right_is_refused(api: Office, number: str) -> None:
    answer = api.post(f"{GUIDE}/find", "guide", json={"id_number": number})
    assert code(answer) == (422, "id_number_wrong")
    assert fields(answer) == ["id_number"]


def test_a_small_x_and_a_passport_are_right_too(api: Office) -> None:
    api.issue(person=PERSON)
    assert len(find(api, id_number=NUMBER.lower())) == 1
    api.issue(person={"name": "A Visitor", "id_kind": "passport", "id_number": "E12345678"})
    (owner,) = find(api, id_kind="passport", id_number="e12345678")
    assert owner["person"]["id_kind"] == "passport"


def test_a_name_is_looked_for_among_today_here_only(api: Office) -> None:
    mine = api.issue(person=PERSON)
    api.issue(hall=DISTRICT_HALL, person=PERSON)
    gone = api.issue(person=PERSON)
    api.post(f"/tickets/{gone['id']}/cancel", secret=gone["secret"])
    owners = find(api, name="王 小明")
    assert [ticket["id"] for owner in owners for ticket in owner["tickets"]] == [mine["id"]]
    assert find(api, name="王小") == []


def test_namesakes_stay_apart(api: Office) -> None:
    api.issue(person=PERSON)
    api.issue(person={"name": "王小明", "phone": "13900000000"})
    assert len(find(api, name="王小明")) == 2


def test_a_number_is_todays_number_here(api: Office) -> None:
    mine = api.issue(person=PERSON)
    (owner,) = find(api, number="d1")
    assert owner["tickets"][0]["id"] == mine["id"]
    assert owner["person"]["name"] == "王*明"
    assert find(api, number="D999") == []


@pytest.mark.parametrize("wanted", [{}, {"name": "王小明", "number": "D001"}, {"number": "''"}])
def test_a_search_names_one_thing(api: Office, wanted: dict[str, str]) -> None:
    assert api.post(f"{GUIDE}/find", "guide", json=wanted).status_code == 422


@pytest.mark.parametrize(
    ("who", "status"),
    [(None, 401), ("street", 403), ("auditor", 403), ("kiosk", 403), ("other clerk", 403), ("clerk", 200)],
)
def test_only_whoever_guides_here_finds_people(api: Office, who: str | None, status: int) -> None:
    assert api.post(f"{GUIDE}/find", who, json={"name": "王小明"}).status_code == status


# --- tickets in one go -------------------------------------------------------------------------------------


def test_a_ticket_with_person_priority_and_precheck_in_one_call(api: Office) -> None:
    person = {"id_kind": "resident_id", "id_number": NUMBER}
    check = {"item": CARD, "papers": found_papers(CARD), "result": "pass"}
    (ticket,) = give(api, CARD, RENEWAL, priority="elderly", person=person, prechecks=[check])
    assert (ticket["channel"], ticket["priority"], ticket["secret"]) == ("counter", "elderly", None)
    assert [item["item"] for item in ticket["items"]] == [CARD, RENEWAL]
    (owner,) = find(api, id_number=NUMBER)
    assert [each["result"] for each in owner["tickets"][0]["prechecks"]] == ["pass"]


def test_items_of_two_queues_are_two_tickets_only_if_that_is_said(api: Office) -> None:
    body = {"items": [{"item": CARD}, {"item": TRADE}]}
    with api.unchanged():
        assert code(api.post(f"{GUIDE}/tickets", "guide", json=body)) == (422, "items_in_different_queues")
    tickets = give(api, CARD, TRADE, apart=True)
    assert [ticket["number"] for ticket in tickets] == ["D001", "A001"]


def test_whoever_was_found_gets_a_ticket_without_saying_it_all_again(api: Office) -> None:
    api.issue(person=PERSON)
    (before,) = find(api, id_number=NUMBER)
    give(api, CARD, holder=before["person"]["ref"])
    (after,) = find(api, id_number=NUMBER)
    assert len(after["tickets"]) == 2
    assert after["person"]["name"] == "王*明"
    assert len({api.town.ticket(ticket["id"]).person for ticket in after["tickets"]}) == 2


def test_the_same_press_twice_is_one_ticket(api: Office) -> None:
    body = {"items": [{"item": CARD}]}
    first, second = (api.post(f"{GUIDE}/tickets", "guide", json=body, key=KEY) for _ in range(2))
    assert told(first) == told(second)


def test_what_this_hall_does_not_take_leaves_no_trace(api: Office) -> None:
    with api.unchanged():
        answer = api.post(f"{GUIDE}/tickets", "guide", json={"items": [{"item": MORTGAGE}]})
        assert code(answer) == (422, "item_not_taken_here")
        wrong = {"id_kind": "resident_id", "id_number": "331082199001010011"}
        answer = api.post(f"{GUIDE}/tickets", "guide", json={"items": [{"item": CARD}], "person": wrong})
        assert code(answer) == (422, "id_number_wrong")
        stray = [{"item": TRADE, "papers": found_papers(TRADE), "result": "pass"}]
        answer = api.post(f"{GUIDE}/tickets", "guide", json={"items": [{"item": CARD}], "prechecks": stray})
        assert answer.status_code == 422
        assert (
            api.post(
                f"{GUIDE}/tickets", "guide", json={"items": [{"item": CARD}], "holder": "nobody"}
            ).status_code
            == 404
        )


# --- priority ----------------------------------------------------------------------------------------------


def test_priority_moves_her_ahead_and_back(api: Office) -> None:
    api.issue()
    second = api.issue()
    given = api.post(f"/tickets/{second['id']}/priority", "guide", json={"priority": "pregnant"})
    assert (told(given)["priority"], told(given)["ahead"]) == ("pregnant", 0)
    taken = api.post(f"/tickets/{second['id']}/priority", "guide", json={"priority": "none"})
    assert told(taken)["ahead"] == 1
    assert api.town.kinds().count("TicketPriorityChanged") == 2


def test_the_same_priority_again_is_no_news(api: Office) -> None:
    ticket = api.issue()
    api.post(f"/tickets/{ticket['id']}/priority", "guide", json={"priority": "elderly"})
    with api.unchanged():
        again = api.post(f"/tickets/{ticket['id']}/priority", "guide", json={"priority": "elderly"})
    assert again.status_code == 200


def test_priority_is_no_matter_at_a_window(api: Office) -> None:
    ticket = api.called()
    with api.unchanged():
        answer = api.post(f"/tickets/{ticket['id']}/priority", "guide", json={"priority": "elderly"})
    assert code(answer) == (409, "wrong_state")
    api.post(f"/tickets/{ticket['id']}/missed", "clerk")
    answer = api.post(f"/tickets/{ticket['id']}/priority", "guide", json={"priority": "elderly"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("who", "status"), [(None, 401), ("street", 403), ("other clerk", 403), ("clerk", 200)]
)
def test_only_whoever_guides_here_gives_priority(api: Office, who: str | None, status: int) -> None:
    ticket = api.issue()
    answer = api.post(f"/tickets/{ticket['id']}/priority", who, json={"priority": "elderly"})
    assert answer.status_code == status


def test_a_priority_no_law_knows_is_refused(api: Office) -> None:
    ticket = api.issue()
    answer = api.post(f"/tickets/{ticket['id']}/priority", "guide", json={"priority": "friend"})
    assert answer.status_code == 422


# --- fetching ----------------------------------------------------------------------------------------------


def test_the_desk_sees_who_is_called_whose_turn_is_near_and_who_missed_it(api: Office) -> None:
    missed = api.called()
    api.post(f"/tickets/{missed['id']}/missed", "clerk")
    called = api.called()
    near = api.issue(channel="app")
    give(api, CARD)
    shown = told(api.get(GUIDE, "guide"))
    assert [(row["ticket"], row["window_name"], row["coming_at"]) for row in shown["called"]] == [
        (called["id"], "1", None)
    ]
    assert [(row["ticket"], row["ahead"]) for row in shown["near"]] == [(near["id"], 0)]
    assert [(row["ticket"], row["may_return"]) for row in shown["missed"]] == [(missed["id"], True)]


def test_the_guide_tells_the_window_that_she_is_coming_once(api: Office) -> None:
    ticket = api.called()
    first = api.post(f"/tickets/{ticket['id']}/fetch", "guide")
    assert told(first)["coming_at"] == "2026-11-23T09:30:00+08:00"
    with api.unchanged():
        assert api.post(f"/tickets/{ticket['id']}/fetch", "guide").status_code == 200
    assert api.town.kinds().count("GuideFetches") == 1
    api.post(f"/tickets/{ticket['id']}/start", "clerk")
    assert told(api.get(GUIDE, "guide"))["called"] == []


def test_a_later_call_is_another_one(api: Office) -> None:
    ticket = api.called()
    api.post(f"/tickets/{ticket['id']}/fetch", "guide")
    api.post(f"/tickets/{ticket['id']}/missed", "clerk")
    api.post(f"/tickets/{ticket['id']}/reactivate", "guide")
    assert api.post(f"/windows/{TOWN_HALL}-1/call-next", "clerk").status_code == 200
    (row,) = told(api.get(GUIDE, "guide"))["called"]
    assert (row["ticket"], row["coming_at"]) == (ticket["id"], None)


def test_nobody_is_fetched_who_is_not_called(api: Office) -> None:
    ticket = api.issue()
    with api.unchanged():
        assert code(api.post(f"/tickets/{ticket['id']}/fetch", "guide")) == (409, "wrong_state")


def test_whoever_took_a_number_from_afar_is_seen_here_once(api: Office) -> None:
    ticket = api.issue(channel="app")
    assert api.town.ticket(ticket["id"]).arrived_at is None
    assert api.post(f"/tickets/{ticket['id']}/arrive", "guide").status_code == 200
    assert told(api.get(GUIDE, "guide"))["near"] == []
    with api.unchanged():
        assert api.post(f"/tickets/{ticket['id']}/arrive", "guide").status_code == 200
    assert api.town.kinds().count("TicketArrived") == 1
    api.post(f"/tickets/{ticket['id']}/cancel", secret=ticket["secret"])
    with api.unchanged():
        gone = api.post(f"/tickets/{ticket['id']}/arrive", "guide")
    assert code(gone) == (409, "wrong_state")


# --- pre-checks --------------------------------------------------------------------------------------------


def check(api: Office, ticket: str, item: str, result: str, papers: object) -> Any:  # noqa: ANN401
    body = {"item": item, "result": result, "papers": papers}
    return api.post(f"/tickets/{ticket}/prechecks", "guide", json=body)


def test_a_newer_precheck_takes_the_place_of_the_older(api: Office) -> None:
    ticket = api.issue(items=[CARD], queue=None)
    first = check(api, ticket["id"], CARD, "not_yet", found_papers(CARD, "missing"))
    assert first.status_code == 201, first.text
    check(api, ticket["id"], CARD, "pass", found_papers(CARD))
    shown = told(api.get(f"/tickets/{ticket['id']}/prechecks", "clerk"))["prechecks"]
    assert [(each["item"], each["result"]) for each in shown] == [(CARD, "pass")]
    assert {paper["state"] for paper in shown[0]["papers"]} == {"present"}
    assert api.town.kinds().count("TicketPrechecked") == 2


def test_a_result_is_never_better_than_the_papers(api: Office) -> None:
    ticket = api.issue(items=[CARD], queue=None)
    with api.unchanged():
        better = check(api, ticket["id"], CARD, "pass", found_papers(CARD, "missing"))
        assert code(better) == (422, "papers_contradict")
        better = check(api, ticket["id"], CARD, "pass", found_papers(CARD, "later"))
        assert code(better) == (422, "papers_contradict")
    assert check(api, ticket["id"], CARD, "not_yet", found_papers(CARD)).status_code == 201


def test_a_precheck_is_of_the_tickets_items_and_their_papers(api: Office) -> None:
    ticket = api.issue(items=[CARD], queue=None)
    with api.unchanged():
        assert code(check(api, ticket["id"], RENEWAL, "pass", [])) == (422, "item_not_on_ticket")
        strange = [{"name": "一张照片", "state": "present"}]
        assert code(check(api, ticket["id"], CARD, "pass", strange)) == (422, "papers_differ")
        twice = found_papers(CARD) * 2
        assert check(api, ticket["id"], CARD, "pass", twice).status_code == 422


def test_a_ticket_that_is_over_is_not_checked(api: Office) -> None:
    ticket = api.issue(items=[CARD], queue=None)
    api.post(f"/tickets/{ticket['id']}/cancel", secret=ticket["secret"])
    with api.unchanged():
        assert code(check(api, ticket["id"], CARD, "pass", found_papers(CARD))) == (409, "wrong_state")


def test_the_log_knows_the_result_and_no_paper(api: Office) -> None:
    ticket = api.issue(items=[CARD], queue=None)
    check(api, ticket["id"], CARD, "not_yet", found_papers(CARD, "missing"))
    body = api.town.entries()[-1].body
    assert "not_yet" in body
    assert papers_of(CARD)[0]["name"] not in body


# --- enquiries ---------------------------------------------------------------------------------------------


def test_questions_are_counted_by_what_was_asked(api: Office) -> None:
    path = f"/halls/{TOWN_HALL}/enquiries"
    api.post(path, "guide", json={"item": CARD})
    api.post(path, "clerk", json={"item": CARD})
    answer = api.post(path, "guide", json={})
    assert answer.status_code == 201
    shown = told(api.get(path, "guide"))
    assert (shown["day"], shown["total"]) == ("2026-11-23", 3)
    assert [(row["item"], row["bundle"], row["kind"], row["count"]) for row in shown["asked"]] == [
        (CARD, None, "desk", 2),
        (None, None, "desk", 1),
    ]
    assert told(api.get(f"{path}?day=2026-11-22", "guide"))["total"] == 0
    assert told(api.get(f"/halls/{OTHER_HALL}/enquiries", "other supervisor"))["total"] == 0
    assert api.town.kinds().count("EnquiryNoted") == 3


def test_a_question_is_about_something_that_exists(api: Office) -> None:
    path = f"/halls/{TOWN_HALL}/enquiries"
    with api.unchanged():
        assert api.post(path, "guide", json={"item": "NO-SUCH"}).status_code == 404
        assert api.post(path, "guide", json={"bundle": "NO-SUCH"}).status_code == 404
        assert api.post(path, "guide", json={"item": CARD, "bundle": "B-NEWBORN"}).status_code == 422
        assert api.post(path, "guide", json={"kind": "dream"}).status_code == 422
        assert api.post(f"/halls/{CITY_HALL}/enquiries", "guide", json={}).status_code == 403
        assert api.post(path, json={}).status_code == 401
