"""Whether a process can serve, asked every few seconds by whoever sends it people: never longer than two seconds."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Literal

from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.settings import Settings
from dispatch.wiring.soundness import database as databases
from dispatch.wiring.soundness import jobs, log, machine, redis
from dispatch.wiring.soundness.trouble import Trouble, begun

logger = logging.getLogger(__name__)
WITHIN_S = 1.5
FRESH_S = 1.0
"""Whoever asks again sooner gets the same answer, so that asking costs the database nothing."""

Status = Literal["ready", "degraded", "unready"]


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong; a `grave` one keeps us from serving at all."""

    what: str
    said: str
    do: str
    grave: bool


class Readiness:
    """What is wrong with what this process stands on."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._one_at_a_time = threading.Lock()
        self._found: list[Wrong] = []
        self._looked_at = float("-inf")

    def wrong(self) -> list[Wrong]:
        """Everything wrong, a second old at most."""
        with self._one_at_a_time:
            if time.monotonic() - self._looked_at > FRESH_S:
                found = _look(self._settings)
                self._tell(found)
                self._found, self._looked_at = found, time.monotonic()
            return self._found

    def _tell(self, found: list[Wrong]) -> None:
        """Log what has become wrong since the last look, and that all is well again."""
        before = {wrong.what for wrong in self._found}
        for wrong in found:
            if wrong.what not in before:
                level = logging.ERROR if wrong.grave else logging.WARNING
                logger.log(level, "%s: %s; %s", wrong.what, wrong.said, wrong.do)
        if before and not found:
            logger.warning("everything is well again")


def status_of(found: list[Wrong]) -> Status:
    """One word for it. Without bus or jobs a city goes on, if not as well."""
    if any(wrong.grave for wrong in found):
        return "unready"
    return "degraded" if found else "ready"


def _look(settings: Settings) -> list[Wrong]:
    """Ask the database and Redis at the same time, and the disk meanwhile."""
    deadline = time.monotonic() + WITHIN_S
    database, bus = begun(partial(_in_the_database, settings)), begun(partial(_on_the_bus, settings))
    found = [
        wrong for at in machine.folders(settings) for wrong in _tried("disk", partial(machine.room_on, at))
    ]
    unsigned = log.heads(settings, clock.real_now())
    found += [Wrong("heads", each.said, each.do, grave=False) for each in unsigned]
    found += _waited_for(
        "database", database, deadline, "look whether it runs and a firewall lets us through"
    )
    found += _waited_for("bus", bus, deadline, "look whether Redis runs", grave=False)
    return found


def _in_the_database(settings: Settings) -> list[Wrong]:
    try:
        with databases.connected(settings.database, seconds=WITHIN_S) as connection:
            seen = databases.seen(connection)
            found = _tried("migrations", partial(databases.migrated, seen))
            if not found:
                with Session(connection) as session:
                    late = jobs.troubles(session, clock.real_now())
                    found = [Wrong("jobs", each.said, each.do, grave=False) for each in late]
            return found + _tried("clock", partial(databases.in_time, seen))
    except Trouble as trouble:
        return [Wrong("database", trouble.said, trouble.do, grave=True)]


def _on_the_bus(settings: Settings) -> list[Wrong]:
    if not (settings.redis_url and settings.city):
        return []
    look = partial(redis.owned, settings.redis_url, settings.city, seconds=WITHIN_S)
    return _tried("bus", look, grave=False)


def _tried(what: str, look: Callable[[], object], *, grave: bool = True) -> list[Wrong]:
    try:
        look()
    except Trouble as trouble:
        return [Wrong(what, trouble.said, trouble.do, grave)]
    return []


def _waited_for(
    what: str, answer: Future[list[Wrong]], deadline: float, do: str, *, grave: bool = True
) -> list[Wrong]:
    try:
        return answer.result(max(0.0, deadline - time.monotonic()))
    except TimeoutError:
        return [Wrong(what, f"no answer within {WITHIN_S:g} s", do, grave)]
