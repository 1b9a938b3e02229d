"""The order of channels and the lists of halls on the administrator's pages, and what follows from them."""

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from werkzeug.test import TestResponse

from dispatch.catalogue.volumes import taking
from dispatch.ports.channels import Counted
from dispatch.routing.ordering import proposing
from dispatch.routing.ordering.proposing import Span
from dispatch.routing.ordering.rules import Bars
from tests.pages.api.office import KEY, Office, told
from tests.standing_city import BUILDER, CARD, MORNING, RENEWAL, TOWN_HALL

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = MORNING.astimezone(ZONE).date()
CHANNELS, LISTS = "/admin/channels", f"/admin/{TOWN_HALL}/lists"
BAD, GOOD = (40, 15, 14), (40, 37, 1)
BOSS = "administrator"


@pytest.fixture
def ident(api: Office) -> str:
    """A proposal: one item goes badly on the phone."""
    span = Span.until(TODAY, days=28, back_days=15)
    rows = [
        Counted(span.first + timedelta(days=n), CARD, channel, *figures)
        for n in range(28)
        for channel, figures in (("app", BAD), ("web", GOOD), ("counter", GOOD))
    ]
    with api.web.database.work() as session:
        taking.take(session, rows, "portal", now=MORNING, actor=BUILDER)
    with api.web.database.reading() as session:
        seen = proposing.look(session, span, ZONE)
    with api.web.database.work() as session:
        proposing.review(session, seen, Bars(), now=MORNING, actor=BUILDER)
    (found,) = re.findall(r"/admin/channels/(\w{32})/approve", look(api).text)
    return str(found)


def look(api: Office, path: str = CHANNELS, who: str | None = BOSS, lang: str = "zh") -> TestResponse:
    client, _ = api.browser(who)
    return client.get(path + f"?lang={lang}")


def press(api: Office, path: str, who: str = BOSS, key: str = KEY, **said: Any) -> TestResponse:  # noqa: ANN401
    client, token = api.browser(who)
    return client.post(path, data={"form_token": token, "once": key, **said})


def routed(api: Office, **abilities: bool) -> list[dict[str, Any]]:
    asked = {"items": [CARD], "lat": 28.77, "lon": 121.49, "abilities": abilities}
    options: list[dict[str, Any]] = told(api.post("/routes", json=asked))["options"]
    return options


def order(options: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(option["channel"] for option in options))


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 303),
        ("clerk", 403),
        ("guide", 403),
        ("supervisor", 200),
        ("administrator", 200),
        ("auditor", 200),
    ],
)
def test_who_sees_the_channels(api: Office, who: str | None, status: int) -> None:
    assert look(api, who=who).status_code == status


def test_a_proposal_is_shown_with_its_reason_and_figures(api: Office, ident: str) -> None:
    page = look(api).text
    assert "办成又没再去窗口的最多只有" in page
    assert f">{40 * 28}<" in page
    assert "2026-" in page
    english = look(api, lang="en").text
    assert "goes behind the counter" in english
    assert not re.search(
        r"[\u4e00-\u9fff]{2,}", re.sub(r"<select.*?</select>|中文", "", english, flags=re.DOTALL)
    )


def test_only_whoever_looks_after_the_whole_city_decides(api: Office, ident: str) -> None:
    assert "批准新的先后" not in look(api, who="supervisor").text
    for who in ("supervisor", "clerk", "auditor", "other supervisor"):
        assert press(api, f"{CHANNELS}/{ident}/approve", who).status_code == 403
    assert press(api, f"{CHANNELS}/{ident}/lapse").status_code == 404
    assert press(api, f"{CHANNELS}/{'0' * 32}/approve").status_code == 404


def test_what_is_approved_shows_in_routes_and_is_undone(api: Office, ident: str) -> None:
    before = routed(api)
    assert order(before)[0] == "app"
    for _ in range(2):
        answer = press(api, f"{CHANNELS}/{ident}/approve")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{CHANNELS}?done=approve")
    after = routed(api)
    assert order(after)[-1] == "app"
    assert set(order(after)) == set(order(before))
    (reason,) = [r for r in after[-1]["reasons"] if r["code"] == "moved_down"]
    assert "%" in reason["text"]
    assert [option["rank"] for option in after] == list(range(1, len(after) + 1))
    page = look(api).text
    assert "正在用" in page
    assert "administrator" in page
    assert press(api, f"{CHANNELS}/{ident}/undo", key=KEY[::-1]).status_code == 303
    assert order(routed(api)) == order(before)
    assert "批准后又撤回" in look(api).text


def test_a_person_without_a_phone_goes_to_the_counter_as_before(api: Office, ident: str) -> None:
    press(api, f"{CHANNELS}/{ident}/approve")
    assert order(routed(api, own_phone=False)) == ["counter"]


