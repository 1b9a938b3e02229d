"""Accounts and what each may, for security administrators; auditors may look."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation import clock
from dispatch.foundation.access import (
    PERMISSIONS,
    Actor,
    Duty,
    Role,
    grantable,
    holder,
    permissions_of,
    require,
)
from dispatch.foundation.errors import BadInput
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.admin import people_words as words
from dispatch.pages.admin.shell import blueprint, enter, page, press
from dispatch.pages.shared.calls import Call, reading
from dispatch.people import accounts, granting, listing, otp
from dispatch.people.models import Account

ROOM, SEE, EDIT = "people", "accounts.see", "accounts.edit"
MOST = 200
SHORTEST_PASSWORD = 8


class Moment(TypedDict):
    """When something is done, and by whom."""

    now: datetime
    real_now: datetime
    actor: Actor


@blueprint.get("/admin/people")
def people() -> Response:
    """The accounts of the caller's scope, by name; `q` is a part of the name."""
    part = request.args.get("q", "").strip()[:60]
    with reading() as call:
        desk = enter(call, ROOM)
        rows = listing.accounts(call.session, call.actor.paths, part=part or None, limit=MOST)
        names = {place.code: place for place in halls.all_halls(call.session)}
        shown = [_row(call, account, names) for account in rows]
        may_edit = call.actor.may(EDIT)
    return page(
        "admin/people/list.html",
        desk,
        accounts=shown,
        q=part,
        most=MOST,
        holders=words.HOLDERS,
        may_edit=may_edit,
    )


@blueprint.post("/admin/people")
def hire() -> AnyResponse:
    """Make an account."""

    def do(call: Call) -> str:
        place = halls.hall(call.session, request.form.get("hall", ""))
        require(call.actor, EDIT, place.path, field="hall")
        role, duty = _role()
        username = request.form.get("username", "").strip()[:60]
        if not username:
            raise BadInput(reason="username", field="username")
        account = accounts.hire(
            call.session, username, _password(), role, place, duty=duty, now=call.now, actor=call.actor
        )
        return f"/admin/people/{account.id}?done=hired"

    return press(do)


@blueprint.get("/admin/people/<ident>")
def person_of_staff(ident: str) -> Response:
    """One account: what it is, what it may, where it is signed in."""
    with reading() as call:
        desk = enter(call, ROOM)
        account = _account(call, ident, SEE)
        names = {place.code: place for place in halls.all_halls(call.session)}
        own = permissions_of(holder(account.role, account.duty))
        return page(
            "admin/people/one.html",
            desk,
            account=_row(call, account, names),
            grants=[
                {
                    "id": grant.id,
                    "words": words.PERMISSIONS.get(grant.permission, grant.permission),
                    "hall": names.get(grant.hall or ""),
                    "allow": grant.allow,
                    "until": grant.until.astimezone(_zone(call, account)) if grant.until else None,
                }
                for grant in granting.grants_of(call.session, account, now=call.now)
            ],
            own=[words.PERMISSIONS[name] for name in PERMISSIONS if name in own],
            permissions=[
                (name, said) for name, said in words.PERMISSIONS.items() if grantable(name) or name in own
            ],
            sessions=listing.sessions_of(call.session, account, real_now=clock.real_now()),
            holders=words.HOLDERS,
            is_self=account.id == call.actor.id,
            may_edit=call.actor.may(EDIT, account.scope) and account.id != call.actor.id,
        )


@blueprint.post("/admin/people/<ident>")
def change_person(ident: str) -> AnyResponse:
    """Another role, hall or use."""

    def do(call: Call) -> str:
        account = _account(call, ident, EDIT)
        place = halls.hall(call.session, request.form.get("hall", ""))
        require(call.actor, EDIT, place.path, field="hall")
        role, duty = _role()
        accounts.change(
            call.session,
            account,
            role=role,
            duty=duty,
            hall=place,
            active=request.form.get("active") == "yes",
            now=call.now,
            real_now=clock.real_now(),
            actor=call.actor,
        )
        return f"/admin/people/{ident}?done=changed"

    return press(do)


