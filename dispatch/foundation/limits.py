"""How often something may be done: a bucket of tokens for each caller, refilled as real time passes."""

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Float, String, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation.errors import Refusal
from dispatch.foundation.tables import Base, UtcTime


class TooMany(Refusal):
    """Too often in a short time; `retry_after` says in how many seconds it goes on."""

    code = "too_many"
    status = 429
    sentence = "操作太频繁,请 %(retry_after)s 秒后再试"


class RateBucket(Base):
    """What is left to one caller: `left` at the moment `at`, growing since. `key` is a keyed or plain digest."""

    __tablename__ = "rate_bucket"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    left: Mapped[float] = mapped_column(Float)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)


@dataclass(frozen=True)
class Limit:
    """At most `burst` at once, and `per_minute` in the long run."""

    burst: int
    per_minute: float


_BUCKETS = RateBucket.__table__
assert isinstance(_BUCKETS, Table)


def take(session: Session, key: str, limit: Limit, *, real_now: datetime) -> None:
    """Take one token out of this caller's bucket, together with the effect or not at all; TooMany.

    Whoever takes from the same bucket at the same time waits for this transaction: the sum is right.
    """
    _make(session, key, limit, real_now)
    wanted = select(_BUCKETS.c.left, _BUCKETS.c.at).where(_BUCKETS.c.key == key).with_for_update()
    row = session.execute(wanted).one()
    passed = max(0.0, (real_now - row.at).total_seconds())
    left = min(float(limit.burst), row.left + passed * limit.per_minute / 60)
    if left < 1:
        raise TooMany(retry_after=max(1, math.ceil((1 - left) * 60 / limit.per_minute)))
    changed = update(RateBucket).where(RateBucket.key == key).values(left=left - 1, at=max(row.at, real_now))
    session.execute(changed)


def _make(session: Session, key: str, limit: Limit, real_now: datetime) -> None:
    """A full bucket for a newcomer; two at once make one."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"key": key, "left": float(limit.burst), "at": real_now}
    session.execute(insert(RateBucket).values(row).on_conflict_do_nothing())
