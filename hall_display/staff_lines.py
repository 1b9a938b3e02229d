"""The open lines of staff, so that whoever loses a permission, or everything, loses his line with it.

Nothing private goes over a line; it tells a page when to look again. A page whose line is hung up opens it anew and
looks again, and what it then may see is judged by the rights of that moment.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from dispatch.foundation import clock, log
from dispatch.foundation.access import Actor
from dispatch.foundation.database import Database
from dispatch.foundation.errors import NotSignedIn
from dispatch.halls.devices import tokens
from dispatch.people import accounts

LOOK_AGAIN_S = 30.0
"""Posts and grants begin and end without an entry of the log."""


@dataclass
class _Line:
    """Somebody's token, and what he was when it was looked at last: nobody, once he is signed out."""

    token: str
    was: Actor
    city_seq: int
    looked_at: float


class StaffLines:
    """Who of the staff is at the other end of which line."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lines: dict[str, _Line] = {}

    def open(self, sid: str, auth: object) -> None:
        """A line was opened; that of somebody who is not signed in is a stranger's."""
        token = _token(auth)
        if not token or token.startswith(tokens.TOKEN_MARK):
            return
        with self._database.reading() as session:
            try:
                was = _actor(session, token)
            except NotSignedIn:
                return
            head = log.head_of(session, log.CITY)
        self._lines[sid] = _Line(token, was, head.seq if head else 0, time.monotonic())

    def close(self, sid: str) -> None:
        """The line is no more."""
        self._lines.pop(sid, None)

    def changed(self, among: Iterable[str]) -> list[str]:
        """Those of these lines whose staff may something else by now, or nothing any more."""
        lines = {sid: self._lines[sid] for sid in among if sid in self._lines}
        if not lines:
            return []
        with self._database.reading() as session:
            head = log.head_of(session, log.CITY)
            seq, at = head.seq if head else 0, time.monotonic()
            due = {
                sid: line
                for sid, line in lines.items()
                if line.city_seq != seq or at - line.looked_at > LOOK_AGAIN_S
            }
            return [sid for sid, line in due.items() if _is_another(session, line, seq, at)]


def _is_another(session: Session, line: _Line, seq: int, at: float) -> bool:
    line.city_seq, line.looked_at = seq, at
    try:
        return _actor(session, line.token) != line.was
    except NotSignedIn:
        return True


def _actor(session: Session, token: str) -> Actor:
    return accounts.actor_of(session, token, real_now=clock.real_now(), now=clock.now(session))


def _token(auth: Any) -> str:  # noqa: ANN401 - whatever a client sends when it connects
    said = auth.get("token") if isinstance(auth, dict) else None
    return said if isinstance(said, str) else request.cookies.get(accounts.COOKIE, "")
