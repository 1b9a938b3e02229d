"""Places in the three systems of Chinese maps, and links to the way there."""

import math
from urllib.parse import parse_qs, urlsplit

import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from dispatch.ports.maps import MODES, Mode, Point
from dispatch.routing.coordinates import SYSTEMS, System, bd09, gcj02, in_system, to_wgs84
from dispatch.routing.navigation import links

LINHAI = Point(28.85535, 121.14470)
KNOWN: dict[str, tuple[Point, Point, Point]] = {
    # Checked with two published programs, which agree.
    "Linhai": (LINHAI, Point(28.852496, 121.149080), Point(28.858175, 121.155665)),
    # The examples of eviltransform's own tests, Shanghai and Shenzhen.
    "Shanghai": (Point(31.1774276, 121.5272106), Point(31.17530398364597, 121.531541859215), Point(0, 0)),
    "Shenzhen": (Point(22.543847, 113.912316), Point(22.540796131694766, 113.9171764808363), Point(0, 0)),
}
in_china = st.builds(Point, st.floats(20, 50), st.floats(80, 130))


def metres(one: Point, other: Point) -> float:
    found: float = geodesic((one.lat, one.lon), (other.lat, other.lon)).m
    return found


@pytest.mark.parametrize("name", KNOWN)
def test_known_places(name: str) -> None:
    wgs, gcj, baidu = KNOWN[name]
    assert metres(gcj02(wgs), gcj) < 0.1
    if baidu != Point(0, 0):
        assert metres(bd09(wgs), baidu) < 0.1


@given(in_china, st.sampled_from(SYSTEMS))
def test_there_and_back_is_the_same_place(place: Point, system: System) -> None:
    assert metres(to_wgs84(in_system(place, system), system), place) < 0.01


@given(in_china)
def test_maps_are_shifted_by_some_hundred_metres(place: Point) -> None:
    assert 1 < metres(gcj02(place), place) < 1500


@given(st.floats(-90, 90), st.floats(-180, 70))
def test_nothing_is_shifted_outside_china(lat: float, lon: float) -> None:
    place = Point(lat, lon)
    assert gcj02(place) == bd09(place) == place


def test_each_map_is_told_the_place_in_its_own_order_and_system() -> None:
    found = {name: parse_qs(urlsplit(url).query) for name, url in links(LINHAI, "临海 & 市", "car").items()}
    assert found["amap"]["to"] == ["121.149080,28.852496,临海 & 市"]
    assert found["amap"]["coordinate"] == ["gaode"]
    assert found["baidu"]["location"] == ["28.858175,121.155665"]
    assert found["baidu"]["coord_type"] == ["bd09ll"]
    assert found["tencent"]["tocoord"] == ["28.852496,121.149080"]
    assert found["apple"]["daddr"] == ["28.852496,121.149080"]


@pytest.mark.parametrize("mode", MODES)
def test_no_link_tells_where_she_is(mode: Mode) -> None:
    for url in links(LINHAI, "临海", mode).values():
        asked = parse_qs(urlsplit(url).query)
        assert not {"from", "origin", "saddr", "slat", "slon"} & set(asked)
        assert asked.get("fromcoord") in (None, ["CurrentLocation"])
        assert math.isclose(len(url), len(url.encode("ascii")))
