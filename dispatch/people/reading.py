"""Looking at a person's data: masked for whoever works with her, in full only for a reason, and never unseen."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor, require
from dispatch.foundation.errors import BadInput
from dispatch.foundation.ids import Keyring, new_id
from dispatch.people.citizens import PersonData, opened, person
from dispatch.people.models import REASONS, Account, PersonRead


def unmask(
    session: Session,
    keys: Keyring,
    ref: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    note: str | None = None,
    path: str | None = None,
) -> PersonData:
    """A person's data in full, against a row that says who looked and why; NotAllowed, NotFound, BadInput.

    `path` is that of the hall where she has business, for whoever may only look there.
    """
    require(actor, "people.unmask", path, field="person")
    data = opened(keys, person(session, ref))
    fields = [name for name in ("name", "phone", "id_number") if getattr(data, name) is not None]
    leave_row(session, ref, "unmask", fields, reason=reason, note=note, actor=actor, now=now)
    return data


def leave_row(
    session: Session,
    ref: str,
    kind: str,
    fields: Sequence[str],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    note: str | None = None,
) -> None:
    """Write down that somebody had a person's data before him; BadInput for a reason that is none."""
    if reason not in REASONS:
        raise BadInput(reason=reason, field="reason")
    if reason == "other" and not note:
        raise BadInput(reason="note", field="note")
    row = PersonRead(
        id=new_id(),
        ref=ref,
        actor=actor.name,
        kind=kind,
        reason=reason,
        note=note,
        fields=list(fields),
        at=now,
    )
    session.add(row)
    session.flush()


def reads_of(session: Session, ref: str) -> list[PersonRead]:
    """Who looked at a person's data, the latest first; also after she was erased."""
    wanted = select(PersonRead).where(PersonRead.ref == ref)
    return list(session.scalars(wanted.order_by(PersonRead.at.desc(), PersonRead.id)))


def reads(
    session: Session,
    *,
    actor: str | None = None,
    kind: str | None = None,
    reason: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    by_staff_of: Sequence[str] = ("/",),
    after: int = 0,
    limit: int = 100,
) -> list[PersonRead]:
    """The access rows that fit, the latest first, `after` so many of them.

    `by_staff_of` are paths of halls: only what their staff read.
    """
    wanted = select(PersonRead)
    if "/" not in by_staff_of:
        inside = or_(*(Account.scope.startswith(path, autoescape=True) for path in by_staff_of))
        wanted = wanted.where(PersonRead.actor.in_(select("staff:" + Account.id).where(inside)))
    for column, value in ((PersonRead.actor, actor), (PersonRead.kind, kind), (PersonRead.reason, reason)):
        if value is not None:
            wanted = wanted.where(column == value)
    if since is not None:
        wanted = wanted.where(PersonRead.at >= since)
    if until is not None:
        wanted = wanted.where(PersonRead.at < until)
    return list(
        session.scalars(wanted.order_by(PersonRead.at.desc(), PersonRead.id).offset(after).limit(limit))
    )
