"""The same POST made twice has one effect and one answer."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Integer, String, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation.errors import Refusal
from dispatch.foundation.tables import Base, UtcTime

KEPT = timedelta(hours=24)


class KeptAnswer(Base):
    """The answer to a POST, written in the transaction of its effect."""

    __tablename__ = "kept_answer"

    scope: Mapped[str] = mapped_column(String(64), primary_key=True)
    asked: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    answer: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class OtherBody(Refusal):
    """The key was used before for something else."""

    code = "idempotency_key_reused"
    status = 422
    sentence = "这个 Idempotency-Key 已经用在别的请求上"


class StillRunning(Refusal):
    """The first call with this key has not ended yet."""

    code = "still_running"
    status = 409
    sentence = "同一个请求正在处理,稍后再问"


@dataclass(frozen=True)
class Once:
    """One caller's use of one key: a `scope` (who, method, path, key) and what was asked."""

    scope: str
    asked: str

    @classmethod
    def of(cls, principal: str, method: str, path: str, key: str, body: object) -> "Once":
        """Name the call; the body counts by its meaning, not by its spacing."""
        return cls(_hash([principal, method, path, key]), _hash(body))


def replay(session: Session, once: Once, *, now: datetime) -> KeptAnswer | None:
    """The answer already given, or None when this call is the first. StillRunning, OtherBody otherwise."""
    if session.get_bind().dialect.name == "postgresql":
        number = int(once.scope[:15], 16)
        if not session.execute(select(func.pg_try_advisory_xact_lock(number))).scalar():
            raise StillRunning(field="Idempotency-Key")
    kept = session.get(KeptAnswer, once.scope)
    if kept is None:
        return None
    if kept.at < now - KEPT:
        session.delete(kept)
        session.flush()
        return None
    if kept.asked != once.asked:
        raise OtherBody(field="Idempotency-Key")
    return kept


def keep(session: Session, once: Once, status: int, answer: object, *, now: datetime) -> None:
    """Remember the answer, together with the effect or not at all."""
    session.execute(
        insert(KeptAnswer).values(scope=once.scope, asked=once.asked, status=status, answer=answer, at=now)
    )


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
