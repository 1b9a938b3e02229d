"""How good our waits were, for everybody to see."""

from datetime import date

from flask import render_template, request

from dispatch.foundation.errors import BadInput
from dispatch.halls import finding as halls
from dispatch.pages.citizen import accuracy_told
from dispatch.pages.citizen.shell import blueprint, keep
from dispatch.pages.shared.calls import reading


@blueprint.get("/accuracy")
def how_accurate() -> str:
    """How good our waits were, for everybody to see; days as `from` and `to`, one hall as `hall`."""
    first, last = _day("from"), _day("to")
    if first is not None and last is not None and first > last:
        raise BadInput(reason=first.isoformat(), field="from")
    code = request.args.get("hall") or None
    with reading() as call:
        place = halls.hall(call.session, code) if code else None
        told = accuracy_told.told(call, first, last, code)
    return render_template(
        "citizen/accuracy.html",
        told=told,
        place=place,
        tab="",
        back="/halls",
        keep=keep("from", "to", "hall"),
    )


def _day(name: str) -> date | None:
    said = request.args.get(name) or None
    try:
        return date.fromisoformat(said) if said else None
    except ValueError as error:
        raise BadInput(reason=said, field=name) from error
