"""Who is under way where, and how many come, as tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime, one_of
from dispatch.journeys.life import STATES
from dispatch.ports.maps import Mode

_UNDER_WAY = text("state = 'under_way'")
_REFERRED = text("state = 'under_way' AND from_ticket IS NOT NULL")


class Journey(Base):
    """Somebody goes to a hall and will join this queue there first.

    As seen when it began she joins at `arrives_at`, give or take `spread_s` seconds (a standard deviation); `until`
    then she counts. `stops` are the queues she joins there, one after the other, as `[{queue, items, after_s}]`.
    `route` is what she follows, an advice, a ticket or another journey: of each, one journey at a time. `from_ticket`
    is the place in the line of `from_hall` that stays hers until she is here; `ticket` is what she took. `mode` is how
    she travels, None where nobody knows from where; `passed_over` are the halls she was told of and will not go to.
    """

    __tablename__ = "journey"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="journey_state"),
        Index("journey_under_way", "hall", "queue", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
        Index("journey_until", "until", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
        Index("journey_of_route", "route", unique=True, sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
        Index("journey_from", "from_hall", sqlite_where=_REFERRED, postgresql_where=_REFERRED),
        Index("journey_begun", "begun_at"),
        Index("journey_ended", "ended_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    route: Mapped[str] = mapped_column(String(32))
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))
    queue: Mapped[str] = mapped_column(String(20))
    stops: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    mode: Mapped[Mode | None] = mapped_column(String(10))
    passed_over: Mapped[list[str]] = mapped_column(JSON)
    from_hall: Mapped[str | None] = mapped_column(String(40))
    from_ticket: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(10))
    begun_at: Mapped[datetime] = mapped_column(UtcTime)
    arrives_at: Mapped[datetime] = mapped_column(UtcTime)
    spread_s: Mapped[float] = mapped_column(Float)
    until: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ticket: Mapped[str | None] = mapped_column(String(32))


class JourneyShow(Base):
    """The share of those under way to a hall that joins a line there, weighed at `at` from so many that ended.

    The row of the reserved code `city` is that of all halls together, and of each that has none of its own.
    """

    __tablename__ = "journey_show"

    hall: Mapped[str] = mapped_column(String(40), primary_key=True)
    comes: Mapped[float] = mapped_column(Float)
    joined: Mapped[int] = mapped_column(Integer)
    expired: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcTime)
