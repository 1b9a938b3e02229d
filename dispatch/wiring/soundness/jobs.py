"""The jobs done by the clock, and what to do when they are not."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.foundation import jobs
from dispatch.wiring.soundness.trouble import Trouble

DO = {
    "nobody": "start one: tongban serve --role {role}",
    "silent": "end that process and start another: tongban serve --role {role}",
    "late": "look for `{job}` in the log of {role}; restart it",
    "hangs": "restart the process of {role}: the run cannot be ended from outside",
    "fails": "look for `{job}` in the log of {role}",
}


def troubles(session: Session, real_now: datetime) -> Iterator[Trouble]:
    """Everything wrong with the jobs."""
    for alarm in jobs.alarms(session, real_now):
        yield Trouble(alarm.said, DO[alarm.what].format(role=alarm.role, job=alarm.job))
