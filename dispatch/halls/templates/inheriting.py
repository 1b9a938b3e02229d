"""What a hall has of its templates: assigned, overridden, laid over its own description."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput
from dispatch.halls.configuring import HallSpec, spec_of
from dispatch.halls.models import Hall
from dispatch.halls.templates import content, versioning
from dispatch.halls.templates.models import HallTemplate, Template, TemplateRollout, TemplateVersion
from dispatch.halls.templates.news import HallOverrode, TemplateApplied, TemplateAssigned
from dispatch.halls.templates.refusals import NoTemplate
from dispatch.halls.templates.rules import Layer, Merged, expanded, laid_over, merged

NOT_IMPORTED = ("policy.", "notices")
"""What an import does not speak of: it stays as the hall had it of its own."""


@dataclass(frozen=True)
class Fitted:
    """A hall with its templates laid over: the description to configure, and where its items are placed.

    `displaced` is what the hall has of its own beneath, to be kept with it.
    """

    spec: HallSpec
    placements: dict[str, str]
    fields: Merged
    displaced: dict[str, list[Any]]


def of_hall(session: Session, hall: str) -> HallTemplate | None:
    """What this hall inherits, or once did."""
    return session.get(HallTemplate, hall)


def template_of(session: Session, hall: str) -> Template | None:
    """The template this hall inherits from."""
    row = of_hall(session, hall)
    return versioning.template(session, row.template) if row is not None and row.template else None


def assigned(session: Session) -> dict[str, str]:
    """Every hall that inherits, with its template."""
    rows = session.scalars(select(HallTemplate))
    return {row.hall: row.template for row in rows if row.template is not None}


def fit(
    session: Session,
    hall: str,
    placements: Mapping[str, str],
    *,
    imported: HallSpec | None = None,
    instead: TemplateVersion | None = None,
) -> Fitted:
    """The hall as its own description and its templates make it.

    `placements` are those it has (of the import, where one brings its description); `instead` stands in for the live
    version of its template, to see what it would change.
    """
    row = of_hall(session, hall)
    base = spec_of(session, hall) if imported is None else _completed(session, imported)
    own = _own(base, placements, row, is_import=imported is not None)
    chain: list[Layer] = []
    overrides = Layer()
    if row is not None and row.template is not None:
        chain = versioning.layers(session, versioning.template(session, row.template), instead=instead)
        overrides = Layer.of(hall, row.overrides)
    fields = _merged(Layer.of(hall, own), chain, overrides)
    spec = content.spec_with(base, fields.values)
    placed = {
        path.removeprefix("placements."): queue
        for path, queue in fields.values.items()
        if path.startswith("placements.")
    }
    became = content.told(spec, placed)
    away = {path for path, value in own.items() if path not in became or became[path] != value}
    displaced = {path: [own[path]] if path in own else [] for path in sorted(fields.given | away)}
    return Fitted(spec, placed, fields, displaced if row is not None else {})


def assign(session: Session, hall: Hall, of: Template | None, *, now: datetime, actor: Actor) -> None:
    """Let a hall inherit from this template, or from none; what it overrode stays. OutsideTemplate."""
    row = _locked(session, hall)
    if (row.template if row else None) == (of.code if of else None):
        return
    if of is not None:
        versioning.refuse_outside(session, of, hall)
    if row is None:
        row = HallTemplate(hall=hall.code, overrides={}, displaced={})
        session.add(row)
    row.template = of.code if of else None
    _expect(session, hall.code, of, now)
    session.flush()
    news = TemplateAssigned(of.code if of else None)
    log.announce(session, hall.code, news, at=now, actor=actor)


def override(session: Session, hall: Hall, values: Mapping[str, Any], *, now: datetime, actor: Actor) -> None:
    """Let the hall go its own way in these fields and no others; NoTemplate, FieldLocked, NoSuchField, BadInput."""
    row = _locked(session, hall)
    if row is None or row.template is None:
        raise NoTemplate(field="hall")
    content.check(values)
    above = Layer()
    for layer in versioning.layers(session, versioning.template(session, row.template)):
        above = laid_over(above, layer)
    above = expanded(above, _kinds(session, hall.code))
    versioning.refuse_locked(session, above, list(values))
    if row.overrides == dict(values):
        return
    row.overrides = dict(values)
    session.flush()
    news = HallOverrode(row.template, sorted(values))
    log.announce(session, hall.code, news, at=now, actor=actor)


def keep(session: Session, hall: Hall, values: Mapping[str, Any], *, now: datetime, actor: Actor) -> None:
    """Somebody sets these fields of the hall by hand: of a hall that inherits they become overrides; FieldLocked.

    Whoever changes hours, queues, windows, zones or the discipline of one hall calls this beside his own write.
    """
    row = of_hall(session, hall.code)
    if row is not None and row.template is not None:
        override(session, hall, {**row.overrides, **values}, now=now, actor=actor)


def settle(session: Session, hall: str, fitted: Fitted, *, now: datetime, actor: Actor) -> None:
    """The hall was configured as fitted: keep what lies beneath, and note every version that has now arrived."""
    row = of_hall(session, hall)
    if row is not None and row.displaced != fitted.displaced:
        row.displaced = fitted.displaced
    for step in open_rollouts(session, hall):
        step.state, step.held, step.at = "done", [], now
        news = TemplateApplied(step.template, step.version)
        log.announce(session, hall, news, at=now, actor=actor)
    session.flush()


def open_rollouts(session: Session, hall: str | None = None) -> list[TemplateRollout]:
    """Versions that are live and have not arrived, in one hall or anywhere."""
    wanted = select(TemplateRollout).where(TemplateRollout.state.in_(("due", "held")))
    if hall is not None:
        wanted = wanted.where(TemplateRollout.hall == hall)
    order = (TemplateRollout.hall, TemplateRollout.template, TemplateRollout.version)
    return list(session.scalars(wanted.order_by(*order)))


def hold(session: Session, hall: str, held: list[dict[str, Any]], *, now: datetime) -> None:
    """Note what keeps the hall from changing for now."""
    for step in open_rollouts(session, hall):
        step.state, step.held, step.at = "held", held, now


def rollouts_of(session: Session, code: str) -> list[TemplateRollout]:
    """How far each version of a template has come, hall by hall."""
    wanted = select(TemplateRollout).where(TemplateRollout.template == code)
    return list(session.scalars(wanted.order_by(TemplateRollout.version.desc(), TemplateRollout.hall)))


def refuse_incomplete(fitted: Fitted) -> None:
    """BadInput where a queue or zone is to stand in the hall without all it needs."""
    there = {"queues": {queue.code for queue in fitted.spec.queues}} | {
        "zones": {zone.code for zone in fitted.spec.zones}
    }
    for path, value in fitted.fields.values.items():
        part, *rest = path.split(".")
        if part in there and rest[-1] == "present" and value and rest[0] not in there[part]:
            raise BadInput(reason=f"{part}.{rest[0]}", field=path)


def _expect(session: Session, hall: str, of: Template | None, now: datetime) -> None:
    """From now on the live versions of these templates are due here, and of no others."""
    for step in open_rollouts(session, hall):
        step.state, step.at = "overtaken", now
    for each in versioning.chain_of(session, of) if of else []:
        version = versioning.live(session, each.code)
        if version is None:
            continue
        known = session.get(TemplateRollout, (each.code, version.version, hall))
        if known is None:
            known = TemplateRollout(template=each.code, version=version.version, hall=hall)
            session.add(known)
        known.state, known.held, known.at = "due", [], now


def _locked(session: Session, hall: Hall) -> HallTemplate | None:
    """The hall's row first, as everybody who changes a hall locks it."""
    session.refresh(hall, with_for_update={"key_share": True})
    return session.get(HallTemplate, hall.code, with_for_update=True)


