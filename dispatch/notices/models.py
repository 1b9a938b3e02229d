"""What is to be printed, as a table."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
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
    """A ticket to be printed on one machine; without a ticket, a test print. Real time.

    `base` is where the city was reached when it was asked for: the code on the paper leads there.
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
    device: Mapped[str] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"))
    base: Mapped[str] = mapped_column(String(200), default="")
    lang: Mapped[str] = mapped_column(String(2), default="zh")
    state: Mapped[str] = mapped_column(String(8), default="queued")
    trouble: Mapped[str | None] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
