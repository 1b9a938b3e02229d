"""Permissions given to, or taken from, single accounts: they count from the next call on."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.access import PERMISSIONS, Actor, grantable
from dispatch.foundation.errors import BadInput, NotFound
from dispatch.foundation.ids import new_id
from dispatch.foundation.log import CITY, announce
from dispatch.halls.models import Hall
from dispatch.people.accounts import refuse_oneself
from dispatch.people.models import Account, PermissionGrant
from dispatch.people.news import PermissionGranted, PermissionWithdrawn
from dispatch.people.refusals import DutiesApart


def grant(
    session: Session,
    account: Account,
    permission: str,
    *,
    hall: Hall | None,
    allow: bool,
    until: datetime | None,
    now: datetime,
    actor: Actor,
) -> PermissionGrant:
    """Give a permission, or take one away; NotYourself, DutiesApart, BadInput.

    `hall` with all below it is where, without one wherever the account works; `until` is city time.
    """
    refuse_oneself(actor, account)
    if permission not in PERMISSIONS:
        raise BadInput(reason=permission, field="permission")
    if allow and (not grantable(permission) or account.role in ("administrator", "auditor")):
        raise DutiesApart(permission=permission, field="permission")
    if until is not None and until <= now:
        raise BadInput(reason=until.isoformat(), field="until")
    row = PermissionGrant(
        id=new_id(),
        account=account.id,
        permission=permission,
        hall=hall.code if hall else None,
        allow=allow,
        given_by=actor.name,
        at=now,
        until=until,
    )
    session.add(row)
    session.flush()
    told_until = until.isoformat() if until else None
    news = PermissionGranted(row.id, account.id, permission, row.hall, allow, told_until)
    announce(session, CITY, news, at=now, actor=actor)
    return row


def withdraw(session: Session, account: Account, ident: str, *, now: datetime, actor: Actor) -> None:
    """End a grant; NotFound, NotYourself."""
    refuse_oneself(actor, account)
    row = session.get(PermissionGrant, ident)
    if row is None or row.account != account.id:
        raise NotFound(what=ident, field="grant")
    session.delete(row)
    session.flush()
    news = PermissionWithdrawn(ident, account.id, row.permission)
    announce(session, CITY, news, at=now, actor=actor)


def grants_of(session: Session, account: Account, *, now: datetime) -> list[PermissionGrant]:
    """What counts now for this account beyond its role, in the order it was given."""
    live = PermissionGrant.until.is_(None) | (PermissionGrant.until > now)
    wanted = select(PermissionGrant).where(PermissionGrant.account == account.id, live)
    return list(session.scalars(wanted.order_by(PermissionGrant.at, PermissionGrant.id)))
