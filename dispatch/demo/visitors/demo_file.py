"""What `make run` tells outside programs about its city: `var/demo.json`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Login:
    """Name and password of a staff account, and the secret of its second factor where it has one."""

    username: str
    password: str
    totp_secret: str | None = None


@dataclass(frozen=True)
class DemoFile:
    """The part of it that the visitors need."""

    url: str
    quiet_halls: frozenset[str]
    device_tokens: Mapping[str, str]
    machines: tuple[Mapping[str, Any], ...]
    supervisor: Login
    administrator: Login
    clerks: Mapping[str, Login] = field(default_factory=dict)
    """Who sits at a window, by the window's id, where somebody is named for it."""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "DemoFile":
        """Read what was told. Raises KeyError or ValueError where something is missing."""
        return cls(
            url=str(told.get("url") or "http://127.0.0.1"),
            quiet_halls=frozenset(told["quiet_halls"]),
            device_tokens=dict(told["device_tokens"]),
            machines=tuple(told.get("machines", ())),
            supervisor=_first(told["logins"], "supervisor"),
            administrator=_first(told["logins"], "administrator"),
            clerks={row["window"]: _login(row) for row in told["logins"] if "window" in row},
        )

    def at_window(self, window: str) -> Login:
        """Who works a window: the clerk named for it, else the supervisor."""
        return self.clerks.get(window, self.supervisor)


def _first(logins: list[dict[str, Any]], role: str) -> Login:
    for row in logins:
        if row["role"] == role:
            return _login(row)
    raise ValueError(f"no login with role {role}")


def _login(row: dict[str, Any]) -> Login:
    return Login(row["username"], row["password"], row.get("totp_secret"))
