"""Items, bundles and placements as tables."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation import revisions
from dispatch.foundation.tables import Base, UtcTime, one_of

MODES = ("handle", "receive", "agent")
ROLES = ("thing", "deed", "hint", "filler", "other")
ENQUIRY_KINDS = ("desk", "phone", "chat", "code")


class Item(Base):
    """One thing that people come for. `details` hold papers, situations, days, aliases and sayings as imported."""

    __tablename__ = "item"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(200))
    department: Mapped[str] = mapped_column(String(60))
    department_en: Mapped[str] = mapped_column(String(120))
    minutes: Mapped[float] = mapped_column()
    channels: Mapped[dict[str, bool]] = mapped_column(JSON)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Placement(Base):
    """A hall takes an item in one of its queues: handles it, receives it for another, or acts as agent."""

    __tablename__ = "placement"
    __table_args__ = (CheckConstraint(one_of("mode", MODES), name="placement_mode"),)

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    item: Mapped[str] = mapped_column(ForeignKey("item.code"), primary_key=True)
    queue: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(10))


class Bundle(Base):
    """Several items that life throws together. `details` hold members, stages and questions as imported."""

    __tablename__ = "bundle"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(Integer)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class WordGroup(Base):
    """Words that mean the same to an office: how people here speak. See `own_words.vocabulary.Group`."""

    __tablename__ = "word_group"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="word_group_role"),)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    role: Mapped[str] = mapped_column(String(8))
    words: Mapped[list[str]] = mapped_column(JSON)


class Unfound(Base):
    """A search that found nothing likely, counted by day. `key` is a keyed digest of its words.

    The words themselves stand here only once they have been asked often enough to be nobody's own secret.
    """

    __tablename__ = "unfound"
    __table_args__ = (Index("unfound_of_day", "day"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    words: Mapped[str | None] = mapped_column(String(40))


class Enquiry(Base):
    """Somebody asked about an item, a bundle or something else, on a service day. Rows are only ever added."""

    __tablename__ = "enquiry"
    __table_args__ = (
        CheckConstraint(one_of("kind", ENQUIRY_KINDS), name="enquiry_kind"),
        Index("enquiry_of_day", "hall", "day"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))
    item: Mapped[str | None] = mapped_column(ForeignKey("item.code"))
    bundle: Mapped[str | None] = mapped_column(ForeignKey("bundle.code"))
    kind: Mapped[str] = mapped_column(String(8))
    day: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(60))


revisions.part_of("catalogue", Item, Bundle, WordGroup)
revisions.part_of("placements", Placement)
