"""Templates taking effect: versions at their moment, then the halls one by one, each its own transaction.

Run again and again: a hall where people are in the way is tried until they are gone, a crash leaves whole halls done.
"""

import logging
from typing import Any

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.errors import Refusal
from dispatch.halls.templates import inheriting, versioning
from dispatch.tickets import rearranging
from dispatch.tickets.refusals import PeopleInTheWay

TEMPLATES = system("templates")
logger = logging.getLogger(__name__)


def take_effect(database: Database) -> None:
    """Make due versions live and bring every live version to its halls, as far as people there allow."""
    with database.reading() as session:
        due = [(row.template, row.version) for row in versioning.due(session, now=clock.now(session))]
    for code, number in due:
        with database.work() as session:
            row = versioning.version(session, code, number)
            versioning.take_effect(session, row, now=clock.now(session), actor=TEMPLATES)
    with database.reading() as session:
        halls = list(dict.fromkeys(row.hall for row in inheriting.open_rollouts(session)))
    for hall in halls:
        bring(database, hall)


def bring(database: Database, hall: str) -> bool:
    """Make one hall what its templates say; whether it arrived, and a note on what holds it otherwise."""
    try:
        with database.work() as session:
            rearranging.take_over(session, hall, now=clock.now(session), actor=TEMPLATES)
    except PeopleInTheWay as refusal:
        _hold(database, hall, refusal.data["held"])
        return False
    except Refusal as refusal:
        logger.warning("templates cannot come to %s: %s %s", hall, refusal.code, refusal.data)
        _hold(database, hall, [{"part": "field", "code": refusal.field or "", "name": "", "numbers": []}])
        return False
    return True


def _hold(database: Database, hall: str, held: list[dict[str, Any]]) -> None:
    with database.work() as session:
        inheriting.hold(session, hall, held, now=clock.now(session))
