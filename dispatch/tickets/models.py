"""Tickets and the series their numbers come from."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime, one_of
from dispatch.queues.rules import PRIORITIES
from dispatch.tickets.life import CHANNELS, STATES


class NumberSeries(Base):
    """The last number given under a letter on a service day, and the place that went with it."""

    __tablename__ = "number_series"

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    letter: Mapped[str] = mapped_column(String(4), primary_key=True)
    service_day: Mapped[date] = mapped_column(Date, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
    place: Mapped[datetime] = mapped_column(UtcTime)


class Ticket(Base):
    """A person's place in a line.

    `place` orders the line: the time of issue, never earlier than the number before. `claim` is the fencing
    number of the call that holds it, `seat` tells apart the people of a group called together. `kept_for` is the
    one window that may call her, until `kept_until` or for good. `passed` counts the tickets taken from afar that
    were called past her while she stood here; `before` is what an undo restores.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("hall", "service_day", "letter", "n", name="ticket_number"),
        CheckConstraint(one_of("state", STATES), name="ticket_state"),
        CheckConstraint(one_of("channel", CHANNELS), name="ticket_channel"),
        CheckConstraint(one_of("priority", PRIORITIES), name="ticket_priority"),
        Index(
            "ticket_waiting",
            "hall",
            "queue",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ticket_aside",
            "hall",
            "service_day",
            sqlite_where=text("state IN ('missed', 'parked')"),
            postgresql_where=text("state IN ('missed', 'parked')"),
        ),
        Index(
            "ticket_at_window",
            "window",
            "seat",
            unique=True,
            sqlite_where=text("state IN ('called', 'serving')"),
            postgresql_where=text("state IN ('called', 'serving')"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))
    queue: Mapped[str] = mapped_column(String(20))
    letter: Mapped[str] = mapped_column(String(4))
    n: Mapped[int] = mapped_column(Integer)
    service_day: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10))
    priority: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(8))
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    person: Mapped[str | None] = mapped_column(ForeignKey("person.ref", ondelete="SET NULL"), index=True)
    issued_at: Mapped[datetime] = mapped_column(UtcTime)
    place: Mapped[datetime] = mapped_column(UtcTime)
    called_at: Mapped[datetime | None] = mapped_column(UtcTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    window: Mapped[str | None] = mapped_column(ForeignKey("window.id"))
    claim: Mapped[int | None] = mapped_column(Integer)
    calls: Mapped[int] = mapped_column(Integer, default=0)
    seat: Mapped[int] = mapped_column(Integer, default=0)
    stage: Mapped[int] = mapped_column(Integer, default=1)
    parked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    kept_for: Mapped[str | None] = mapped_column(ForeignKey("window.id"))
    kept_until: Mapped[datetime | None] = mapped_column(UtcTime)
    reactivated: Mapped[int] = mapped_column(Integer, default=0)
    passed: Mapped[int] = mapped_column(Integer, default=0)
    booked_for: Mapped[datetime | None] = mapped_column(UtcTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcTime)
    moved_from: Mapped[str | None] = mapped_column(String(32), unique=True)
    moved_to: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    @property
    def number(self) -> str:
        """What the slip says: `A007`; after A999 comes A1000."""
        return number_text(self.letter, self.n)


def number_text(letter: str, n: int) -> str:
    """A ticket's number as people read it."""
    return f"{letter}{n:03d}"
