"""A source behind HTTP: `GET {url}?after=CURSOR&before=DAY` answers `{"rows": [...], "cursor": "...", "more": false}`.

Rows are objects with the columns of a volumes file. The cursor is the source's own word for how far it has told; the
first call has none. An address may hold a name and password: `https://name:password@portal/volumes`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date

from dispatch.ports.channels import Batch

log = logging.getLogger(__name__)

PATIENCE_S = 20.0
LONGEST_CURSOR, MOST_ROWS = 400, 50_000


@dataclass(frozen=True)
class HttpChannels:
    """Somebody at an address who knows how a channel is used."""

    url: str

    def after(self, cursor: str | None, before: date) -> Batch | None:
        """Ask for what came since; None, and a line in the log, where that is not answered as it should be."""
        import httpx  # only a city that has such a source needs it

        asked = {"before": before.isoformat(), **({} if cursor is None else {"after": cursor})}
        try:
            answer = httpx.get(self.url, params=asked, timeout=PATIENCE_S)
            told = answer.json() if answer.is_success else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as trouble:
            log.warning("the channels' source does not answer: %s", type(trouble).__name__)
            return None
        batch = _batch(told)
        if batch is None:
            log.warning("the channels' source answers %s with something else", answer.status_code)
        return batch


def _batch(told: object) -> Batch | None:
    if not isinstance(told, dict):
        return None
    rows, cursor = told.get("rows"), told.get("cursor")
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        return None
    if not isinstance(cursor, str) or not 0 < len(cursor) <= LONGEST_CURSOR:
        return None
    return Batch(rows, cursor, more=told.get("more") is True)
