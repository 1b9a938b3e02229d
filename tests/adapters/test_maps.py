"""Keepers of maps: each answers, soundly, whatever becomes of the router."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from geopy.distance import geodesic, great_circle
from hypothesis import given
from hypothesis import strategies as st

from adapters.maps import osrm
from adapters.maps.breaker import FAILURES, REST_S, Breaker
from adapters.maps.estimate import EstimatingRouter
from adapters.maps.osrm import OsrmRouter
from dispatch.ports.maps import MODES, Mode, Point, Router, Trip
from tests.patience import wait_for

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ESTIMATE = EstimatingRouter(1.3, {"walk": 4.5, "bike": 12.0, "transit": 20.0, "car": 35.0})
HERE, THERE, BEYOND = Point(28.857, 121.148), Point(28.86773, 121.15253), Point(28.76876, 121.49174)
places = st.builds(Point, st.floats(28, 29.4), st.floats(120.2, 122))


class Streets:
    """A small server that speaks as OSRM does; `says` something else instead where it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.says: tuple[int, Any] | None = None
        self.silent = False
        self.over = threading.Event()
        streets = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                streets.asked.append(self.path)
                if streets.silent:
                    streets.over.wait()
                    return
                status, told = streets.says or (200, table(self.path))
                body = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


def table(path: str) -> dict[str, Any]:
    """Every way takes 100 s and 1000 m more than the one before."""
    count = len(parse_qs(urlsplit(path).query)["destinations"][0].split(";"))
    numbers = range(1, count + 1)
    return {
        "code": "Ok",
        "durations": [[100.0 * n for n in numbers]],
        "distances": [[1000 * n for n in numbers]],
    }


