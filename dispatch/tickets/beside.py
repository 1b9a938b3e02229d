"""Rows that lie beside a ticket: the papers a window has seen, and what its holder thought of the service."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime, one_of

LEVELS = ("very_satisfied", "satisfied", "fair", "dissatisfied", "very_dissatisfied")
REASONS = ("slow", "unclear", "attitude", "many_trips", "too_many_papers", "not_done", "place")
GIVEN_BY = ("pad", "holder")


class PapersHeld(Base):
    """Which papers of its first item a window has in hand, as places in the item's list. `asked_at`: when a press
    of a key was last answered with the question about the missing ones."""

    __tablename__ = "papers_held"

    ticket: Mapped[str] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    held: Mapped[list[int]] = mapped_column(JSON)
    asked_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Rating(Base):
    """What the person thought of one service: given once, never changed. `reasons` are of a fixed list."""

    __tablename__ = "rating"
    __table_args__ = (
        CheckConstraint(one_of("level", LEVELS), name="rating_level"),
        CheckConstraint(one_of("given_by", GIVEN_BY), name="rating_given_by"),
        Index("rating_of_day", "hall", "service_day"),
    )

    ticket: Mapped[str] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))
    window: Mapped[str] = mapped_column(ForeignKey("window.id"))
    service_day: Mapped[date] = mapped_column(Date)
    level: Mapped[str] = mapped_column(String(18))
    reasons: Mapped[list[str]] = mapped_column(JSON)
    given_by: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(UtcTime)
