"""Templates: what a city decides for its halls, version by version, and what would become of the halls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation.access import require
from dispatch.foundation.errors import BadInput
from dispatch.foundation.words import local
from dispatch.halls import finding
from dispatch.halls.models import Hall
from dispatch.halls.templates import inheriting, versioning
from dispatch.halls.templates.content import check, check_locks
from dispatch.halls.templates.models import Template, TemplateRollout, TemplateVersion
from dispatch.halls.templates.rules import Layer, Merged, flattened, merged, nested
from dispatch.pages.admin import fields, previewing
from dispatch.pages.admin.shell import blueprint, enter, page, press
from dispatch.pages.shared.calls import Call, language, reading
from dispatch.pages.shared.previews import previews, refuse_bad_policy

ROOM, EDIT = "templates", "templates.edit"
VALUE, LOCK = "v:", "l:"


@dataclass(frozen=True)
class Row:
    """A template in the list."""

    template: Template
    place: Hall
    parent: Template | None
    live: TemplateVersion | None
    planned: list[TemplateVersion]
    halls: int
    held: int


@dataclass(frozen=True)
class Step:
    """How far the live version has come in one hall."""

    hall: Hall
    rollout: TemplateRollout | None
    overrides: int


@blueprint.get("/admin/templates")
def list_templates() -> Response:
    """Every template: which version holds, what is planned, how many halls inherit."""
    with reading() as call:
        desk = enter(call, ROOM)
        rows = [_row(call.session, row) for row in versioning.all_templates(call.session)]
        may_edit = call.actor.may(EDIT)
    return page("admin/templates.html", desk, rows=rows, may_edit=may_edit, zoned=_zoned)


@blueprint.post("/admin/templates")
def define_template() -> AnyResponse:
    """A new template, with an empty draft to begin with."""

    def do(call: Call) -> str:
        said = {name: request.form.get(name, "").strip() for name in ("code", "name", "name_en", "hall")}
        place = finding.hall(call.session, said["hall"])
        require(call.actor, EDIT, place.path, field="hall")
        for name, most in (("code", 40), ("name", 80), ("name_en", 120)):
            if not 0 < len(said[name]) <= most:
                raise BadInput(reason=name, field=name)
        if not all(
            part.isalnum() and part.isascii() and part == part.upper() for part in said["code"].split("-")
        ):
            raise BadInput(reason=said["code"], field="code")
        row = versioning.define(
            call.session,
            **said,
            level="city" if place.level == "city" else "district",
            parent=request.form.get("parent") or None,
            now=call.now,
            actor=call.actor,
        )
        made = versioning.draft(call.session, row, {}, (), now=call.now, actor=call.actor)
        return f"/admin/templates/{row.code}/{made.version}/edit"

    return press(do)


@blueprint.get("/admin/templates/<code>")
def show_template(code: str) -> Response:
    """A template's versions, and how far they have come."""
    with reading() as call:
        desk = enter(call, ROOM)
        row = versioning.template(call.session, code)
        shown = {
            "row": _row(call.session, row),
            "versions": versioning.versions(call.session, code),
            "steps": _steps(call.session, code),
            "may_edit": _may_edit(call, row),
        }
    return page("admin/template_versions.html", desk, zoned=_zoned, **shown)


@blueprint.get("/admin/templates/<code>/<int:number>")
def show_version(code: str, number: int) -> Response:
    """What a version says, what it would change, whom that would touch; from here it is planned."""
    with reading() as call:
        desk = enter(call, ROOM)
        row = versioning.template(call.session, code)
        version = versioning.version(call.session, code, number)
        lang = language()
        lines = fields.of_version(flattened(version.body), version.locked, None, _names(call.session), lang)
        found = previews().of_template(call.session, code, number) if version.state != "superseded" else []
        shown = {
            "row": _row(call.session, row),
            "version": version,
            "groups": fields.groups([line for line in lines if line.words], lang, version.locked),
            "halls": previewing.halls_told(found, lang),
            "changing": sum(bool(each.changes) for each in found),
            "reached": len(found),
            "may_edit": _may_edit(call, row),
            "now": call.now,
        }
    return page("admin/template_version.html", desk, zoned=_zoned, **shown)


@blueprint.get("/admin/templates/<code>/<int:number>/edit")
def edit_version(code: str, number: int) -> Response:
    """The form of a draft: each field empty where the template leaves it to the halls."""
    with reading() as call:
        desk = enter(call, ROOM)
        row = versioning.template(call.session, code)
        require(call.actor, EDIT, finding.hall(call.session, row.hall).path, field="template")
        version = versioning.version(call.session, code, number)
        versioning.LIFE.target("draft", version.state)
        lang = language()
        lines = fields.of_version(
            flattened(version.body),
            version.locked,
            _above(call.session, row),
            _names(call.session),
            lang,
            [*fields.offered(), *_begun(request.args.get("queue", ""))],
        )
        shown = {
            "row": _row(call.session, row),
            "version": version,
            "groups": fields.groups(lines, lang, version.locked),
            "kept_locks": _kept_locks(version, lines),
        }
    return page("admin/template_edit.html", desk, **shown)


