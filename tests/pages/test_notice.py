"""The one-time notice as a page: for whoever answered so, in both languages, by a short link and by a message."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from adapters.sms.pretend import PretendMessenger
from dispatch.catalogue import editing
from dispatch.foundation import limits
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.wiring.app import Web, create_web
from tests.standing_city import (
    BUILDER,
    CARD,
    MORNING,
    PLACES,
    RENEWAL,
    TOWN_HALL,
    build,
    item_row,
    placement_rows,
)

FILM = "https://films.example.org/a/card.mp4"
ANSWERED = {"answers": ["who=child", "card=plastic"]}


@pytest.fixture
def city(sqlite_url: str) -> Iterator[Database]:
    """The standing city."""
    database = Database(sqlite_url)
    build(database)
    yield database
    database.dispose()


@pytest.fixture
def web(city: Database, tmp_path: Path) -> Iterator[Web]:
    """Its web application."""
    made = create_web(Settings(database_url=city.url, var=tmp_path, demo=True, secure_cookies=False))
    yield made
    made.stop()


@pytest.fixture
def phone(web: Web) -> FlaskClient:
    """Somebody's browser."""
    return web.app.test_client()


@pytest.fixture
def messenger(web: Web) -> PretendMessenger:
    """Who sends the messages."""
    found: PretendMessenger = web.app.extensions["messenger"]
    return found


def change(city: Database, code: str, **details: object) -> None:
    """The catalogue with something else said of one item."""
    rows = [item_row(each) for each in PLACES]
    for row in rows:
        if row["code"] == code:
            row["details"] = {**row["details"], **details}
    with city.work() as session:
        editing.replace(session, rows, [], placement_rows(), now=MORNING, actor=BUILDER)


def text_of(page: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def send(phone: FlaskClient, number: str, **more: object) -> TestResponse:
    page = phone.get(f"/notice/{CARD}", query_string=ANSWERED)
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token
    told = {"form_token": token[1], "phone": number, **ANSWERED, **more}
    return phone.post(f"/notice/{CARD}/sms", data=told, follow_redirects=True)


def test_a_notice_tells_all_that_it_takes_for_the_answers_given(phone: FlaskClient) -> None:
    page = phone.get(f"/notice/{RENEWAL}", query_string={"answers": ["prints=yes", "change=none"]})
    told = text_of(page)
    for said in (
        "居民身份证到期换领",
        "公安局",
        "要带什么",
        "20 天内办好",
        "工本费 20 元",
        "到窗口办",
        "杜桥镇",
    ):
        assert said in told
    assert "个问题没回答" not in told
    assert re.search(r"按 2026-11-23 的事项目录\([0-9a-f]{8}\)", told)


def test_what_is_not_answered_is_said_and_led_to(phone: FlaskClient) -> None:
    page = phone.get(f"/notice/{RENEWAL}")
    assert "还有 2 个问题没回答" in text_of(page)
    assert f'href="/items/{RENEWAL}"' in page.text


def test_what_the_catalogue_does_not_know_is_not_mentioned(phone: FlaskClient, city: Database) -> None:
    change(city, CARD, fees=None, promise_days=None)
    told = text_of(phone.get(f"/notice/{CARD}", query_string=ANSWERED))
    assert "要交多少钱" not in told
    assert "多久办好" not in told


def test_a_paper_says_whether_it_is_fetched_copied_and_where_to_get_it(
    phone: FlaskClient, city: Database
) -> None:
    plain = {"name": "委托书", "name_en": "Proxy", "shared": False, "deferrable": True}
    got = {"copies": 2, "source": "公证处", "source_en": "A notary"}
    change(
        city,
        CARD,
        papers=[{**plain, **got}, {**plain, "name": "户口簿", "name_en": "Register", "shared": True}],
    )
    told = text_of(phone.get(f"/notice/{CARD}", query_string=ANSWERED))
    assert "委托书 原件,另带复印件 2 份 可以后补 没有的话去这里开:公证处" in told
    assert "户口簿 可以不带,现场调取" in told


def test_it_speaks_english_and_keeps_the_answers(phone: FlaskClient) -> None:
    page = phone.get(f"/notice/{CARD}", query_string={**ANSWERED, "lang": "en"})
    assert "What to bring" in page.text
    assert "answers=who%3Dchild" in page.text
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r'<[^>]*lang="zh-CN".*?</', "", page.text))


