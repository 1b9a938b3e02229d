"""The days of a ticket log as happenings, in the order of time.

In one instant windows are counted first; then ends, issues, calls, and the ends of who was called this very instant,
as a replay has it. Whoever was never called leaves at midnight, which nobody could have known before.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.learning.happenings import Happening, Kind
from dispatch.wiring.backtesting.windows import WindowCount
from dispatch.wiring.ticket_logs.judging import Line
from dispatch.wiring.ticket_logs.service_days import day_of

COUNTS, ENDS_BEFORE, ISSUES, CALLS, ENDS_AFTER = range(5)
ENDS = {"missed": Kind.MISSED, "cancelled": Kind.LEFT}


@dataclass(frozen=True, slots=True)
class Step:
    """One happening; `line` is the ticket's, where it is issued by it and shall be scored."""

    rank: int
    order: int
    happening: Happening
    line: Line | None = None

    @property
    def turn(self) -> tuple[float, int, int]:
        """What steps are sorted by."""
        return self.happening.at, self.rank, self.order


@dataclass(frozen=True, slots=True)
class ServiceDay:
    """One day of all halls."""

    date: date
    steps: list[Step]
    lines: int
    """How many tickets were issued; 0 on a day that only windows were counted on."""


def days(lines: Iterable[Line], counts: Iterable[WindowCount], zone: ZoneInfo) -> Iterator[ServiceDay]:
    """Every day on which anything happened, made when it is its turn."""
    issued: dict[date, list[Line]] = defaultdict(list)
    counted: dict[date, list[WindowCount]] = defaultdict(list)
    for line in lines:
        issued[day_of(line.issued_at, zone)].append(line)
    for count in counts:
        counted[day_of(count.at, zone)].append(count)
    for day in sorted({*issued, *counted}):
        yield _service_day(day, issued[day], counted[day], zone)


def ticket(line: Line) -> str:
    """A name that no other ticket has, since offices number each queue anew."""
    return f"{line.file}:{line.number}"


def _service_day(day: date, lines: list[Line], counts: list[WindowCount], zone: ZoneInfo) -> ServiceDay:
    midnight = datetime.combine(day + timedelta(days=1), time(0), zone).timestamp()
    steps = [Step(COUNTS, order, _counted(count)) for order, count in enumerate(counts)]
    for order, line in enumerate(lines):
        steps += _life(order, line, midnight)
    steps.sort(key=lambda step: step.turn)
    return ServiceDay(day, steps, len(lines))


def _counted(count: WindowCount) -> Happening:
    return Happening(count.at.timestamp(), Kind.COUNTED, count.hall, count.queue, windows=count.open)


def _life(order: int, line: Line, midnight: float) -> Iterator[Step]:
    began = line.issued_at.timestamp()
    yield Step(ISSUES, order, _of(line, Kind.ISSUED, began), line if line.score else None)
    if line.called_at is not None:
        began = line.called_at.timestamp()
        yield Step(CALLS, order, _of(line, Kind.CALLED, began, line.window))
    if line.finished_at is not None:
        at = line.finished_at.timestamp()
        rank = ENDS_AFTER if at == began else ENDS_BEFORE
        yield Step(rank, order, _of(line, ENDS.get(line.outcome, Kind.FINISHED), at, line.window))
    elif line.called_at is None:
        yield Step(ENDS_AFTER, order, _of(line, Kind.LEFT, midnight))


def _of(line: Line, kind: Kind, at: float, window: str = "") -> Happening:
    due = line.booked_for.timestamp() if line.booked_for and kind is Kind.ISSUED else None
    return Happening(
        at, kind, line.hall, line.queue, ticket=ticket(line), item=line.item, window=window, due=due
    )
