"""The halls of one's own scope, as they stand now."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response

from dispatch.foundation import clock
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.admin import scheduled
from dispatch.pages.admin.shell import blueprint, enter, page
from dispatch.pages.shared import telling
from dispatch.pages.shared.calls import Call, reading
from dispatch.tickets import finding as tickets


@dataclass(frozen=True)
class HallRow:
    """One hall: how deep it lies in the tree, whether it takes people, and how many wait."""

    told: telling.HallTold
    level: str
    depth: int
    open_windows: int
    windows: int


@blueprint.get("/admin")
def overview() -> Response:
    """Every hall within the caller's scope, from the top of the tree down; for administrators the jobs too."""
    with reading() as call:
        desk = enter(call, "")
        rows = _rows(call, desk.halls)
        looks_after_it = call.actor.role == "administrator"
        wrong = scheduled.told(call.session, clock.real_now()) if looks_after_it else None
    return page("admin/overview.html", desk, rows=rows, wrong=wrong)


def _rows(call: Call, places: Sequence[Hall]) -> list[HallRow]:
    waiting = telling.waiting_by_hall(tickets.waiting_counts(call.session, [place.code for place in places]))
    least = min((place.path.count("/") for place in places), default=0)
    return [
        HallRow(
            telling.hall_told(call, place, waiting[place.code], staffed=bool(taken)),
            place.level,
            place.path.count("/") - least,
            len(taken),
            len(windows),
        )
        for place in places
        for windows in [halls.windows_of(call.session, place.code)]
        for taken in [[window for window in windows if window.state == "open"]]
    ]
