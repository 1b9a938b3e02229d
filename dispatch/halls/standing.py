"""How a hall's queues stand for whoever would take a number: open, or why not and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.halls import outages
from dispatch.halls.models import INTAKES, Queue

QUEUE_STATES = (*INTAKES, "outage")


@dataclass(frozen=True)
class Standing:
    """A queue's state; with an outage, or a pause, its reason, note and expected end."""

    state: str = "open"
    reason: str | None = None
    note: str | None = None
    note_en: str | None = None
    until: datetime | None = None


OPEN = Standing()


def of_queues(session: Session, hall: str, queues: Sequence[Queue], now: datetime) -> dict[str, Standing]:
    """How each of these queues of a hall stands, by its code. An outage is told before anything else."""
    held = outages.holding(session, hall, now)
    return {queue.code: _of(queue, held, now) for queue in queues}


def _of(queue: Queue, held: Sequence[Any], now: datetime) -> Standing:
    for each in held:
        if each.whole or queue.code in each.queues:
            return Standing("outage", each.reason, each.note, each.note_en, each.until)
    run_out = queue.intake == "paused" and queue.intake_until is not None and queue.intake_until <= now
    if queue.intake == "open" or run_out:
        return OPEN
    return Standing(
        queue.intake, queue.intake_reason, queue.intake_note, queue.intake_note_en, queue.intake_until
    )
