"""Channels, figures and proposals in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dispatch.catalogue.models import Item
from dispatch.foundation.words import Language, local, translate
from dispatch.routing.ordering.models import ChannelFigure, OrderProposal
from dispatch.routing.ordering.rules import Move, moves

CHANNELS: Mapping[str, str] = {"app": "手机办", "web": "电脑办", "kiosk": "自助机办", "counter": "窗口办"}
STATES: Mapping[str, str] = {"approved": "已批准", "rejected": "没有采纳", "undone": "批准后又撤回"}
MOVES: Mapping[str, str] = {
    "behind": "%(channel)s的人,办成又没再去窗口的最多只有 %(high)s,所以排到窗口后面",
    "before": "%(channel)s的人,办成又没再去窗口的至少有 %(low)s,所以排回窗口前面",
    "ahead": "%(channel)s的人,办成又没再去窗口的至少有 %(low)s,比%(other)s的最多 %(other_high)s 还高,所以排到它前面",
}
NOT_KNOWN = "—"


@dataclass(frozen=True)
class FigureTold:
    """What was counted of a channel."""

    channel: str
    used: int
    finished: int
    came_back: str
    low: str
    high: str


@dataclass(frozen=True)
class ProposalTold:
    """A proposal: what it would change, and the figures that speak for it."""

    row: OrderProposal
    name: str
    situation: str
    before: list[str]
    after: list[str]
    why: list[str]
    figures: list[FigureTold]
    state: str
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str
    undone_at: datetime | None
    undone_by: str
    in_force: bool


@dataclass(frozen=True)
class ItemTold:
    """An item, or one of its situations, with its order and the figure of each channel it has."""

    code: str
    name: str
    situation: str
    order: list[str]
    moved: bool
    used: int
    figures: dict[str, FigureTold]


@dataclass(frozen=True)
class SourceTold:
    """Who counted, which days, and how many counts are kept of him."""

    name: str
    first: date
    last: date
    counts: int


def order_told(channels: Sequence[str], item: Item, lang: Language) -> list[str]:
    """The channels that the item has, in this order."""
    return [translate(lang, CHANNELS[channel]) for channel in channels if item.channels.get(channel)]


def figures_told(figures: Mapping[str, Any], order: Sequence[str], lang: Language) -> list[FigureTold]:
    """What was counted, in the order of the channels."""
    return [_figure(channel, figures[channel], lang) for channel in order if channel in figures]


def row_told(row: ChannelFigure, lang: Language) -> FigureTold:
    """The same of a row of last night's."""
    names = ("used", "finished", "came_back", "low", "high")
    return _figure(row.channel, {name: getattr(row, name) for name in names}, lang)


def why_told(row: OrderProposal, lang: Language) -> list[str]:
    """What the figures say, one sentence for each channel that moves."""
    return [
        _move(move, row.figures, lang) for move in moves(row.before, row.after) if _known(move, row.figures)
    ]


def situation_told(item: Item, situation: str, lang: Language) -> str:
    """The answers that make it."""
    given = dict(pair.split("=", 1) for pair in situation.split(",")) if situation else {}
    said = [
        local(answer, lang, "label")
        for question in item.details.get("situations", ())
        for answer in question["answers"]
        if given.get(question["code"]) == answer["code"]
    ]
    return " · ".join(said) or situation


def _figure(channel: str, figure: Mapping[str, Any], lang: Language) -> FigureTold:
    back = figure["came_back"]
    return FigureTold(
        translate(lang, CHANNELS[channel]),
        figure["used"],
        figure["finished"],
        NOT_KNOWN if back is None else str(back),
        _percent(figure["low"]),
        _percent(figure["high"]),
    )


def _known(move: Move, figures: Mapping[str, Any]) -> bool:
    """A channel may also move because another did."""
    return move.channel in figures and (move.how != "ahead" or move.other in figures)


def _move(move: Move, figures: Mapping[str, Any], lang: Language) -> str:
    mine, other = figures[move.channel], figures.get(move.other, {})
    return translate(
        lang,
        MOVES[move.how],
        channel=translate(lang, CHANNELS[move.channel]),
        other=translate(lang, CHANNELS[move.other]),
        low=_percent(mine["low"]),
        high=_percent(mine["high"]),
        other_high=_percent(other.get("high", 1.0)),
    )


def _percent(share: float) -> str:
    return f"{round(100 * share)}%"
