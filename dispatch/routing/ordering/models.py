"""Figures of channels, proposals made of them, and the orders that were approved, as tables."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, Float, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.catalogue.volumes.models import CHANNELS, LONGEST_SITUATION
from dispatch.foundation import revisions
from dispatch.foundation.tables import Base, UtcTime, one_of
from dispatch.routing.ordering.life import STATES

OPEN = text("state = 'open'")


class ChannelFigure(Base):
    """What was counted of an item by a channel over the days of last night's look; made anew each night.

    `least` and `most` are how many were done by it and needed no counter, `low` and `high` bound their share.
    """

    __tablename__ = "channel_figure"
    __table_args__ = (CheckConstraint(one_of("channel", CHANNELS), name="channel_figure_channel"),)

    item: Mapped[str] = mapped_column(ForeignKey("item.code"), primary_key=True)
    situation: Mapped[str] = mapped_column(String(LONGEST_SITUATION), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8), primary_key=True)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    used: Mapped[int] = mapped_column(Integer)
    finished: Mapped[int] = mapped_column(Integer)
    came_back: Mapped[int | None] = mapped_column(Integer)
    least: Mapped[int] = mapped_column(Integer)
    most: Mapped[int] = mapped_column(Integer)
    low: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)


class OrderProposal(Base):
    """Channels of an item in another order than they are offered in, with the figures that speak for it.

    `figures` are those of ChannelFigure by channel. While it is open they are those of last night; a decision keeps
    them for good. `instead_of` is the approved proposal whose order it took the place of, if there was one.
    """

    __tablename__ = "order_proposal"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="order_proposal_state"),
        Index(
            "order_proposal_open", "item", "situation", unique=True, sqlite_where=OPEN, postgresql_where=OPEN
        ),
        Index("order_proposal_of_item", "item", "situation", "decided_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    item: Mapped[str] = mapped_column(ForeignKey("item.code"))
    situation: Mapped[str] = mapped_column(String(LONGEST_SITUATION))
    state: Mapped[str] = mapped_column(String(8))
    before: Mapped[list[str]] = mapped_column(JSON)
    after: Mapped[list[str]] = mapped_column(JSON)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    decided_by: Mapped[str | None] = mapped_column(String(60))
    undone_at: Mapped[datetime | None] = mapped_column(UtcTime)
    undone_by: Mapped[str | None] = mapped_column(String(60))
    instead_of: Mapped[str | None] = mapped_column(String(32))


class ChannelOrder(Base):
    """In which order an item's channels are offered, by the proposal that was approved last.

    One of a situation holds for whoever gave those answers, one without for everybody else. `shares` are of each
    channel that was counted the least and the greatest share of those who were done by it, as they were counted.
    """

    __tablename__ = "channel_order"

    item: Mapped[str] = mapped_column(ForeignKey("item.code"), primary_key=True)
    situation: Mapped[str] = mapped_column(String(LONGEST_SITUATION), primary_key=True)
    proposal: Mapped[str] = mapped_column(ForeignKey("order_proposal.id"))
    channels: Mapped[list[str]] = mapped_column(JSON)
    shares: Mapped[dict[str, list[float]]] = mapped_column(JSON)


revisions.part_of("orders", ChannelOrder)
