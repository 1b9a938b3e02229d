"""Past days under another discipline, played for whoever asked. A job of the process that computes ahead."""

import logging
from dataclasses import asdict

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.halls import finding as halls
from dispatch.queues.policy import Policy
from dispatch.tickets import past, previews
from dispatch.tickets.past import Compared
from dispatch.tickets.previews import PolicyPreview

logger = logging.getLogger(__name__)


def preview_policies(database: Database) -> None:
    """Work out everything that was asked for, one after the other."""
    while (ident := _next(database)) is not None:
        try:
            groups = _played(database, ident)
        except Exception:
            logger.exception("a policy's preview failed")
            groups = None
        with database.work() as session:
            row = session.get_one(PolicyPreview, ident)
            if groups is None:
                previews.fail(row)
            else:
                previews.finish(row, [asdict(group) for group in groups])


def _next(database: Database) -> str | None:
    """The oldest one, begun; those that are hopeless are done with on the way."""
    while True:
        with database.reading() as session:
            ident = previews.oldest_unfinished(session)
        if ident is None:
            return None
        with database.work() as session:
            if previews.take(session.get_one(PolicyPreview, ident)):
                return ident


def _played(database: Database, ident: str) -> list[Compared]:
    with database.reading() as session:
        row = session.get_one(PolicyPreview, ident)
        place, proposed = halls.hall(session, row.hall), Policy.stored(row.policy)
        return past.preview(session, place, row.day, proposed, now=clock.now(session))
