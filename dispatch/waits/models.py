"""What is foretold now, and what was shown, as tables."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime


class HallForecast(Base):
    """A hall's newest forecast; there is one row for each, and the latest wins.

    It knows the hall's log up to entry `based_on` of `epoch`, was made at city time `as_of`, and is to be made anew at
    `due_at` though nothing happen. A wait is packed as in `packing`. `queues`: of whoever joins now, by queue.
    `newcomers`: the same of those of another kind than the ordinary, `{queue: {kind: wait}}`. `arrivals`:
    `{"at": [Unix seconds], "queues": {queue: [wait, …]}}`, of whoever joins then; made at the first of these moments,
    which lies up to a minute before `as_of`. `tickets`: of whoever waits, from
    `as_of` on, by ticket. Several columns, since a list of halls needs only the first.
    """

    __tablename__ = "hall_forecast"

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer)
    based_on: Mapped[int] = mapped_column(BigInteger)
    as_of: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    queues: Mapped[dict[str, Any]] = mapped_column(JSON)
    newcomers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    arrivals: Mapped[dict[str, Any]] = mapped_column(JSON)
    tickets: Mapped[dict[str, Any]] = mapped_column(JSON)


class Announcement(Base):
    """What was shown at city time `at` for whoever joins a queue `ahead_min` minutes later; kept to be scored.

    `simulated` and `boosted` are `[point, low, high]` in seconds, what either had to say where both were asked; `afar`
    has the same, by predictor, of whoever took a number from afar at that very moment.
    """

    __tablename__ = "announcement"

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime, primary_key=True)
    queue: Mapped[str] = mapped_column(String(20), primary_key=True)
    ahead_min: Mapped[int] = mapped_column(Integer, primary_key=True)
    point_s: Mapped[int] = mapped_column(Integer)
    low_s: Mapped[int] = mapped_column(Integer)
    high_s: Mapped[int] = mapped_column(Integer)
    method: Mapped[str] = mapped_column(String(12))
    based_on: Mapped[int] = mapped_column(BigInteger)
    simulated: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    boosted: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    afar: Mapped[dict[str, list[int]] | None] = mapped_column(JSON(none_as_null=True))


class AnnouncedHour(Base):
    """What was shown in the hour from `at` on, of announcements too old to be kept each: the means of `n` of them."""

    __tablename__ = "announced_hour"
    __table_args__ = (Index("announced_hour_at", "at"),)

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime, primary_key=True)
    queue: Mapped[str] = mapped_column(String(20), primary_key=True)
    ahead_min: Mapped[int] = mapped_column(Integer, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    point_s: Mapped[int] = mapped_column(Integer)
    low_s: Mapped[int] = mapped_column(Integer)
    high_s: Mapped[int] = mapped_column(Integer)


class WaitScore(Base):
    """How good what was announced was: sums over all who joined a hall's queues within an hour of a day.

    `day` and `hour` are those of joining, by the hall's clock; `ahead_min` so long before it was told her by
    `predictor`. `off_s` sums how far off the point was, `over_s` the same with its sign (more foretold than waited),
    `ranged` counts those who were told a range: `covered` waited within it, `late` longer, `width_s` sums its widths.
    """

    __tablename__ = "wait_score"
    __table_args__ = (Index("wait_score_of_day", "day"),)

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    hour: Mapped[int] = mapped_column(Integer, primary_key=True)
    ahead_min: Mapped[int] = mapped_column(Integer, primary_key=True)
    predictor: Mapped[str] = mapped_column(String(20), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    off_s: Mapped[int] = mapped_column(BigInteger)
    over_s: Mapped[int] = mapped_column(BigInteger)
    within_5_min: Mapped[int] = mapped_column(Integer)
    ranged: Mapped[int] = mapped_column(Integer)
    covered: Mapped[int] = mapped_column(Integer)
    late: Mapped[int] = mapped_column(Integer)
    width_s: Mapped[int] = mapped_column(BigInteger)


class ScoredDay(Base):
    """A day of a hall that has been scored, whether anybody came or not."""

    __tablename__ = "wait_scored_day"

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)


class TaughtForecaster(Base):
    """What the forecaster has learned from the halls' logs until and with `day`, in one `format`."""

    __tablename__ = "taught_forecaster"

    format: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date)
    fitted_at: Mapped[datetime] = mapped_column(UtcTime)
    state: Mapped[bytes] = mapped_column(LargeBinary)
