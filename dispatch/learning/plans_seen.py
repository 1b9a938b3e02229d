"""Following windows against their plan, over one day and the days that are planned ahead."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from dispatch.learning.happenings import Happening, Kind
from dispatch.learning.plans_kept import PlansSums

EARLY_S, AFTER_S = 1800.0, 3600.0
"""Who opens so long before a span has come for it; so long after its end she may still call."""
BEFORE_S = 900.0
"""A call so shortly before the end says that she was not gone by then."""

Waits = Callable[[Sequence[str]], bool]


@dataclass(slots=True)
class _Span:
    """A stretch of a shift between two breaks, and what became of it, in seconds.

    `late`: how long after the start it began. From its end on: when the last one was `called`, when she `left`, as long
    as she is away, and whether anybody `waited` then, and when she `stopped` for good although somebody did.
    """

    window: str
    clerk: str
    start: float
    end: float
    late: float | None = None
    called: float | None = None
    left: float | None = None
    waited: bool = False
    stopped: float | None = None
    rests: list[float] = field(default_factory=list)


_NAMES = tuple(each.name for each in fields(_Span))


class PlansSeen:
    """The spans that are planned and not over, by shift; where a shift names no window, it is its clerk's."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        self._of = {shift: [_Span(*each) for each in spans] for shift, spans in (told or {}).items()}

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            shift: [[getattr(span, name) for name in _NAMES] for span in spans]
            for shift, spans in self._of.items()
        }

    def plan(self, happening: Happening) -> None:
        """A shift was planned, or is off."""
        if happening.kind is Kind.PLANNED:
            self._of[happening.shift] = [
                _Span(happening.window, happening.clerk, *span) for span in happening.spans
            ]
        else:
            self._of.pop(happening.shift, None)

    def see(self, happening: Happening, queues: Sequence[str], waits: Waits) -> None:
        """A window that serves these queues opened, closed or called; `waits` whether anybody does for some queues."""
        for span in self._hers(happening):
            if happening.kind is Kind.OPENED:
                _opened(span, happening.at)
            elif happening.kind is Kind.CALLED:
                if happening.at < span.end or happening.clerk in ("", span.clerk):
                    _called(span, happening.at)
            elif happening.at >= span.start:
                _closed(span, happening.at, waits(queues))

    def end_day(self, last: float, sums: PlansSums) -> None:
        """Settle what was planned until this last sign of life of a day."""
        for shift, spans in list(self._of.items()):
            for span in spans:
                if span.end <= last:
                    _settle(span, sums)
            left = [span for span in spans if span.end > last]
            if left:
                self._of[shift] = left
            else:
                del self._of[shift]

    def _hers(self, happening: Happening) -> Iterator[_Span]:
        """The spans that this may be about: of this window or clerk, the nearest in time."""
        for spans in self._of.values():
            if not spans or not spans[0].start - EARLY_S <= happening.at < spans[-1].end + AFTER_S:
                continue
            if spans[0].window == happening.window or (
                not spans[0].window and spans[0].clerk == happening.clerk
            ):
                for nth, span in enumerate(spans):
                    until = spans[nth + 1].start - EARLY_S if nth + 1 < len(spans) else span.end + AFTER_S
                    if span.start - EARLY_S <= happening.at < max(until, span.end):
                        yield span


def _opened(span: _Span, at: float) -> None:
    """She is there for the first time, or again."""
    if at >= span.end:
        return
    if span.late is None:
        span.late = at - span.start
    elif span.left is not None and at > span.start:
        span.rests.append(at - span.end - span.left)
    span.left = None


def _called(span: _Span, at: float) -> None:
    if span.late is None and at >= span.start:
        span.late = 0.0  # she has been there since long before
    if at - span.end >= -BEFORE_S:
        span.called = at - span.end


def _closed(span: _Span, at: float, waited: bool) -> None:
    span.left, span.waited = at - span.end, waited
    if span.left >= 0 and waited:
        span.stopped = span.left


def _settle(span: _Span, sums: PlansSums) -> None:
    sums.note_begun(span.window, span.late)
    if span.late is None:
        return
    stopped = span.left if span.waited else span.stopped
    if stopped is not None and span.called is not None and span.called >= stopped:
        stopped = None
    sums.note_end(span.window, span.called, stopped)
    for rest in span.rests:
        sums.note_rest(span.window, rest)
