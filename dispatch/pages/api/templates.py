"""Templates: what a city or district decides for its halls, and what a hall decides for itself."""

from collections.abc import Callable
from dataclasses import asdict
from zoneinfo import ZoneInfo

from flask import Response
from sqlalchemy.orm import Session

from dispatch.catalogue import placing
from dispatch.foundation.access import require
from dispatch.halls import finding
from dispatch.halls.models import Hall
from dispatch.halls.templates import inheriting, versioning
from dispatch.halls.templates.models import Template, TemplateRollout, TemplateVersion
from dispatch.halls.templates.rules import flattened
from dispatch.pages.api import template_shapes as shapes
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, HallPath
from dispatch.pages.shared.calls import Call, answer, once
from dispatch.pages.shared.previews import previews, refuse_bad_policy
from dispatch.ports.previews import HallPreview
from dispatch.tickets import rearranging

SEE, EDIT, OVERRIDE, IMPORT = "templates.see", "templates.edit", "templates.override", "import.city"
_OF_ONE = "/templates/<string:code>/versions/<int:version>"


@api.get("/templates", **door("templates", "staff", shapes.Templates, 401, 403, permission=SEE))
def list_templates() -> Response:
    """Every template of the city."""

    def read(call: Call) -> shapes.Templates:
        rows = versioning.all_templates(call.session)
        return shapes.Templates(templates=[_template(call.session, row) for row in rows])

    return answer(read)


@api.post(
    "/templates",
    **door("templates", "staff", shapes.TemplateShown, 401, 403, 404, 409, status=201, permission=EDIT),
)
def define_template(body: shapes.NewTemplate) -> Response:
    """A new template, without a version yet."""

    def do(call: Call) -> shapes.TemplateShown:
        place = finding.hall(call.session, body.hall)
        require(call.actor, EDIT, place.path, field="hall")
        row = versioning.define(call.session, **body.model_dump(), now=call.now, actor=call.actor)
        return _template(call.session, row)

    return once(do, status=201)


@api.get(
    "/templates/<string:code>/versions",
    **door("templates", "staff", shapes.Versions, 401, 403, 404, permission=SEE),
)
def list_versions(path: shapes.TemplatePath) -> Response:
    """Every version of a template, the newest first."""

    def read(call: Call) -> shapes.Versions:
        row = versioning.template(call.session, path.code)
        return shapes.Versions(
            versions=[_version(call.session, each) for each in versioning.versions(call.session, row.code)]
        )

    return answer(read)


@api.post(
    "/templates/<string:code>/versions",
    **door("templates", "staff", shapes.VersionShown, 401, 403, 404, 409, status=201, permission=EDIT),
)
def draft_version(path: shapes.TemplatePath, body: shapes.NewVersion) -> Response:
    """A new version, to be planned; 409 `field_locked` where a template above holds a field of it."""

    def do(call: Call) -> shapes.VersionShown:
        row = _edited(call, path.code)
        refuse_bad_policy(flattened(body.body))
        made = versioning.draft(call.session, row, body.body, body.locked, now=call.now, actor=call.actor)
        return _version(call.session, made)

    return once(do, status=201)


@api.put(_OF_ONE, **door("templates", "staff", shapes.VersionShown, 401, 403, 404, 409, permission=EDIT))
def revise_version(path: shapes.VersionPath, body: shapes.NewVersion) -> Response:
    """Write a draft anew; 409 `wrong_state` once it is planned."""

    def do(call: Call, row: TemplateVersion) -> None:
        refuse_bad_policy(flattened(body.body))
        versioning.revise(call.session, row, body.body, body.locked, now=call.now, actor=call.actor)

    return _change(path, do)


@api.post(
    f"{_OF_ONE}/plan",
    **door("templates", "staff", shapes.VersionShown, 401, 403, 404, 409, permission=EDIT),
)
def plan_version(path: shapes.VersionPath, body: shapes.Moment) -> Response:
    """Let it take effect at a moment; at once, which is within seconds, where none is said."""

    def do(call: Call, row: TemplateVersion) -> None:
        versioning.plan(call.session, row, body.effective_from, now=call.now, actor=call.actor)

    return _change(path, do)


@api.post(
    f"{_OF_ONE}/withdraw",
    **door("templates", "staff", shapes.VersionShown, 401, 403, 404, 409, permission=EDIT),
)
def withdraw_version(path: shapes.VersionPath, body: Body) -> Response:
    """Not at that moment after all: a draft again."""
    return _change(
        path, lambda call, row: versioning.withdraw(call.session, row, now=call.now, actor=call.actor)
    )


@api.get(
    f"{_OF_ONE}/preview",
    **door("templates", "staff", shapes.TemplatePreview, 401, 403, 404, permission=SEE),
)
def preview_version(path: shapes.VersionPath) -> Response:
    """What it would change in each hall were it live now, and which tickets and windows that would touch."""

    def read(call: Call) -> shapes.TemplatePreview:
        found = previews().of_template(call.session, path.code, path.version)
        return shapes.TemplatePreview(halls=[hall_preview(each) for each in found])

    return answer(read)


@api.post(
    "/templates/<string:code>/roll-back",
    **door("templates", "staff", shapes.VersionShown, 401, 403, 404, 409, status=201, permission=EDIT),
)
def roll_back(path: shapes.TemplatePath, body: shapes.RollBack) -> Response:
    """A new version that says exactly what an earlier one said."""

    def do(call: Call) -> shapes.VersionShown:
        row = _edited(call, path.code)
        made = versioning.roll_back(
            call.session, row, body.to, body.effective_from, now=call.now, actor=call.actor
        )
        return _version(call.session, made)

    return once(do, status=201)


