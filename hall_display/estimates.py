"""What is foretold in the watched halls, read each second where it has changed: two statements for all of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.waits import finding
from hall_display.feeds import HallFeed

log = logging.getLogger(__name__)


def look(feeds: Sequence[HallFeed], session: Session) -> None:
    """Let every feed know what is foretold in its hall, if that is another forecast or has become too old to tell."""
    now = clock.now(session)
    newest = finding.versions(session, [feed.hall for feed in feeds], now)
    moved = {feed.hall: feed for feed in feeds if newest.get(feed.hall) != feed.waits.version}
    if not moved:
        return
    told = finding.in_halls(session, {hall: feed.state.hall.tz for hall, feed in moved.items()}, now)
    for hall, feed in moved.items():
        try:
            feed.estimate(told[hall])
        except Exception:
            # One hall's trouble stays its own.
            log.exception("what is foretold in %s cannot be told", hall)