@blueprint.post("/admin/templates/<code>/<int:number>/edit")
def save_version(code: str, number: int) -> AnyResponse:
    """Write the draft; what the form left empty it says nothing about."""

    def do(call: Call, row: Template, version: TemplateVersion) -> str:
        values, locked = _posted()
        versioning.revise(call.session, version, nested(values), locked, now=call.now, actor=call.actor)
        queue = request.form.get("queue", "").strip().upper()
        if request.form.get("then") == "queue" and queue.isalnum() and queue.isascii():
            return f"/admin/templates/{row.code}/{version.version}/edit?queue={queue[:8]}"
        return f"/admin/templates/{row.code}/{version.version}?done=saved"

    return _press(code, number, do)


@blueprint.post("/admin/templates/<code>/<int:number>/draft")
def draft_again(code: str, number: int) -> AnyResponse:
    """A new draft that begins as this version says."""

    def do(call: Call, row: Template, version: TemplateVersion) -> str:
        made = versioning.draft(
            call.session, row, version.body, version.locked, now=call.now, actor=call.actor
        )
        return f"/admin/templates/{row.code}/{made.version}/edit"

    return _press(code, number, do)


@blueprint.post("/admin/templates/<code>/<int:number>/plan")
def plan_version(code: str, number: int) -> AnyResponse:
    """Let it take effect at the moment the form names, at once where it names none."""

    def do(call: Call, row: Template, version: TemplateVersion) -> str:
        versioning.plan(call.session, version, _moment(call.session, row), now=call.now, actor=call.actor)
        return f"/admin/templates/{row.code}?done=planned"

    return _press(code, number, do)


@blueprint.post("/admin/templates/<code>/<int:number>/withdraw")
def withdraw_version(code: str, number: int) -> AnyResponse:
    """A draft again."""

    def do(call: Call, row: Template, version: TemplateVersion) -> str:
        versioning.withdraw(call.session, version, now=call.now, actor=call.actor)
        return f"/admin/templates/{row.code}?done=withdrawn"

    return _press(code, number, do)


@blueprint.post("/admin/templates/<code>/<int:number>/back")
def roll_back(code: str, number: int) -> AnyResponse:
    """A new version that says what this one said, at the moment the form names or at once."""

    def do(call: Call, row: Template, version: TemplateVersion) -> str:
        at = _moment(call.session, row)
        versioning.roll_back(call.session, row, version.version, at, now=call.now, actor=call.actor)
        return f"/admin/templates/{row.code}?done=back"

    return _press(code, number, do)


def _press(code: str, number: int, do: Callable[[Call, Template, TemplateVersion], str]) -> AnyResponse:
    """A form about one version, by somebody who may change its template."""

    def pressed(call: Call) -> str:
        row = versioning.template(call.session, code)
        require(call.actor, EDIT, finding.hall(call.session, row.hall).path, field="template")
        return do(call, row, versioning.version(call.session, code, number))

    return press(pressed)


def _posted() -> tuple[dict[str, object], list[str]]:
    values = fields.typed(
        {name.removeprefix(VALUE): text for name, text in request.form.items() if name.startswith(VALUE)}
    )
    locked = [name.removeprefix(LOCK) for name in request.form if name.startswith(LOCK)]
    check(values)
    check_locks(locked)
    refuse_bad_policy(values)
    return values, locked


def _row(session: Session, row: Template) -> Row:
    versions = versioning.versions(session, row.code)
    rollouts = inheriting.rollouts_of(session, row.code)
    return Row(
        row,
        finding.hall(session, row.hall),
        versioning.template(session, row.parent) if row.parent else None,
        next((version for version in versions if version.state == "live"), None),
        [version for version in reversed(versions) if version.state == "planned"],
        len(versioning.heirs(session, row.code)),
        sum(each.state == "held" for each in rollouts),
    )


def _steps(session: Session, code: str) -> list[Step]:
    latest: dict[str, TemplateRollout] = {}
    for each in inheriting.rollouts_of(session, code):
        latest.setdefault(each.hall, each)
    steps = []
    for hall in versioning.heirs(session, code):
        row = inheriting.of_hall(session, hall.code)
        steps.append(Step(hall, latest.get(hall.code), len(row.overrides) if row else 0))
    return steps


def _above(session: Session, row: Template) -> Merged | None:
    """What the templates above this one say."""
    if row.parent is None:
        return None
    return merged(Layer(), versioning.layers(session, versioning.template(session, row.parent)), Layer())


def _kept_locks(version: TemplateVersion, lines: list[fields.Line]) -> list[str]:
    """Locks that have no box of their own in the form."""
    shown = {line.path for line in lines} | {
        part for line in lines for part in (line.path.split(".")[0], ".".join(line.path.split(".")[:2]))
    }
    return [path for path in version.locked if path not in shown]


def _begun(queue: str) -> list[str]:
    return fields.queue_fields(queue) if queue.isalnum() and queue.isascii() and len(queue) <= 8 else []


def _moment(session: Session, row: Template) -> datetime | None:
    said = request.form.get("at", "").strip()
    if not said or request.form.get("when") == "now":
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError as error:
        raise BadInput(reason=said[:40], field="at") from error
    zone = ZoneInfo(finding.hall(session, row.hall).tz)
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _names(session: Session) -> dict[str, str]:
    return {row.code: local(row, language()) for row in versioning.all_templates(session)}


def _may_edit(call: Call, row: Template) -> bool:
    return call.actor.may(EDIT, finding.hall(call.session, row.hall).path)


def _zoned(at: datetime, place: Hall) -> str:
    return at.astimezone(ZoneInfo(place.tz)).strftime("%Y-%m-%d %H:%M")