@api.get(
    "/halls/<string:hall>/template",
    **door("templates", "staff", shapes.HallTemplateShown, 401, 403, 404, permission=SEE),
)
def show_hall_template(path: HallPath) -> Response:
    """Each field of the hall with its value and where that comes from."""

    def read(call: Call) -> shapes.HallTemplateShown:
        place = finding.hall(call.session, path.hall)
        require(call.actor, SEE, place.path, field="hall")
        return _hall(call.session, place)

    return answer(read)


@api.put(
    "/halls/<string:hall>/template",
    **door("templates", "staff", shapes.HallTemplateShown, 401, 403, 404, 409, permission=EDIT),
)
def assign_template(path: HallPath, body: shapes.Inherit) -> Response:
    """Let the hall inherit from this template, or from none; 409 `people_in_the_way` where live tickets forbid it."""

    def do(call: Call) -> shapes.HallTemplateShown:
        place = finding.hall(call.session, path.hall)
        require(call.actor, EDIT, place.path, field="hall")
        of = versioning.template(call.session, body.template) if body.template else None
        inheriting.assign(call.session, place, of, now=call.now, actor=call.actor)
        rearranging.take_over(call.session, place.code, now=call.now, actor=call.actor)
        return _hall(call.session, place)

    return once(do)


@api.put(
    "/halls/<string:hall>/template/overrides",
    **door("templates", "staff", shapes.HallTemplateShown, 401, 403, 404, 409, permission=OVERRIDE),
)
def override_fields(path: HallPath, body: shapes.Overrides) -> Response:
    """Let the hall go its own way in these fields and no others; a locked one is 409 `field_locked`, naming it."""

    def do(call: Call) -> shapes.HallTemplateShown:
        place = finding.hall(call.session, path.hall)
        require(call.actor, OVERRIDE, place.path, field="hall")
        refuse_bad_policy(body.values)
        inheriting.override(call.session, place, body.values, now=call.now, actor=call.actor)
        rearranging.take_over(call.session, place.code, now=call.now, actor=call.actor)
        return _hall(call.session, place)

    return once(do)


@api.post(
    "/city/import/preview",
    **door("templates", "staff", shapes.CityPreviewShown, 401, 403, permission=IMPORT),
)
def preview_import(body: shapes.CityFiles) -> Response:
    """What importing these files would change, and which tickets and windows that would touch. Changes nothing."""

    def read(call: Call) -> shapes.CityPreviewShown:
        found = previews().of_city(call.session, {str(name): text for name, text in body.files.items()})
        return shapes.CityPreviewShown(
            sound=not found.problems,
            problems=list(found.problems),
            touched=found.touched,
            blocked=found.blocked,
            halls=[hall_preview(each) for each in found.halls],
            city=[shapes.ChangeShown(**asdict(change)) for change in found.city],
            missing=list(found.missing),
        )

    return answer(read)


def hall_preview(told: HallPreview) -> shapes.HallPreviewShown:
    """What would change in a hall."""
    return shapes.HallPreviewShown.model_validate({**asdict(told), "blocked": told.blocked})


def _change(path: shapes.VersionPath, do: Callable[[Call, TemplateVersion], None]) -> Response:
    def changed(call: Call) -> shapes.VersionShown:
        _edited(call, path.code)
        row = versioning.version(call.session, path.code, path.version)
        do(call, row)
        return _version(call.session, row)

    return once(changed)


def _edited(call: Call, code: str) -> Template:
    """A template that this caller may change."""
    row = versioning.template(call.session, code)
    require(call.actor, EDIT, finding.hall(call.session, row.hall).path, field="template")
    return row


def _template(session: Session, row: Template) -> shapes.TemplateShown:
    rows = versioning.versions(session, row.code)
    open_ones = [each for each in inheriting.rollouts_of(session, row.code) if each.state in ("due", "held")]
    return shapes.TemplateShown(
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        level=row.level,
        parent=row.parent,
        hall=row.hall,
        live=next((each.version for each in rows if each.state == "live"), None),
        planned=[each.version for each in rows if each.state == "planned"],
        halls=[hall.code for hall in versioning.heirs(session, row.code)],
        waiting=[each.hall for each in open_ones],
    )


def _version(session: Session, row: TemplateVersion) -> shapes.VersionShown:
    zone = ZoneInfo(finding.hall(session, versioning.template(session, row.template).hall).tz)
    return shapes.VersionShown(
        template=row.template,
        version=row.version,
        state=row.state,
        effective_from=row.effective_from.astimezone(zone) if row.effective_from else None,
        body=row.body,
        locked=row.locked,
        restores=row.restores,
        by=row.by,
        at=row.at.astimezone(zone),
    )


def _hall(session: Session, place: Hall) -> shapes.HallTemplateShown:
    of = inheriting.template_of(session, place.code)
    row = inheriting.of_hall(session, place.code)
    fitted = inheriting.fit(session, place.code, placing.queues_by_item(session, place.code))
    return shapes.HallTemplateShown(
        hall=place.code,
        template=of.code if of else None,
        chain=[each.code for each in versioning.chain_of(session, of)] if of else [],
        overrides=row.overrides if row else {},
        fields=[
            shapes.FieldShown(field=path, value=value, origin=origin.kind, source=origin.source)
            for path, value in sorted(fitted.fields.values.items())
            for origin in [fitted.fields.origins[path]]
        ],
        on_the_way=[_rollout(each, place) for each in inheriting.open_rollouts(session, place.code)],
    )


def _rollout(row: TemplateRollout, place: Hall) -> shapes.RolloutShown:
    return shapes.RolloutShown.model_validate(
        {
            "template": row.template,
            "version": row.version,
            "hall": row.hall,
            "state": row.state,
            "held": row.held,
            "at": row.at.astimezone(ZoneInfo(place.tz)),
        }
    )
