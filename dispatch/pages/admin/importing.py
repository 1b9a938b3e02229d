"""What importing a city's files would change, and whom it would touch. The import itself is `tongban import-city`."""

from flask import Response, request

from dispatch.foundation.access import require
from dispatch.foundation.errors import BadInput
from dispatch.pages.admin import previewing
from dispatch.pages.admin.shell import blueprint, enter, page
from dispatch.pages.shared.calls import language, reading, refuse_forged
from dispatch.pages.shared.previews import previews
from dispatch.ports.previews import HallPreview

ROOM, IMPORT = "import", "import.city"
FILES = ("city.json", "halls.json", "calendar.csv", "items.json", "bundles.json", "words.json")


@blueprint.get("/admin/import")
def choose_import() -> Response:
    """Choose the files of a city's directory."""
    with reading() as call:
        desk = enter(call, ROOM)
    return page("admin/import.html", desk, files=FILES, found=None)


@blueprint.post("/admin/import")
def preview_import() -> Response:
    """What these files would do; nothing is changed."""
    refuse_forged()
    with reading() as call:
        desk = enter(call, ROOM)
        require(call.actor, IMPORT)
        lang = language()
        found = previews().of_city(call.session, _files())
        shown = {
            "found": found,
            "halls": previewing.halls_told(found.halls, lang),
            "city": previewing.changes_told(found.city, lang),
            "tickets": _count(found.halls, "tickets"),
            "bookings": _count(found.halls, "bookings"),
            "windows": _count(found.halls, "windows"),
        }
    return page("admin/import.html", desk, files=FILES, **shown)


def _files() -> dict[str, str]:
    """The files that came, by their names; others than a city's are left out."""
    files = {}
    for file in request.files.getlist("files"):
        name = (file.filename or "").rsplit("/", 1)[-1]
        if name in FILES:
            try:
                files[name] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise BadInput(reason=f"{name}: UTF-8", field="files") from error
    return files


def _count(halls: tuple[HallPreview, ...], kind: str) -> int:
    return sum(len(touch.named) for hall in halls for touch in hall.touches if touch.kind == kind)
