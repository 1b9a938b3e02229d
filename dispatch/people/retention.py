"""How long each thing about people is kept, in one table; whatever is older is deleted once a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import InstrumentedAttribute, Session

from dispatch.foundation.idempotency import KeptAnswer
from dispatch.foundation.jobs import JobRun
from dispatch.foundation.limits import RateBucket
from dispatch.foundation.tables import Base
from dispatch.people.models import FailedSignIn, PermissionGrant, PersonRead, Post, SignIn

HALF_A_YEAR = 183
"""Network logs are kept for six months at least (网络安全法)."""
PERSONS_DAYS = 90
"""A person's data go so many days after the service day of her last ticket."""


@dataclass(frozen=True)
class Rule:
    """Rows of a table go `days` after the time in `column`; on city time where the rows are business."""

    table: type[Base]
    column: InstrumentedAttribute[Any]
    days: int
    why: str
    city_time: bool = False

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.table.__tablename__)


RULES: Sequence[Rule] = (
    Rule(SignIn, SignIn.at, HALF_A_YEAR, "who was signed in when"),
    Rule(FailedSignIn, FailedSignIn.at, HALF_A_YEAR, "attempts at guessing"),
    Rule(PersonRead, PersonRead.at, 3 * 365, "who looked at whose data, and why", city_time=True),
    Rule(PermissionGrant, PermissionGrant.until, HALF_A_YEAR, "grants that have run out", city_time=True),
    Rule(Post, Post.ends, 3 * 365, "who was posted where", city_time=True),
    Rule(KeptAnswer, KeptAnswer.at, 1, "answers to repeated calls"),
    Rule(RateBucket, RateBucket.at, 1, "how often an unknown caller called"),
    Rule(JobRun, JobRun.ended_at, 7, "how scheduled jobs ended"),
)


def forget_old(session: Session, *, now: datetime, real_now: datetime) -> dict[str, int]:
    """Delete what every rule says is over; how many rows of each table. May be run twice without harm."""
    return {rule.name: _forget(session, rule, now if rule.city_time else real_now) for rule in RULES}


def table() -> str:
    """The rules as a table of the documents."""
    lines = ["| table | kept for | counted from | why |", "|---|---|---|---|"]
    persons = (
        f"| `person` | {PERSONS_DAYS} days | the last ticket's service day | to serve and to answer her |"
    )
    rows = [
        f"| `{rule.name}` | {rule.days} day{'s' if rule.days > 1 else ''} | `{rule.column.key}` | {rule.why} |"
        for rule in RULES
    ]
    return "\n".join([*lines, persons, *rows])


def _forget(session: Session, rule: Rule, today: datetime) -> int:
    gone: Any = session.execute(delete(rule.table).where(rule.column < today - timedelta(days=rule.days)))
    return int(gone.rowcount)
