"""Reading orders, figures and proposals."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.errors import NotFound
from dispatch.foundation.revisions import Kept
from dispatch.foundation.tables import table_of
from dispatch.routing.ordering.models import ChannelFigure, ChannelOrder, OrderProposal

_ORDERS = table_of(ChannelOrder)
_ALL = select(_ORDERS.c.item, _ORDERS.c.situation, _ORDERS.c.channels, _ORDERS.c.shares)


@dataclass(frozen=True)
class Ordered:
    """An order that was approved, with `shares` as ChannelOrder has them."""

    situation: str
    channels: Sequence[str]
    shares: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def answers(self) -> frozenset[str]:
        """The answers that make the situation."""
        return frozenset(self.situation.split(",")) if self.situation else frozenset()


Orders = Mapping[str, Sequence[Ordered]]
"""What was approved of each item: few items have any."""


def orders(session: Session) -> Orders:
    """Every order that was approved, kept in memory until another one is."""
    return _KEPT.of(session)


def order_in(orders: Sequence[Ordered], answers: Mapping[str, str]) -> Ordered | None:
    """The order for somebody who gave these answers: of the closest situation that is hers."""
    given = {f"{question}={answer}" for question, answer in answers.items()}
    hers = [each for each in orders if each.answers <= given]
    return max(hers, key=lambda each: (len(each.answers), each.situation), default=None)


def proposal(session: Session, ident: str, *, hold: bool = False) -> OrderProposal:
    """One proposal; NotFound. Whoever changes it holds it."""
    found = session.get(OrderProposal, ident, with_for_update=True if hold else None)
    if found is None:
        raise NotFound(what=ident, field="proposal")
    return found


def open_proposals(session: Session) -> list[OrderProposal]:
    """Those that wait for somebody, by item."""
    wanted = select(OrderProposal).where(OrderProposal.state == "open")
    return list(session.scalars(wanted.order_by(OrderProposal.item, OrderProposal.situation)))


def decided(session: Session, limit: int) -> list[OrderProposal]:
    """Those that somebody decided on, the latest first."""
    wanted = select(OrderProposal).where(OrderProposal.decided_at.is_not(None))
    return list(
        session.scalars(wanted.order_by(OrderProposal.decided_at.desc(), OrderProposal.id).limit(limit))
    )


def in_force(session: Session) -> dict[tuple[str, str], ChannelOrder]:
    """Every order that differs from the general one, by item and situation."""
    return {(row.item, row.situation): row for row in session.scalars(select(ChannelOrder))}


def figures(session: Session) -> list[ChannelFigure]:
    """Last night's figures, by item, situation and channel."""
    wanted = select(ChannelFigure)
    return list(
        session.scalars(wanted.order_by(ChannelFigure.item, ChannelFigure.situation, ChannelFigure.channel))
    )


def _read(session: Session) -> Orders:
    found: defaultdict[str, list[Ordered]] = defaultdict(list)
    for item, situation, channels, shares in session.connection().execute(_ALL):
        found[item].append(Ordered(situation, channels, shares))
    return dict(found)


_KEPT = Kept(("orders",), _read)
