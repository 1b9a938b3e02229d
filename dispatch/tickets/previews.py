"""A past day under another discipline: asked for in a request, worked out elsewhere, read later.

To play a day takes seconds, so nobody waits for it: a row says what was asked, and then what came of it. `past` plays
the day, for the process that computes ahead; pages know this file only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, delete, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation import jobs
from dispatch.foundation.access import Actor
from dispatch.foundation.errors import NotFound
from dispatch.foundation.ids import new_id
from dispatch.foundation.tables import Base, UtcTime, one_of
from dispatch.foundation.transitions import TransitionTable
from dispatch.halls.models import Hall
from dispatch.queues.policy import Policy

LIFE = TransitionTable(
    "policy preview",
    ("asked", "working", "done", "failed"),
    [
        ("take", "asked working", "working", "system"),
        ("finish", "working", "done", "system"),
        ("fail", "working", "failed", "system"),
    ],
)
UNFINISHED = ("asked", "working")
UNKNOWN = ("computing", "nobody_computes", "failed")
MOST_ATTEMPTS = 3
"""What its process did not survive so often is not tried again."""
PATIENCE = timedelta(seconds=5)
"""Nobody computes when nothing was begun for so long and who should was not heard of for as long."""
KEPT = timedelta(days=1)


class PolicyPreview(Base):
    """One question and its answer; `result` are the groups of people, as `past.Compared` has them. Real time."""

    __tablename__ = "policy_preview"
    __table_args__ = (
        CheckConstraint(one_of("state", LIFE.states), name="policy_preview_state"),
        Index(
            "policy_preview_open",
            "asked_at",
            sqlite_where=text("state IN ('asked', 'working')"),
            postgresql_where=text("state IN ('asked', 'working')"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))
    day: Mapped[date] = mapped_column(Date)
    policy: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int] = mapped_column(Integer)
    result: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))


def ask(
    session: Session, place: Hall, day: date, policy: Policy, *, actor: Actor, real_now: datetime
) -> PolicyPreview:
    """Have a day played; asking again for what is not answered yet changes nothing."""
    wanted = asdict(policy)
    mine = select(PolicyPreview).where(
        PolicyPreview.hall == place.code,
        PolicyPreview.day == day,
        PolicyPreview.asked_by == actor.name,
        PolicyPreview.state.in_(UNFINISHED),
    )
    same = next((row for row in session.scalars(mine) if row.policy == wanted), None)
    if same is not None:
        return same
    row = PolicyPreview(
        id=new_id(),
        hall=place.code,
        day=day,
        policy=wanted,
        asked_by=actor.name,
        asked_at=real_now,
        state="asked",
        attempts=0,
    )
    session.add(row)
    session.flush()
    return row


def find(session: Session, place: Hall, ident: str) -> PolicyPreview:
    """One of this hall's; NotFound."""
    row = session.get(PolicyPreview, ident)
    if row is None or row.hall != place.code:
        raise NotFound(what=ident, field="id")
    return row


def unknown_because(
    session: Session, row: PolicyPreview, real_now: datetime
) -> Literal["computing", "nobody_computes", "failed"] | None:
    """Why there is no answer; None when there is one."""
    if row.state == "done":
        return None
    if row.state == "failed":
        return "failed"
    late = real_now - row.asked_at > PATIENCE
    at_work = jobs.at_work(session, "forecast", real_now, within=PATIENCE)
    return "nobody_computes" if late and not at_work else "computing"


def oldest_unfinished(session: Session) -> str | None:
    """What is to be worked out next. One process computes, one at a time: what it finds begun was broken off."""
    open_ones = select(PolicyPreview.id).where(text("state IN ('asked', 'working')"))
    return session.scalar(open_ones.order_by(PolicyPreview.asked_at, PolicyPreview.id).limit(1))


def take(row: PolicyPreview) -> bool:
    """Begin to work it out; not once more after too many attempts."""
    row.state = LIFE.target("take", row.state)
    row.attempts += 1
    if row.attempts > MOST_ATTEMPTS:
        fail(row)
    return row.state == "working"


def finish(row: PolicyPreview, groups: Sequence[Mapping[str, Any]]) -> None:
    """Answer it."""
    row.state = LIFE.target("finish", row.state)
    row.result = [dict(group) for group in groups]


def fail(row: PolicyPreview) -> None:
    """Say that there will be no answer."""
    row.state = LIFE.target("fail", row.state)


def forget_old(session: Session, *, real_now: datetime) -> None:
    """Delete what was asked for long ago."""
    session.execute(delete(PolicyPreview).where(PolicyPreview.asked_at < real_now - KEPT))