@pytest.fixture
def streets() -> Iterator[Streets]:
    """A router that runs."""
    found = Streets()
    thread = threading.Thread(target=found.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield found
    found.over.set()
    found.server.shutdown()
    found.server.server_close()
    thread.join()


@given(places, st.lists(places, max_size=4), st.sampled_from(MODES))
def test_an_estimate_is_bounded_by_how_far_it_is(origin: Point, to: list[Point], mode: Mode) -> None:
    _check(ESTIMATE, origin, to, mode)


@pytest.mark.parametrize("mode", ["transit", "car"])
def test_the_streets_are_bounded_by_how_far_it_is(streets: Streets, mode: Mode) -> None:
    _check(OsrmRouter(streets.url, ESTIMATE), HERE, [THERE], mode)


def _check(router: Router, origin: Point, to: list[Point], mode: Mode) -> None:
    """What every router keeps to."""
    trips = router.trips(origin, to, mode, AT)
    assert len(trips) == len(to)
    for trip, place in zip(trips, to, strict=True):
        metres = great_circle((origin.lat, origin.lon), (place.lat, place.lon)).m
        assert trip.travel_s >= router.least_s(metres, mode) - 1e-6
        assert router.least_s(metres, mode) >= router.least_s(metres / 2, mode) >= 0
        assert trip.distance_m >= 0


@given(places, places)
def test_an_estimate_is_off_by_the_flattening_at_most(origin: Point, place: Point) -> None:
    (trip,) = ESTIMATE.trips(origin, [place], "car", AT)
    straight = geodesic((origin.lat, origin.lon), (place.lat, place.lon)).m
    assert trip.distance_m == pytest.approx(1.3 * straight, rel=0.006)


def test_nobody_rides_who_is_there_sooner_on_foot() -> None:
    for mode in MODES:
        assert ESTIMATE.least_s(50, mode) == ESTIMATE.least_s(50, "walk")
    assert (
        ESTIMATE.least_s(20_000, "car")
        < ESTIMATE.least_s(20_000, "transit")
        < ESTIMATE.least_s(20_000, "walk")
    )


def test_the_router_is_asked_as_its_interface_says(streets: Streets) -> None:
    trips = OsrmRouter(streets.url, ESTIMATE).trips(HERE, [THERE, BEYOND], "car", AT)
    assert trips == [Trip(100, 1000), Trip(200, 2000)]
    asked = urlsplit(streets.asked[0])
    assert asked.path == "/table/v1/car/121.1480,28.8570;121.1525,28.8677;121.4917,28.7688"
    assert parse_qs(asked.query) == {
        "sources": ["0"],
        "destinations": ["1;2"],
        "annotations": ["duration,distance"],
    }


def test_each_mode_has_its_profile_and_its_address(streets: Streets) -> None:
    router = OsrmRouter(f"{streets.url}/{{profile}}", ESTIMATE)
    for mode in MODES:
        router.trips(HERE, [THERE], mode, AT)
    assert [path.split("/")[1] for path in streets.asked] == ["foot", "bike", "car"]


def test_many_places_are_asked_for_in_parts(streets: Streets) -> None:
    trips = OsrmRouter(streets.url, ESTIMATE).trips(HERE, [THERE] * (osrm.AT_ONCE + 10), "car", AT)
    assert len(streets.asked) == 2
    assert [trip.travel_s for trip in trips[osrm.AT_ONCE - 1 : osrm.AT_ONCE + 1]] == [100 * osrm.AT_ONCE, 100]


def test_where_there_is_no_way_it_is_estimated(streets: Streets) -> None:
    streets.says = 200, {"code": "Ok", "durations": [[50.0, None]], "distances": [[400.0, None]]}
    trips = OsrmRouter(streets.url, ESTIMATE).trips(HERE, [THERE, BEYOND], "car", AT)
    assert trips == [Trip(50, 400), *ESTIMATE.trips(HERE, [BEYOND], "car", AT)]


@pytest.mark.parametrize(
    "says",
    [
        (400, {"code": "InvalidQuery", "message": "no"}),
        (200, {"code": "NoTable"}),
        (200, b"<html>"),
        (200, []),
        (200, {"code": "Ok", "durations": [], "distances": []}),
        (200, {"code": "Ok", "durations": [[1.0, 2.0]], "distances": [[1.0, 2.0]]}),
        (200, {"code": "Ok", "durations": [["soon"]], "distances": [[1.0]]}),
        (500, b""),
    ],
)
def test_whatever_the_router_says_there_is_an_answer(streets: Streets, says: tuple[int, Any]) -> None:
    streets.says = says
    trips = OsrmRouter(streets.url, ESTIMATE).trips(HERE, [THERE], "car", AT)
    assert trips == ESTIMATE.trips(HERE, [THERE], "car", AT)


def test_nobody_waits_for_a_router_that_is_silent(streets: Streets, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    breaker = Breaker(clock=lambda: now)
    patient, router = (OsrmRouter(streets.url, ESTIMATE, breaker) for _ in range(2))
    patient._client  # noqa: B018 - made here, with all the patience there is
    monkeypatch.setattr(osrm, "PATIENCE_S", 0.2)
    streets.silent = True
    for _ in range(FAILURES + 3):
        assert router.trips(HERE, [THERE], "car", AT) == ESTIMATE.trips(HERE, [THERE], "car", AT)
    wait_for(lambda: len(streets.asked) == FAILURES)
    now = REST_S
    router.trips(HERE, [THERE], "car", AT)
    router.trips(HERE, [THERE], "car", AT)
    wait_for(lambda: len(streets.asked) == FAILURES + 1)
    streets.silent = False
    now = 2 * REST_S
    assert patient.trips(HERE, [THERE], "car", AT) == [Trip(100, 1000)]
    assert patient.trips(HERE, [THERE], "car", AT) == [Trip(100, 1000)]


def test_where_nobody_listens_there_is_an_answer() -> None:
    trips = OsrmRouter("http://127.0.0.1:9", ESTIMATE).trips(HERE, [THERE], "car", AT)
    assert trips == ESTIMATE.trips(HERE, [THERE], "car", AT)
