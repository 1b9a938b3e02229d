"""The guide desk's page: who gets in, what each question shows, and that nothing private is in an address."""

import re
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from dispatch.foundation import clock
from dispatch.people.id_numbers import is_right
from tests.pages.api.office import KEY, Office, told
from tests.standing_city import (
    CARD,
    CITY_HALL,
    DISTRICT_HALL,
    MORTGAGE,
    RENEWAL,
    TOWN_HALL,
    TRADE,
    Town,
    item_row,
)

NUMBER = "33108219900101001X"
PERSON = {"name": "王小明", "phone": "13812345678", "id_kind": "resident_id", "id_number": NUMBER}
CARD_PAPERS = [{"name": paper["name"], "state": "missing"} for paper in item_row(CARD)["details"]["papers"]]
DESK = f"/guide/{TOWN_HALL}"


@pytest.fixture
def hall(opened: Callable[[], Office]) -> Office:
    """The same as it was furnished."""
    return opened()


def get(hall: Office, path: str, who: str | None = "guide") -> TestResponse:
    client, _ = hall.browser(who)
    return client.get(path)


def ask(hall: Office, who: str = "guide", **said: str) -> str:
    client, _ = hall.browser(who)
    answer = client.post(f"{DESK}/ask", data=said)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("guide", 200),
        ("clerk", 200),
        ("supervisor", 200),
        ("street", 403),
        ("auditor", 403),
        ("other clerk", 403),
    ],
)
def test_who_may_sit_at_the_desk(hall: Office, who: str, status: int) -> None:
    assert get(hall, DESK, who).status_code == status
    assert get(hall, f"{DESK}/watch", who).status_code == status


def test_a_stranger_is_asked_to_sign_in_and_comes_back(hall: Office) -> None:
    answer = get(hall, DESK, None)
    assert (answer.status_code, answer.location) == (303, f"/login?next={DESK}")
    assert get(hall, "/guide", None).status_code == 303


def test_somebody_with_one_hall_goes_straight_to_its_desk(hall: Office) -> None:
    assert get(hall, "/guide").location == DESK
    assert f'href="/guide/{DISTRICT_HALL}"' in get(hall, "/guide", "supervisor").text


def test_the_desk_at_rest_offers_what_people_come_for(hall: Office) -> None:
    hall.issue(items=[TRADE], queue=None)
    page = get(hall, DESK).text
    first = re.search(r'data-take="([\w-]+)"', page)
    assert first
    assert first[1] == TRADE
    assert f'data-take="{MORTGAGE}"' not in page


def test_nothing_stands_inline(hall: Office) -> None:
    for lang, said in (("zh", "zh-CN"), ("en", "en")):
        page = get(hall, f"{DESK}?lang={lang}").text
        assert f'<html lang="{said}">' in page
        assert " style=" not in page
        assert "<script>" not in page


def test_a_document_opens_everything_its_holder_has(hall: Office) -> None:
    hall.issue(person=PERSON)
    hall.issue(hall=DISTRICT_HALL, person=PERSON)
    shown = ask(hall, q=NUMBER)
    assert 'data-kind="person"' in shown
    assert shown.count('class="ticket-row ') == 2
    assert "临海市政务服务中心" in shown
    assert "王*明" in shown
    assert "王小明" not in shown
    assert NUMBER not in shown


def test_a_document_nobody_knows_offers_a_number(hall: Office) -> None:
    shown = ask(hall, q=NUMBER)
    assert 'data-kind="nobody"' in shown
    assert f'data-pin-number="{NUMBER}"' in shown


def test_a_passport_is_chosen_by_hand(hall: Office) -> None:
    hall.issue(person={"name": "A Visitor", "id_kind": "passport", "id_number": "E12345678"})
    assert 'data-kind="person"' in ask(hall, q="E12345678", kind="passport")


def test_a_residence_permit_is_known_by_its_number(hall: Office) -> None:
    permit = next(number for last in "0123456789X" if is_right(number := f"81000019900101001{last}"))
    hall.issue(person={"name": "陈某", "id_kind": "hk_macao_taiwan_permit", "id_number": permit})
    assert 'data-kind="person"' in ask(hall, q=permit)


