"""What one hall has of its templates, field by field, and where it goes its own way."""

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.catalogue import placing
from dispatch.foundation.access import require
from dispatch.foundation.words import local
from dispatch.halls import finding
from dispatch.halls.templates import inheriting, versioning
from dispatch.halls.templates.content import check
from dispatch.pages.admin import fields
from dispatch.pages.admin.shell import Desk, blueprint, enter, page, press
from dispatch.pages.shared.calls import Call, language, reading
from dispatch.pages.shared.previews import refuse_bad_policy
from dispatch.tickets import rearranging

ROOM, ASSIGN, OVERRIDE = "template", "templates.edit", "templates.override"
VALUE = "v:"


@blueprint.get("/admin/<hall>/template")
def show_hall(hall: str) -> Response:
    """Each field of the hall with its value and where that comes from."""
    with reading() as call:
        desk = enter(call, ROOM, hall)
        shown = _shown(call, desk)
    return page("admin/hall_template.html", desk, **shown)


@blueprint.post("/admin/<hall>/template")
def assign(hall: str) -> AnyResponse:
    """Let the hall inherit from the template that the form names, or from none."""

    def do(call: Call) -> str:
        place = finding.hall(call.session, hall)
        require(call.actor, ASSIGN, place.path, field="hall")
        code = request.form.get("template", "")
        of = versioning.template(call.session, code) if code else None
        inheriting.assign(call.session, place, of, now=call.now, actor=call.actor)
        rearranging.take_over(call.session, hall, now=call.now, actor=call.actor)
        return f"/admin/{hall}/template?done=assigned"

    return press(do)


@blueprint.get("/admin/<hall>/template/edit")
def edit_hall(hall: str) -> Response:
    """The form of what the hall decides itself; an empty field is inherited."""
    with reading() as call:
        desk = enter(call, ROOM, hall)
        require(call.actor, OVERRIDE, desk.hall.path if desk.hall else None, field="hall")
        shown = _shown(call, desk)
    return page("admin/hall_template_edit.html", desk, **shown)


@blueprint.post("/admin/<hall>/template/edit")
def override(hall: str) -> AnyResponse:
    """Write what the hall decides itself."""

    def do(call: Call) -> str:
        place = finding.hall(call.session, hall)
        require(call.actor, OVERRIDE, place.path, field="hall")
        said = {
            name.removeprefix(VALUE): text for name, text in request.form.items() if name.startswith(VALUE)
        }
        values = fields.typed(said)
        check(values)
        refuse_bad_policy(values)
        inheriting.override(call.session, place, values, now=call.now, actor=call.actor)
        rearranging.take_over(call.session, hall, now=call.now, actor=call.actor)
        return f"/admin/{hall}/template?done=overridden"

    return press(do)


def _shown(call: Call, desk: Desk) -> dict[str, object]:
    assert desk.hall is not None
    code, lang = desk.hall.code, language()
    of = inheriting.template_of(call.session, code)
    fitted = inheriting.fit(call.session, code, placing.queues_by_item(call.session, code))
    every = versioning.all_templates(call.session)
    names = {row.code: local(row, lang) for row in every}
    lines = fields.of_hall(fitted.fields, names, lang)
    here = desk.hall.path
    return {
        "template": of,
        "chain": versioning.chain_of(call.session, of) if of else [],
        "groups": fields.groups(lines, lang),
        "origins": fields.ORIGINS,
        "counts": {
            kind: sum(line.origin is not None and line.origin.kind == kind for line in lines)
            for kind in fields.ORIGINS
        },
        "choices": [row for row in every if here.startswith(finding.hall(call.session, row.hall).path)],
        "on_the_way": inheriting.open_rollouts(call.session, code),
        "may_assign": call.actor.may(ASSIGN, here),
        "may_override": call.actor.may(OVERRIDE, here),
    }
