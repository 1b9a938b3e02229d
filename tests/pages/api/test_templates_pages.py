"""Templates by forms: written, planned, inherited, overridden; what an import would do; who gets in."""

import re
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dispatch.demo import CITY
from dispatch.wiring import templating
from tests.pages.api.office import OTHER_HALL, Office
from tests.standing_city import CITY_HALL, DISTRICT_HALL, TOWN_HALL

ONCE = re.compile(r'name="once" value="([^"]+)"')
MAKER, LEADER = "administrator", "supervisor"


class Person:
    """Somebody at a browser."""

    def __init__(self, api: Office, name: str) -> None:
        self.client: FlaskClient
        self.client, self.token = api.browser(name)
        self.page = ""

    def see(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        self.page = answer.text
        return self.page

    def press(self, path: str, **fields: object) -> TestResponse:
        """Send a form of the page that was seen last."""
        found = ONCE.search(self.page)
        assert found is not None
        told: dict[str, Any] = {"form_token": self.token, "once": found[1], **fields}
        return self.client.post(path, data=told)

    def done(self, path: str, **fields: object) -> str:
        """The same, where it works: the page that follows."""
        answer = self.press(path, **fields)
        assert answer.status_code == 303, answer.text
        return self.see(str(answer.headers["Location"]))


@pytest.fixture
def maker(api: Office) -> Person:
    return Person(api, MAKER)


@pytest.fixture
def leader(api: Office) -> Person:
    return Person(api, LEADER)


def define(maker: Person) -> str:
    maker.see("/admin/templates")
    page = maker.done(
        "/admin/templates", code="T-CITY", name="全市模板", name_en="City", hall=CITY_HALL, parent=""
    )
    assert "v:hours.weekly.mon" in page
    return "/admin/templates/T-CITY/1"


def put_in_force(api: Office, maker: Person, fields: dict[str, object]) -> None:
    base = define(maker)
    maker.done(f"{base}/edit", **fields)
    maker.done(f"{base}/plan", at="")
    maker.see(f"/admin/{TOWN_HALL}/template")
    maker.done(f"/admin/{TOWN_HALL}/template", template="T-CITY")
    templating.take_effect(api.town.database)


def test_strangers_are_led_to_the_door(api: Office) -> None:
    client, _ = api.browser()
    answer = client.get("/admin/templates")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/admin/templates")


def test_each_sees_the_halls_of_his_scope_and_the_rooms_he_may_enter(
    api: Office, maker: Person, leader: Person
) -> None:
    page = leader.see("/admin")
    assert (f"/admin/{TOWN_HALL}/template" in page, f"/admin/{OTHER_HALL}/template" in page) == (True, False)
    assert 'href="/admin/import"' not in page
    assert 'href="/admin/import"' in maker.see("/admin")
    client, _ = api.browser("clerk")
    assert client.get("/admin/import").status_code == 403
    assert leader.client.get(f"/admin/{OTHER_HALL}/template").status_code == 404


def test_the_chooser_keeps_the_room(leader: Person) -> None:
    answer = leader.client.get(f"/admin/go?room=template&hall={DISTRICT_HALL}")
    assert answer.headers["Location"] == f"/admin/{DISTRICT_HALL}/template"
    answer = leader.client.get(f"/admin/go?room=templates&hall={DISTRICT_HALL}")
    assert answer.headers["Location"] == "/admin/templates"


def test_a_template_is_written_previewed_and_planned(api: Office, maker: Person) -> None:
    base = define(maker)
    page = maker.done(
        f"{base}/edit", **{"v:hours.weekly.mon": "9:00-12:00 13:00–17:00", "l:hours.weekly.mon": "yes"}
    )
    assert "09:00–12:00, 13:00–17:00" in page
    assert "已锁住" in page
    page = maker.done(f"{base}/plan", at="2026-12-01T08:00")
    assert "2026-12-01 08:00" in page
    assert "已定时间" in page
    page = maker.done(f"{base}/withdraw")
    assert "草稿" in page


def test_a_queue_is_added_by_its_code(maker: Person) -> None:
    base = define(maker)
    page = maker.done(f"{base}/edit", then="queue", queue="e")
    assert 'name="v:queues.E.name"' in page


def test_a_hall_sees_where_each_field_comes_from(api: Office, maker: Person, leader: Person) -> None:
    put_in_force(
        api,
        maker,
        {
            "v:hours.weekly.mon": "09:00-12:00",
            "v:hours.weekly.tue": "09:00-12:00",
            "l:hours.weekly.tue": "yes",
        },
    )
    page = leader.see(f"/admin/{TOWN_HALL}/template")
    assert "继承 1 项,锁住 1 项,本厅改过 0 项" in page
    page = leader.see(f"/admin/{TOWN_HALL}/template/edit")
    assert 'name="v:hours.weekly.mon"' in page
    assert 'name="v:hours.weekly.tue"' not in page
    page = leader.done(f"/admin/{TOWN_HALL}/template/edit", **{"v:hours.weekly.mon": "10:00-12:00"})
    assert "继承 0 项,锁住 1 项,本厅改过 1 项" in page
    assert "10:00–12:00" in page


def test_a_locked_field_is_refused_with_the_way_back(api: Office, maker: Person, leader: Person) -> None:
    put_in_force(api, maker, {"v:hours.weekly.mon": "09:00-12:00", "l:hours": "yes"})
    leader.see(f"/admin/{TOWN_HALL}/template/edit")
    answer = leader.press(f"/admin/{TOWN_HALL}/template/edit", **{"v:hours.weekly.mon": "10:00-12:00"})
    assert answer.status_code == 409
    assert "全市模板" in answer.text


def test_a_supervisor_does_not_write_templates(maker: Person, leader: Person) -> None:
    base = define(maker)
    page = leader.see(base)
    assert "data-opens" not in page
    leader.see("/admin")
    leader.page = maker.page
    assert leader.press(f"{base}/plan", at="").status_code == 403


def test_a_form_sent_twice_plans_once(maker: Person) -> None:
    base = define(maker)
    first = maker.press(f"{base}/plan", at="")
    again = maker.press(f"{base}/plan", at="")
    assert (first.status_code, again.status_code) == (303, 303)
    other = maker.press(f"{base}/plan", at="2027-01-01T00:00")
    assert other.status_code == 422


def test_going_back_makes_a_new_version(api: Office, maker: Person) -> None:
    put_in_force(api, maker, {"v:hours.weekly.mon": "09:00-12:00"})
    maker.see("/admin/templates/T-CITY/1")
    page = maker.see("/admin/templates/T-CITY")
    maker.done("/admin/templates/T-CITY/1/draft")
    maker.done("/admin/templates/T-CITY/2/edit", **{"v:hours.weekly.mon": "10:00-12:00"})
    maker.done("/admin/templates/T-CITY/2/plan", at="")
    templating.take_effect(api.town.database)
    maker.see("/admin/templates/T-CITY/1")
    page = maker.done("/admin/templates/T-CITY/1/back", at="")
    assert "第 3 版" in page
    templating.take_effect(api.town.database)
    assert "09:00–12:00" in maker.see(f"/admin/{TOWN_HALL}/template")


@pytest.mark.parametrize("typed", ["9-12", "morning", "12:00-09:00"])
def test_what_cannot_be_read_is_refused(maker: Person, typed: str) -> None:
    base = define(maker)
    assert maker.press(f"{base}/edit", **{"v:hours.weekly.mon": typed}).status_code == 422


def test_an_import_is_looked_at_first(api: Office, maker: Person) -> None:
    api.town.take("A")
    names = ("city.json", "halls.json", "calendar.csv", "items.json", "bundles.json")
    files = [(BytesIO((CITY / name).read_bytes()), name) for name in names]
    page = maker.client.post("/admin/import", data={"form_token": maker.token, "files": files})
    assert page.status_code == 200
    assert "个大厅会变" in page.text
    broken = [(BytesIO(b"{"), "city.json")]
    page = maker.client.post("/admin/import", data={"form_token": maker.token, "files": broken})
    assert "这些文件不能导入" in page.text
    forged = maker.client.post("/admin/import", data={"files": [(BytesIO(b"{"), "city.json")]})
    assert forged.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/admin",
        "/admin/templates",
        "/admin/templates/T-CITY",
        "/admin/templates/T-CITY/1",
        "/admin/templates/T-CITY/1/edit",
        f"/admin/{TOWN_HALL}/template",
        f"/admin/{TOWN_HALL}/template/edit",
        "/admin/import",
    ],
)
def test_every_page_speaks_english(maker: Person, path: str) -> None:
    define(maker)
    page = maker.see(f"{path}?lang=en")
    assert '<html lang="en">' in page
    assert "大厅" not in re.sub(r"<option.*?</option>", "", page).replace("中文", "")
