"""Which catalogue it is: every slip that is handed out says by which one it was true."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation import log

MARK_LENGTH = 8


@dataclass(frozen=True)
class Edition:
    """The catalogue that holds `since` then; `mark` begins the hash of the city's log entry that made it so."""

    since: datetime
    mark: str


def edition(session: Session) -> Edition | None:
    """The catalogue as it stands; None in a city that never had one."""
    entry = log.LogEntry
    wanted = (
        select(entry.at, entry.hash)
        .where(entry.hall == log.CITY, entry.kind == "CatalogueReplaced")
        .order_by(entry.at.desc(), entry.seq.desc())
        .limit(1)
    )
    found = session.execute(wanted).first()
    return Edition(found.at, found.hash[:MARK_LENGTH]) if found else None