def _own(
    base: HallSpec, placements: Mapping[str, str], row: HallTemplate | None, *, is_import: bool
) -> dict[str, Any]:
    """What the hall has of its own: what it has now but for what the templates brought, or what an import says."""
    own = content.told(base, placements)
    for path, value in (row.displaced if row is not None else {}).items():
        if is_import and not path.startswith(NOT_IMPORTED):
            continue
        own.pop(path, None)
        if value:
            own[path] = value[0]
    return own


def _merged(own: Layer, chain: list[Layer], overrides: Layer) -> Merged:
    """Window kinds first, since what is said of a kind is said of its windows."""
    first = merged(own, chain, overrides)
    kinds = {
        path.split(".")[1]: str(value)
        for path, value in first.values.items()
        if path.startswith("windows.") and path.endswith(".kind") and path in own.values
    }
    return merged(own, [expanded(layer, kinds) for layer in chain], expanded(overrides, kinds))


def _completed(session: Session, imported: HallSpec) -> HallSpec:
    """An imported description with what imports leave alone as the hall has it now."""
    if session.get(Hall, imported.code) is None:
        return replace(imported, policy=imported.policy or {})
    known = spec_of(session, imported.code)
    arrows = {window.code: window.arrow for window in known.windows}
    notices = {"notices": known.details["notices"]} if known.details.get("notices") else {}
    return replace(
        imported,
        policy=known.policy,
        details={**imported.details, **notices},
        windows=[
            replace(window, arrow=window.arrow or arrows.get(window.code)) for window in imported.windows
        ],
    )


def _kinds(session: Session, hall: str) -> dict[str, str]:
    return {window.code: window.kind for window in spec_of(session, hall).windows}
