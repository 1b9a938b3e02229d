"""What anybody may read, and what only staff may."""

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from dispatch.catalogue.models import Unfound
from tests.pages.api.office import OTHER_HALL, Office, code, fields
from tests.standing_city import BUNDLE, CARD, CITY_HALL, DISTRICT_HALL, MORNING, MORTGAGE, TOWN_HALL, TRADE


def test_items_are_found_in_ones_own_words(api: Office) -> None:
    found = api.get("/items?q=社保卡&limit=2").json["items"]  # type: ignore[index]
    assert found[0]["code"] == CARD
    assert 0 < found[0]["score"] <= 1


@pytest.mark.parametrize("words", ["shebaoka", "SBK", "社 保 卡"])
def test_pinyin_initials_and_blanks_find_it_too(api: Office, words: str) -> None:
    found = api.client().get("/api/v1/items", query_string={"q": words}).json
    assert found is not None
    assert CARD in [item["code"] for item in found["items"]]


@pytest.mark.parametrize("words", ["", " ", "　", "%", "_", "'", "\\", "🀄", "\x01", "a" * 120, "身" * 120])
def test_any_words_are_searched_without_harm(api: Office, words: str) -> None:
    answer = api.client().get("/api/v1/items", query_string={"q": words})
    assert answer.status_code == 200


def test_items_come_in_parts(api: Office) -> None:
    first = api.get("/items?limit=3").json
    assert first is not None
    rest = api.get(f"/items?limit=3&cursor={first['next_cursor']}").json
    assert rest is not None
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (3, 1, None)
    codes = [item["code"] for item in first["items"] + rest["items"]]
    assert codes == sorted(set(codes))


def test_an_item_tells_papers_questions_and_who_takes_it(api: Office) -> None:
    item = api.get(f"/items/{MORTGAGE}").json
    assert item is not None
    assert {place["hall"]: place["queue"] for place in item["accepted_at"]} == {
        CITY_HALL: "C",
        DISTRICT_HALL: "C",
    }
    assert item["papers"]


def test_bundles_stand_beside_the_items_that_words_may_mean(api: Office) -> None:
    found = api.get("/items?q=新生儿出生").json
    assert found is not None
    assert [(bundle["code"], bundle["score"]) for bundle in found["bundles"]] == [(BUNDLE, 1.0)]
    assert api.get("/items").json["bundles"] == []  # type: ignore[index]
    assert api.get(f"/items/{CARD}").json["bundles"] == [BUNDLE]  # type: ignore[index]


def test_answers_lead_to_the_situation(api: Office) -> None:
    first = api.get(f"/items/{CARD}").json
    assert first is not None
    assert first["situation"]["open"]
    assert not first["situation"]["exact"]
    answers: list[str] = []
    told = first
    while asked := told["next_question"]:
        answers.append(f"{asked['code']}={asked['answers'][0]['code']}")
        told = api.client().get(f"/api/v1/items/{CARD}", query_string={"answers": answers}).json or {}
    assert told["situation"]["exact"]
    assert told["situation"]["code"] == ",".join(answers)


@pytest.mark.parametrize(
    ("answers", "code", "field"),
    [
        ("mood=good", "no_such_question", "answers.mood"),
        ("{first}=never", "no_such_answer", "answers.{first}"),
        ("nonsense", "invalid_input", "answers[0]"),
    ],
)
def test_answers_that_do_not_fit_are_refused_by_name(
    api: Office, answers: str, code: str, field: str
) -> None:
    first = api.get(f"/items/{CARD}").json["next_question"]["code"]  # type: ignore[index]
    for lang in ("zh", "en"):
        answer = api.get(f"/items/{CARD}?lang={lang}&answers={answers.format(first=first)}")
        assert answer.status_code == 422
        assert answer.json is not None
        assert [error["field"] for error in answer.json["errors"]] == [field.format(first=first)]
        assert answer.json["code"] == code


def test_names_are_suggested_while_typing(api: Office) -> None:
    found = api.get("/suggestions?q=gt").json
    assert found is not None
    assert TRADE in [each["code"] for each in found["suggestions"]]
    assert api.get("/suggestions?q=。").json == {"suggestions": []}


def test_searches_in_vain_are_told_to_whoever_keeps_the_catalogue(api: Office) -> None:
    assert api.get("/unfound").status_code == 401
    api.get("/items?q=养狗证")
    with api.web.database.reading() as session:
        (row,) = session.scalars(select(Unfound))
        assert (row.count, row.words) == (1, None)
        key, today = row.key, row.day
    with api.web.database.work() as session:
        session.add(Unfound(key=key, day=today - timedelta(days=1), count=1, words=None))
    api.get("/items?q=养狗证")
    assert api.get("/unfound", "administrator").json == {
        "unfound": [{"words": "养狗证", "count": 3, "days": 2, "last": today.isoformat()}]
    }
    browser, _ = api.browser("administrator")
    assert "养狗证" in browser.get("/admin/unfound").text
    assert "Searched in vain" in browser.get("/admin/unfound?lang=en").text
    assert api.client().get("/admin/unfound").status_code != 200


