"""Who asks from among the city's own machines: what they are told is not for the public."""

from ipaddress import IPv6Address, ip_address

from flask import request

SIGNS_OF_A_PROXY = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


def from_inside() -> bool:
    """Whether the caller has an address of this machine or a private network, and came to us directly.

    A proxy in front has such an address too, and whoever comes through it may be anybody.
    """
    if any(sign in request.headers for sign in SIGNS_OF_A_PROXY):
        return False
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_private
    return address.is_private
