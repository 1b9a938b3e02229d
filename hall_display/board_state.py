"""The board as a pure fold over a hall's log: a state, an entry, the next state and what of it can be seen.

Nothing here touches a database or a template. Only the fields named in this file ever reach a screen, so that a
person's data cannot pass, whatever an entry may carry.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

CALLS_SHOWN = 5

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a hall's log, as far as a board cares."""

    hall: str
    epoch: int
    seq: int
    kind: str
    at: str
    data: Data

    @classmethod
    def from_body(cls, body: str) -> Self:
        """Read the stored text of an entry; everything but the fields of this class is left behind."""
        whole = json.loads(body)
        return cls(whole["hall"], whole["epoch"], whole["seq"], whole["kind"], whole["at"], whole["data"])


@dataclass(frozen=True, slots=True)
class Hall:
    """The hall a board hangs in."""

    code: str
    name: str
    name_en: str | None
    tz: str

    def shown(self) -> dict[str, Any]:
        """The hall as the board's JSON has it."""
        return {"code": self.code, "name": self.name, "name_en": self.name_en}


@dataclass(frozen=True, slots=True)
class Queue:
    """One line of waiting people, by its letter."""

    code: str
    letter: str
    name: str
    name_en: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """A number asked to a window; `call` is the seq of its first call, `times` how often it was called by now."""

    call: int
    ticket: str
    number: str
    window: str
    window_name: str
    at: str
    times: int

    def shown(self) -> dict[str, Any]:
        """The call as the board's JSON has it: never the ticket, which is a key to a person."""
        return {
            "call": self.call,
            "number": self.number,
            "window": self.window,
            "window_name": self.window_name,
            "at": self.at,
            "times": self.times,
        }


@dataclass(frozen=True, slots=True)
class Parts:
    """What an entry changed on the board: a call, some queues, whether the hall is closed, or too much to say."""

    call: Call | None = None
    queues: tuple[str, ...] = ()
    recent: bool = False
    idle: bool = False
    refetch: bool = False


NOTHING = Parts()


@dataclass(frozen=True, slots=True)
class BoardState:
    """All a board shows of one hall after entry `seq`; what is waiting is kept by ticket, so that nothing counts twice.

    `waiting` holds the waiting tickets of the current service day by queue, `first_calls` the seq of each ticket's
    first call that day: a call that has long left the screen keeps its name when it is called again.
    """

    hall: Hall
    epoch: int = 0
    seq: int = 0
    day: str | None = None
    queues: tuple[Queue, ...] = ()
    waiting: Mapping[str, frozenset[str]] = field(default_factory=dict)
    calls: tuple[Call, ...] = ()
    first_calls: Mapping[str, int] = field(default_factory=dict)
    open_windows: frozenset[str] = frozenset()

    @property
    def closed(self) -> bool:
        """Whether no window works at all; a paused one will go on, so it counts as open."""
        return not self.open_windows

    def waiting_in(self, queue: str) -> int:
        """How many wait in `queue` today."""
        return len(self.waiting.get(queue, ()))

    def apply(self, entry: Entry) -> tuple[BoardState, Parts]:
        """The state after `entry` and what it changed; an unknown kind asks for a fresh snapshot."""
        fold = FOLDS.get(entry.kind)
        moved = replace(self, epoch=entry.epoch, seq=entry.seq)
        if fold is None:
            return moved, NOTHING if entry.kind in INVISIBLE else Parts(refetch=True)
        return fold(moved, entry)

    def board(self) -> dict[str, Any]:
        """The board's JSON: a whitelist by construction."""
        return {
            "hall": self.hall.shown(),
            "day": self.day,
            "queues": [self._queue(queue) for queue in self.queues],
            "calls": [call.shown() for call in self.calls],
            "notice": None,
        }

    def _queue(self, queue: Queue) -> dict[str, Any]:
        return {
            "code": queue.code,
            "letter": queue.letter,
            "name": queue.name,
            "name_en": queue.name_en,
            "waiting": self.waiting_in(queue.code),
            "wait": None,
            "unknown_because": "not_learned_yet",
        }


