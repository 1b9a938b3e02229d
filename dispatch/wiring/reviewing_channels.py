"""Each night: what other systems counted of their channels is fetched, our counters' days are added, and the order of
channels is looked at anew.
"""

import logging
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.channels.http import HttpChannels
from adapters.channels.pretend import Offered, PretendChannels
from dispatch.catalogue.models import Item, Placement
from dispatch.catalogue.volumes import taking
from dispatch.catalogue.volumes.taking import HALLS
from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.halls import finding as halls
from dispatch.ports.channels import Batch, ChannelSource
from dispatch.routing.ordering import counters, proposing
from dispatch.routing.ordering.proposing import Span
from dispatch.routing.ordering.rules import Bars

PORTAL, PRETEND, REVIEW = "portal", "pretend", "review"
"""The sources behind the port, and the cursor of the days that were reviewed."""
ACTOR = system("review_channels")
BATCHES_A_RUN = 200
COUNTED_BACK = 60
"""So many days of our own counters are counted at first."""

logger = logging.getLogger(__name__)


def review_channels(database: Database) -> None:
    """Once for each of the city's days. Where it was done this is two statements."""
    with database.reading() as session:
        zone = halls.city_zone(session)
        if zone is None:
            return
        today = clock.now(session).astimezone(zone).date()
        if taking.read_until(session, REVIEW) == today.isoformat():
            return
    settings = Settings()
    fetch(database, settings, today)
    count_counters(database, today)
    span = Span.until(today, days=settings.channel_days, back_days=settings.came_back_days)
    bars = Bars(settings.channel_least_used, settings.channel_share, settings.channel_margin)
    with database.reading() as session:
        seen = proposing.look(session, span, zone)
    with database.work() as session:
        now = clock.now(session)
        proposing.review(session, seen, bars, now=now, actor=ACTOR)
        taking.note(session, REVIEW, today.isoformat(), now=now)


def fetch(database: Database, settings: Settings, today: date) -> None:
    """Take what the source behind the port has, batch by batch; what it does not tell now, it is asked next night."""
    source = _source(database, settings)
    if source is None:
        return
    name = PORTAL if settings.channels_url else PRETEND
    with database.reading() as session:
        cursor, known = taking.read_until(session, name), taking.known(session, today)
    for batch in _batches(source, cursor, today):
        lines = [(n, row if isinstance(row, dict) else None) for n, row in enumerate(batch.rows, start=1)]
        with database.work() as session:
            now = clock.now(session)
            taken = taking.take_lines(session, lines, name, known, now=now, actor=ACTOR)
            taking.note(session, name, batch.cursor, now=now)
        for refused in taken.refused[:10]:
            logger.warning("channels' source, row %d: %s", refused.line, refused.said("en"))


def count_counters(database: Database, today: date) -> None:
    """Add the days of our own counters that are over and not counted yet, hall by hall."""
    with database.reading() as session:
        until = taking.read_until(session, HALLS)
        codes = [place.code for place in halls.all_halls(session)]
    since = date.fromisoformat(until) if until else today - timedelta(days=COUNTED_BACK)
    last = today - timedelta(days=1)
    for code in codes if since < last else ():
        with database.reading() as session:
            counted = counters.counted(session, code, since + timedelta(days=1), last)
        if counted:
            with database.work() as session:
                taking.take(session, counted, HALLS, now=clock.now(session), actor=ACTOR)
    with database.work() as session:
        taking.note(session, HALLS, last.isoformat(), now=clock.now(session))


def _batches(source: ChannelSource, cursor: str | None, today: date) -> Iterator[Batch]:
    for _ in range(BATCHES_A_RUN):
        batch = source.after(cursor, today)
        if batch is None:
            return
        yield batch
        if not batch.more:
            return
        cursor = batch.cursor


def _source(database: Database, settings: Settings) -> ChannelSource | None:
    """Whom the settings name; the demo has a pretend one, a city without any goes by files and its counters."""
    if settings.channels_url:
        return HttpChannels(settings.channels_url)
    if not settings.demo:
        return None
    with database.reading() as session:
        return PretendChannels(_offered(session))


def _offered(session: Session) -> list[Offered]:
    taking_it: dict[str, list[str]] = {}
    for hall, item in session.execute(select(Placement.hall, Placement.item).order_by(Placement.hall)):
        taking_it.setdefault(item, []).append(hall)
    return [
        Offered(item, [channel for channel, there in channels.items() if there], taking_it.get(item, ()))
        for item, channels in session.execute(select(Item.code, Item.channels).where(Item.active))
    ]
