"""The order of channels for one person: the general one, unless somebody approved another for what she wants. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dispatch.routing import channels
from dispatch.routing.asking import Abilities
from dispatch.routing.channels import Matter
from dispatch.routing.ordering.finding import Ordered, Orders, order_in
from dispatch.routing.ordering.rules import Channels, moved_down, moved_up, together
from dispatch.routing.wording import Reason


@dataclass(frozen=True)
class Applied:
    """In which order channels are offered, and why those that moved stand where they do."""

    channels: Channels
    reasons: Mapping[str, Reason] = field(default_factory=dict)


def applied(matters: Sequence[Matter], abilities: Abilities, orders: Orders) -> Applied:
    """The order for whoever wants these."""
    general = channels.order(matters, abilities)
    mine = [
        (matter, found)
        for matter in matters
        if (found := order_in(orders.get(matter.item.code, ()), matter.situation.answers)) is not None
    ]
    if not mine:
        return Applied(general)
    order = together([_fitted(matter, found.channels, general) for matter, found in mine], general)
    counted = [found for _, found in mine]
    reasons = {
        **{channel: _reason("moved_down", _most(counted, channel)) for channel in moved_down(order, general)},
        **{channel: _reason("moved_up", _least(counted, channel)) for channel in moved_up(order, general)},
    }
    return Applied(order, {channel: reason for channel, reason in reasons.items() if reason is not None})


def _fitted(matter: Matter, order: Sequence[str], general: Channels) -> Channels:
    """With app and web as suits her, where they stand side by side and nobody decided between them."""
    pair = tuple(channel for channel in order if channel in channels.ONLINE)
    usual = channels.order([matter], Abilities())
    decided = pair != tuple(channel for channel in usual if channel in channels.ONLINE)
    place = order.index(pair[0])
    if decided or order[place + 1] != pair[1]:
        return tuple(order)
    hers = (channel for channel in general if channel in channels.ONLINE)
    return (*order[:place], *hers, *order[place + 2 :])


def _most(counted: Sequence[Ordered], channel: str) -> float | None:
    """At most so many were done by it, of the matter that goes worst."""
    return min((each.shares[channel][1] for each in counted if channel in each.shares), default=None)


def _least(counted: Sequence[Ordered], channel: str) -> float | None:
    return min((each.shares[channel][0] for each in counted if channel in each.shares), default=None)


def _reason(code: str, share: float | None) -> Reason | None:
    return None if share is None else Reason(code, {"share": f"{round(100 * share)}%"})
