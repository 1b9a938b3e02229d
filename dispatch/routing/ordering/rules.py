"""Which order the figures of channels speak for, and what two orders of one person's matters make together. Pure.

An order begins with what spares people a way, so each channel before the counter is held to have most of those who
try it done. A channel goes behind the counter if it credibly has not, and comes back once it credibly has, by a
margin, so that it does not go to and fro. Of two channels on the same side the one that is credibly better by a
margin goes first. What the figures do not tell apart stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

COUNTER = "counter"
Channels = tuple[str, ...]


@dataclass(frozen=True)
class Bars:
    """What counts as credible: from how many uses on, which share must be done, and what a margin is."""

    least_used: int = 50
    share: float = 0.6
    margin: float = 0.1


class Bounded(Protocol):
    """What is known of a channel."""

    @property
    def used(self) -> int:
        """How often it was used."""

    @property
    def low(self) -> float:
        """At least this share was done."""

    @property
    def high(self) -> float:
        """At most this one."""


def wanted(present: Sequence[str], figures: Mapping[str, Bounded], bars: Bars) -> Channels:
    """The order that these figures speak for, as near to the present one as they allow."""
    known = {channel: each for channel, each in figures.items() if each.used >= bars.least_used}
    before = present.index(COUNTER)
    first = [channel for channel in present[:before] if not _fails(known.get(channel), bars)]
    last = [channel for channel in present[:before] if channel not in first]
    back = [channel for channel in present[before + 1 :] if _holds_again(known.get(channel), bars)]
    left = [channel for channel in present[before + 1 :] if channel not in back]
    return (
        *_sorted([*first, *back], known, bars),
        COUNTER,
        *_sorted([*last, *left], known, bars),
    )


def together(orders: Sequence[Sequence[str]], default: Channels) -> Channels:
    """One order for several matters: before the counter stands what does so for each of them.

    Within each side channels follow by how early they stand in all the orders; the default settles ties.
    """
    if not orders:
        return default
    if len(orders) == 1:
        return tuple(orders[0])

    def place(channel: str) -> tuple[bool, int, int]:
        behind = any(order.index(channel) > order.index(COUNTER) for order in orders)
        return behind, sum(order.index(channel) for order in orders), default.index(channel)

    others = sorted((channel for channel in default if channel != COUNTER), key=place)
    before = [channel for channel in others if not place(channel)[0]]
    return (*before, COUNTER, *others[len(before) :])


@dataclass(frozen=True)
class Move:
    """What becomes of a channel: it goes `behind` the counter, `before` it, or `ahead` of another."""

    channel: str
    how: Literal["behind", "before", "ahead"]
    other: str = COUNTER


def moves(before: Sequence[str], after: Sequence[str]) -> list[Move]:
    """How one order becomes the other."""
    was, now = ({channel: order.index(channel) for channel in order} for order in (before, after))

    def is_behind(places: Mapping[str, int], channel: str) -> bool:
        return places[channel] > places[COUNTER]

    found: list[Move] = []
    for channel in (each for each in after if each != COUNTER):
        if is_behind(was, channel) != is_behind(now, channel):
            found.append(Move(channel, "behind" if is_behind(now, channel) else "before"))
            continue
        found += [
            Move(channel, "ahead", other)
            for other in after
            if is_behind(was, other) == is_behind(now, other) == is_behind(now, channel)
            and other != COUNTER
            and was[other] < was[channel]
            and now[channel] < now[other]
        ]
    return found


def moved_down(order: Sequence[str], default: Sequence[str]) -> set[str]:
    """What goes behind the counter, and by default does not."""
    return set(order[order.index(COUNTER) :]) & set(default[: default.index(COUNTER)])


def moved_up(order: Sequence[str], default: Sequence[str]) -> set[str]:
    """What overtakes another that stays before the counter with it, or the counter itself."""
    down = moved_down(order, default)
    return {
        channel
        for place, channel in enumerate(order)
        if any(
            default.index(other) < default.index(channel) for other in order[place + 1 :] if other not in down
        )
        and channel not in down
    } - {COUNTER}


def _fails(known: Bounded | None, bars: Bars) -> bool:
    return known is not None and known.high < bars.share


def _holds_again(known: Bounded | None, bars: Bars) -> bool:
    return known is not None and known.low > bars.share + bars.margin


def _sorted(channels: Sequence[str], known: Mapping[str, Bounded], bars: Bars) -> list[str]:
    """Each after what is better than it, and else as it was: being better by bounds has no circles."""
    found: list[str] = []

    def put(channel: str) -> None:
        if channel in found:
            return
        for other in channels:
            if _better(other, channel, known, bars):
                put(other)
        found.append(channel)

    for channel in channels:
        put(channel)
    return found


def _better(one: str, other: str, known: Mapping[str, Bounded], bars: Bars) -> bool:
    mine, its = known.get(one), known.get(other)
    return mine is not None and its is not None and mine.low > its.high + bars.margin
