"""Templates as tables: what a city or district describes for the halls below, and what each hall has of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime, one_of

TEMPLATE_LEVELS = ("city", "district")
VERSION_STATES = ("draft", "planned", "live", "superseded")
ROLLOUT_STATES = ("due", "held", "done", "overtaken")


class Template(Base):
    """A description that halls inherit. It holds in the part of the city below `hall`; `parent` is inherited first."""

    __tablename__ = "template"
    __table_args__ = (CheckConstraint(one_of("level", TEMPLATE_LEVELS), name="template_level"),)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    level: Mapped[str] = mapped_column(String(10))
    parent: Mapped[str | None] = mapped_column(ForeignKey("template.code"))
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))


class TemplateVersion(Base):
    """What a template says from a moment on. `body` is nested by field, `locked` are paths that halls may not change.

    A version is edited while it is a draft and never again; going back makes a new one that equals the old.
    """

    __tablename__ = "template_version"
    __table_args__ = (
        CheckConstraint(one_of("state", VERSION_STATES), name="template_version_state"),
        Index("template_version_due", "state", "effective_from"),
    )

    template: Mapped[str] = mapped_column(ForeignKey("template.code"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    effective_from: Mapped[datetime | None] = mapped_column(UtcTime)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    locked: Mapped[list[str]] = mapped_column(JSON)
    restores: Mapped[int | None] = mapped_column(Integer)
    by: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcTime)


class HallTemplate(Base):
    """A hall that inherits, or did: then it has no template any more. `overrides` and `displaced` go by path.

    `displaced` is what the hall has of its own beneath what the templates say: `[value]`, or `[]` where it has nothing.
    It comes back when they no longer say anything there.
    """

    __tablename__ = "hall_template"

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    template: Mapped[str | None] = mapped_column(ForeignKey("template.code"), index=True)
    overrides: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    displaced: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict)


class TemplateRollout(Base):
    """How far a version has come: one row for each hall that inherits it.

    `held` names what people in the hall forbid to change for now; it is tried again until they are gone.
    """

    __tablename__ = "template_rollout"
    __table_args__ = (
        CheckConstraint(one_of("state", ROLLOUT_STATES), name="template_rollout_state"),
        Index("template_rollout_open", "state"),
    )

    template: Mapped[str] = mapped_column(ForeignKey("template.code"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default="due")
    held: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    at: Mapped[datetime] = mapped_column(UtcTime)
