"""A process that does not lead: it asks for the lock, and watches whoever holds it."""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from dispatch.foundation.jobs import JobLeader
from dispatch.wiring.clockwork.locking import Lock

LOOK_EVERY_S = 0.5
FROZEN_LOOKS = 16
"""A leader that gave no sign of life between so many looks is frozen. Looks are counted, not seconds: when the whole
machine stood still, nobody was silent."""

logger = logging.getLogger(__name__)


class Standby:
    """Waits for the lead of a role."""

    def __init__(self, lock: Lock, role: str) -> None:
        self._lock, self._role = lock, role
        self._said = ""
        self._seen: tuple[str, datetime] | None = None
        self._unchanged = 0

    def takes_over(self) -> bool:
        """Whether the lock is ours now. Says once what it waits for."""
        try:
            if self._lock.take():
                self._said, self._seen = "", None
                return True
            self._say(f"another {self._role} leads; waiting")
            self._watch()
        except SQLAlchemyError as error:
            self._lock.let_go()
            reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
            self._say(f"{self._role} waits for the database: {reason}")
        return False

    def _watch(self) -> None:
        """Count how long the leader has been silent; from a frozen one take the lock away where that can be done."""
        wanted = select(JobLeader.leader, JobLeader.heard).where(JobLeader.role == self._role)
        row = self._lock.connection().execute(wanted).one_or_none()
        seen = (row.leader, row.heard) if row else None
        self._unchanged = self._unchanged + 1 if seen == self._seen else 0
        self._seen = seen
        if self._unchanged and self._unchanged % FROZEN_LOOKS == 0:
            self._break_open(row.leader if row else "")

    def _break_open(self, leader: str) -> None:
        opened = self._lock.break_open(leader)
        follows = "its lock is taken away" if opened else "end its process, nobody can take over before"
        silent_s = self._unchanged * LOOK_EVERY_S
        logger.error("the leader (%s) has been silent for %.0f s: %s", leader, silent_s, follows)

    def _say(self, words: str) -> None:
        if words != self._said:
            logger.warning(words)
            self._said = words
