"""How likely somebody under way comes: what halls have shown lately, drawn towards what the city has shown."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from dispatch.foundation.log import CITY
from dispatch.journeys.models import Journey, JourneyShow
from dispatch.learning import shrinking

COMES = 0.8
"""The share that comes where nothing is known; worth so many trials."""
TRIALS = 20.0
KEPT = timedelta(days=28)
"""What ended longer ago is no longer weighed, and forgotten."""
_OUTCOMES = ("joined", "expired")

Counts = Mapping[str, Mapping[str, int]]


def weigh(session: Session, now: datetime) -> None:
    """Weigh anew, for the city and for each hall where journeys have ended; older ones are forgotten."""
    session.execute(delete(Journey).where(Journey.ended_at < now - KEPT))
    counts = _counts(session)
    session.execute(delete(JourneyShow))
    rows = [
        {"hall": hall, "comes": comes, **{name: counts[hall][name] for name in _OUTCOMES}, "at": now}
        for hall, comes in shares(counts).items()
    ]
    session.execute(insert(JourneyShow), rows)


def shares(counts: Counts) -> dict[str, float]:
    """The share that comes, by hall and for the `city`. Whoever cancelled is in no count: she is not expected."""
    names = sorted(counts.keys() - {CITY})
    joined, expired = (np.array([counts[name][what] for name in names], dtype=float) for what in _OUTCOMES)
    trials = joined + expired
    city = float((joined.sum() + TRIALS * COMES) / (trials.sum() + TRIALS))
    drawn = shrinking.shares(joined, trials, np.full(len(names), city), TRIALS)
    return {CITY: city, **dict(zip(names, drawn.tolist(), strict=True))}


def _counts(session: Session) -> Counts:
    """How many came and how many did not, by hall and for the `city`."""
    ended = select(Journey.hall, Journey.state, func.count()).where(Journey.state.in_(_OUTCOMES))
    found: defaultdict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_OUTCOMES, 0))
    for hall, state, people in session.execute(ended.group_by(Journey.hall, Journey.state)):
        found[hall][state] += people
        found[CITY][state] += people
    return found
