"""Published lists of what a hall can do, and often does, as a table."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime, one_of

KINDS = ("can", "often")


class HallList(Base):
    """One version of a hall's list, as a person published it; rows are only ever added.

    `items` are `{item, mode}` in the list's order, of what is done often with `count` and `share` of the volume of
    the days from `counted_from` to `counted_to`. It holds from `since` until a later version does.
    """

    __tablename__ = "hall_list"
    __table_args__ = (CheckConstraint(one_of("kind", KINDS), name="hall_list_kind"),)

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    since: Mapped[date] = mapped_column(Date)
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    counted_from: Mapped[date | None] = mapped_column(Date)
    counted_to: Mapped[date | None] = mapped_column(Date)
    published_at: Mapped[datetime] = mapped_column(UtcTime)
    published_by: Mapped[str] = mapped_column(String(60))
