"""Templates and their versions: defined, drafted, planned for a moment, live from then on, rolled back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput, NotFound
from dispatch.foundation.transitions import TransitionTable
from dispatch.halls import finding
from dispatch.halls.models import Hall
from dispatch.halls.templates import content
from dispatch.halls.templates.models import (
    VERSION_STATES,
    HallTemplate,
    Template,
    TemplateRollout,
    TemplateVersion,
)
from dispatch.halls.templates.news import (
    TemplateDefined,
    TemplateDrafted,
    TemplatePlanned,
    TemplateTookEffect,
    TemplateWithdrawn,
)
from dispatch.halls.templates.refusals import (
    FieldLocked,
    MomentTaken,
    NotAfterNow,
    OutsideTemplate,
    TemplateExists,
)
from dispatch.halls.templates.rules import Layer, flattened, laid_over, nested

LIFE = TransitionTable(
    "template version",
    VERSION_STATES,
    [
        ("draft", "draft", "draft", "administrator"),
        ("plan", "draft planned", "planned", "administrator"),
        ("withdraw", "planned", "draft", "administrator"),
        ("take_effect", "planned", "live", ""),
        ("supersede", "live", "superseded", ""),
    ],
)
LONGEST_CHAIN = 4


def all_templates(session: Session) -> list[Template]:
    """Every template, parents before children."""
    rows = list(session.scalars(select(Template).order_by(Template.code)))
    return sorted(rows, key=lambda row: (len(chain_of(session, row)), row.code))


def template(session: Session, code: str) -> Template:
    """The template of this code; NotFound."""
    found = session.get(Template, code)
    if found is None:
        raise NotFound(what=code, field="template")
    return found


def versions(session: Session, code: str) -> list[TemplateVersion]:
    """Every version of a template, the newest first."""
    wanted = select(TemplateVersion).where(TemplateVersion.template == code)
    return list(session.scalars(wanted.order_by(TemplateVersion.version.desc())))


def version(session: Session, code: str, number: int) -> TemplateVersion:
    """One version; NotFound."""
    found = session.get(TemplateVersion, (code, number))
    if found is None:
        raise NotFound(what=f"{code} {number}", field="version")
    return found


def live(session: Session, code: str) -> TemplateVersion | None:
    """The version that holds now, if any does."""
    wanted = select(TemplateVersion).where(TemplateVersion.template == code, TemplateVersion.state == "live")
    return session.scalar(wanted)


def chain_of(session: Session, last: Template) -> list[Template]:
    """The template with all above it, from the top."""
    chain = [last]
    while chain[0].parent is not None and len(chain) < LONGEST_CHAIN:
        chain.insert(0, template(session, chain[0].parent))
    return chain


def layers(session: Session, last: Template, *, instead: TemplateVersion | None = None) -> list[Layer]:
    """What each template of the chain says now, from the top; `instead` stands in for the live one of its template."""
    found = []
    for each in chain_of(session, last):
        row = instead if instead is not None and instead.template == each.code else live(session, each.code)
        if row is not None:
            found.append(layer_of(row))
    return found


def layer_of(row: TemplateVersion) -> Layer:
    """What a version says."""
    return Layer.of(row.template, flattened(row.body), row.locked)


def heirs(session: Session, code: str) -> list[Hall]:
    """The halls that inherit from this template, directly or through another, from the top of the tree."""
    below = {code}
    rows = list(session.scalars(select(Template)))
    for _ in range(LONGEST_CHAIN):
        below |= {row.code for row in rows if row.parent in below}
    wanted = select(Hall).join(HallTemplate, HallTemplate.hall == Hall.code)
    return list(session.scalars(wanted.where(HallTemplate.template.in_(below)).order_by(Hall.path)))


def define(
    session: Session,
    *,
    code: str,
    name: str,
    name_en: str,
    level: str,
    hall: str,
    parent: str | None = None,
    now: datetime,
    actor: Actor,
) -> Template:
    """A new template for the part of the city below a hall; TemplateExists, OutsideTemplate, NotFound."""
    if session.get(Template, code) is not None:
        raise TemplateExists(what=code, field="code")
    place = finding.hall(session, hall)
    if parent is not None:
        above = template(session, parent)
        if len(chain_of(session, above)) >= LONGEST_CHAIN - 1:
            raise BadInput(reason=parent, field="parent")
        refuse_outside(session, above, place)
    made = Template(code=code, name=name, name_en=name_en, level=level, parent=parent, hall=hall)
    session.add(made)
    session.flush()
    _tell(session, TemplateDefined(code, level, parent, hall), now, actor)
    return made


def draft(
    session: Session,
    of: Template,
    body: dict[str, Any],
    locked: Sequence[str],
    *,
    restores: int | None = None,
    now: datetime,
    actor: Actor,
) -> TemplateVersion:
    """A new version, not yet planned; NoSuchField, BadInput, FieldLocked."""
    _check(session, of, body, locked)
    newest = session.scalar(
        select(func.max(TemplateVersion.version)).where(TemplateVersion.template == of.code)
    )
    row = TemplateVersion(
        template=of.code,
        version=(newest or 0) + 1,
        state="draft",
        body=nested(flattened(body)),
        locked=sorted(set(locked)),
        restores=restores,
        by=actor.name,
        at=now,
    )
    session.add(row)
    session.flush()
    _tell(session, _drafted(row), now, actor)
    return row


def revise(
    session: Session,
    row: TemplateVersion,
    body: dict[str, Any],
    locked: Sequence[str],
    *,
    now: datetime,
    actor: Actor,
) -> None:
    """Write a draft anew; WrongState for a version that is one no longer."""
    session.refresh(row, with_for_update=True)
    LIFE.target("draft", row.state)
    _check(session, template(session, row.template), body, locked)
    row.body, row.locked, row.by, row.at = nested(flattened(body)), sorted(set(locked)), actor.name, now
    session.flush()
    _tell(session, _drafted(row), now, actor)


def plan(
    session: Session, row: TemplateVersion, effective_from: datetime | None, *, now: datetime, actor: Actor
) -> None:
    """Let a version take effect at a moment, at once without one; MomentTaken, NotAfterNow, WrongState."""
    at = effective_from or now
    if at < now:
        raise NotAfterNow(field="effective_from")
    session.refresh(row, with_for_update=True)
    state = LIFE.target("plan", row.state)
    others = (other for other in versions(session, row.template) if other.version != row.version)
    for other in others:
        if other.state == "planned" and other.effective_from == at:
            raise MomentTaken(version=other.version, field="effective_from")
    row.state, row.effective_from, row.by, row.at = state, at, actor.name, now
    session.flush()
    _tell(session, TemplatePlanned(row.template, row.version, at.isoformat()), now, actor)


def withdraw(session: Session, row: TemplateVersion, *, now: datetime, actor: Actor) -> None:
    """Not at that moment after all: a draft again; WrongState once it has taken effect."""
    session.refresh(row, with_for_update=True)
    row.state, row.effective_from = LIFE.target("withdraw", row.state), None
    session.flush()
    _tell(session, TemplateWithdrawn(row.template, row.version), now, actor)


def roll_back(
    session: Session,
    of: Template,
    to: int,
    effective_from: datetime | None = None,
    *,
    now: datetime,
    actor: Actor,
) -> TemplateVersion:
    """A new version that says exactly what an earlier one said, planned for a moment, at once without one."""
    old = version(session, of.code, to)
    row = draft(session, of, old.body, old.locked, restores=to, now=now, actor=actor)
    plan(session, row, effective_from, now=now, actor=actor)
    return row


def due(session: Session, *, now: datetime) -> list[TemplateVersion]:
    """Planned versions whose moment has come, in its order."""
    wanted = select(TemplateVersion).where(
        TemplateVersion.state == "planned", TemplateVersion.effective_from <= now
    )
    order = (TemplateVersion.effective_from, TemplateVersion.template, TemplateVersion.version)
    return list(session.scalars(wanted.order_by(*order)))


def take_effect(session: Session, row: TemplateVersion, *, now: datetime, actor: Actor) -> bool:
    """The version holds from now on and is due in every hall that inherits it; whether it was still planned."""
    session.refresh(row, with_for_update=True)
    if row.state != "planned":
        return False
    before = live(session, row.template)
    if before is not None:
        before.state = LIFE.target("supersede", before.state)
    row.state = LIFE.target("take_effect", row.state)
    session.execute(
        update(TemplateRollout)
        .where(TemplateRollout.template == row.template, TemplateRollout.state.in_(("due", "held")))
        .values(state="overtaken", at=now)
    )
    for hall in heirs(session, row.template):
        session.add(
            TemplateRollout(template=row.template, version=row.version, hall=hall.code, state="due", at=now)
        )
    session.flush()
    news = TemplateTookEffect(row.template, row.version, before.version if before else None)
    _tell(session, news, now, actor)
    return True


def refuse_outside(session: Session, of: Template, place: Hall) -> None:
    """OutsideTemplate for a hall that is not in the template's part of the city."""
    if not place.path.startswith(finding.hall(session, of.hall).path):
        raise OutsideTemplate(template=_named(of), field="hall")


