"""Following people from line to window and away: out of happenings, told one by one, what each call came to.

What a call came to counts only when it can no longer be undone: it is held back for a while.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from dispatch.learning.happenings import Happening, Kind

_ANSWERED = ("finished", "missed")
_AWAY = "away"
"""How somebody is who missed her call and has not come back."""
SETTLED_S = 120.0
"""So long after somebody was finished or noted as missed it may still have been a mis-click."""


@dataclass(slots=True)
class Visit:
    """Somebody in the hall; times in Unix seconds, None where that has not happened.

    `calls` that she was called, `held_s` for how long a window was held by her before she was parked; `ended` is when
    she was last seen to be done, missed or gone, and `how` which of these, empty for somebody in line or at a window.
    """

    queue: str
    item: str = ""
    remote: bool = False
    calls: int = 0
    window: str = ""
    clerk: str = ""
    called: float | None = None
    started: float | None = None
    held_s: float = 0.0
    imputed: bool = False
    ended: float | None = None
    how: str = ""


_NAMES = tuple(each.name for each in fields(Visit))


class Visits:
    """Everybody of a hall who is still of interest, and whose calls are to be settled next."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        told = told or {}
        self._of = {ident: Visit(*each) for ident, each in told.get("of", {}).items()}
        self._ended: dict[str, float] = dict(told.get("ended", {}))
        self._done: list[Visit] = []

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it. Whatever is done has been asked for."""
        of = {ident: [getattr(visit, name) for name in _NAMES] for ident, visit in self._of.items()}
        return {"of": of, "ended": self._ended}

    def see(self, happening: Happening) -> bool:
        """Note what happened to somebody; whether she has just come to this queue."""
        known = self._of.get(happening.ticket)
        comes = happening.kind is Kind.ISSUED and (known is None or known.queue != happening.queue)
        if known and happening.kind is Kind.ISSUED and known.how in _ANSWERED:
            self._settle(happening.ticket)  # she goes on to the next window, or is back: the call is past
        visit = self._of.setdefault(happening.ticket, Visit(happening.queue))
        visit.item, visit.queue = happening.item or visit.item, happening.queue or visit.queue
        if happening.kind is Kind.ISSUED:
            _stands(visit, happening)
        elif happening.kind is Kind.CALLED:
            _called(visit, happening)
        elif happening.kind is Kind.STARTED:
            visit.started = happening.at
        else:
            _ends(visit, happening)
        self._ended.pop(happening.ticket, None)
        if visit.ended is not None:
            self._ended[happening.ticket] = visit.ended
        return comes

    def wait(self, queues: Sequence[str]) -> bool:
        """Whether anybody who is here stands in line for one of these queues."""
        return any(
            visit.called is None and not visit.how and not visit.remote and visit.queue in queues
            for visit in self._of.values()
        )

    def settled(self, until: float | None = None) -> list[Visit]:
        """Whose calls can be undone no more by this moment, or everybody's that came to an end. Told once."""
        for ident, ended in list(self._ended.items()):
            if until is not None and ended + SETTLED_S > until:
                break  # they stand in the order of time
            self._settle(ident)
        done, self._done = self._done, []
        return done

    def end_day(self) -> None:
        """Nobody comes back the next day but whoever is at a window still."""
        at_windows = (each for each in self._of.items() if each[1].called is not None and not each[1].how)
        self._of = dict(at_windows)

    def _settle(self, ident: str) -> None:
        self._ended.pop(ident, None)
        visit = self._of[ident]
        if visit.how in _ANSWERED:
            self._done.append(visit)
        if visit.how == "missed":  # she may come back, and her next call will not be her first
            self._of[ident] = Visit(visit.queue, visit.item, visit.remote, visit.calls, how=_AWAY)
        elif visit.how == "finished" or visit.called is None:
            del self._of[ident]


def _stands(visit: Visit, happening: Happening) -> None:
    """She stands in line; a call before that was neither answered nor missed counts for nothing."""
    visit.remote = happening.remote
    visit.calls -= visit.called is not None
    visit.called = visit.started = visit.ended = None
    visit.held_s, visit.how = 0.0, ""


def _called(visit: Visit, happening: Happening) -> None:
    if visit.how == "left" and visit.called is not None:  # she was parked and is back
        visit.called = visit.started = happening.at
    elif visit.how not in _ANSWERED:  # else that was a mis-click, and she is where she was
        visit.calls += 1
        visit.called, visit.started, visit.held_s = happening.at, None, 0.0
    visit.ended, visit.how, visit.remote = None, "", happening.remote
    visit.window, visit.clerk = happening.window, happening.clerk


def _ends(visit: Visit, happening: Happening) -> None:
    if happening.kind is Kind.LEFT and visit.called is not None and not visit.how:
        visit.held_s += happening.at - visit.called
    visit.ended, visit.how, visit.imputed = happening.at, happening.kind.value, happening.imputed
