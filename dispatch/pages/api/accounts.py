"""Accounts and their permissions, for security administrators; auditors may look."""

from datetime import datetime
from typing import Annotated

from flask import Response
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from dispatch.foundation import clock
from dispatch.foundation.access import DUTIES, PERMISSIONS, ROLES, require
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, Code, Form, IdPath
from dispatch.pages.api.words import OneOf
from dispatch.pages.shared.calls import Call, answer, once
from dispatch.people import accounts, granting, listing
from dispatch.people.models import Account, PermissionGrant

_DENIED = (401, 403, 404)
_SEE, _EDIT = "accounts.see", "accounts.edit"
Role = Annotated[str, OneOf(ROLES)]
Duty = Annotated[str, OneOf(DUTIES)]
Password = Annotated[str, StringConstraints(min_length=8, max_length=200)]


class GrantPath(IdPath):
    """A grant of an account."""

    grant: Code


class AccountsQuery(Form):
    """Which accounts: of a hall and all below it, by a part of the name."""

    hall: Code | None = None
    q: Annotated[str, StringConstraints(max_length=60)] | None = None
    limit: int = Field(100, ge=1, le=500)
    cursor: int = Field(0, ge=0, le=2**31 - 1)


class NewAccount(Body):
    """An account; `duty` for administrators only."""

    username: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    password: Password
    role: Role
    duty: Duty | None = None
    hall: Code


class AccountChange(Body):
    """Only what is to be different; a change of role brings its duty along."""

    role: Role | None = None
    duty: Duty | None = None
    hall: Code | None = None
    active: bool | None = None
    password: Password | None = None


class NewGrant(Body):
    """A permission given, or with `allow` false taken away; without `hall` wherever the account works."""

    permission: Annotated[str, OneOf(tuple(PERMISSIONS))]
    hall: Code | None = None
    allow: bool = True
    until: AwareDatetime | None = None


class GrantShown(BaseModel):
    """What an account may, or may not, beyond its role."""

    id: str
    permission: str
    hall: str | None
    allow: bool
    given_by: str
    at: datetime
    until: datetime | None


class AccountShown(BaseModel):
    """An account; never its password or the secret of its second factor."""

    id: str
    username: str
    role: str
    duty: str | None
    hall: str
    scope: str
    active: bool
    otp: bool
    sessions: int
    grants: list[GrantShown]


class Accounts(BaseModel):
    """Accounts by their names."""

    accounts: list[AccountShown]
    next_cursor: int | None = None


@api.get("/accounts", **door("accounts", "staff", Accounts, *_DENIED, permission=_SEE))
def list_accounts(query: AccountsQuery) -> Response:
    """The accounts of the caller's scope."""

    def read(call: Call) -> Accounts:
        paths = call.actor.paths
        if query.hall is not None:
            paths = (_hall(call, query.hall, _SEE).path,)
        found = listing.accounts(call.session, paths, part=query.q, after=query.cursor, limit=query.limit + 1)
        more = len(found) > query.limit
        return Accounts(
            accounts=[_shown(call, account) for account in found[: query.limit]],
            next_cursor=query.cursor + query.limit if more else None,
        )

    return answer(read)


@api.post("/accounts", **door("accounts", "staff", AccountShown, *_DENIED, 409, status=201, permission=_EDIT))
def create_account(body: NewAccount) -> Response:
    """Make an account; administrators and auditors set up a second factor when they first sign in."""

    def do(call: Call) -> AccountShown:
        account = accounts.hire(
            call.session,
            body.username,
            body.password,
            body.role,  # type: ignore[arg-type]
            _hall(call, body.hall, _EDIT),
            duty=body.duty,  # type: ignore[arg-type]
            now=call.now,
            actor=call.actor,
        )
        return _shown(call, account)

    return once(do, status=201)


@api.get("/accounts/<string:id>", **door("accounts", "staff", AccountShown, *_DENIED, permission=_SEE))
def show_account(path: IdPath) -> Response:
    """One account, with what it may beyond its role."""
    return answer(lambda call: _shown(call, _account(call, path.id, _SEE)))


