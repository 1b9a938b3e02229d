"""What a person makes of a proposal: it is approved, rejected, or undone after all. Each keeps who and when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.routing.ordering.life import LIFE
from dispatch.routing.ordering.models import ChannelOrder, OrderProposal
from dispatch.routing.ordering.news import OrderApproved, OrderRejected, OrderUndone
from dispatch.routing.ordering.refusals import OvertakenSince


def approve(session: Session, proposal: OrderProposal, *, now: datetime, actor: Actor) -> None:
    """From now on the channels are offered so. WrongState."""
    proposal.state = LIFE.target("approve", proposal.state)
    row = session.get(ChannelOrder, (proposal.item, proposal.situation), with_for_update=True)
    proposal.instead_of = row.proposal if row else None
    _put_in_force(session, proposal, row)
    _decided(proposal, now, actor)
    news = OrderApproved(
        proposal.id,
        proposal.item,
        proposal.situation,
        proposal.before,
        proposal.after,
        counts(proposal.figures),
    )
    log.announce(session, log.CITY, news, at=now, actor=actor)


def reject(session: Session, proposal: OrderProposal, *, now: datetime, actor: Actor) -> None:
    """The channels stay as they are. WrongState."""
    proposal.state = LIFE.target("reject", proposal.state)
    _decided(proposal, now, actor)
    news = OrderRejected(proposal.id, proposal.item, proposal.situation)
    log.announce(session, log.CITY, news, at=now, actor=actor)


def undo(session: Session, proposal: OrderProposal, *, now: datetime, actor: Actor) -> None:
    """The channels are offered as before it was approved. WrongState, OvertakenSince."""
    state = LIFE.target("undo", proposal.state)
    row = session.get(ChannelOrder, (proposal.item, proposal.situation), with_for_update=True)
    if row is None or row.proposal != proposal.id:
        raise OvertakenSince
    before = session.get_one(OrderProposal, proposal.instead_of) if proposal.instead_of else None
    if before is None:
        session.delete(row)
    else:
        _put_in_force(session, before, row)
    proposal.state, proposal.undone_at, proposal.undone_by = state, now, actor.name
    session.flush()
    after = before.after if before else None
    news = OrderUndone(proposal.id, proposal.item, proposal.situation, after)
    log.announce(session, log.CITY, news, at=now, actor=actor)


def counts(figures: Mapping[str, Any]) -> dict[str, Any]:
    """What was counted of each channel, in whole numbers, as a log keeps it."""
    return {
        channel: {name: each[name] for name in ("used", "finished", "came_back")}
        for channel, each in figures.items()
    }


def _put_in_force(session: Session, proposal: OrderProposal, row: ChannelOrder | None) -> None:
    row = row or ChannelOrder(item=proposal.item, situation=proposal.situation)
    row.proposal, row.channels = proposal.id, list(proposal.after)
    row.shares = {
        channel: [each["least"] / each["used"], each["most"] / each["used"]]
        for channel, each in proposal.figures.items()
        if each["used"]
    }
    session.add(row)
    session.flush()


def _decided(proposal: OrderProposal, now: datetime, actor: Actor) -> None:
    proposal.decided_at, proposal.decided_by = now, actor.name
