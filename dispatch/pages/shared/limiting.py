"""Limits for callers nobody knows: by the network they come from and by their browser.

People in a hall share one network, so a network may do much; a browser is one person. A call from this very machine
is not limited: that is a proxy that names nobody, or a program of ours.
"""

from ipaddress import IPv4Address, ip_address, ip_network

from flask import request
from sqlalchemy.orm import Session

from dispatch.foundation import clock, limits
from dispatch.foundation.access import Actor
from dispatch.foundation.ids import digest
from dispatch.foundation.limits import Limit
from dispatch.pages.shared.calls import BROWSER_COOKIE

ISSUING = (Limit(burst=120, per_minute=60), Limit(burst=6, per_minute=2))
MESSAGING = (Limit(burst=20, per_minute=4), Limit(burst=3, per_minute=0.2))
PAIRING = (Limit(burst=20, per_minute=10), Limit(burst=5, per_minute=2))
ROUTING = (Limit(burst=240, per_minute=120), Limit(burst=30, per_minute=15))
SETTING_OUT = (Limit(burst=60, per_minute=30), Limit(burst=6, per_minute=2))
SIGNING_IN = (Limit(burst=60, per_minute=30), Limit(burst=20, per_minute=10))
"""(for a network, for a browser)"""


def slow_down(session: Session, actor: Actor, what: str, limit: tuple[Limit, Limit]) -> None:
    """TooMany when a stranger does this too often. Staff and paired machines are not strangers."""
    network = _network(request.remote_addr)
    if actor.kind != "citizen" or network is None:
        return
    keys = [(f"{what}:net:{network}", limit[0])]
    if browser := request.cookies.get(BROWSER_COOKIE):
        keys.append((f"{what}:browser:{browser}", limit[1]))
    for key, allowed in keys:
        limits.take(session, digest(key), allowed, real_now=clock.real_now())


def _network(said: str | None) -> str | None:
    """The /24 or /64 an address lies in; None for this very machine."""
    try:
        address = ip_address((said or "").partition("%")[0])
    except ValueError:
        return "unknown"
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback:
        return None
    length = 24 if isinstance(address, IPv4Address) else 64
    return str(ip_network(f"{address}/{length}", strict=False))
