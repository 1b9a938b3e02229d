"""Waits on everybody's screen and paper: the same sentence, with its twig, wherever one chooses or waits."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.ids import Keyring
from dispatch.foundation.settings import Settings
from dispatch.notices import paper
from dispatch.tickets import finding as tickets
from dispatch.waits.models import HallForecast, WaitScore
from dispatch.waits.newcomers import FROM_AFAR
from dispatch.wiring.app import create_web
from tests.pages.test_citizen_and_kiosk import form_of
from tests.standing_city import CARD, MORNING, TOWN_HALL, Town, build

DAY = date(2026, 11, 20)


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Town]:
    """The town's hall with two people in line, its clock standing still in the morning."""
    city = Database(sqlite_url)
    build(city)
    with city.work() as session:
        session.add(clock.DemoClock(id=1, city=MORNING, real=clock.real_now(), speed=0.0))
    found = Town(city)
    found.open("3")
    found.take()
    found.take()
    yield found
    city.dispose()


@pytest.fixture
def phone(town: Town, tmp_path: Path) -> Iterator[FlaskClient]:
    """Somebody's browser."""
    web = create_web(Settings(database_url=town.database.url, var=tmp_path, demo=True, secure_cookies=False))
    yield web.app.test_client()
    web.stop()


def foretell(
    town: Town,
    wait: object,
    *,
    late: timedelta = timedelta(0),
    mine: dict[str, Any] | None = None,
    afar: object = None,
) -> None:
    """What the process that computes ahead has left of the hall."""
    with town.database.work() as session:
        row = HallForecast(
            hall=TOWN_HALL,
            epoch=1,
            based_on=1,
            as_of=MORNING - late,
            due_at=MORNING - late + timedelta(seconds=15),
            queues={"D": wait, "A": wait},
            newcomers={"D": {FROM_AFAR: afar}} if afar else {},
            arrivals={},
            tickets=mine or {},
        )
        session.merge(row)


TWELVE = [720, 480, 1200, "test"]


