"""Where a one-time notice is asked for, and where its square code leads."""

from collections.abc import Mapping

from flask import request
from sqlalchemy.orm import Session

from dispatch.foundation.errors import BadInput
from dispatch.halls import finding as halls
from dispatch.notices import telling_once
from dispatch.notices.telling_once import Notice
from dispatch.pages.shared import points
from dispatch.pages.shared.calls import language
from dispatch.ports.maps import Point


def link_to(notice: Notice) -> str:
    """The whole address that leads back to a notice, for a square code or a message."""
    return telling_once.link(notice, request.url_root, language())


def near_of(session: Session, args: Mapping[str, str]) -> Point | None:
    """From where to measure: `near=LAT,LON`, or `from=HALL` whose machine or desk it is. BadInput, NotFound."""
    if "near" in args:
        return point_of(args["near"])
    if "from" in args:
        place = halls.hall(session, args["from"])
        return Point(place.lat, place.lon)
    return None


def point_of(said: str) -> Point:
    """A place on earth; BadInput."""
    found = points.point_of(said)
    if found is None:
        raise BadInput(reason=said[: points.LONGEST], field="near")
    return found
