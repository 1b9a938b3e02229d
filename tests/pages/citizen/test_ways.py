"""Where to go for it, and going there: by plain links and forms, whatever is asked."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from dispatch.waits.models import HallForecast
from dispatch.wiring.app import Web
from tests.pages.citizen.town import NOWHERE
from tests.pages.test_citizen_and_kiosk import form_of
from tests.pages.test_waits_shown import words
from tests.standing_city import CARD, CITY_HALL, DISTRICT_HALL, MORNING, TOWN_HALL

FROM_TOWN = f"/ways?item={CARD}&answers=who%3Dself&answers=card%3Dplastic&from={TOWN_HALL}"
SUNDAY = "2026-11-29T10:00"


CHANNEL = re.compile(r'<span class="way-channel">(.*?)</span>')


def channels(page: str) -> list[str]:
    """The channels of the ways on a page, in their order."""
    return CHANNEL.findall(page)


def accept(phone: FlaskClient, address: str = FROM_TOWN) -> str:
    """Take the first way that leads to a counter; the page that follows."""
    page = phone.get(address)
    return phone.post("/journeys", data=form_of(page, "/journeys")).location


def test_ways_come_in_order_and_the_fruit_belongs_to_one(phone: FlaskClient) -> None:
    page = phone.get(FROM_TOWN).text
    order = ["手机", "电脑", "自助机", "窗口"]
    assert list(dict.fromkeys(channels(page))) == order
    assert channels(page) == sorted(channels(page), key=order.index)
    assert page.count("key-fruit") == 1


def test_a_channel_is_passed_over_and_brought_back_but_a_counter_never(phone: FlaskClient) -> None:
    page = phone.get(f"{FROM_TOWN}&skip=app&skip=web&skip=counter").text
    assert set(channels(page)) == {"自助机", "窗口"}
    assert "跳过了" in page
    assert "把跳过的办法加回来" in page


@pytest.mark.parametrize("who", ["who=elderly", "who=nophone", "elder=1"])
def test_older_people_and_those_without_a_phone_go_straight_to_a_counter(
    phone: FlaskClient, who: str
) -> None:
    page = phone.get(f"{FROM_TOWN}&{who}").text
    assert set(channels(page)) == {"窗口"}
    assert "到了有人帮您办" in page
    (itself,) = re.findall(r'<a href="(\?[^"]*)">想自己办,看别的办法', page)
    assert "手机" in channels(phone.get(f"/ways{itself.replace('&amp;', '&')}").text)


def test_without_a_place_every_way_is_taken_to_be_as_long(phone: FlaskClient) -> None:
    page = phone.get(f"/ways?item={CARD}").text
    assert "没说从哪里出发" in page
    assert "路上按 20 分算" in page
    assert "公里" not in words(page)
    assert "离您最近" not in page


@pytest.mark.parametrize(
    ("asked", "says", "leads"),
    [
        ("near=39.9,116.4", "不在本市范围内", "先不说从哪里出发"),
        ("at=2020-01-01T09:00", "出发时间已经过去", "现在出发"),
        ("at=2027-06-01T09:00", "出发时间太远", "现在出发"),
        ("at=tomorrow", "看不懂这个时间", "现在出发"),
    ],
)
def test_what_cannot_be_asked_so_says_what_to_do(
    phone: FlaskClient, asked: str, says: str, leads: str
) -> None:
    page = phone.get(f"/ways?item={CARD}&{asked}")
    assert page.status_code == 422
    assert says in page.text
    assert leads in page.text
    name = asked.partition("=")[0]
    (back,) = re.findall(rf'<a class="key key-wide" href="(\?[^"]*)">{leads}', page.text)
    assert f"{name}=" not in back
    assert phone.get(f"/ways{back.replace('&amp;', '&')}").status_code == 200


def test_what_nobody_does_says_whom_to_ask(phone: FlaskClient) -> None:
    page = phone.get(f"/ways?item={NOWHERE}")
    assert page.status_code == 422
    assert "全市没有地方办这件事" in page.text
    assert "12345" in page.text


def test_answers_that_do_not_fit_lead_back_to_the_question(phone: FlaskClient) -> None:
    page = phone.get(f"/ways?item={CARD}&answers=who%3Dnobody", follow_redirects=True)
    assert page.request.path == f"/items/{CARD}"
    assert page.status_code == 422


@pytest.mark.parametrize("missing", ["item=NO-SUCH", "from=H-0", "item="])
def test_what_there_is_not_is_said_by_a_page(phone: FlaskClient, missing: str) -> None:
    page = phone.get(f"/ways?{missing if missing.startswith('item') else f'item={CARD}&{missing}'}")
    assert page.status_code in (404, 422)
    assert "回首页" in page.text


@pytest.mark.parametrize(("lang", "says"), [("zh", "没有大厅来得及办,下次最早是"), ("en", "next")])
def test_where_all_is_closed_the_next_chance_is_told(phone: FlaskClient, lang: str, says: str) -> None:
    page = phone.get(f"/ways?item={CARD}&at={SUNDAY}&lang={lang}").text
    note = words("".join(re.findall(r'<p class="attention.*?</p>', page, re.DOTALL)))
    assert says in note
    assert "None" not in note
    assert ("台州" in note or "临海" in note or "杜桥" in note) == (lang == "zh")
    assert 'action="/journeys"' not in page


def test_each_hall_that_is_left_out_is_named_with_its_reason(phone: FlaskClient) -> None:
    page = phone.get(f"{FROM_TOWN}").text
    (left_out,) = re.findall(r"没有列出的,为什么.*?</details>", page, re.DOTALL)
    assert "台州市政务服务中心这里不办这件事" in words(left_out)


def test_whoever_accepts_is_told_when_to_leave_and_may_take_her_number(phone: FlaskClient) -> None:
    going = accept(phone)
    page = phone.get(going)
    assert "现在出发" in page.text
    assert "杜桥镇便民服务中心" in page.text
    assert "uri.amap.com" in page.text
    taken = phone.post("/tickets", data=form_of(page, "/tickets")).location
    assert "D0" in phone.get(taken).text
    after = phone.get(going).text
    assert "已经取了号" in after
    assert f'href="{taken}"' in after


def test_going_is_given_up_and_chosen_again(phone: FlaskClient) -> None:
    going = accept(phone).partition("?")[0]
    phone.post(f"{going}/cancel", data=form_of(phone.get(going), f"{going}/cancel"))
    page = phone.get(going).text
    assert "不去了" in page
    assert f'href="/ways?item={CARD}"' in page


def test_sending_it_twice_is_going_once(phone: FlaskClient) -> None:
    form = form_of(phone.get(FROM_TOWN), "/journeys")
    first = phone.post("/journeys", data=form).location
    assert phone.post("/journeys", data=form).location == first
    phone.delete_cookie("tongban_journeys")
    assert phone.post("/journeys", data=form).location == first
    assert "under_way" not in first
    assert "现在就取号" in phone.get(first).text


def test_whoever_chooses_another_hall_of_the_same_ways_gives_the_first_up(phone: FlaskClient) -> None:
    page = phone.get(FROM_TOWN).text
    forms = re.findall(r'<form method="post" action="/journeys">.*?</form>', page, re.DOTALL)
    first, second = (
        phone.post("/journeys", data=dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))).location
        for form in forms[:2]
    )
    assert "不去了" in phone.get(first).text
    assert 'action="/tickets"' not in phone.get(first).text
    assert "临海市政务服务中心" in phone.get(second).text


def foretell(web: Web, **waits: object) -> None:
    """What the process that computes ahead has left of halls, by the last figures of their codes."""
    with web.database.work() as session:
        for place in (TOWN_HALL, DISTRICT_HALL):
            row = HallForecast(
                hall=place,
                epoch=1,
                based_on=1,
                as_of=MORNING,
                due_at=MORNING + timedelta(minutes=1),
                queues={"D": waits["town" if place == TOWN_HALL else "district"]},
                arrivals={},
                tickets={},
            )
            session.merge(row)


def test_another_hall_is_offered_under_way_where_it_is_surely_better(phone: FlaskClient, web: Web) -> None:
    foretell(web, town=[300, 240, 360, "test"], district=[2400, 2300, 2500, "test"])
    forms = re.findall(
        r'<form method="post" action="/journeys">.*?</form>', phone.get(FROM_TOWN).text, re.DOTALL
    )
    far = dict(re.findall(r'name="(\w+)" value="([^"]*)"', forms[1]))
    going = phone.post("/journeys", data=far).location
    page = phone.get(going)
    assert "改去杜桥镇便民服务中心" in page.text
    bare = going.partition("?")[0]
    assert "改去" not in phone.get(bare).text
    other = phone.post(f"{bare}/switch", data=form_of(page, f"{bare}/switch")).location
    assert "杜桥镇便民服务中心" in phone.get(other).text


def test_without_a_place_no_other_hall_is_weighed(phone: FlaskClient) -> None:
    assert "by=" not in accept(phone, f"/ways?item={CARD}")
    assert "by=transit" in accept(phone)


def test_nobody_else_sees_where_somebody_goes(phone: FlaskClient, web: Web) -> None:
    going = accept(phone).partition("?")[0]
    assert web.app.test_client().get(going).status_code == 403
    assert going in phone.get("/mine").text
    assert going in phone.get("/").text


def test_a_form_of_another_site_sets_nobody_on_her_way(phone: FlaskClient) -> None:
    form = form_of(phone.get(FROM_TOWN), "/journeys")
    assert phone.post("/journeys", data={**form, "form_token": "0" * 64}).status_code == 403
    assert CITY_HALL not in form.values()
    assert DISTRICT_HALL not in form.values()