def test_a_misread_document_says_what_to_do(hall: Office) -> None:
    client, _ = hall.browser("guide")
    answer = client.post(
        f"{DESK}/ask", data={"q": "331082199001010011"}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "id_number_wrong"


def test_a_number_opens_its_ticket_and_another_days_does_not(hall: Office) -> None:
    hall.issue(items=[CARD], queue=None)
    assert 'data-kind="ticket"' in ask(hall, q="d001")
    assert 'data-kind="nobody"' in ask(hall, q="D002")


def test_the_code_of_a_slip_opens_it_wherever_it_is_from(hall: Office) -> None:
    mine, other = hall.issue(), hall.issue(hall=DISTRICT_HALL)
    assert 'data-kind="ticket"' in ask(hall, q=f"http://x/t/{mine['id']}?s=abc")
    assert 'data-kind="elsewhere"' in ask(hall, q=f"http://x/t/{other['id']}?s=abc")
    assert 'data-kind="nobody"' in ask(hall, q=f"/t/{'0' * 32}")


def test_words_may_be_an_item_or_a_name(hall: Office) -> None:
    shown = ask(hall, q="社保卡")
    assert f'data-take="{CARD}"' in shown
    assert 'data-by-name="社保卡"' in shown
    assert "choice-off" in ask(hall, q="抵押")


def test_a_name_finds_one_person_or_lists_namesakes(hall: Office) -> None:
    hall.issue(person=PERSON)
    hall.issue(person=PERSON)
    assert 'data-kind="person"' in ask(hall, name="王小明")
    hall.issue(person={"name": "王小明", "phone": "13900000000"})
    shown = ask(hall, name="王小明")
    assert 'data-kind="namesakes"' in shown
    assert shown.count("<h3") == 2
    ref = re.search(r'data-whose="(\w+)"', shown)
    assert ref
    assert 'data-kind="person"' in ask(hall, whose=ref[1])
    assert 'data-kind="nobody"' in ask(hall, name="李小明")


def test_whoever_has_no_business_here_is_not_opened_by_reference(hall: Office) -> None:
    away = hall.issue(hall=DISTRICT_HALL, person=PERSON)
    ref = Town(hall.standing.database, code=DISTRICT_HALL).ticket(away["id"]).person
    client, _ = hall.browser("guide")
    assert client.post(f"{DESK}/ask", data={"whose": str(ref)}).status_code == 404


def test_the_sheet_says_how_many_tickets_it_will_be(hall: Office) -> None:
    one = get(hall, f"{DESK}/take?item={CARD}&count=3&item={RENEWAL}&count=1").text
    assert one.count('class="card wanted"') == 2
    assert '<b class="number" data-counted>3</b>' in one
    assert "会出 2 张号" not in one
    assert "会出 2 张号" in get(hall, f"{DESK}/take?item={CARD}&item={TRADE}").text


def test_a_missed_ticket_has_its_way_back_once(hall: Office) -> None:
    ticket = hall.called()
    hall.post(f"/tickets/{ticket['id']}/missed", "clerk")
    path = f"{DESK}/tickets/{ticket['id']}"
    back = f"/api/v1/tickets/{ticket['id']}/reactivate"
    assert back in get(hall, path).text
    assert back in get(hall, f"{DESK}/watch").text
    hall.post(f"/tickets/{ticket['id']}/reactivate", "guide")
    assert back not in get(hall, path).text
    hall.post(f"/windows/{TOWN_HALL}-1/call-next", "clerk")
    hall.post(f"/tickets/{ticket['id']}/missed", "clerk")
    again = get(hall, path).text
    assert back not in again
    assert "已经激活过一次" in again


def test_the_desk_shows_who_is_coming(hall: Office) -> None:
    ticket = hall.called()
    fetch = f"/api/v1/tickets/{ticket['id']}/fetch"
    assert fetch in get(hall, f"{DESK}/watch").text
    hall.post(f"/tickets/{ticket['id']}/fetch", "guide")
    shown = get(hall, f"{DESK}/watch").text
    assert fetch not in shown
    assert "在路上" in shown


def test_a_ticket_of_another_hall_is_no_page_of_this_desk(hall: Office) -> None:
    other = hall.issue(hall=DISTRICT_HALL)
    assert get(hall, f"{DESK}/tickets/{other['id']}").status_code == 404
    assert get(hall, f"{DESK}/given?ticket={other['id']}").status_code == 404


def test_yesterdays_ticket_is_explained(hall: Office) -> None:
    hall.issue(person=PERSON)
    with hall.standing.database.work() as session:
        now = clock.now(session)
        clock.set_demo(session, to=now.replace(day=now.day + 1))
    hall.town.pass_time(days=1)
    hall.town.end_day(hall.town.now.date())
    shown = ask(hall, q=NUMBER)
    assert "11/23 收工前没轮到" in shown
    assert "/reactivate" not in shown


def test_the_slip_carries_the_number_the_code_and_the_end_of_the_document(hall: Office) -> None:
    body = {"items": [{"item": CARD}], "person": {"id_kind": "resident_id", "id_number": NUMBER}}
    given = hall.post(f"/halls/{TOWN_HALL}/guide/tickets", "guide", json=body, key=KEY)
    (ticket,) = told(given)["tickets"]
    shown = get(hall, f"{DESK}/given?ticket={ticket['id']}").text
    assert "D001" in shown
    assert "尾号 001X" in shown
    assert "<svg" in shown
    assert NUMBER not in shown


def test_a_hall_that_is_no_hall_is_not_found(hall: Office) -> None:
    assert get(hall, "/guide/NO-SUCH").status_code == 404
    assert get(hall, f"/guide/{CITY_HALL}").status_code == 403


def test_the_window_sees_that_she_is_coming_and_how_her_papers_were_found(hall: Office) -> None:
    body = {
        "items": [{"item": CARD}],
        "prechecks": [{"item": CARD, "papers": CARD_PAPERS, "result": "not_yet"}],
    }
    (ticket,) = told(hall.post(f"/halls/{TOWN_HALL}/guide/tickets", "guide", json=body))["tickets"]
    for verb in ("open", "call-next"):
        hall.post(f"/windows/{TOWN_HALL}-1/{verb}", "clerk")
    console = f"/window/{TOWN_HALL}-1/panel"
    assert "预审:没带" in get(hall, console, "clerk").text
    assert "导办台:人来了" not in get(hall, console, "clerk").text
    hall.post(f"/tickets/{ticket['id']}/fetch", "guide")
    assert "导办台:人来了" in get(hall, console, "clerk").text
