"""What happens around people, said on the city's log: random references, roles and numbers only."""

from dataclasses import dataclass

from dispatch.foundation.log import Event


@dataclass(frozen=True)
class AccountCreated(Event):
    """Somebody may sign in from now on."""

    account: str
    role: str
    duty: str | None
    hall: str


@dataclass(frozen=True)
class AccountChanged(Event):
    """An account has another role, duty, hall or use; `signed_out` says that its sessions ended with it."""

    account: str
    role: str
    duty: str | None
    hall: str
    active: bool
    signed_out: bool


@dataclass(frozen=True)
class SecondFactorReset(Event):
    """An account's second factor was forgotten; it sets up a new one."""

    account: str


@dataclass(frozen=True)
class PermissionGranted(Event):
    """A permission was given (`allow`) or taken away for one account."""

    grant: str
    account: str
    permission: str
    hall: str | None
    allow: bool
    until: str | None


@dataclass(frozen=True)
class PermissionWithdrawn(Event):
    """A grant no longer counts."""

    grant: str
    account: str
    permission: str


@dataclass(frozen=True)
class PersonCorrected(Event):
    """A person's data were wrong; from now on this commitment binds them."""

    person: str
    commitment: str


@dataclass(frozen=True)
class PersonErased(Event):
    """A person's data are gone for good."""

    person: str


@dataclass(frozen=True)
class PersonsForgotten(Event):
    """The data of so many persons are gone, since their business was long over."""

    count: int


@dataclass(frozen=True)
class KeyRenewed(Event):
    """What is written from now on is sealed, or found, by another version of a key."""

    key: str
    version: int


@dataclass(frozen=True)
class KeyRetired(Event):
    """A version of a key was destroyed; nothing was sealed with it any more."""

    key: str
    version: int
