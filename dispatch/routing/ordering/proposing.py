"""Looking each night at how people fare with each channel, and proposing another order where that speaks for one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from dispatch.catalogue import situations
from dispatch.catalogue.models import Item
from dispatch.catalogue.volumes import summing
from dispatch.catalogue.volumes.summing import Day
from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.errors import Refusal
from dispatch.foundation.ids import new_id
from dispatch.routing import channels
from dispatch.routing.asking import Abilities
from dispatch.routing.channels import Matter
from dispatch.routing.ordering import finding
from dispatch.routing.ordering.deciding import counts
from dispatch.routing.ordering.figures import Figure, figure
from dispatch.routing.ordering.life import LIFE
from dispatch.routing.ordering.models import ChannelFigure, OrderProposal
from dispatch.routing.ordering.news import OrderLapsed, OrderProposed
from dispatch.routing.ordering.rules import Bars, Channels, wanted
from dispatch.tickets.wanting import Wanted

WHOLE = ""
"""The situation of an item as a whole."""


class Key(NamedTuple):
    """An item in one of its situations, or as a whole."""

    item: str
    situation: str


@dataclass(frozen=True)
class Span:
    """The days that are counted: so many, the last of them so long ago that whoever came back has come by now."""

    first: date
    last: date

    @classmethod
    def until(cls, today: date, *, days: int, back_days: int) -> "Span":
        """Of this day's look."""
        last = today - timedelta(days=back_days + 1)
        return cls(last - timedelta(days=days - 1), last)


@dataclass(frozen=True)
class Look:
    """What one look found: the figures of each channel, and since when they count."""

    span: Span
    figures: Mapping[Key, Mapping[str, Figure]]


def look(session: Session, span: Span, zone: ZoneInfo) -> Look:
    """Add up what was counted in these days. After a decision only later days count: people then chose anew."""
    since = _decided_on(session, zone)
    by_key: defaultdict[Key, defaultdict[str, list[Day]]] = defaultdict(lambda: defaultdict(list))
    for day in summing.days(session, span.first, span.last):
        whole = since.get(Key(day.item, WHOLE), date.min)
        if day.day > whole:
            by_key[Key(day.item, WHOLE)][day.channel].append(day)
        if day.situation and day.day > max(whole, since.get(Key(day.item, day.situation), date.min)):
            by_key[Key(day.item, day.situation)][day.channel].append(day)
    return Look(
        span,
        {
            key: {channel: figure(_by_day(days)) for channel, days in of.items()}
            for key, of in sorted(by_key.items())
        },
    )


def review(session: Session, seen: Look, bars: Bars, *, now: datetime, actor: Actor) -> None:
    """Keep the figures, and propose, bring up to date or let lapse what follows from them."""
    items = {item.code: item for item in session.scalars(select(Item).where(Item.active))}
    figures = {key: of for key, of in seen.figures.items() if key.item in items}
    _keep_figures(session, seen.span, figures)
    speaking = dict(_speaking(session, items, figures, bars))
    waiting = {Key(row.item, row.situation): row for row in finding.open_proposals(session)}
    for key, row in list(waiting.items()):
        if speaking.get(key) != (tuple(row.before), tuple(row.after)):
            _lapse(session, waiting.pop(key), now=now, actor=actor)
    session.flush()  # of each item and situation one is open
    for key, (before, after) in speaking.items():
        if key in waiting:
            _show(waiting[key], seen.span, figures[key])
            continue
        row = _proposed(key, before, after, now=now)
        _show(row, seen.span, figures[key])
        session.add(row)
        _tell(session, row, now=now, actor=actor)
    session.flush()


def general_order(item: Item, situation: str) -> Channels | None:
    """In which order channels are offered where nobody approved another; None for a situation it has no more."""
    answers = dict(pair.split("=", 1) for pair in situation.split(",")) if situation else {}
    try:
        settled = situations.settle(item, answers)
    except Refusal:
        return None
    return channels.order([Matter(item, Wanted(item.code), settled)], Abilities())


def _speaking(
    session: Session,
    items: Mapping[str, Item],
    figures: Mapping[Key, Mapping[str, Figure]],
    bars: Bars,
) -> Iterator[tuple[Key, tuple[Channels, Channels]]]:
    """What the figures speak for, and what it would change.

    A situation is laid beside what is proposed of its item as a whole: only what is peculiar to it is proposed of it.
    """
    in_force = finding.in_force(session)
    whole: dict[str, Channels] = {}
    for key, of in figures.items():  # an item as a whole comes before its situations
        general = general_order(items[key.item], key.situation)
        if general is None:
            continue
        row = in_force.get(key)
        present = tuple(row.channels) if row else whole.get(key.item, general)
        after = wanted(present, of, bars)
        if key.situation == WHOLE and (row or after != present):
            whole[key.item] = after
        if after != present:
            yield key, (present, after)


def _decided_on(session: Session, zone: ZoneInfo) -> dict[Key, date]:
    """On which local day somebody last decided on an order."""
    rows = session.execute(
        select(
            OrderProposal.item,
            OrderProposal.situation,
            func.max(OrderProposal.decided_at),
            func.max(OrderProposal.undone_at),
        )
        .where(OrderProposal.decided_at.is_not(None))
        .group_by(OrderProposal.item, OrderProposal.situation)
    )
    return {
        Key(item, situation): max(filter(None, moments)).astimezone(zone).date()
        for item, situation, *moments in rows
    }


def _by_day(days: Sequence[Day]) -> list[Day]:
    """Situations of one day together, since days are what differs."""
    return [_added(list(each)) for _, each in groupby(days, key=lambda day: day.day)]


def _added(days: Sequence[Day]) -> Day:
    back = [day.came_back for day in days if day.came_back is not None]
    return replace(
        days[0],
        used=sum(day.used for day in days),
        finished=sum(day.finished for day in days),
        came_back=sum(back) if len(back) == len(days) else None,
        least=sum(day.least for day in days),
        most=sum(day.most for day in days),
    )


def _keep_figures(session: Session, span: Span, figures: Mapping[Key, Mapping[str, Figure]]) -> None:
    session.execute(delete(ChannelFigure))
    rows = [
        {**key._asdict(), "channel": channel, "first_day": span.first, "last_day": span.last, **each.plain()}
        for key, of in figures.items()
        for channel, each in of.items()
    ]
    if rows:
        session.execute(insert(ChannelFigure), rows)


def _proposed(key: Key, before: Channels, after: Channels, *, now: datetime) -> OrderProposal:
    return OrderProposal(
        id=new_id(),
        item=key.item,
        situation=key.situation,
        state="open",
        before=list(before),
        after=list(after),
        proposed_at=now,
    )


def _show(row: OrderProposal, span: Span, figures: Mapping[str, Figure]) -> None:
    row.figures = {channel: each.plain() for channel, each in figures.items()}
    row.first_day, row.last_day = span.first, span.last


def _tell(session: Session, row: OrderProposal, *, now: datetime, actor: Actor) -> None:
    news = OrderProposed(
        row.id,
        row.item,
        row.situation,
        row.before,
        row.after,
        row.first_day.isoformat(),
        row.last_day.isoformat(),
        counts(row.figures),
    )
    log.announce(session, log.CITY, news, at=now, actor=actor)


def _lapse(session: Session, row: OrderProposal, *, now: datetime, actor: Actor) -> None:
    row.state = LIFE.target("lapse", row.state)
    news = OrderLapsed(row.id, row.item, row.situation)
    log.announce(session, log.CITY, news, at=now, actor=actor)
