"""The same POST made twice has one effect and one answer."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.errors import UniqueViolation
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Integer,
    String,
    bindparam,
    delete,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation.errors import Refusal
from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import Base, UtcTime, table_of

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


_ANSWERS = table_of(KeptAnswer)
_OF_SCOPE = _ANSWERS.c.scope == bindparam("of")
_ASK = select(literal(True).label("alone"), *_ANSWERS.c).where(_OF_SCOPE)
_NOBODY_ELSE = select(
    func.pg_try_advisory_xact_lock(bindparam("number", type_=BigInteger), type_=Boolean).label("alone")
).subquery("nobody_else")
# Whoever comes second while the first still runs is told so at once instead of waiting for it.
_LOCK_AND_ASK = Prepared(
    select(_NOBODY_ELSE.c.alone, *_ANSWERS.c).join_from(_NOBODY_ELSE, _ANSWERS, _OF_SCOPE, isouter=True),
    sqlite=_ASK,
)
_FORGET = Prepared(delete(_ANSWERS).where(_OF_SCOPE))
_KEEP = Prepared(
    text(
        """
        INSERT INTO kept_answer (scope, asked, status, answer, at)
        VALUES (:scope, :asked, :status, :answer, :at)
        """
    ).bindparams(*(bindparam(column.name, type_=column.type) for column in _ANSWERS.c))
)


def replay(session: Session, once: Once, *, now: datetime) -> Any | None:  # noqa: ANN401 - a row like `KeptAnswer`
    """The answer already given, or None when this call is the first. StillRunning, OtherBody otherwise."""
    row = _LOCK_AND_ASK.first(session, of=once.scope, number=int(once.scope[:15], 16))
    if row is None:
        return None
    if not row.alone:
        raise StillRunning(field="Idempotency-Key")
    if row.scope is None:
        return None
    if row.at < now - KEPT:
        _FORGET.run(session, of=once.scope)
        return None
    if row.asked != once.asked:
        raise OtherBody(field="Idempotency-Key")
    return row


def keep(session: Session, once: Once, status: int, answer: object, *, now: datetime) -> None:
    """Remember the answer, together with the effect or not at all: it is written with what comes next.

    Where the same call ended at the very moment at which this one asked for its answer, nothing of this one is
    written, and `is_second` knows its error.
    """
    row = {"scope": once.scope, "asked": once.asked, "status": status, "answer": answer, "at": now}
    _KEEP.soon(session, **row)


def is_second(error: Exception) -> bool:
    """Whether PostgreSQL refused to keep a second answer under one key."""
    return isinstance(error, UniqueViolation) and error.diag.table_name == KeptAnswer.__tablename__


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