@api.patch(
    "/accounts/<string:id>", **door("accounts", "staff", AccountShown, *_DENIED, 409, permission=_EDIT)
)
def change_account(path: IdPath, body: AccountChange) -> Response:
    """Another role, duty, hall, password, or out of use; it counts from the next call on."""

    def do(call: Call) -> AccountShown:
        account = _account(call, path.id, _EDIT)
        role = body.role or account.role
        accounts.change(
            call.session,
            account,
            role=role,  # type: ignore[arg-type]
            duty=body.duty if body.role is not None or body.duty is not None else account.duty,  # type: ignore[arg-type]
            hall=_hall(call, body.hall or account.hall, _EDIT),
            active=account.active if body.active is None else body.active,
            now=call.now,
            real_now=clock.real_now(),
            actor=call.actor,
        )
        if body.password is not None:
            accounts.refuse_oneself(call.actor, account)
            accounts.set_password(
                call.session,
                account,
                body.password,
                now=call.now,
                real_now=clock.real_now(),
                actor=call.actor,
            )
        return _shown(call, account)

    return once(do)


@api.post(
    "/accounts/<string:id>/sign-out", **door("accounts", "staff", AccountShown, *_DENIED, permission=_EDIT)
)
def sign_account_out(path: IdPath, body: Body) -> Response:
    """End every session of an account at once."""

    def do(call: Call) -> AccountShown:
        account = _account(call, path.id, _EDIT)
        accounts.end_sessions(
            call.session, account, now=call.now, real_now=clock.real_now(), actor=call.actor
        )
        return _shown(call, account)

    return once(do)


@api.post(
    "/accounts/<string:id>/reset-otp", **door("accounts", "staff", AccountShown, *_DENIED, permission=_EDIT)
)
def reset_second_factor(path: IdPath, body: Body) -> Response:
    """Forget an account's second factor and end its sessions."""

    def do(call: Call) -> AccountShown:
        account = _account(call, path.id, _EDIT)
        accounts.reset_otp(call.session, account, now=call.now, real_now=clock.real_now(), actor=call.actor)
        return _shown(call, account)

    return once(do)


@api.post(
    "/accounts/<string:id>/grants",
    **door("accounts", "staff", GrantShown, *_DENIED, 409, status=201, permission=_EDIT),
)
def grant_permission(path: IdPath, body: NewGrant) -> Response:
    """Give a permission or take one away; not to oneself, and nothing that belongs to one of the three only."""

    def do(call: Call) -> GrantShown:
        account = _account(call, path.id, _EDIT)
        row = granting.grant(
            call.session,
            account,
            body.permission,
            hall=_hall(call, body.hall, _EDIT) if body.hall is not None else None,
            allow=body.allow,
            until=body.until,
            now=call.now,
            actor=call.actor,
        )
        return _grant(row)

    return once(do, status=201)


@api.delete(
    "/accounts/<string:id>/grants/<string:grant>",
    **door("accounts", "staff", None, *_DENIED, permission=_EDIT),
)
def withdraw_grant(path: GrantPath) -> Response:
    """End a grant."""

    def do(call: Call) -> None:
        account = _account(call, path.id, _EDIT)
        granting.withdraw(call.session, account, path.grant, now=call.now, actor=call.actor)

    return once(do)


def _account(call: Call, ident: str, permission: str) -> Account:
    account = accounts.account(call.session, ident)
    require(call.actor, permission, account.scope, field="account")
    return account


def _hall(call: Call, code: str, permission: str) -> Hall:
    place = halls.hall(call.session, code)
    require(call.actor, permission, place.path, field="hall")
    return place


def _shown(call: Call, account: Account) -> AccountShown:
    grants = granting.grants_of(call.session, account, now=call.now)
    return AccountShown(
        id=account.id,
        username=account.username,
        role=account.role,
        duty=account.duty,
        hall=account.hall,
        scope=halls.hall(call.session, account.hall).path,
        active=account.active,
        otp=account.enrolled_at is not None,
        sessions=listing.sessions_of(call.session, account, real_now=clock.real_now()),
        grants=[_grant(row) for row in grants],
    )


def _grant(row: PermissionGrant) -> GrantShown:
    return GrantShown(
        id=row.id,
        permission=row.permission,
        hall=row.hall,
        allow=row.allow,
        given_by=row.given_by,
        at=row.at,
        until=row.until,
    )
