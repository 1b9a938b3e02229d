"""Links that open somebody's own map with the way to a hall. They name the destination only, never where she is.

Each map has its own order and its own coordinates: Amap `lon,lat`, Tencent and Apple `lat,lon`, all in GCJ-02 (Apple's
map of China is Amap's); Baidu `lat,lon`, here in BD-09. Baidu plans no way without being told from where, so that its
link shows the hall with a button to go there. Apple's page tells of `d`, `w` and `r`; `c` is taken since there are
bicycle ways, and ignored by what is older. Sources: lbs.amap.com, lbsyun.baidu.com and lbs.qq.com, each *URI API*;
developer.apple.com, *Map Links*.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

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
    lat_lon, lon_lat = _pair(gcj.lat, gcj.lon), _pair(gcj.lon, gcj.lat)
    said = quote(name, safe="")
    return {
        "amap": f"https://uri.amap.com/navigation?to={lon_lat},{said}&mode={AMAP[mode]}&coordinate=gaode"
        f"&src={REFERRER}&callnative=1",
        "baidu": f"https://api.map.baidu.com/marker?location={_pair(baidu.lat, baidu.lon)}&title={said}"
        f"&content={said}&coord_type=bd09ll&output=html&src=webapp.{REFERRER}.{REFERRER}",
        "tencent": f"https://apis.map.qq.com/uri/v1/routeplan?type={TENCENT[mode]}&fromcoord=CurrentLocation"
        f"&to={said}&tocoord={lat_lon}&referer={REFERRER}",
        "apple": f"https://maps.apple.com/?daddr={lat_lon}&dirflg={APPLE[mode]}",
    }


def _pair(first: float, second: float) -> str:
    return f"{first:.{DECIMALS}f},{second:.{DECIMALS}f}"