def test_what_is_found_or_only_typed_is_not_counted(api: Office) -> None:
    api.get("/items?q=社保卡")
    api.get("/suggestions?q=养狗证")
    api.get("/items?q=。")
    with api.web.database.reading() as session:
        assert list(session.scalars(select(Unfound))) == []


def test_bundles_and_their_members(api: Office) -> None:
    (found,) = api.get("/bundles").json["bundles"]  # type: ignore[index]
    shown = api.get(f"/bundles/{BUNDLE}").json
    assert shown is not None
    assert (found["code"], found["members"]) == (BUNDLE, len(shown["members"]))


def test_halls_stand_from_the_top_of_the_tree_down(api: Office) -> None:
    halls = api.get("/halls").json["halls"]  # type: ignore[index]
    assert [hall["code"] for hall in halls] == [CITY_HALL, OTHER_HALL, DISTRICT_HALL, TOWN_HALL]
    assert all(hall["open"] and hall["wait"] is None and hall["unknown_because"] for hall in halls)


def test_the_nearest_hall_that_takes_an_item_comes_first(api: Office) -> None:
    halls = api.get(f"/halls?item={CARD}&near=28.76,121.49").json["halls"]  # type: ignore[index]
    assert [hall["code"] for hall in halls] == [TOWN_HALL, CITY_HALL, DISTRICT_HALL]
    distances = [hall["distance_m"] for hall in halls]
    assert distances == sorted(distances)
    assert distances[0] < 5_000


def test_a_hall_counts_who_waits_and_says_of_which_entry_it_is(api: Office) -> None:
    for _ in range(3):
        api.issue()
    api.issue(queue="A")
    hall = api.get(f"/halls/{TOWN_HALL}").json
    assert hall is not None
    assert ({q["code"]: q["waiting"] for q in hall["queues"]}, hall["waiting"]) == ({"A": 1, "D": 3}, 4)
    assert (hall["epoch"], hall["log_seq"]) == (1, api.town.head()[0])
    assert [window["state"] for window in hall["windows"]] == ["closed"] * 4
    (found,) = [h for h in api.get("/halls").json["halls"] if h["code"] == TOWN_HALL]  # type: ignore[index]
    assert found["waiting"] == 4


def test_a_closed_hall_says_when_it_opens(api: Office) -> None:
    api.call("PUT", "/demo/clock", "administrator", json={"now": "2026-11-23T22:00:00+08:00"})
    hall = api.get(f"/halls/{TOWN_HALL}").json
    assert hall is not None
    assert hall["open"] is False
    assert datetime.fromisoformat(hall["opens_at"]) == MORNING.replace(day=24, hour=8)


def test_waits_are_told_by_queue_and_are_unknown_yet(api: Office) -> None:
    api.issue()
    told = api.get(f"/halls/{TOWN_HALL}/waits?item={CARD}").json
    assert told is not None
    assert told["queues"] == [
        {"wait": None, "unknown_because": "not_learned_yet", "queue": "D", "waiting": 1}
    ]
    assert len(api.get(f"/halls/{TOWN_HALL}/waits").json["queues"]) == 2  # type: ignore[index]


def test_waits_may_be_asked_for_a_later_arrival_but_not_for_the_past(api: Office) -> None:
    ask = {"at": "2026-11-23T15:00:00+08:00"}
    later = api.client().get(f"/api/v1/halls/{TOWN_HALL}/waits", query_string=ask)
    assert later.status_code == 200
    past = api.client().get(
        f"/api/v1/halls/{TOWN_HALL}/waits", query_string={"at": "2026-11-23T09:29:59+08:00"}
    )
    assert (code(past), fields(past)) == ((422, "bad_input"), ["at"])


