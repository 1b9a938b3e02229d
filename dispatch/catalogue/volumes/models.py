"""Counts of days, and how far a source was read, as tables."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime, one_of

CHANNELS = ("app", "web", "kiosk", "counter")
LONGEST_SITUATION, LONGEST_SOURCE = 200, 40


class Volume(Base):
    """What one source counted on one day of an item by a channel; see `ports.channels.Counted`.

    `situation` and `hall` are empty where there is none, since they are part of the key.
    """

    __tablename__ = "channel_volume"
    __table_args__ = (
        CheckConstraint(one_of("channel", CHANNELS), name="channel_volume_channel"),
        CheckConstraint("finished >= 0 AND finished <= used", name="channel_volume_finished"),
        CheckConstraint("came_back >= 0 AND came_back <= used", name="channel_volume_came_back"),
        Index("channel_volume_of_day", "day"),
        Index("channel_volume_of_hall", "hall", "day"),
    )

    source: Mapped[str] = mapped_column(String(LONGEST_SOURCE), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    item: Mapped[str] = mapped_column(ForeignKey("item.code"), primary_key=True)
    situation: Mapped[str] = mapped_column(String(LONGEST_SITUATION), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8), primary_key=True)
    hall: Mapped[str] = mapped_column(String(40), primary_key=True)
    used: Mapped[int] = mapped_column(Integer)
    finished: Mapped[int] = mapped_column(Integer)
    came_back: Mapped[int | None] = mapped_column(Integer)


class VolumeCursor(Base):
    """How far a source was read: what it calls the place itself."""

    __tablename__ = "volume_cursor"

    source: Mapped[str] = mapped_column(String(LONGEST_SOURCE), primary_key=True)
    cursor: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
