"""Who acts: the actor of a call, the part of the city he may act in, and what he may do there.

A permission is a name. Its holders by default stand in one table; grants add to that or take away, for one person,
in one part of the city, for a while. Taking away wins over adding, wherever either comes from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import Literal

from dispatch.foundation.errors import NotAllowed, NotSignedIn

Role = Literal["clerk", "guide", "street", "supervisor", "administrator", "auditor"]
ROLES: tuple[Role, ...] = ("clerk", "guide", "street", "supervisor", "administrator", "auditor")
Duty = Literal["system", "security"]
DUTIES: tuple[Duty, ...] = ("system", "security")
"""What an administrator looks after: how the city is set up, or who may do what. Nobody has both."""

SYSTEM, SECURITY = "administrator:system", "administrator:security"
HOLDERS = ("clerk", "guide", "street", "supervisor", SYSTEM, SECURITY, "auditor")
"""Roles as holders of permissions: administrators count by their duty."""
MACHINES = ("kiosk", "board", "caller", "printer", "pad")
"""A machine's kind is its role."""
APART = frozenset({SYSTEM, SECURITY, "auditor"})
"""The three administrators: what only they hold can never be granted to anybody else."""

_STAFF = "clerk guide street supervisor administrator:system administrator:security auditor"
_TABLE = {
    "tickets.see": f"{_STAFF} kiosk board printer",
    "tickets.issue": "clerk guide street supervisor kiosk",
    "tickets.work": "clerk supervisor",
    "tickets.guide": "clerk guide supervisor",
    "windows.work": "clerk supervisor",
    "windows.keys": "caller clerk supervisor",
    "ratings.give": "caller pad",
    "ratings.see": "supervisor auditor",
    "city.see": _STAFF,
    "log.read": "supervisor administrator:system administrator:security auditor",
    "halls.outage": "supervisor",
    "halls.close": "supervisor",
    "halls.hours": "supervisor administrator:system",
    "halls.calendar": "administrator:system",
    "staffing.see": "clerk guide street supervisor auditor",
    "staffing.edit": "supervisor",
    "devices.see": "guide supervisor administrator:system auditor",
    "devices.look": "guide supervisor administrator:system auditor kiosk board caller printer pad",
    "devices.pair": "supervisor administrator:system",
    "devices.report": "kiosk board caller printer pad",
    "devices.print": "kiosk printer",
    "devices.help": "kiosk",
    "policies.see": "supervisor administrator:system auditor",
    "policies.edit": "supervisor",
    "templates.see": "supervisor administrator:system auditor",
    "templates.edit": "administrator:system",
    "templates.override": "supervisor administrator:system",
    "import.city": "administrator:system",
    "channels.see": "supervisor administrator:system auditor",
    "channels.decide": "supervisor administrator:system",
    "lists.publish": "supervisor administrator:system",
    "demo.clock": "administrator:system",
    "people.find": "clerk guide supervisor",
    "people.unmask": "clerk guide supervisor",
    "people.correct": "clerk guide supervisor",
    "people.export": "supervisor",
    "people.erase": "supervisor",
    "accounts.see": "administrator:security auditor",
    "accounts.edit": "administrator:security",
    "audit.read": "auditor",
}
PERMISSIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: tuple(holders.split()) for name, holders in _TABLE.items()}
)
"""Every permission with the roles that hold it by default."""


@dataclass(frozen=True)
class Grant:
    """One permission given to, or taken from, one person at a hall's path and all below it."""

    permission: str
    path: str
    allow: bool


@dataclass(frozen=True)
class Actor:
    """Somebody who acts. `scope` is a path prefix in the tree of halls; None means no hall at all.

    `also` are the paths of halls he is posted to for now.
    """

    kind: Literal["citizen", "staff", "device", "system"]
    id: str
    role: str | None = None
    scope: str | None = None
    also: tuple[str, ...] = ()
    duty: str | None = None
    grants: tuple[Grant, ...] = ()

    @cached_property
    def permissions(self) -> frozenset[str]:
        """Those that he holds anywhere at this very moment."""
        return frozenset(filter(self.may, PERMISSIONS))

    @property
    def name(self) -> str:
        """How the log names him: a kind and a random reference, never a person's name."""
        return f"{self.kind}:{self.id}"

    @property
    def paths(self) -> tuple[str, ...]:
        """Where he acts: his own part of the city first, then where he is posted."""
        return (() if self.scope is None else (self.scope,)) + self.also

    def covers(self, path: str) -> bool:
        """Whether a hall's path lies within this actor's scope, or where he is posted. A machine has one hall."""
        if self.kind == "device":
            return path == self.scope
        return path.startswith(self.paths)

    def may(self, permission: str, path: str | None = None) -> bool:
        """Whether he holds a permission at a hall's path; without one, whether anywhere at all."""
        if self.kind == "system":
            return True
        if path is None:
            return self._holds(permission)
        mine = [
            grant for grant in self.grants if grant.permission == permission and path.startswith(grant.path)
        ]
        if not all(grant.allow for grant in mine):
            return False
        return bool(mine) or (permission in self._own() and self.covers(path))

    def _own(self) -> frozenset[str]:
        return permissions_of(holder(self.role, self.duty))

    def _holds(self, permission: str) -> bool:
        """Whether he holds it where he works, or at least where something was granted to him."""
        starts = (*self.paths, *(grant.path for grant in self.grants))
        return any(self.may(permission, start) for start in starts)


def require(actor: Actor, permission: str, path: str | None = None, *, field: str | None = None) -> None:
    """Let him pass, or raise: NotSignedIn for a stranger, NotAllowed for whoever is known and may not.

    `path` is that of the hall it is about; without one it is enough to hold the permission anywhere.
    """
    if permission not in PERMISSIONS:
        raise ValueError(f"no such permission: {permission}")
    if actor.may(permission, path):
        return
    raise NotSignedIn(field=field) if actor.kind == "citizen" else NotAllowed(field=field)


def holder(role: str | None, duty: str | None) -> str | None:
    """What a role is called as a holder of permissions."""
    return f"{role}:{duty}" if duty else role


@cache
def permissions_of(holder: str | None) -> frozenset[str]:
    """What a role, an administrator's duty or a machine's kind holds by default."""
    return frozenset(name for name, holders in PERMISSIONS.items() if holder in holders)


def grantable(permission: str) -> bool:
    """Whether it can be granted to single persons: not what only the three administrators, or machines, hold."""
    return not {*APART, *MACHINES}.issuperset(PERMISSIONS[permission])


ANONYMOUS = Actor("citizen", "anonymous")


def system(job: str) -> Actor:
    """The city itself, doing a named job, anywhere."""
    return Actor("system", job, scope="/")
