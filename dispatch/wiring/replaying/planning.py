"""What happens in a hall while its log is replayed: every step in time order, and at which window. Pure.

A log that names windows is followed. Otherwise each queue has as many as its calls need: a call goes to a free
window, else to the one that has held its person longest without a known end, else to one more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dispatch.wiring.replaying import naming
from dispatch.wiring.replaying.seats import Seat, Seats
from dispatch.wiring.ticket_logs.judging import Line
from dispatch.wiring.ticket_logs.service_days import day_of

Verb = Literal["issue", "call", "finish", "missed", "cancel", "close", "end_day"]


@dataclass(frozen=True)
class Step:
    """One thing to do in a hall. `line` and `ends` are indices into the plan's lines.

    A call opens its window where `opens`, and first ends whoever is still there (`ends`).
    """

    at: datetime
    verb: Verb
    line: int = -1
    window: str = ""
    ends: int = -1
    opens: bool = False


@dataclass
class Plan:
    """A hall as it has to be built, and its steps."""

    code: str
    name: str
    zone: ZoneInfo
    lines: list[Line]
    queues: dict[str, str]
    """The code of each queue of the log, in the order of their letters."""
    windows: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """The name of each window, by its code, and the queues it calls from."""
    steps: list[Step] = field(default_factory=list)

    def queue_name(self, queue: str) -> str:
        """The item most often wanted in this queue, or the log's own name of it."""
        items = Counter(line.item for line in self.lines if line.queue == queue and line.item)
        return (items.most_common(1)[0][0] if items else queue)[: naming.NAME]


def plans(lines: Iterable[Line], zone: ZoneInfo) -> list[Plan]:
    """A plan for each hall of the log, in order of their names."""
    by_hall: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_hall[line.hall].append(line)
    codes = naming.codes(by_hall, "H", naming.LONGEST_HALL)
    return [plan(hall, codes[hall], by_hall[hall], zone) for hall in sorted(by_hall, key=naming.natural)]


def plan(hall: str, code: str, lines: Sequence[Line], zone: ZoneInfo) -> Plan:
    """The plan of one hall."""
    ordered = sorted(lines, key=lambda line: line.issued_at)
    queues = naming.codes((line.queue for line in ordered), "Q", naming.LONGEST_QUEUE)
    made = Plan(code, hall[: naming.NAME], zone, ordered, queues)
    seats = Seats(dict(zip(queues, naming.letters(), strict=False)), ordered)
    days: dict[date, list[int]] = defaultdict(list)
    for index, line in enumerate(ordered):
        days[day_of(line.issued_at, zone)].append(index)
    for day in sorted(days):
        made.steps += _Day(ordered, days[day], seats).steps(_midnight_after(day, zone))
    made.windows = {seat.code: (seat.name, [queues[each] for each in seat.queues]) for seat in seats.all}
    return made


def _midnight_after(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), zone)


ENDS_BEFORE, ISSUES, CALLS, ENDS_AFTER = range(4)
"""The order of what happens in one instant. Who was called this very instant ends after the calls."""


class _Day:
    """The steps of one service day."""

    def __init__(self, lines: Sequence[Line], today: list[int], seats: Seats) -> None:
        self._lines, self._today, self._seats = lines, today, seats
        self._steps: list[Step] = []

    def steps(self, midnight: datetime) -> list[Step]:
        """Everything from the first ticket to the end of the day."""
        moments = sorted(moment for index in self._today for moment in self._moments(index))
        for at, rank, index in moments:
            if rank == ISSUES:
                self._steps.append(Step(at, "issue", index))
            elif rank == CALLS:
                self._call(at, index)
            else:
                self._end(at, index)
        self._close(moments[-1][0])
        self._steps.append(Step(midnight, "end_day"))
        return self._steps

    def _moments(self, index: int) -> Iterable[tuple[datetime, int, int]]:
        line = self._lines[index]
        yield line.issued_at, ISSUES, index
        if line.called_at:
            yield line.called_at, CALLS, index
        if line.finished_at:
            began = line.called_at or line.issued_at
            yield line.finished_at, ENDS_AFTER if line.finished_at == began else ENDS_BEFORE, index

    def _call(self, at: datetime, index: int) -> None:
        line = self._lines[index]
        seat = self._seats.for_call(line)
        ends, opens = seat.take(index, line.finished_at is not None)
        self._steps.append(Step(at, "call", index, seat.code, -1 if ends is None else ends, opens))

    def _end(self, at: datetime, index: int) -> None:
        line = self._lines[index]
        if line.called_at is None:
            self._steps.append(Step(at, "cancel", index))
        elif seat := self._seats.holding(index):  # else the window's next call has ended it already
            seat.leave()
            self._steps.append(Step(at, _how_it_ends(line), index, seat.code))

    def _close(self, at: datetime) -> None:
        """When the day's last line is done, windows end what they still hold, and close."""
        for index in self._today:
            line = self._lines[index]
            if line.outcome == "cancelled" and line.finished_at is None:
                self._steps.append(Step(at, "cancel", index))
        for seat in self._seats.all:
            if seat.open:
                self._leave_and_close(seat, at)

    def _leave_and_close(self, seat: Seat, at: datetime) -> None:
        if seat.held is not None:
            self._steps.append(Step(at, _how_it_ends(self._lines[seat.held]), seat.held, seat.code))
        seat.leave()
        seat.open = False
        self._steps.append(Step(at, "close", window=seat.code))


def _how_it_ends(line: Line) -> Literal["finish", "missed"]:
    return "missed" if line.outcome == "missed" else "finish"
