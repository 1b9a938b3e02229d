"""The finder at a kiosk: in own words, by initials, to a number or a notice; and addresses that make no sense."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dispatch.catalogue.models import Unfound
from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.halls import finding as halls
from dispatch.halls.devices import hearing, pairing, tokens
from dispatch.halls.devices.hearing import Said
from dispatch.halls.devices.models import Device
from dispatch.halls.devices.pairing import About
from dispatch.notices import paper
from dispatch.notices.models import PrintJob
from dispatch.pages.shared.calls import DEVICE_COOKIE
from tests.standing_city import CARD, MORNING, MORTGAGE, RENEWAL, TOWN_HALL, Town

KIOSK = f"/kiosk/{TOWN_HALL}"
ITEM = f"{KIOSK}/i/{RENEWAL}"


@pytest.fixture
def machine(visitor: FlaskClient, database: Database) -> FlaskClient:
    """The same on a paired machine that prints."""
    now = clock.real_now()
    with database.work() as session:
        about = About(abilities=["print"])
        token = pairing.pair(session, halls.hall(session, TOWN_HALL), "kiosk", now=now, about=about)
    with database.work() as session:
        hearing.hear(session, token, Said(), now=MORNING, real_now=now)
        assert tokens.known(session, token)
    visitor.set_cookie(DEVICE_COOKIE, token)
    return visitor


def hidden_of(page: TestResponse, action: str) -> list[tuple[str, str]]:
    form = re.search(rf'<form[^>]*action="{re.escape(action)}.*?</form>', page.text, re.DOTALL)
    assert form, page.text
    return re.findall(r'name="(\w+)" value="([^"]*)"', form[0])


def post(visitor: FlaskClient, page: TestResponse, action: str) -> TestResponse:
    pairs: dict[str, list[str]] = {}
    for name, value in hidden_of(page, action):
        pairs.setdefault(name, []).append(value)
    return visitor.post(action, data=pairs)


def test_three_screens_lead_to_a_number(visitor: FlaskClient) -> None:
    assert f'href="{KIOSK}/find"' in visitor.get(KIOSK).text
    found = visitor.get(f"{KIOSK}/find", query_string={"q": "社保卡"})
    link = re.search(rf'href="({KIOSK}/i/{CARD}[^"]*)"', found.text)
    assert link
    item = visitor.get(link[1].replace("&amp;", "&"))
    slip = visitor.get(post(visitor, item, f"{KIOSK}/tickets").location)
    assert "D001" in slip.text


def test_letters_are_added_and_taken_back_and_nothing_is_counted_as_searched(
    visitor: FlaskClient, database: Database
) -> None:
    at, typed = f"{KIOSK}/find", ""
    for letter in "SBKX":
        led = visitor.get(at, query_string={"q": typed, "add": letter})
        typed += letter.lower()
        assert led.location == f"{at}?q={typed}&pad=1"
    assert visitor.get(at, query_string={"q": typed, "add": "-"}).location == f"{at}?q=sbk&pad=1"
    assert f"{KIOSK}/i/{CARD}" in visitor.get(f"{at}?q=sbk&pad=1").text
    assert "没找到" in visitor.get(f"{at}?q=qqqq&pad=1").text
    with database.reading() as session:
        assert session.query(Unfound).count() == 0


def test_larger_type_and_the_other_language_keep_what_was_typed_and_answered(visitor: FlaskClient) -> None:
    found = visitor.get(f"{KIOSK}/find?q=sbk&pad=1").text
    assert "?q=sbk&amp;pad=1&amp;big=1" in found
    assert "?q=sbk&amp;pad=1&amp;lang=en" in found
    asked = visitor.get(f"{ITEM}/notice?answers=prints%3Dyes&unsure=change&big=1").text
    assert "?answers=prints%3Dyes&amp;unsure=change&amp;big=1&amp;lang=en" in asked


def test_an_item_that_is_not_taken_here_says_so_and_shows_other_ways(visitor: FlaskClient) -> None:
    page = visitor.get(f"{KIOSK}/i/{MORTGAGE}")
    assert "这个厅不办" in page.text
    assert f'action="{KIOSK}/tickets' not in page.text
    assert f"{KIOSK}/i/{MORTGAGE}/ways" in page.text


def test_questions_come_one_by_one_and_lead_to_the_notice(visitor: FlaskClient) -> None:
    first = visitor.get(f"{ITEM}/notice?q=sfz")
    assert "第 1 问,共 2 问" in first.text
    second = visitor.get(f"{ITEM}/notice?q=sfz&answers=prints%3Dyes")
    assert "第 2 问,共 2 问" in second.text
    assert f'href="{ITEM}/notice?q=sfz"' in second.text  # back to the first
    notice = visitor.get(f"{ITEM}/notice?q=sfz&answers=prints%3Dyes&unsure=change")
    assert "工本费 20 元" in notice.text
    assert f'href="{ITEM}?q=sfz&amp;answers=prints%3Dyes&amp;unsure=change"' in notice.text


def test_the_notice_comes_out_on_paper_with_the_nearest_halls(
    machine: FlaskClient, database: Database, tmp_path: Path
) -> None:
    page = machine.get(f"{ITEM}/notice?answers=prints%3Dyes&answers=change%3Dnone")
    led = post(machine, page, f"{ITEM}/notice")
    assert 'data-paper="printing"' in machine.get(led.location).text
    with database.reading() as session:
        (job,) = session.query(PrintJob)
        assert (job.notice, job.ticket) == (
            {"item": RENEWAL, "answers": {"prints": "yes", "change": "none"}},
            None,
        )
        keys = machine.application.extensions["tongban"].keys
        sheet = paper.sheet_of(session, keys, job)
    told = paper.text_of(sheet)
    assert told[:2] == ["一次告知", "居民身份证到期换领"]
    assert "- 杜桥镇便民服务中心" in told
    assert sheet.link == f"http://localhost/n/{RENEWAL}/prints=yes,change=none"
    assert max(sum(2 if ord(sign) > 0xFF else 1 for sign in line) for line in told) <= 2 * paper.WIDEST


def test_a_machine_without_paper_says_so_and_shows_the_code(machine: FlaskClient, database: Database) -> None:
    with database.work() as session:
        (device,) = session.query(Device)
        device.paper = "out"
    page = machine.get(f"{ITEM}/notice?unsure=prints&unsure=change")
    led = post(machine, page, f"{ITEM}/notice")
    assert 'data-paper="failed"' in machine.get(led.location).text


def test_other_ways_are_shown_from_this_hall(visitor: FlaskClient, database: Database) -> None:
    Town(database).open("1")
    page = visitor.get(f"{KIOSK}/i/{CARD}/ways")
    assert "怎么办最快" in page.text
    assert "杜桥镇便民服务中心" in page.text
    assert len(re.findall(r'<article class="card way', page.text)) <= 3


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("find?q=%00", 200),
        ("find?q=" + "a" * 500, 200),
        ("find?q=&add=%2D", 303),
        ("i/NONE", 404),
        ("i/NONE/notice", 404),
        ("i/NONE/ways", 404),
        (f"i/{CARD}/film", 404),
        (f"i/{CARD}?answers=nobody%3Dasked&answers=nonsense&unsure=nothing", 200),
        (f"i/{CARD}/notice?answers=who%3Dnobody", 200),
        (f"i/{CARD}/notice?unsure=who&unsure=card&job=none-such", 200),
        ("t/none/elsewhere?s=none", 403),
        ("j/none?s=none", 403),
    ],
)
def test_strange_addresses_are_harmless(visitor: FlaskClient, path: str, status: int) -> None:
    assert visitor.get(f"{KIOSK}/{path}").status_code == status


def test_a_foreign_form_prints_nothing(machine: FlaskClient, database: Database) -> None:
    assert machine.post(f"{ITEM}/notice", data={"form_token": "0" * 64}).status_code == 403
    with database.reading() as session:
        assert session.query(PrintJob).count() == 0
