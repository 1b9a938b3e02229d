"""Halls, queues and windows as tables."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, Float, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime, one_of

LEVELS = ("city", "district", "street", "village")
KINDS = ("hall", "partner", "kiosk_site")
WINDOW_STATES = ("open", "paused", "closed")


class Hall(Base):
    """A place where people are served. `path` names it and all above it: `/H-331000/H-331082/`."""

    __tablename__ = "hall"
    __table_args__ = (
        CheckConstraint(one_of("level", LEVELS), name="hall_level"),
        CheckConstraint(one_of("kind", KINDS), name="hall_kind"),
    )

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    level: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(12))
    parent: Mapped[str | None] = mapped_column(ForeignKey("hall.code"))
    path: Mapped[str] = mapped_column(String(200), unique=True)
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)
    tz: Mapped[str] = mapped_column(String(40))
    hours: Mapped[dict[str, Any]] = mapped_column(JSON)
    kiosks: Mapped[int] = mapped_column(Integer, default=0)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class Queue(Base):
    """A line of people in one hall, with the letter on their tickets."""

    __tablename__ = "queue"

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    letter: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Window(Base):
    """A place where a clerk serves. `queues` are the codes it calls from; `claim` counts its calls.

    A call bumps `claim` and carries it from then on: a late write that brings an older one is refused.
    """

    __tablename__ = "window"
    __table_args__ = (CheckConstraint(one_of("state", WINDOW_STATES), name="window_state"),)

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), index=True)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(20))
    name_en: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    queues: Mapped[list[str]] = mapped_column(JSON)
    position: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    state: Mapped[str] = mapped_column(String(10), default="closed")
    claim: Mapped[int] = mapped_column(Integer, default=0)
    staff: Mapped[str | None] = mapped_column(String(40))
    heard_at: Mapped[datetime | None] = mapped_column(UtcTime)


class CalendarDay(Base):
    """A day that is not what its weekday says: a public holiday, or a workday made up for one."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint(one_of("kind", ("holiday", "workday")), name="calendar_kind"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