def _configured(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    queues = tuple(
        Queue(queue["code"], queue["letter"], queue["name"], queue.get("name_en"))
        for queue in entry.data["queues"]
    )
    windows = frozenset(window["id"] for window in entry.data["windows"])
    configured = replace(state, queues=queues, open_windows=state.open_windows & windows)
    return configured, Parts(refetch=True)


def _issued(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    today, turned = _turn_day(state, entry.data["service_day"])
    if today.day != entry.data["service_day"]:
        return today, NOTHING
    queue = entry.data["queue"]
    held = today.waiting.get(queue, frozenset()) | {entry.data["ticket"]}
    issued = replace(today, waiting={**today.waiting, queue: held})
    return issued, Parts(queues=(queue,), refetch=turned)


def _called(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    today, turned = _turn_day(state, entry.data["service_day"])
    left, queues = _leave(today, entry.data["ticket"])
    if today.day != entry.data["service_day"]:
        return left, Parts(queues=queues)
    shown = _show(left, entry, call=entry.seq, times=1)
    return shown, Parts(call=shown.calls[0], queues=queues, recent=True, refetch=turned)


def _recalled(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    first = state.first_calls.get(entry.data["ticket"])
    if first is None or entry.data["service_day"] != state.day:
        return state, NOTHING
    shown = _show(state, entry, call=first, times=entry.data["times"])
    return shown, Parts(call=shown.calls[0], recent=True)


def _left(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    left, queues = _leave(state, entry.data["ticket"])
    return left, Parts(queues=queues)


def _begun_anew(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    return state, Parts(refetch=True)


def _window_works(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    return _with_open(state, state.open_windows | {entry.data["window"]})


def _window_closed(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    return _with_open(state, state.open_windows - {entry.data["window"]})


def _with_open(state: BoardState, open_windows: frozenset[str]) -> tuple[BoardState, Parts]:
    after = replace(state, open_windows=open_windows)
    return after, Parts(idle=after.closed != state.closed)


def _turn_day(state: BoardState, day: str) -> tuple[BoardState, bool]:
    """The state of `day`: a new service day starts with nobody called and nobody waiting. ISO dates sort as text."""
    if state.day is not None and day <= state.day:
        return state, False
    fresh = replace(state, day=day, waiting={}, calls=(), first_calls={})
    return fresh, state.day is not None


def _leave(state: BoardState, ticket: str) -> tuple[BoardState, tuple[str, ...]]:
    """Take a ticket out of wherever it waits; one of another day is not there, and nothing happens."""
    for queue, held in state.waiting.items():
        if ticket in held:
            return replace(state, waiting={**state.waiting, queue: held - {ticket}}), (queue,)
    return state, ()


def _show(state: BoardState, entry: Entry, *, call: int, times: int) -> BoardState:
    """Put a call on top; an earlier line of the same ticket goes, one number never stands at two windows."""
    data = entry.data
    newest = Call(call, data["ticket"], data["number"], data["window"], data["window_name"], entry.at, times)
    others = tuple(other for other in state.calls if other.ticket != newest.ticket)
    calls = (newest, *others)[:CALLS_SHOWN]
    return replace(state, calls=calls, first_calls={**state.first_calls, newest.ticket: call})


FOLDS: Mapping[str, Callable[[BoardState, Entry], tuple[BoardState, Parts]]] = {
    "EpochBegun": _begun_anew,
    "HallConfigured": _configured,
    "TicketIssued": _issued,
    "TicketCalled": _called,
    "TicketRecalled": _recalled,
    "TicketCancelled": _left,
    "TicketExpired": _left,
    "WindowOpened": _window_works,
    "WindowPaused": _window_works,
    "WindowClosed": _window_closed,
}

# Kinds that a board has no part in. A kind in neither table is news to us: the feed then reads the tables again.
INVISIBLE = frozenset({"TicketStarted", "TicketFinished", "TicketMissed"})
