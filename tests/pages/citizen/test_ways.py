"""Where to go for it, and going there: by plain links and forms, whatever is asked."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from dispatch.waits.models import HallForecast
from dispatch.wiring.app import Web
from tests.pages.citizen.town import AT_HOME, NOWHERE, OTHER_DISTRICT
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


@pytest.mark.parametrize(
    ("lang", "says"), [("zh", "任何一个大厅的导办台"), ("en", "the guide desk of any hall")]
)
@pytest.mark.parametrize("who", ["who=elderly", "who=nophone", "who=self", "elder=1"])
def test_whoever_has_no_hall_at_home_is_told_who_helps(
    phone: FlaskClient, who: str, lang: str, says: str
) -> None:
    page = phone.get(f"/ways?item={AT_HOME}&home={OTHER_DISTRICT}&{who}&lang={lang}").text
    assert says in words("".join(re.findall(r'<p class="attention.*?</p>', page, re.DOTALL)))
    assert "12345" in page
    assert 'class="way-channel">' in page
    assert 'action="/journeys"' not in page
    assert "直接去窗口" not in page


TOGETHER = "/ways?item=HR-CARD&item=MI-REG"


def asked(page: str) -> str:
    """The question on a page; empty where none is asked."""
    return "".join(re.findall(r"<legend><h1>(.*?)</h1>", page))


def test_each_of_several_items_is_asked_about_and_nothing_twice(phone: FlaskClient) -> None:
    seen, address, page = [], TOGETHER, phone.get(TOGETHER).text
    while (question := asked(page)) and question not in seen:
        seen.append(question)
        assert "先不答,直接看去哪儿办" in page
        answer = re.findall(r'<button[^>]* name="answers" value="([^"]*)"', page)[0]
        address = f"{address}&{urlencode({'answers': answer})}"
        page = phone.get(address).text
    assert question == ""
    assert len(seen) >= 3
    assert "有的没问清" not in page
    assert page.count('<ul class="answered">') == 1
    for item in ("HR-CARD", "MI-REG"):
        (own,) = re.findall(rf'href="(/items/{item}\?[^"]*)"', page)
        assert "要带什么" in phone.get(own.replace("&amp;", "&")).text


def test_whoever_skips_the_questions_is_told_that_it_is_not_certain(phone: FlaskClient) -> None:
    (straight,) = re.findall(r'href="(/ways\?[^"]*straight=1)"', phone.get(TOGETHER).text)
    page = phone.get(straight.replace("&amp;", "&")).text
    assert asked(page) == ""
    assert channels(page)
    assert "还有问题没回答,答了以后也可能要换个办法" in page or "有的没问清" in page
    (again,) = re.findall(r'<a href="(/ways\?[^"]*)">答几个问题,说得更准', page)
    assert asked(phone.get(again.replace("&amp;", "&")).text)


def test_answers_that_fit_none_of_several_items_are_asked_anew(phone: FlaskClient) -> None:
    page = phone.get(f"{TOGETHER}&answers=HR-CARD.who%3Dnobody")
    assert page.status_code == 422
    assert asked(page.text)


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


def set_out_for_the_district(phone: FlaskClient, web: Web, address: str = FROM_TOWN) -> str:
    """Somebody is under way to the district's hall when the town's turns out to be surely better; her page."""
    foretell(web, town=[300, 240, 360, "test"], district=[2400, 2300, 2500, "test"])
    pattern = r'<form method="post" action="/journeys">.*?</form>'
    for form in re.findall(pattern, phone.get(address).text, re.DOTALL):
        going = phone.post("/journeys", data=dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))).location
        if "临海市政务服务中心" in phone.get(going).text:
            return going
    raise AssertionError("no way leads to the district's hall")


def test_another_hall_is_offered_under_way_where_it_is_surely_better(phone: FlaskClient, web: Web) -> None:
    going = set_out_for_the_district(phone, web)
    for shown in (going, "/mine"):
        page = phone.get(shown)
        assert "改去杜桥镇便民服务中心" in page.text
        assert "从现在起路上最多" in page.text
    other = phone.post(f"{going}/switch", data=form_of(page, f"{going}/switch")).location
    assert "杜桥镇便民服务中心" in phone.get(other).text


def test_whoever_says_no_to_another_hall_is_not_told_of_it_again(phone: FlaskClient, web: Web) -> None:
    going = set_out_for_the_district(phone, web)
    said_on_mine = phone.post(f"{going}/stay", data=form_of(phone.get("/mine"), f"{going}/stay"))
    assert said_on_mine.location == "/mine"
    for shown in (going, "/mine"):
        assert "改去" not in phone.get(shown).text
        assert "临海市政务服务中心" in phone.get(shown).text


def test_without_a_place_another_hall_is_weighed_by_way_of_hers(phone: FlaskClient, web: Web) -> None:
    going = set_out_for_the_district(
        phone, web, f"/ways?item={CARD}&answers=who%3Dself&answers=card%3Dplastic"
    )
    page = phone.get(going).text
    assert "就算先到临海市政务服务中心再过去" in page or "改去" not in page
    foretell(web, town=[300, 240, 360, "test"], district=[18000, 17900, 18100, "test"])
    page = phone.get(going).text
    assert "改去杜桥镇便民服务中心" in page
    assert "就算先到临海市政务服务中心再过去" in page
    assert "从现在起路上最多" not in page


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
