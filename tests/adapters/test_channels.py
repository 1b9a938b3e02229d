"""Sources of channels: one contract for somebody behind HTTP and for the pretend one."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.channels.http import HttpChannels
from adapters.channels.pretend import BACKWARDS, Offered, PretendChannels
from dispatch.catalogue.models import Item
from dispatch.catalogue.volumes import reading
from dispatch.catalogue.volumes.reading import Known
from dispatch.ports.channels import ChannelSource
from tests.standing_city import CARD, TOWN_HALL, item_row

TODAY = date(2026, 11, 23)
PRETEND = PretendChannels([Offered(CARD, ("app", "web", "counter"), (TOWN_HALL,))])
KNOWN = Known({CARD: Item(**item_row(CARD))}, {TOWN_HALL}, TODAY)


class Portal:
    """A source's own server: it answers what it is told to, by the cursor it is asked for."""

    def __init__(self) -> None:
        self.status = 200
        self.body: object = None
        self.asked: list[Mapping[str, list[str]]] = []
        self.url = ""

    def answer(self, asked: Mapping[str, list[str]]) -> bytes:
        self.asked.append(asked)
        if self.body is not None:
            return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        batch = PRETEND.after(asked.get("after", [None])[0], date.fromisoformat(asked["before"][0]))
        assert batch is not None
        told = {"rows": batch.rows, "cursor": batch.cursor, "more": batch.more}
        return json.dumps(told, default=str).encode()


@contextmanager
def serving(portal: Portal) -> Iterator[Portal]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = portal.answer(parse_qs(urlsplit(self.path).query))
            self.send_response(portal.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    portal.url = f"http://127.0.0.1:{server.server_port}/volumes"
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def portal() -> Iterator[Portal]:
    with serving(Portal()) as running:
        yield running


@pytest.fixture(params=["http", "pretend"])
def source(request: pytest.FixtureRequest) -> ChannelSource:
    if request.param == "pretend":
        return PRETEND
    running: Portal = request.getfixturevalue("portal")
    return HttpChannels(running.url)


def everything(source: ChannelSource, cursor: str | None, before: date) -> tuple[list[object], str]:
    rows: list[object] = []
    while True:
        batch = source.after(cursor, before)
        assert batch is not None
        rows += batch.rows
        cursor = batch.cursor
        if not batch.more:
            return rows, cursor


def days(rows: list[object]) -> set[str]:
    return {str(row["day"]) for row in rows if isinstance(row, dict)}


def test_it_tells_whole_days_up_to_yesterday_and_goes_on_from_there(source: ChannelSource) -> None:
    first, cursor = everything(source, None, TODAY)
    assert days(first) == {str(TODAY - timedelta(days=ago)) for ago in range(1, BACKWARDS + 1)}
    assert everything(source, cursor, TODAY)[0] == []
    assert days(everything(source, cursor, TODAY + timedelta(days=2))[0]) == {
        str(TODAY),
        str(TODAY + timedelta(days=1)),
    }


def test_all_it_tells_is_taken(source: ChannelSource) -> None:
    rows, _ = everything(source, None, TODAY)
    lines = [(n, row if isinstance(row, dict) else None) for n, row in enumerate(rows)]
    counted, refused = reading.check(lines, KNOWN)
    assert refused == []
    assert {each.channel for each in counted} == {"app", "web", "counter"}
    assert {each.hall for each in counted if each.channel == "counter"} == {TOWN_HALL}


def test_the_pretend_one_says_the_same_again() -> None:
    assert everything(PRETEND, None, TODAY) == everything(PRETEND, None, TODAY)


def test_it_is_asked_by_cursor_and_day(portal: Portal) -> None:
    HttpChannels(portal.url).after("2026-11-20", TODAY)
    assert portal.asked == [{"after": ["2026-11-20"], "before": ["2026-11-23"]}]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        [],
        {"rows": {}, "cursor": "1"},
        {"rows": []},
        {"rows": [], "cursor": ""},
        {"rows": [], "cursor": 7},
        {"rows": [], "cursor": "x" * 401},
    ],
)
def test_an_answer_of_something_else_is_none(portal: Portal, body: object) -> None:
    portal.body = body
    assert HttpChannels(portal.url).after(None, TODAY) is None


@pytest.mark.parametrize("status", [401, 404, 500, 302])
def test_a_refusal_is_none(portal: Portal, status: int) -> None:
    portal.status = status
    assert HttpChannels(portal.url).after(None, TODAY) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "ftp://127.0.0.1/", "nowhere", "http://[bad/"])
def test_out_of_reach_is_told_and_raises_nothing(url: str) -> None:
    assert HttpChannels(url).after(None, TODAY) is None
