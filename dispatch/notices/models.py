"""What is to be printed, as a table."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime, one_of
from dispatch.foundation.transitions import TransitionTable

PRINT_STATES = ("queued", "printing", "printed", "failed")
TROUBLES = ("paper", "printer", "unreachable", "too_late", "other")
LIFE = TransitionTable(
    "print job",
    PRINT_STATES,
    [
        ("take", "queued", "printing", "kiosk printer"),
        ("printed", "printing", "printed", "kiosk printer"),
        ("failed", "queued printing", "failed", "kiosk printer"),
        ("again", "printing failed", "queued", "kiosk printer guide clerk supervisor"),
    ],
)


class PrintJob(Base):
    """A ticket, a one-time notice or a way to be printed on one machine; without any, a test print. Real time.

    `notice` is `{item, answers}`, `journey` who goes to another hall. `base` is where the city was reached when it was
    asked for: the code on the paper leads there.
    """

    __tablename__ = "print_job"
    __table_args__ = (
        CheckConstraint(one_of("state", PRINT_STATES), name="print_job_state"),
        CheckConstraint(one_of("trouble", TROUBLES), name="print_job_trouble"),
        Index(
            "print_job_open",
            "device",
            sqlite_where=text("state IN ('queued', 'printing')"),
            postgresql_where=text("state IN ('queued', 'printing')"),
        ),
        Index("print_job_of", "ticket", "asked_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    ticket: Mapped[str | None] = mapped_column(ForeignKey("ticket.id"))
    notice: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    journey: Mapped[str | None] = mapped_column(String(32))
    device: Mapped[str] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"))
    base: Mapped[str] = mapped_column(String(200), default="")
    lang: Mapped[str] = mapped_column(String(2), default="zh")
    state: Mapped[str] = mapped_column(String(8), default="queued")
    trouble: Mapped[str | None] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
