"""What `make run` tells outside programs about its city: `var/demo.json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Login:
    """Name and password of a staff account."""

    username: str
    password: str


@dataclass(frozen=True)
class DemoFile:
    """The part of it that the visitors need."""

    url: str
    quiet_halls: frozenset[str]
    device_tokens: Mapping[str, str]
    supervisor: Login
    administrator: Login

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "DemoFile":
        """Read what was told. Raises KeyError or ValueError where something is missing."""
        return cls(
            url=str(told.get("url") or "http://127.0.0.1"),
            quiet_halls=frozenset(told["quiet_halls"]),
            device_tokens=dict(told["device_tokens"]),
            supervisor=_first(told["logins"], "supervisor"),
            administrator=_first(told["logins"], "administrator"),
        )


def _first(logins: list[dict[str, Any]], role: str) -> Login:
    for row in logins:
        if row["role"] == role:
            return Login(row["username"], row["password"])
    raise ValueError(f"no login with role {role}")
