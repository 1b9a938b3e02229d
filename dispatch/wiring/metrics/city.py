"""What the city does, from the database whenever somebody looks: lines, windows, logs, jobs, and what is wrong."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Select, and_, case, func, literal_column, select, text
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.jobs import JobState, alarms
from dispatch.foundation.log import LogHead
from dispatch.foundation.settings import Settings
from dispatch.halls.models import Queue, Window
from dispatch.tickets.models import Ticket
from dispatch.wiring.heads.handing_on import unsigned, unwitnessed
from dispatch.wiring.soundness.database import connected
from dispatch.wiring.soundness.readiness import Readiness
from dispatch.wiring.soundness.trouble import begun

logger = logging.getLogger(__name__)
WITHIN_S = 5.0
FRESH_S = 5.0
WAITING, AT_WINDOW = "ticket.state = 'waiting'", "ticket.state IN ('called', 'serving')"
"""Word for word the conditions of the two indices, as a prepared statement's parameters would not be."""
CHECKS = ("database", "migrations", "clock", "disk", "bus", "jobs", "heads")


class Checks(Collector):
    """What `/readyz` says, a figure for each check."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    def collect(self) -> Iterable[Metric]:
        """1 where all is well."""
        wrong = {each.what for each in self._readiness.wrong()}
        ok = GaugeMetricFamily("tongban_check_ok", "Whether this check of /readyz is well.", labels=["check"])
        for check in CHECKS:
            ok.add_metric([check], check not in wrong)
        yield ok


class City(Collector):
    """The city's figures, a few seconds old at most; none while the database does not answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._one_at_a_time = threading.Lock()
        self._known: list[Metric] = []
        self._looked_at = float("-inf")

    def collect(self) -> Iterable[Metric]:
        """Everything."""
        with self._one_at_a_time:
            if time.monotonic() - self._looked_at > FRESH_S:
                self._known = self._looked()
                self._looked_at = time.monotonic()
            yield from self._known

    def _looked(self) -> list[Metric]:
        try:
            return begun(self._look).result(WITHIN_S)
        except Exception as error:
            logger.warning("the city's figures cannot be had: %s", type(error).__name__)
            return []

    def _look(self) -> list[Metric]:
        with (
            connected(self._settings.database, seconds=WITHIN_S) as connection,
            Session(connection) as session,
        ):
            now, real_now = clock.now(session), clock.real_now()
            return [
                *_lines(session, now),
                _windows(session),
                _logs(session),
                *_jobs(session, real_now),
                *_heads(self._settings, real_now),
            ]


def _lines(session: Session, now: datetime) -> Iterator[Metric]:
    """Every queue in use, also where nobody waits."""
    labels = ["hall", "queue"]
    waiting = GaugeMetricFamily("tongban_queue_waiting", "Tickets that wait.", labels=labels)
    called = GaugeMetricFamily("tongban_queue_called", "Tickets that are called.", labels=labels)
    serving = GaugeMetricFamily("tongban_queue_serving", "Tickets that are served.", labels=labels)
    longest = GaugeMetricFamily(
        "tongban_queue_longest_wait_seconds",
        "How long the first issued of those who wait has waited.",
        labels=labels,
    )
    for hall, queue, count, first, at_window, served in session.execute(_LINES):
        waiting.add_metric([hall, queue], count or 0)
        called.add_metric([hall, queue], (at_window or 0) - (served or 0))
        serving.add_metric([hall, queue], served or 0)
        longest.add_metric([hall, queue], max(0.0, (now - first).total_seconds()) if first else 0)
    yield from (waiting, called, serving, longest)


def _statement() -> Select[Any]:
    """One row for each queue, by way of the two small indices: never over all tickets."""
    n, first = func.count().label("n"), func.min(Ticket.issued_at).label("first")
    served = func.sum(case((Ticket.state == literal_column("'serving'"), 1), else_=0)).label("served")
    by = Ticket.hall, Ticket.queue
    waiting = select(*by, n, first).where(text(WAITING)).group_by(*by).subquery()
    at_window = select(*by, n, served).where(text(AT_WINDOW)).group_by(*by).subquery()
    return (
        select(Queue.hall, Queue.code, waiting.c.n, waiting.c.first, at_window.c.n, at_window.c.served)
        .outerjoin(waiting, and_(Queue.hall == waiting.c.hall, Queue.code == waiting.c.queue))
        .outerjoin(at_window, and_(Queue.hall == at_window.c.hall, Queue.code == at_window.c.queue))
        .where(Queue.active)
        .order_by(Queue.hall, Queue.code)
    )


_LINES = _statement()


def _windows(session: Session) -> Metric:
    """Open windows by the queues they call from."""
    wanted = select(Window.hall, Window.queues).where(Window.active, Window.state == "open")
    found = Counter((hall, queue) for hall, queues in session.execute(wanted) for queue in queues)
    windows = GaugeMetricFamily(
        "tongban_queue_windows_open", "Open windows that call from this queue.", labels=["hall", "queue"]
    )
    for (hall, queue), count in sorted(found.items()):
        windows.add_metric([hall, queue], count)
    return windows


def _logs(session: Session) -> Metric:
    heads = GaugeMetricFamily("tongban_log_head_seq", "The number of a log's last entry.", labels=["hall"])
    for hall, seq in session.execute(select(LogHead.hall, LogHead.seq).order_by(LogHead.hall)):
        heads.add_metric([hall], seq)
    return heads


def _jobs(session: Session, real_now: datetime) -> Iterator[Metric]:
    last = GaugeMetricFamily(
        "tongban_job_started_timestamp_seconds", "When a job last began.", labels=["role", "job"]
    )
    for role, name, started in session.execute(select(JobState.role, JobState.name, JobState.started_at)):
        if started is not None:
            last.add_metric([role, name], started.timestamp())
    yield last
    wrong = GaugeMetricFamily(
        "tongban_job_alarm",
        "1 for what is wrong with a job, or with its role.",
        labels=["role", "job", "alarm"],
    )
    for alarm in alarms(session, real_now):
        wrong.add_metric([alarm.role, alarm.job or "-", alarm.what], 1)
    yield wrong


def _heads(settings: Settings, real_now: datetime) -> Iterator[Metric]:
    """Only where the record of signed heads is kept."""
    for name, said, age in (
        ("tongban_heads_unsigned_seconds", "How long ago heads were signed.", unsigned),
        ("tongban_heads_unwitnessed_seconds", "How long the witness has lacked a head.", unwitnessed),
    ):
        found = age(settings, real_now=real_now)
        family = GaugeMetricFamily(name, said)
        if found is not None:
            family.add_metric([], found.total_seconds())
        yield family
