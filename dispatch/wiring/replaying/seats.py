"""The windows of a hall during a replay: which of them makes a call. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dispatch.wiring.replaying import naming
from dispatch.wiring.ticket_logs.judging import Line


@dataclass
class Seat:
    """A window, and the line that is at it (`held`), since which call, and whether its end is known."""

    code: str
    name: str
    queues: list[str]
    open: bool = False
    held: int | None = None
    since: int = 0
    end_known: bool = False

    def take(self, line: int, end_known: bool) -> tuple[int | None, bool]:
        """Call this line: whom that call ends, and whether the window must open for it."""
        ended, opens = self.held, not self.open
        self.open, self.held, self.end_known = True, line, end_known
        return ended, opens

    def leave(self) -> None:
        """Nobody is there any more."""
        self.held = None


class Seats:
    """All windows of a hall: those that the log names, and those that its other calls need."""

    def __init__(self, letters: Mapping[str, str], lines: Sequence[Line]) -> None:
        """`letters` of the queues, by their names in the log."""
        self._letters = letters
        self._named = _named_windows(lines)
        self._of_queue: dict[str, list[Seat]] = defaultdict(list)
        self._calls = 0

    @property
    def all(self) -> list[Seat]:
        """Every window so far."""
        return [*self._named.values(), *(seat for seats in self._of_queue.values() for seat in seats)]

    def for_call(self, line: Line) -> Seat:
        """The window that calls this line: the log's own; else one that is free; else, of those whose person
        has no known end, the one that called first; else one more.
        """
        self._calls += 1
        seat = self._named[line.window] if line.window else self._free(line.queue)
        seat.since = self._calls
        return seat

    def holding(self, line: int) -> Seat | None:
        """The window that this line is at."""
        return next((seat for seat in self.all if seat.held == line), None)

    def _free(self, queue: str) -> Seat:
        seats = self._of_queue[queue]
        free = next((seat for seat in seats if seat.held is None), None)
        if free is not None:
            return free
        waiting_for_next_call = [seat for seat in seats if not seat.end_known]
        if waiting_for_next_call:
            return min(waiting_for_next_call, key=lambda seat: seat.since)
        seats.append(self._one_more(queue, len(seats) + 1))
        return seats[-1]

    def _one_more(self, queue: str, number: int) -> Seat:
        taken = {seat.code for seat in self.all}
        code = f"{self._letters[queue]}{number}"
        while code in taken:  # the log has a window of that very name
            code = f"{code}x"
        return Seat(code, code, [queue])


def _named_windows(lines: Sequence[Line]) -> dict[str, Seat]:
    queues: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        if line.window and line.called_at:
            queues[line.window].add(line.queue)
    codes = naming.codes(queues, "W", naming.LONGEST_WINDOW)
    return {
        name: Seat(code, name[: naming.WINDOW_NAME], sorted(queues[name], key=naming.natural))
        for name, code in codes.items()
    }
