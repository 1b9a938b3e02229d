"""Halls, queues and windows as tables."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, Float, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation import revisions
from dispatch.foundation.tables import Base, UtcTime, one_of

LEVELS = ("city", "district", "street", "village")
KINDS = ("hall", "partner", "kiosk_site")
ARROWS = ("left", "right", "ahead", "none")
"""Where a window lies, seen by somebody who looks at the board."""
WINDOW_STATES = ("open", "paused", "closed")
INTAKES = ("open", "stopped", "paused")
REASONS = ("system", "power", "network", "equipment", "staff", "weather", "security", "other")
"""Why something does not run as it should; what else there is to say stands in a note beside it."""
DAY_KINDS = ("ordinary", "duty", "shortened", "closed")
AFTERWARDS = ("serve", "move", "notify")
"""What becomes of those who wait when a hall closes early."""
WINDOW_KINDS = ("general", "acceptance", "payment", "agent", "tidal")


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
    policy: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    seasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class Queue(Base):
    """A line of people in one hall, with the letter on their tickets.

    `intake` says whether numbers are given out: stopped by the rule that nobody is let in who could not be served
    today, or paused by somebody, with a reason and perhaps a time at which it goes on.
    """

    __tablename__ = "queue"
    __table_args__ = (CheckConstraint(one_of("intake", INTAKES), name="queue_intake"),)

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    letter: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    zone: Mapped[str | None] = mapped_column(String(20))
    intake: Mapped[str] = mapped_column(String(8), default="open")
    intake_reason: Mapped[str | None] = mapped_column(String(10))
    intake_until: Mapped[datetime | None] = mapped_column(UtcTime)
    intake_note: Mapped[str | None] = mapped_column(String(200))
    intake_note_en: Mapped[str | None] = mapped_column(String(300))


class Window(Base):
    """A place where a clerk serves. `queues` are the codes it calls from; `claim` counts its calls.

    A call bumps `claim` and carries it from then on: a late write that brings an older one is refused. `lapsed`:
    nothing has been heard from it for the length of a lease.
    """

    __tablename__ = "window"
    __table_args__ = (
        CheckConstraint(one_of("state", WINDOW_STATES), name="window_state"),
        CheckConstraint(one_of("kind", WINDOW_KINDS), name="window_kind"),
        CheckConstraint(one_of("arrow", ARROWS), name="window_arrow"),
    )

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
    lapsed: Mapped[bool] = mapped_column(Boolean, default=False)
    zone: Mapped[str | None] = mapped_column(String(20))
    arrow: Mapped[str] = mapped_column(String(5), default="none")


class CalendarDay(Base):
    """A day that is not what its weekday says: a public holiday, or a workday made up for one."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint(one_of("kind", ("holiday", "workday")), name="calendar_kind"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))


class HallDay(Base):
    """What is particular about one day of one hall: other openings, an early close, a service day that is over.

    `openings` replace those of the week, [] on a day without any; None leaves them. From `closed_from` on no more
    numbers are given out; `afterwards` says what becomes of those who wait, `settled` that it was done. `ended_at`:
    the service day is over. A note is shown to people as it stands.
    """

    __tablename__ = "hall_day"
    __table_args__ = (
        CheckConstraint(one_of("kind", DAY_KINDS), name="hall_day_kind"),
        CheckConstraint(one_of("reason", REASONS), name="hall_day_reason"),
        CheckConstraint(one_of("afterwards", AFTERWARDS), name="hall_day_afterwards"),
    )

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), default="ordinary")
    openings: Mapped[list[list[str]] | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str | None] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(String(200))
    note_en: Mapped[str | None] = mapped_column(String(300))
    closed_from: Mapped[datetime | None] = mapped_column(UtcTime)
    closed_why: Mapped[str | None] = mapped_column(String(10))
    afterwards: Mapped[str | None] = mapped_column(String(8))
    to_hall: Mapped[str | None] = mapped_column(ForeignKey("hall.code"))
    closed_note: Mapped[str | None] = mapped_column(String(200))
    closed_note_en: Mapped[str | None] = mapped_column(String(300))
    settled: Mapped[bool] = mapped_column(Boolean, default=False)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Outage(Base):
    """Something that cannot be done for a while: queues or items of one hall, or all of it.

    Without a hall it is the whole city's; each hall then has a row of its own, `city` naming this one, from the
    moment at which its log says so.
    """

    __tablename__ = "outage"
    __table_args__ = (
        CheckConstraint(one_of("reason", REASONS), name="outage_reason"),
        Index(
            "outage_live",
            "hall",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    hall: Mapped[str | None] = mapped_column(ForeignKey("hall.code"))
    city: Mapped[str | None] = mapped_column(ForeignKey("outage.id"))
    whole: Mapped[bool] = mapped_column(Boolean)
    queues: Mapped[list[str]] = mapped_column(JSON)
    items: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(String(200))
    note_en: Mapped[str | None] = mapped_column(String(300))
    began_at: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Zone(Base):
    """A part of a hall with letters, screens and a speaker of its own; `Queue.zone`, `Window.zone` say what is in it.

    `voice` says how calls are spoken there: languages in their order, rate, volume and the speaker's name.
    """

    __tablename__ = "zone"

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80))
    letters: Mapped[list[str]] = mapped_column(JSON)
    voice: Mapped[dict[str, Any]] = mapped_column(JSON)
    position: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


revisions.part_of("halls", Hall, CalendarDay)
