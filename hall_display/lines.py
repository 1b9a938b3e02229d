"""The open lines of paired machines, so that a revoked one's are hung up at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import select

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.errors import NotSignedIn
from dispatch.halls.devices import tokens
from dispatch.halls.devices.models import Device


@dataclass(frozen=True)
class Line:
    """Whose line it is."""

    device: str
    hall: str


class Lines:
    """Which machine is at the other end of which line. A line without a token is a stranger's, as public boards are."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lines: dict[str, Line] = {}

    def open(self, sid: str, auth: object) -> None:
        """A line was opened; NotSignedIn with the token of a machine that is out of use."""
        token = _token(auth)
        if not token.startswith(tokens.TOKEN_MARK):
            return
        with self._database.reading() as session:
            if tokens.known(session, token) is None:
                return  # a token of a city that is no more
            device = tokens.device_of(session, token, real_now=clock.real_now())
            self._lines[sid] = Line(device.id, device.hall)

    def refuse_gone(self, sid: str) -> None:
        """NotSignedIn when the machine of this line was put out of use since it was opened."""
        if self.gone([sid]):
            raise NotSignedIn

    def device_of(self, sid: str) -> str | None:
        """The machine at the other end, if it is one."""
        line = self._lines.get(sid)
        return line.device if line else None

    def of(self, device: str) -> list[str]:
        """The lines of a machine."""
        return [sid for sid, line in list(self._lines.items()) if line.device == device]

    def gone(self, among: Iterable[str]) -> list[str]:
        """Those of these lines whose machines are out of use by now."""
        asked = {sid: self._lines[sid].device for sid in among if sid in self._lines}
        if not asked:
            return []
        with self._database.reading() as session:
            good = select(Device.id).where(
                Device.id.in_(set(asked.values())), Device.active, Device.cloned_at.is_(None)
            )
            alive = set(session.scalars(good))
        return [sid for sid, device in asked.items() if device not in alive]

    def close(self, sid: str) -> None:
        """The line is no more."""
        self._lines.pop(sid, None)


def _token(auth: Any) -> str:  # noqa: ANN401 - whatever a client sends when it connects
    said = auth.get("token") if isinstance(auth, dict) else None
    return said if isinstance(said, str) else request.cookies.get(tokens.COOKIE, "")