def refuse_locked(session: Session, layer: Layer, paths: Sequence[str], *, field: str | None = None) -> None:
    """FieldLocked, naming the field and the template, where a layer above holds one of these paths."""
    for path in paths:
        if locker := layer.lock_on(path):
            raise FieldLocked(
                what=path, template=_named(template(session, locker)), field=field or f"values.{path}"
            )


def _check(session: Session, of: Template, body: dict[str, Any], locked: Sequence[str]) -> None:
    values = flattened(body)
    content.check(values)
    content.check_locks(locked)
    above = Layer()
    if of.parent is not None:
        for layer in layers(session, template(session, of.parent)):
            above = laid_over(above, layer)
    refuse_locked(session, above, list(values), field="body")


def _drafted(row: TemplateVersion) -> TemplateDrafted:
    fields = sorted(flattened(row.body))
    return TemplateDrafted(row.template, row.version, fields, row.locked, row.restores)


def _named(row: Template) -> dict[str, str]:
    return {"code": row.code, "name": row.name, "name_en": row.name_en}


def _tell(session: Session, news: log.Event, now: datetime, actor: Actor) -> None:
    if log.head_of(session, log.CITY) is None:
        log.begin(session, log.CITY, at=now)
    log.announce(session, log.CITY, news, at=now, actor=actor)
