"""How wrong what was announced has been, added up from the scores of days; a read that the public may make."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from dispatch.waits.models import WaitScore

OURS = "tongban"
DAYS = 28
"""So many days are told where nobody says which."""
_SUMS = ("n", "off_s", "over_s", "within_5_min", "ranged", "covered", "late", "width_s")


@dataclass(frozen=True)
class Accuracy:
    """How good a predictor was `ahead_min` before people joined a queue; what was shown is `tongban`.

    Of one hall, of those who joined within one hour of the day, or of all. Seconds; shares from 0 to 1, those of ranges
    null for rules that tell none. `bias_s` is above 0 where more was foretold than waited, `late_90` the share that
    waited longer than the upper end.
    """

    predictor: str
    ahead_min: int
    hall: str | None
    hour: int | None
    n: int
    mae_s: float
    bias_s: float
    within_5_min: float
    coverage_90: float | None
    width_90_s: float | None
    late_90: float | None


@dataclass(frozen=True)
class Asked:
    """Which days, both included, and of which hall; of all where none is named."""

    first: date
    last: date
    hall: str | None = None


def asked(session: Session, first: date | None, last: date | None, hall: str | None = None) -> Asked | None:
    """What is to be told: the newest weeks there are where no days are named; None while nothing is scored."""
    if first is not None and last is not None:
        return Asked(first, last, hall)
    newest = _last_day(session, hall)
    if newest is None:
        return None
    last = last or max(newest, first or newest)
    return Asked(first or last - timedelta(days=DAYS - 1), last, hall)


def overall(session: Session, of: Asked) -> list[Accuracy]:
    """By predictor and minutes ahead."""
    return _read(session, of, ())


def by_hall(session: Session, of: Asked) -> list[Accuracy]:
    """By hall as well."""
    return _read(session, of, ("hall",))


def by_hour(session: Session, of: Asked) -> list[Accuracy]:
    """By the hour of the day in which people joined as well."""
    return _read(session, of, ("hour",))


def _last_day(session: Session, hall: str | None) -> date | None:
    """The newest day on which anybody's wait was scored."""
    newest = select(func.max(WaitScore.day))
    return session.scalar(newest if hall is None else newest.where(WaitScore.hall == hall))


def _read(session: Session, of: Asked, beside: Sequence[str]) -> list[Accuracy]:
    by = [getattr(WaitScore, name) for name in (*beside, "ahead_min", "predictor")]
    sums: list[ColumnElement[int]] = [func.sum(getattr(WaitScore, name)).label(name) for name in _SUMS]
    wanted = select(*by, *sums).where(WaitScore.day.between(of.first, of.last)).group_by(*by).order_by(*by)
    if of.hall is not None:
        wanted = wanted.where(WaitScore.hall == of.hall)
    return [_accuracy(dict(row)) for row in session.execute(wanted).mappings()]


def _accuracy(row: dict[str, object]) -> Accuracy:
    n, ranged = _whole(row["n"]), _whole(row["ranged"])
    return Accuracy(
        predictor=str(row["predictor"]),
        ahead_min=_whole(row["ahead_min"]),
        hall=str(row["hall"]) if "hall" in row else None,
        hour=_whole(row["hour"]) if "hour" in row else None,
        n=n,
        mae_s=_whole(row["off_s"]) / n,
        bias_s=_whole(row["over_s"]) / n,
        within_5_min=_whole(row["within_5_min"]) / n,
        coverage_90=_whole(row["covered"]) / ranged if ranged else None,
        width_90_s=_whole(row["width_s"]) / ranged if ranged else None,
        late_90=_whole(row["late"]) / ranged if ranged else None,
    )


def _whole(value: object) -> int:
    """PostgreSQL sums big integers as decimals."""
    return int(str(value))