def test_what_is_rejected_changes_nothing_and_stays(api: Office, ident: str) -> None:
    before = order(routed(api))
    assert press(api, f"{CHANNELS}/{ident}/reject").status_code == 303
    assert order(routed(api)) == before
    assert "没有采纳" in look(api).text
    assert press(api, f"{CHANNELS}/{ident}/approve", key=KEY[::-1]).status_code == 409


# --- the import ---------------------------------------------------------------------------------------


def bring(api: Office, text: str, who: str = BOSS, source: str = "zwfw") -> TestResponse:
    return press(api, f"{CHANNELS}/import", who, file=(BytesIO(text.encode()), "v.csv"), source=source)


def test_a_file_is_taken_and_its_bad_lines_are_named(api: Office) -> None:
    day = TODAY - timedelta(days=3)
    text = f"day,item,channel,used,finished\n{day},{CARD},web,4,3\n{day},NONE,web,4,3\n"
    page = bring(api, text).text
    assert "收下 1 条" in page
    assert "第 3 行:没有这个事项:NONE" in page
    again = bring(api, text).text
    assert "收下 0 条,和原来一样的 1 条" in again
    assert "zwfw" in look(api).text


@pytest.mark.parametrize(
    ("text", "source"), [("nothing", "zwfw"), ("day,item,channel,used,finished\n", "halls")]
)
def test_a_file_of_something_else_is_refused(api: Office, text: str, source: str) -> None:
    assert bring(api, text, source=source).status_code == 422


def test_only_an_administrator_imports(api: Office) -> None:
    assert look(api, f"{CHANNELS}/import").status_code == 200
    assert look(api, f"{CHANNELS}/import", "supervisor").status_code == 403
    assert bring(api, "day,item,channel,used,finished\n", "supervisor").status_code == 403


# --- lists --------------------------------------------------------------------------------------------


def publish(
    api: Office, kind: str = "can", who: str = BOSS, key: str = KEY, since: date = TODAY
) -> TestResponse:
    return press(api, f"{LISTS}/{kind}", who, key, since=since.isoformat())


def test_a_list_is_published_and_told(api: Office) -> None:
    refused = api.get(f"/halls/{TOWN_HALL}/items")
    assert (refused.status_code, told(refused)["code"]) == (404, "not_published")
    for _ in range(2):
        assert publish(api).status_code == 303
    shown = told(api.get(f"/halls/{TOWN_HALL}/items?list=can"))
    assert (shown["version"], shown["since"], shown["date"]) == (1, TODAY.isoformat(), TODAY.isoformat())
    assert {CARD, RENEWAL} <= {item["code"] for item in shown["items"]}
    assert all(item["name"] and item["name_en"] and item["count"] is None for item in shown["items"])
    before = api.get(f"/halls/{TOWN_HALL}/items?date={TODAY - timedelta(days=1)}")
    assert before.status_code == 404
    assert api.get(f"/halls/{TOWN_HALL}/items?list=never").status_code == 422
    assert api.get("/halls/H-000000/items").status_code == 404


def test_often_tells_how_often(api: Office) -> None:
    day = TODAY - timedelta(days=2)
    with api.web.database.work() as session:
        counted = [Counted(day, CARD, "counter", 10, 9, hall=TOWN_HALL)]
        taking.take(session, counted, "halls", now=MORNING, actor=BUILDER)
    publish(api, "often")
    shown = told(api.get(f"/halls/{TOWN_HALL}/items?list=often"))
    assert [(item["code"], item["count"], item["share"]) for item in shown["items"]] == [(CARD, 9, 1.0)]
    assert shown["counted_to"] == (TODAY - timedelta(days=1)).isoformat()


def test_who_publishes(api: Office) -> None:
    for who, status in (("clerk", 403), ("auditor", 403), ("other supervisor", 403)):
        assert publish(api, who=who).status_code == status
    assert look(api, LISTS, "other supervisor").status_code == 404
    assert publish(api, who="supervisor").status_code == 303
    assert publish(api, key=KEY[::-1]).status_code == 409
    assert publish(api, key=KEY[1:] + "x", since=TODAY - timedelta(days=1)).status_code == 422


def test_versions_are_compared_and_downloaded(api: Office) -> None:
    publish(api)
    page = look(api, LISTS)
    assert "和正在用的清单一样" in page.text
    one = look(api, f"{LISTS}/can/1")
    assert CARD in one.text
    file = look(api, f"{LISTS}/can/1.csv")
    assert file.mimetype == "text/csv"
    lines = file.get_data(as_text=True).removeprefix("\ufeff").splitlines()
    assert lines[0] == "item,name,name_en,department,mode,count,share"
    assert any(line.startswith(f"{CARD},") for line in lines)
    assert look(api, f"{LISTS}/can/2").status_code == 404
    assert look(api, f"{LISTS}/never/1").status_code == 404
    english = look(api, LISTS, lang="en").text
    assert "Publish" in english or "Same as the list in force" in english