def words(html: str) -> str:
    """What a person reads."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


@pytest.mark.parametrize(
    "path",
    [
        f"/halls/{TOWN_HALL}",
        "/halls",
        f"/halls?item={CARD}",
        f"/kiosk/{TOWN_HALL}",
        f"/kiosk/{TOWN_HALL}/i/{CARD}",
    ],
)
def test_a_wait_stands_where_one_chooses(phone: FlaskClient, town: Town, path: str) -> None:
    foretell(town, TWELVE)
    assert "约12分钟 8–20" in words(phone.get(path).text)
    assert "About 12 min (8–20)" in words(phone.get(f"{path}{'&' if '?' in path else '?'}lang=en").text)


@pytest.mark.parametrize("path", [f"/halls/{TOWN_HALL}", f"/halls?item={CARD}"])
def test_whoever_takes_a_number_at_home_is_told_what_she_will_wait(
    phone: FlaskClient, town: Town, path: str
) -> None:
    foretell(town, TWELVE, afar=[2400, 1800, 3000, "test"])
    page = phone.get(path).text
    told = words(page)
    assert "现在用手机取:约40分钟 30–50" in told
    assert "到了大厅再取:约12分钟 8–20" in told
    english = words(phone.get(f"{path}{'&' if '?' in path else '?'}lang=en").text)
    assert "Taken now by phone: About 40 min (30–50)" in english
    assert "Taken at the hall: About 12 min (8–20)" in english
    taken = phone.post("/tickets", data=form_of(phone.get(f"/halls?item={CARD}"), "/tickets")).location
    assert "约 40 分钟后叫到" in words(phone.get(f"{taken}/panel?lang=zh").text)


@pytest.mark.parametrize("path", [f"/halls/{TOWN_HALL}", f"/halls?item={CARD}"])
def test_one_wait_is_told_where_both_are_the_same(phone: FlaskClient, town: Town, path: str) -> None:
    foretell(town, TWELVE, afar=[725, 490, 1190, "test"])
    told = words(phone.get(path).text)
    assert "约12分钟 8–20" in told
    assert "大厅再取" not in told


def test_lists_have_twigs_on_one_scale(phone: FlaskClient, town: Town) -> None:
    foretell(town, TWELVE)
    page = phone.get(f"/halls?item={CARD}").text
    (dot,) = re.findall(r'<circle class="twig-dot" cx="([\d.]+)"', page)
    assert float(dot) == pytest.approx(6 + 222 * 12 / 60, abs=0.1)


def test_an_unknown_wait_says_why_and_how_many_are_ahead(phone: FlaskClient, town: Town) -> None:
    foretell(town, "no_window_open")
    page = words(phone.get(f"/halls/{TOWN_HALL}").text)
    assert "还估不出:现在没有窗口在办。前面 2 人" in page


def test_what_is_too_old_is_not_shown(phone: FlaskClient, town: Town) -> None:
    foretell(town, TWELVE, late=timedelta(minutes=5))
    page = words(phone.get(f"/halls/{TOWN_HALL}").text)
    assert "约12分钟" not in page
    assert "还估不出:正在重新算" in page


def take(phone: FlaskClient) -> tuple[str, str]:
    """Take a number at the phone: its page and its id."""
    page = phone.get(f"/halls?item={CARD}")
    taken = phone.post("/tickets", data=form_of(page, "/tickets")).location
    return taken, taken.rpartition("/")[2]


def test_one_s_own_wait_is_twenty_dots(phone: FlaskClient, town: Town) -> None:
    page, ident = take(phone)
    foretell(town, TWELVE, mine={ident: [1440, 960, 2160, "test"]})
    panel = phone.get(f"{page}/panel").text
    assert "约 24 分钟后叫到" in words(panel)
    assert panel.count('class="twig-dot"') == 20
    assert 'role="img" aria-label="十人里九人等 16–36 分钟"' in panel


SLIPPED = int((MORNING - timedelta(minutes=1)).timestamp())


@pytest.mark.parametrize("eyes", ["", "elder=1"])
def test_a_promise_that_slipped_is_owned_up_to(phone: FlaskClient, town: Town, eyes: str) -> None:
    page, ident = take(phone)
    foretell(town, TWELVE, mine={ident: [1440, 960, 2160, "test"]})
    assert "对不起" not in words(phone.get(f"{page}/panel?{eyes}").text)
    foretell(town, TWELVE, mine={ident: [2400, 1500, 3600, "test", SLIPPED]})
    panel = phone.get(f"{page}/panel?{eyes}").text
    assert words(panel).count("比说好的久了,对不起") == 1
    assert "40 分钟" in words(panel)
    assert "可以先离开,09:55 前回来" in words(panel)
    assert f'href="/halls?item={CARD}">看看别的大厅' in panel
    english = words(phone.get(f"{page}/panel?{eyes}&lang=en").text)
    assert "This is taking longer than we said. Sorry" in english
    assert "You may leave; be back by 09:55" in english


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/halls", f"hall-{TOWN_HALL}"),
        (f"/halls?item={CARD}", f"wait-{TOWN_HALL}"),
        (f"/halls/{TOWN_HALL}", "wait-D"),
    ],
)
def test_waits_in_lists_are_parts_that_are_drawn_anew(
    phone: FlaskClient, town: Town, path: str, part: str
) -> None:
    foretell(town, TWELVE)
    page = phone.get(path).text
    (drawn,) = re.findall(rf'data-live="{part}"[^>]*>(.*?)</(?:p|li)>', page, re.DOTALL)
    assert "约12分钟" in words(drawn)
    assert 'id="stale"' in page
    assert "/assets/citizen/" + ("hall.js" if part == "wait-D" else "lists.js") in page


def test_older_eyes_get_sentences_and_no_dots(phone: FlaskClient, town: Town) -> None:
    page, ident = take(phone)
    foretell(town, TWELVE, mine={ident: [1440, 960, 2160, "test"]})
    panel = phone.get(f"{page}/panel?elder=1").text
    assert "大约再等 24 分钟" in words(panel)
    assert "快的话 16 分,慢的话 36 分" in words(panel)
    assert "twig-dot" not in panel


def test_paper_says_it_too(phone: FlaskClient, town: Town, tmp_path: Path) -> None:
    _, ident = take(phone)
    foretell(town, TWELVE, mine={ident: [1440, 960, 2160, "test"]})
    with town.database.reading() as session:
        keys = Keyring(tmp_path / "keys")
        row = tickets.ticket(session, ident)
        assert "约24分钟 16–36" in paper.text_of(paper.ticket_sheet(session, keys, row, "", "zh"))
        assert "About 24 min (16–36)" in paper.text_of(paper.ticket_sheet(session, keys, row, "", "en"))


def score(
    town: Town, hour: int, ahead_min: int, predictor: str, n: int, off_min: float, covered: int
) -> None:
    """So many people on whom so much was scored."""
    ours = predictor == "tongban"
    sums = {
        "n": n,
        "off_s": round(60 * n * off_min),
        "over_s": 0,
        "within_5_min": n,
        "ranged": n if ours else 0,
        "covered": covered,
        "late": 0,
        "width_s": 600 * n if ours else 0,
    }
    key = {"hall": TOWN_HALL, "day": DAY, "hour": hour, "ahead_min": ahead_min, "predictor": predictor}
    with town.database.work() as session:
        session.add(WaitScore(**key, **sums))


def test_how_good_it_was_is_not_known_before_a_day_is_over(phone: FlaskClient) -> None:
    page = phone.get("/accuracy")
    assert "现在还不知道" in page.text
    assert "<table" not in page.text


def test_how_good_it_was_is_told_in_a_sentence_a_table_and_two_drawings(
    phone: FlaskClient, town: Town
) -> None:
    score(town, 9, 0, "tongban", 50, 3, 44)
    score(town, 10, 0, "tongban", 50, 5, 47)
    score(town, 9, 60, "tongban", 50, 8, 45)
    score(town, 9, 0, "ql_live", 50, 6, 0)
    page = phone.get("/accuracy").text
    assert "取号时说的等候时间,平均差 4.0 分钟;100 人里有 91 人等在说的范围里" in words(page)
    assert "要是只数前面几人,平均差 6.0 分钟" in words(page)
    assert page.count('<svg class="chart"') == 2
    assert 'aria-label="9 点 88%、10 点 94%"' in page
    assert 'aria-label="取号时差 4.0 分钟、提前 60 分钟差 8.0 分钟"' in page
    assert " style=" not in page
    english = words(phone.get("/accuracy?lang=en").text)
    assert "The waits we gave were off by 4.0 min on average" in english


def test_a_range_that_held_too_rarely_is_confessed(phone: FlaskClient, town: Town) -> None:
    score(town, 9, 0, "tongban", 100, 3, 70)
    assert "应该是 90 人:范围说得窄了" in words(phone.get("/accuracy").text)


@pytest.mark.parametrize("query", ["from=2026-11-31", "to=yesterday", "from=2026-11-20&to=2026-11-19"])
def test_days_that_are_none_are_refused(phone: FlaskClient, query: str) -> None:
    assert phone.get(f"/accuracy?{query}").status_code == 422
    refused = phone.get(f"/api/v1/city/accuracy?{query}")
    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["errors"][0]["field"] == ("to" if query.startswith("to") else "from")


def test_the_interface_tells_the_same_figures(phone: FlaskClient, town: Town) -> None:
    empty = phone.get("/api/v1/city/accuracy").json
    assert empty == {
        "first_day": None,
        "last_day": None,
        "level": 0.9,
        "overall": [],
        "halls": [],
        "hours": [],
    }
    score(town, 9, 0, "tongban", 50, 3, 44)
    told = phone.get("/api/v1/city/accuracy").json
    assert told is not None
    assert (told["first_day"], told["last_day"]) == ("2026-10-24", "2026-11-20")
    (ours,) = told["overall"]
    assert (ours["n"], ours["mae_s"], ours["coverage_90"], ours["width_90_s"]) == (50, 180, 0.88, 600)
    assert [row["hall"] for row in told["halls"]] == [TOWN_HALL]
    assert [row["hour"] for row in told["hours"]] == [9]
    assert phone.get("/api/v1/city/accuracy?hall=H-331000&to=2026-11-20").json["overall"] == []  # type: ignore[index]
    assert phone.get("/api/v1/city/accuracy?hall=NOWHERE").status_code == 404
