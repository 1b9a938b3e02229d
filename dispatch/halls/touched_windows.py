"""Windows with somebody at them that a change would touch."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from dispatch.halls import finding
from dispatch.ports.previews import Change, Touch


def touched(session: Session, hall: str, changes: Iterable[Change]) -> list[Touch]:
    """Windows that are open or paused and would become others. They go on; only people at them block."""
    manned = {row.code: row for row in finding.windows_of(session, hall) if row.state != "closed"}
    return [
        Touch("windows", "window", change.code, (manned[change.code].name,), blocks=False)
        for change in changes
        if change.part == "window" and change.code in manned
    ]
