"""A screen that hangs in one zone is told which windows and queues are its own, and how to speak."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from dispatch.halls import configuring
from dispatch.halls.zones import Voice, ZoneSpec
from hall_display.snapshots import snapshot
from tests.hall_display.place import Boards, Place, hall_spec

WEST = ZoneSpec("west", "西区", "West zone", ["A"], Voice(["zh", "en"], rate=0.8, volume=0.5, speaker="west"))
EAST = ZoneSpec("east", "东区", "East zone", ["B", "C"])
OF = {"A": "west", "B": "east", "1": "west", "3": "east"}


@pytest.fixture
def http(place: Place, room: Boards) -> FlaskClient:
    plain = hall_spec("H-1", name="大厅", name_en="Hall")
    spec = replace(
        plain,
        zones=[WEST, EAST],
        queues=[replace(queue, zone=OF.get(queue.code)) for queue in plain.queues],
        windows=[replace(window, zone=OF.get(window.code)) for window in plain.windows],
    )
    with place.database.work() as session:
        configuring.configure(session, spec, now=place.now, actor=place.actor)
    return room.app.test_client()


def zones_in(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="zones">(.*?)</script>', html)
    assert found is not None
    told: dict[str, Any] = json.loads(found[1])
    return told


def test_the_page_tells_what_stands_in_each_zone(http: FlaskClient) -> None:
    told = zones_in(http.get("/board/H-1?zone=west").text)
    assert told["west"]["queues"] == ["A"]
    assert told["west"]["windows"] == ["H-1-1"]
    assert told["west"]["voice"] == {
        "languages": ["zh", "en"],
        "rate": 0.8,
        "volume": 0.5,
        "speaker": "west",
    }
    assert told["east"]["queues"] == ["B"]


def test_a_screen_of_a_zone_bears_its_name(http: FlaskClient) -> None:
    west, whole = http.get("/board/H-1?zone=west&lang=en").text, http.get("/board/H-1").text
    assert 'data-part="west"' in west
    assert "Hall · West zone" in west
    assert "data-part" not in whole


def test_an_unknown_zone_has_no_board(http: FlaskClient) -> None:
    assert http.get("/board/H-1?zone=nowhere").status_code == 404


def test_what_the_news_say_is_what_the_tables_say(place: Place, http: FlaskClient) -> None:
    with place.database.reading() as session:
        whole = snapshot(session, "H-1")
    louder = replace(WEST, voice=Voice(volume=1.0))
    with place.database.work() as session:
        configuring.set_zone(session, "H-1", louder, now=place.now, actor=place.actor)
    told = zones_in(http.get("/board/H-1/changes").get_json()["snapshot"]["html"])
    with place.database.reading() as session:
        again = snapshot(session, "H-1")
    assert {zone.code: zone.shown() for zone in again.zones} == told
    assert again.zones != whole.zones
