"""Links that open somebody's own map with the way to a hall. They name the destination only, never where she is.

Each map has its own order and its own coordinates: Amap `lon,lat`, Tencent and Apple `lat,lon`, all in GCJ-02 (Apple's
map of China is Amap's); Baidu `lat,lon`, here in BD-09. Baidu plans no way without being told from where, so that its
link shows the hall with a button to go there. Sources: lbs.amap.com, lbsyun.baidu.com and lbs.qq.com, each *URI API*;
developer.apple.com, *Map Links*.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from dispatch.ports.maps import Mode, Point
from dispatch.routing.coordinates import in_system

REFERRER = "tongban"
DECIMALS = 6
AMAP: Mapping[Mode, str] = {"walk": "walk", "bike": "ride", "transit": "bus", "car": "car"}
TENCENT: Mapping[Mode, str] = {"walk": "walk", "bike": "bike", "transit": "bus", "car": "drive"}
APPLE: Mapping[Mode, str] = {"walk": "w", "bike": "c", "transit": "r", "car": "d"}


def links(place: Point, name: str, mode: Mode) -> dict[str, str]:
    """Links to the way to a place, by the name of the map."""
    gcj, baidu = in_system(place, "gcj02"), in_system(place, "bd09")
    lat_lon = f"{gcj.lat:.{DECIMALS}f},{gcj.lon:.{DECIMALS}f}"
    lon_lat = f"{gcj.lon:.{DECIMALS}f},{gcj.lat:.{DECIMALS}f}"
    return {
        "amap": _link(
            "https://uri.amap.com/navigation",
            {
                "to": f"{lon_lat},{name}",
                "mode": AMAP[mode],
                "coordinate": "gaode",
                "src": REFERRER,
                "callnative": "1",
            },
        ),
        "baidu": _link(
            "https://api.map.baidu.com/marker",
            {
                "location": f"{baidu.lat:.{DECIMALS}f},{baidu.lon:.{DECIMALS}f}",
                "title": name,
                "content": name,
                "coord_type": "bd09ll",
                "output": "html",
                "src": f"webapp.{REFERRER}.{REFERRER}",
            },
        ),
        "tencent": _link(
            "https://apis.map.qq.com/uri/v1/routeplan",
            {
                "type": TENCENT[mode],
                "fromcoord": "CurrentLocation",
                "to": name,
                "tocoord": lat_lon,
                "referer": REFERRER,
            },
        ),
        "apple": _link("https://maps.apple.com/", {"daddr": lat_lon, "dirflg": APPLE[mode]}),
    }


def _link(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(asked, quote_via=quote, safe=',')}"
