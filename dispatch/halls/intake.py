"""Whether a queue gives out numbers: stopped by the rule of the day's end, or paused by somebody for a reason."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput
from dispatch.foundation.log import announce
from dispatch.foundation.transitions import TransitionTable
from dispatch.halls.models import INTAKES, Queue
from dispatch.halls.news import IntakeResumed, IntakeStopped, QueuePaused, QueueResumed

LIFE = TransitionTable(
    "intake",
    INTAKES,
    [
        ("stop", "open", "stopped", "system"),
        ("go_on", "stopped", "open", "system"),
        ("pause", "open stopped paused", "paused", "supervisor"),
        ("resume", "paused", "open", "supervisor system"),
    ],
)


def stop(session: Session, queue: Queue, *, now: datetime, actor: Actor) -> None:
    """Nobody more today; does nothing unless the queue is open."""
    _turn(session, queue, "stop", IntakeStopped(queue.code), now, actor)


def go_on(session: Session, queue: Queue, *, now: datetime, actor: Actor) -> None:
    """There is time for more people again; does nothing unless the rule had stopped the queue."""
    _turn(session, queue, "go_on", IntakeResumed(queue.code), now, actor)


def pause(
    session: Session,
    queue: Queue,
    *,
    reason: str,
    until: datetime | None = None,
    note: str | None = None,
    note_en: str | None = None,
    now: datetime,
    actor: Actor,
) -> None:
    """No numbers for a while, for a reason; told the same twice, nothing changes."""
    if until is not None and until <= now:
        raise BadInput(reason=until.isoformat(), field="until")
    session.refresh(queue, with_for_update=True)
    wanted = {
        "intake": LIFE.target("pause", queue.intake),
        "intake_reason": reason,
        "intake_until": until,
        "intake_note": note,
        "intake_note_en": note_en,
    }
    if all(getattr(queue, name) == value for name, value in wanted.items()):
        return
    for name, value in wanted.items():
        setattr(queue, name, value)
    session.flush()
    news = QueuePaused(queue.code, reason, until.isoformat() if until else None)
    announce(session, queue.hall, news, at=now, actor=actor)


def resume(session: Session, queue: Queue, *, now: datetime, actor: Actor) -> None:
    """Numbers again; does nothing unless the queue is paused."""
    _turn(session, queue, "resume", QueueResumed(queue.code), now, actor)


def paused_too_long(session: Session, hall: str, now: datetime) -> list[Queue]:
    """Queues whose pause has run out."""
    wanted = select(Queue).where(Queue.hall == hall, Queue.intake == "paused", Queue.intake_until <= now)
    return list(session.scalars(wanted.order_by(Queue.position)))


def _turn(
    session: Session,
    queue: Queue,
    verb: str,
    news: IntakeStopped | IntakeResumed | QueueResumed,
    now: datetime,
    actor: Actor,
) -> None:
    session.refresh(queue, with_for_update=True)
    if queue.intake not in LIFE[verb].sources:
        return
    queue.intake = LIFE.target(verb, queue.intake)
    queue.intake_reason = queue.intake_until = queue.intake_note = queue.intake_note_en = None
    session.flush()
    announce(session, queue.hall, news, at=now, actor=actor)