def test_the_nearest_halls_come_first(phone: FlaskClient) -> None:
    page = phone.get(f"/notice/{CARD}", query_string={**ANSWERED, "from": TOWN_HALL})
    places = re.search(r'told-places">(.*?)</section>', page.text, re.DOTALL)
    assert places
    names = re.findall(r"<b>(.*?)</b>", places[1])
    assert names[0] == "杜桥镇便民服务中心"
    assert "就在这里" in places[1]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("answers=nobody%3Dasked", 422),
        ("answers=who%3Dnobody", 422),
        ("near=far", 422),
        ("near=91,10", 422),
        ("from=H-NOWHERE", 404),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(phone: FlaskClient, query: str, status: int) -> None:
    assert phone.get(f"/notice/{CARD}?{query}").status_code == status


def test_an_item_that_is_none_has_no_notice(phone: FlaskClient) -> None:
    for path in ("/notice/NONE", "/n/NONE", "/n/NONE/a=b", "/notice/NONE/film", f"/notice/{CARD}/film"):
        assert phone.get(path).status_code == 404


def test_the_short_link_leads_back_to_the_same_notice(phone: FlaskClient) -> None:
    led = phone.get(f"/n/{CARD}/who=child,card=plastic")
    assert led.status_code == 302
    assert text_of(phone.get(led.location)) == text_of(phone.get(f"/notice/{CARD}", query_string=ANSWERED))


def test_an_old_slip_says_that_the_catalogue_has_changed(phone: FlaskClient) -> None:
    page = phone.get(f"/n/{CARD}/who=child,colour=red,nonsense", follow_redirects=True)
    assert page.status_code == 200
    assert "事项目录改过了" in page.text
    assert "未成年" in text_of(page) or "孩子" in text_of(page)


def test_a_message_holds_the_link_and_the_title_and_nothing_else(
    phone: FlaskClient, messenger: PretendMessenger
) -> None:
    page = send(phone, "+86 138-0000-0000")
    assert "发出去了" in page.text
    link = f"http://localhost/n/{CARD}/who=child,card=plastic"
    assert list(messenger.sent) == [("13800000000", f"通办:“社会保障卡申领”要带什么、去哪儿办 {link}")]
    assert "13800000000" not in page.text


def test_no_number_is_kept(phone: FlaskClient, city: Database, caplog: pytest.LogCaptureFixture) -> None:
    send(phone, "13800000000")
    assert b"13800000000" not in Path(city.url.removeprefix("sqlite:///")).read_bytes()
    assert "1380000" not in caplog.text
    with city.reading() as session:
        assert session.query(limits.RateBucket).count() == 1


@pytest.mark.parametrize(
    "number", ["", "12800000000", "1380000000", "+1 202 555 0100", "00852 9123 4567", "1" * 30]
)
def test_only_mobile_numbers_of_the_mainland_get_one(
    phone: FlaskClient, messenger: PretendMessenger, number: str
) -> None:
    assert "手机号不对" in send(phone, number).text
    assert not messenger.sent


def test_nobodys_telephone_is_plagued(phone: FlaskClient, messenger: PretendMessenger) -> None:
    told = [send(phone, "13800000000").text for _ in range(3)]
    assert "发得太多了" in told[-1]
    assert len(messenger.sent) == 2
    assert "发出去了" in send(phone, "13800000001").text


def test_a_gateway_that_is_down_is_said_and_a_foreign_form_refused(
    phone: FlaskClient, messenger: PretendMessenger
) -> None:
    messenger.broken = True
    assert "现在发不出短信" in send(phone, "13800000000").text
    assert send(phone, "13800000000", form_token="0" * 64).status_code == 403


def test_a_city_without_a_gateway_offers_no_messages(phone: FlaskClient, web: Web) -> None:
    web.app.extensions["messenger"] = None
    assert 'action="/notice' not in phone.get(f"/notice/{CARD}").text


def test_a_film_is_shown_where_there_is_one_and_lets_in_its_host_only(
    phone: FlaskClient, city: Database
) -> None:
    assert "/film" not in phone.get(f"/notice/{CARD}").text
    change(city, CARD, video=FILM)
    assert f"/notice/{CARD}/film" in phone.get(f"/notice/{CARD}").text
    page = phone.get(f"/notice/{CARD}/film")
    assert f'<video class="film" src="{FILM}"' in page.text
    assert "media-src 'self' https://films.example.org;" in page.headers["Content-Security-Policy"]
    assert "films" not in phone.get(f"/notice/{CARD}").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "film", ["http://a.example/x.mp4", "https://a.example;sandbox/x", "https://a b/x", 7]
)
def test_what_is_no_films_address_is_no_film(phone: FlaskClient, city: Database, film: object) -> None:
    change(city, CARD, video=film)
    assert phone.get(f"/notice/{CARD}/film").status_code == 404
