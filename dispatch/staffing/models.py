"""Shifts, leave, skills and duty days as tables."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime, one_of
from dispatch.staffing.duty_rules import EVERY, IF_CLOSED
from dispatch.staffing.life import LEAVE_KINDS, LEAVE_STATES
from dispatch.staffing.skill_rules import GRADES


class Shift(Base):
    """Somebody is to work in a hall from `starts` to `ends`, at a window or wherever needed. City time.

    `breaks` are pairs of moments as ISO-8601 text in UTC, in order, within the shift.
    """

    __tablename__ = "shift"
    __table_args__ = (
        CheckConstraint("starts < ends", name="shift_span"),
        Index("shift_of", "account", "ends"),
        Index("shift_in", "hall", "ends"),
        Index("shift_at", "window", "ends"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))
    window: Mapped[str | None] = mapped_column(ForeignKey("window.id"))
    starts: Mapped[datetime] = mapped_column(UtcTime)
    ends: Mapped[datetime] = mapped_column(UtcTime)
    breaks: Mapped[list[list[str]]] = mapped_column(JSON)
    planned_by: Mapped[str] = mapped_column(String(40))


class Leave(Base):
    """Somebody is away, or asks to be. `hall` is where that is decided; `decided_by` names who did."""

    __tablename__ = "leave"
    __table_args__ = (
        CheckConstraint(one_of("kind", LEAVE_KINDS), name="leave_kind"),
        CheckConstraint(one_of("state", LEAVE_STATES), name="leave_state"),
        CheckConstraint("starts < ends", name="leave_span"),
        Index("leave_of", "account", "ends"),
        Index("leave_in", "hall", "ends"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))
    kind: Mapped[str] = mapped_column(String(10))
    starts: Mapped[datetime] = mapped_column(UtcTime)
    ends: Mapped[datetime] = mapped_column(UtcTime)
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)


class SkillKind(Base):
    """A skill by its names, as people read it."""

    __tablename__ = "skill_kind"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(140))


class Skill(Base):
    """What somebody may do, how well, and until when; without `expires` for good."""

    __tablename__ = "skill"
    __table_args__ = (CheckConstraint(f"grade BETWEEN {GRADES[0]} AND {GRADES[-1]}", name="skill_grade"),)

    account: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    skill: Mapped[str] = mapped_column(ForeignKey("skill_kind.code"), primary_key=True)
    grade: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(UtcTime)
    expires: Mapped[datetime | None] = mapped_column(UtcTime)
    granted_by: Mapped[str] = mapped_column(String(40))


class SkillNeeded(Base):
    """Who serves this item must have that skill, at least at this grade."""

    __tablename__ = "skill_needed"
    __table_args__ = (
        CheckConstraint(f"grade BETWEEN {GRADES[0]} AND {GRADES[-1]}", name="skill_needed_grade"),
    )

    item: Mapped[str] = mapped_column(ForeignKey("item.code"), primary_key=True)
    skill: Mapped[str] = mapped_column(ForeignKey("skill_kind.code"), primary_key=True)
    grade: Mapped[int] = mapped_column(Integer)


class DutyDay(Base):
    """An office's leaders sit at a window of this hall on certain days, by a rule, and everybody may know it.

    `every` month: on the day `on` (1–31, a shorter month's last); `every` week: on the weekday `on` (0 is Monday).
    `starts` and `ends` are clock times of the hall.
    """

    __tablename__ = "duty_day"
    __table_args__ = (
        CheckConstraint(one_of("every", EVERY), name="duty_day_every"),
        CheckConstraint(one_of("if_closed", IF_CLOSED), name="duty_day_if_closed"),
        Index("duty_day_in", "hall"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))
    window: Mapped[str | None] = mapped_column(ForeignKey("window.id"))
    office: Mapped[str] = mapped_column(String(60))
    office_en: Mapped[str] = mapped_column(String(140))
    every: Mapped[str] = mapped_column(String(5))
    on: Mapped[int] = mapped_column("on_day", Integer)
    if_closed: Mapped[str] = mapped_column(String(4))
    starts: Mapped[str] = mapped_column(String(5))
    ends: Mapped[str] = mapped_column(String(5))
