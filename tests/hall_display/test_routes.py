"""The board's page, and its changes by plain HTTP."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.hall_display.place import Boards, Place


@pytest.fixture
def http(place: Place, room: Boards) -> FlaskClient:
    return room.app.test_client()


def test_the_page_is_a_snapshot_with_its_seq(place: Place, http: FlaskClient) -> None:
    place.window("6")
    place.issue("D")
    place.call("6")
    page = http.get("/board/H-1")
    html = page.get_data(as_text=True)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert 'data-hall="H-1" data-epoch="1" data-seq="4"' in html
    assert 'data-now="2026-11-24T09:30' in html
    assert "D001" in html


def test_the_page_needs_neither_inline_script_nor_style(http: FlaskClient) -> None:
    html = http.get("/board/H-1").get_data(as_text=True)
    assert "style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*(src=|application/json))", html)
    assert not re.search(r"\son\w+=", html)


def test_the_english_board_has_no_chinese_but_names(http: FlaskClient) -> None:
    html = http.get("/board/H-1?lang=en").get_data(as_text=True)
    assert '<html lang="en">' in html
    assert not re.search(r"[\u4e00-\u9fff]", html)


def test_a_name_is_text_and_nothing_else(place: Place, http: FlaskClient) -> None:
    place.furnish(name="<script>alert(1)</script>")
    assert "<script>alert" not in http.get("/board/H-1").get_data(as_text=True)


def test_an_unknown_hall_has_no_board(http: FlaskClient) -> None:
    page = http.get("/board/H-nowhere")
    assert page.status_code == 404
    assert "没有这个大厅" in page.get_data(as_text=True)


def test_asking_for_changes_is_the_same_as_the_wire(place: Place, http: FlaskClient) -> None:
    whole = http.get("/board/H-1/changes").get_json()
    assert whole["snapshot"]["seq"] == whole["seq"] == 1
    place.issue("A")
    place.issue("B")
    answer = http.get("/board/H-1/changes?after=1&epoch=1").get_json()
    assert [change["seq"] for change in answer["changes"]] == [2, 3]
    assert (answer["epoch"], answer["seq"]) == (1, 3)
    assert answer["at"].startswith("2026-11-24T01:30")
    assert http.get("/board/H-1/changes?after=3&epoch=1").get_json()["changes"] == []
    assert "snapshot" in http.get("/board/H-1/changes?after=3&epoch=9").get_json()
    assert "General affairs" in http.get("/board/H-1/changes?lang=en").get_json()["snapshot"]["html"]


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "９", "9" * 30, " 1"])
def test_a_bad_position_is_refused_by_name(http: FlaskClient, after: str) -> None:
    answer = http.get("/board/H-1/changes", query_string={"after": after})
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["code"] == "bad_position"
    assert answer.get_json()["errors"][0]["field"] == "after"


def test_changes_of_an_unknown_hall_are_a_problem(http: FlaskClient) -> None:
    answer = http.get("/board/H-nowhere/changes")
    assert answer.status_code == 404
    assert answer.get_json()["code"] == "not_found"


def test_an_empty_hall_says_so_in_sentences(place: Place, http: FlaskClient) -> None:
    assert "现在没有窗口在办理" in http.get("/board/H-1").get_data(as_text=True)
    place.window("6")
    html = http.get("/board/H-1").get_data(as_text=True)
    assert "还没有叫号" in html
    assert html.count("没人等,不用等") == 5
