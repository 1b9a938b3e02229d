"""What is foretold now, and what was shown, as tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime


class HallForecast(Base):
    """A hall's newest forecast; there is one row for each, and the latest wins.

    It knows the hall's log up to entry `based_on` of `epoch`, and was made at city time `as_of`. A wait is
    `[point, low, high, method]` in whole seconds, or the reason why none is known. `queues`: of whoever joins now, by
    queue. `arrivals`: `{"at": [moments], "queues": {queue: [wait, …]}}`, of whoever joins then. `tickets`: of whoever
    waits, from `as_of` on, by ticket. Three columns, since a list of halls needs only the first.
    """

    __tablename__ = "hall_forecast"

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer)
    based_on: Mapped[int] = mapped_column(BigInteger)
    as_of: Mapped[datetime] = mapped_column(UtcTime)
    queues: Mapped[dict[str, Any]] = mapped_column(JSON)
    arrivals: Mapped[dict[str, Any]] = mapped_column(JSON)
    tickets: Mapped[dict[str, Any]] = mapped_column(JSON)


class Announcement(Base):
    """What was shown at city time `at` for whoever joins a queue `ahead_min` minutes later; kept to be scored."""

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