# --- refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/items/NO-SUCH",
        "/bundles/NO-SUCH",
        "/halls/NO-SUCH",
        "/halls/NO-SUCH/waits",
        "/halls?item=NO-SUCH",
        f"/halls/{TOWN_HALL}/waits?item=NO-SUCH",
        "/no/such/page",
    ],
)
def test_what_is_not_there_is_not_found(api: Office, path: str) -> None:
    assert code(api.get(path)) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/items?limit=0", "limit"),
        ("/items?limit=501", "limit"),
        ("/items?limit=many", "limit"),
        ("/items?cursor=-1", "cursor"),
        ("/items?q=" + "a" * 121, "q"),
        ("/items?qq=card", "qq"),
        ("/halls?near=28.7", "near"),
        ("/halls?near=95.0,121.0", "near"),
        ("/halls?near=28.0,181.0", "near"),
        ("/halls?near=nan,nan", "near"),
        (f"/halls/{TOWN_HALL}/waits?at=2026-11-23T15:00:00", "at"),
        (f"/halls/{TOWN_HALL}/waits?at=tomorrow", "at"),
        ("/items/%00", "code"),
        ("/halls/..%2e", "hall"),
        ("/halls/" + "a" * 61, "hall"),
    ],
)
def test_bad_input_is_named(api: Office, path: str, field: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 422
    assert fields(answer) == [field]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_the_ends_of_time_break_nothing(api: Office, at: str) -> None:
    answer = api.client().get(f"/api/v1/halls/{TOWN_HALL}/waits", query_string={"at": at})
    assert answer.status_code in (200, 422)


def test_refusals_speak_chinese_and_on_request_english(api: Office) -> None:
    def detail(language: str) -> str:
        answer = api.get("/halls/NO-SUCH", headers={"Accept-Language": language})
        return str(answer.json["detail"])  # type: ignore[index]

    assert detail("zh") == detail("fr") == "没有找到 NO-SUCH"
    assert detail("en-GB,en;q=0.9") != detail("zh")
    assert detail("en").isascii()


def test_any_read_may_be_asked_in_english_by_the_link(api: Office) -> None:
    for path in ("/items?lang=en", "/halls?lang=en", f"/halls/{TOWN_HALL}?lang=en"):
        assert api.get(path).status_code == 200


# --- staff --------------------------------------------------------------------------------------------


def test_the_log_is_served_as_the_very_text_that_was_hashed(api: Office) -> None:
    api.issue()
    told = api.get(f"/halls/{TOWN_HALL}/log?limit=1000", "supervisor").json
    assert told is not None
    entries = api.town.entries()
    assert told["entries"] == [
        {"seq": e.seq, "hash": e.hash, "prev": e.prev, "body": e.body} for e in entries
    ]
    assert json.loads(told["entries"][-1]["body"])["actor"] == "citizen:anonymous"


def test_the_log_comes_in_parts(api: Office) -> None:
    for _ in range(3):
        api.issue()
    told = api.get(f"/halls/{TOWN_HALL}/log?after=1&limit=2", "auditor").json
    assert told is not None
    assert [entry["seq"] for entry in told["entries"]] == [2, 3]


@pytest.mark.parametrize("query", ["after=-1", "after=9007199254740992", "limit=1001", "from=1"])
def test_a_bad_part_of_the_log_is_refused(api: Office, query: str) -> None:
    assert api.get(f"/halls/{TOWN_HALL}/log?{query}", "auditor").status_code == 422


def test_the_log_of_another_hall_is_closed(api: Office) -> None:
    assert code(api.get(f"/halls/{CITY_HALL}/log", "supervisor")) == (403, "not_allowed")
    assert code(api.get(f"/halls/{TOWN_HALL}/log", "other supervisor")) == (403, "not_allowed")


def test_the_city_shows_each_caller_her_part(api: Office) -> None:
    def seen(who: str) -> list[str]:
        return [hall["code"] for hall in api.get("/city", who).json["halls"]]  # type: ignore[index]

    assert seen("administrator") == [CITY_HALL, OTHER_HALL, DISTRICT_HALL, TOWN_HALL]
    assert seen("supervisor") == [DISTRICT_HALL, TOWN_HALL]
    assert seen("clerk") == [TOWN_HALL]
    assert seen("other clerk") == [OTHER_HALL]


def test_the_city_tells_loads(api: Office) -> None:
    ticket = api.called()
    api.post(f"/tickets/{ticket['id']}/finish", "clerk")
    api.issue(items=[TRADE], queue=None)
    api.call("PUT", "/demo/clock", "administrator", json={"now": "2026-11-23T09:40:00+08:00"})
    (town,) = api.get("/city", "clerk").json["halls"]  # type: ignore[index]
    told = {
        name: town[name] for name in ("waiting", "longest_wait_s", "windows", "windows_open", "served_today")
    }
    assert told == {"waiting": 1, "longest_wait_s": 600, "windows": 4, "windows_open": 1, "served_today": 1}


def test_the_demos_clock_is_anybodys_to_read(api: Office) -> None:
    told = api.get("/demo/clock").json
    assert told is not None
    assert (datetime.fromisoformat(told["now"]), told["speed"]) == (MORNING, 0)


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
def test_another_method_is_told_which_ones_are_allowed(api: Office, method: str) -> None:
    answer = api.call(method, "/items")
    assert code(answer) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]