@blueprint.post("/admin/people/<ident>/password")
def set_password(ident: str) -> AnyResponse:
    """Another password; whoever is signed in no longer is."""

    def do(call: Call) -> str:
        account = _account(call, ident, EDIT)
        accounts.refuse_oneself(call.actor, account)
        accounts.set_password(call.session, account, _password(), **_when(call))
        return f"/admin/people/{ident}?done=password"

    return press(do)


@blueprint.post("/admin/people/<ident>/sign-out")
def sign_person_out(ident: str) -> AnyResponse:
    """Signed out everywhere, at once."""

    def do(call: Call) -> str:
        accounts.end_sessions(call.session, _account(call, ident, EDIT), **_when(call))
        return f"/admin/people/{ident}?done=signed-out"

    return press(do)


@blueprint.post("/admin/people/<ident>/reset-otp")
def reset_otp(ident: str) -> AnyResponse:
    """The second factor is set up anew at the next sign-in."""

    def do(call: Call) -> str:
        accounts.reset_otp(call.session, _account(call, ident, EDIT), **_when(call))
        return f"/admin/people/{ident}?done=reset"

    return press(do)


@blueprint.post("/admin/people/<ident>/grants")
def grant(ident: str) -> AnyResponse:
    """Give a permission, or take one away."""

    def do(call: Call) -> str:
        account = _account(call, ident, EDIT)
        code = request.form.get("hall", "")
        place = halls.hall(call.session, code) if code else None
        if place is not None:
            require(call.actor, EDIT, place.path, field="hall")
        granting.grant(
            call.session,
            account,
            request.form.get("permission", ""),
            hall=place,
            allow=request.form.get("allow", "yes") == "yes",
            until=_until(call, account),
            now=call.now,
            actor=call.actor,
        )
        return f"/admin/people/{ident}?done=granted"

    return press(do)


@blueprint.post("/admin/people/<ident>/grants/<grant_id>/withdraw")
def withdraw(ident: str, grant_id: str) -> AnyResponse:
    """The grant counts no longer."""

    def do(call: Call) -> str:
        account = _account(call, ident, EDIT)
        granting.withdraw(call.session, account, grant_id, now=call.now, actor=call.actor)
        return f"/admin/people/{ident}?done=withdrawn"

    return press(do)


def _account(call: Call, ident: str, permission: str) -> Account:
    account = accounts.account(call.session, ident)
    require(call.actor, permission, account.scope, field="account")
    return account


def _row(call: Call, account: Account, names: Mapping[str, Hall]) -> dict[str, Any]:
    return {
        "id": account.id,
        "username": account.username,
        "holder": str(holder(account.role, account.duty)),
        "words": words.HOLDERS[str(holder(account.role, account.duty))],
        "hall": names[account.hall],
        "active": account.active,
        "otp": account.enrolled_at is not None,
        "otp_needed": otp.needed(account),
    }


def _role() -> tuple[Role, Duty | None]:
    """Role and duty, which the form names as one."""
    chosen = request.form.get("holder", "")
    if chosen not in words.HOLDERS:
        raise BadInput(reason=chosen, field="holder")
    role, _, duty = chosen.partition(":")
    return role, duty or None  # type: ignore[return-value]


def _password() -> str:
    password = request.form.get("password", "")
    if not SHORTEST_PASSWORD <= len(password) <= 200:
        raise BadInput(reason=f"≥ {SHORTEST_PASSWORD}", field="password")
    return password


def _until(call: Call, account: Account) -> datetime | None:
    """The moment until which a grant counts, as the account's hall has it on its clocks."""
    said = request.form.get("until", "")
    if not said:
        return None
    try:
        return datetime.fromisoformat(said).replace(tzinfo=_zone(call, account))
    except ValueError as error:
        raise BadInput(reason=said[:40], field="until") from error


def _zone(call: Call, account: Account) -> ZoneInfo:
    return ZoneInfo(halls.hall(call.session, account.hall).tz)


def _when(call: Call) -> Moment:
    return {"now": call.now, "real_now": clock.real_now(), "actor": call.actor}
