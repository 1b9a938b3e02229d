"""What people searched for in vain: words that the catalogue lacks."""

from datetime import timedelta

from flask import Response

from dispatch.catalogue import unfound
from dispatch.pages.admin.shell import blueprint, enter, page
from dispatch.pages.shared.calls import reading

ROOM = "unfound"
DAYS = 30
MOST_ROWS = 200


@blueprint.get("/admin/unfound")
def show_unfound() -> Response:
    """Searches of the last days that found nothing likely, the most wanted first."""
    with reading() as call:
        desk = enter(call, ROOM)
        rows = unfound.listed(call.session, call.now.date() - timedelta(days=DAYS), MOST_ROWS)
    return page("admin/unfound.html", desk, rows=rows, days=DAYS)
