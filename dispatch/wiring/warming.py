"""What the first visitors of a process would wait a second for is read before anybody is served."""

import logging

from dispatch.catalogue import wording
from dispatch.foundation.database import Database
from dispatch.foundation.errors import Refusal
from dispatch.routing import settled

logger = logging.getLogger(__name__)


def warm(database: Database) -> None:
    """Read what is kept in memory; where the database does not answer just now, the first visitor will."""
    try:
        with database.reading() as session:
            wording.index(session)
            settled.atlas(session)
    except Refusal as refusal:
        logger.warning("nothing is read ahead: %s", refusal.code)
