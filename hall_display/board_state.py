"""The board as a pure fold over a hall's log: a state, an entry, the next state and what of it can be seen.

Nothing here touches a database or a template. Only the fields named in this file ever reach a screen, so that a
person's data cannot pass, whatever an entry may carry.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from dispatch.waits.finding import NOTHING as NOTHING_FORETOLD
from dispatch.waits.finding import HallWaits as Waits
from dispatch.waits.finding import plain
from dispatch.waits.wording import Foretold
from hall_display.interruptions import OPEN, Day, Halt, Outage, halt_of, in_order, utc

CALLS_SHOWN = 5
NOWHERE = "none"

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
class Zone:
    """A part of the hall with screens and a speaker of its own: what stands in it, and how it is spoken there."""

    code: str
    name: str
    name_en: str | None
    queues: frozenset[str]
    windows: frozenset[str]
    voice: Mapping[str, Any]

    def shown(self) -> dict[str, Any]:
        """The zone as a screen needs it to choose what is its own."""
        return {"queues": sorted(self.queues), "windows": sorted(self.windows), "voice": dict(self.voice)}


def zones_among(zones: list[Data], queues: list[Data], windows: list[Data]) -> tuple[Zone, ...]:
    """A hall's zones with what stands in each, of their descriptions."""
    return tuple(
        Zone(
            zone["code"],
            zone["name"],
            zone["name_en"],
            frozenset(queue["code"] for queue in queues if queue.get("zone") == zone["code"]),
            frozenset(window["id"] for window in windows if window.get("zone") == zone["code"]),
            zone["voice"],
        )
        for zone in zones
    )


@dataclass(frozen=True, slots=True)
class Call:
    """A number asked to a window; `call` is the seq of its first call, `times` how often it was called by now.

    `instead_of` is the window that had called it before and went silent, `arrow` where the window lies.
    """

    call: int
    ticket: str
    number: str
    window: str
    window_name: str
    at: str
    times: int
    instead_of: str | None = None
    arrow: str = NOWHERE

    def shown(self) -> dict[str, Any]:
        """The call as the board's JSON has it: never the ticket, which is a key to a person."""
        return {
            "call": self.call,
            "number": self.number,
            "window": self.window,
            "window_name": self.window_name,
            "at": self.at,
            "times": self.times,
            "instead_of": self.instead_of,
            "arrow": self.arrow,
        }


@dataclass(frozen=True, slots=True)
class Parts:
    """What an entry changed on the board: a call, some queues, whether the hall is closed, the notice, or too much.

    `gone` is a machine that was put out of use: nothing to see, but its lines are hung up.
    """

    call: Call | None = None
    queues: tuple[str, ...] = ()
    recent: bool = False
    idle: bool = False
    gone: str | None = None
    refetch: bool = False
    notice: bool = False


NOTHING = Parts()


@dataclass(frozen=True, slots=True)
class BoardState:
    """All a board shows of one hall after entry `seq`; what is waiting is kept by ticket, so that nothing counts twice.

    `waiting` holds the waiting tickets of the current service day by queue, `first_calls` the seq of each ticket's
    first call that day: a call that has long left the screen keeps its name when it is called again. `intakes` holds
    the queues that give out no numbers, `days` what is particular about days by their dates.
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
    arrows: Mapping[str, str] = field(default_factory=dict)
    intakes: Mapping[str, Halt] = field(default_factory=dict)
    outages: tuple[Outage, ...] = ()
    days: Mapping[str, Day] = field(default_factory=dict)
    zones: tuple[Zone, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether no window works at all; a paused one will go on, so it counts as open."""
        return not self.open_windows

    def waiting_in(self, queue: str) -> int:
        """How many wait in `queue` today."""
        return len(self.waiting.get(queue, ()))

    def halt_of(self, queue: str) -> Halt:
        """How a queue stands."""
        return halt_of(queue, self.outages, self.intakes)

    def notices(self) -> list[dict[str, Any]]:
        """What is worth a line, the weightiest first; one that names a day is for that day only."""
        days = [day for at, day in sorted(self.days.items()) if day.told and at >= (self.day or "")]
        whole = [outage.shown() for outage in self.outages if outage.whole]
        parts = [outage.shown() for outage in self.outages if not outage.whole]
        return [*whole, *(day.shown() for day in days), *parts]

    def apply(self, entry: Entry) -> tuple[BoardState, Parts]:
        """The state after `entry` and what it changed; an unknown kind asks for a fresh snapshot."""
        fold = FOLDS.get(entry.kind)
        moved = replace(self, epoch=entry.epoch, seq=entry.seq)
        if fold is None:
            return moved, NOTHING if entry.kind in INVISIBLE else Parts(refetch=True)
        return fold(moved, entry)

    def board(self, waits: Waits = NOTHING_FORETOLD) -> dict[str, Any]:
        """The board's JSON: a whitelist by construction. `waits` are told beside what the log says."""
        return {
            "hall": self.hall.shown(),
            "day": self.day,
            "queues": [self._queue(queue, waits.joining(queue.code)) for queue in self.queues],
            "calls": [call.shown() for call in self.calls],
            "notice": self.notices() or None,
        }

    def _queue(self, queue: Queue, foretold: Foretold) -> dict[str, Any]:
        return {
            "code": queue.code,
            "letter": queue.letter,
            "name": queue.name,
            "name_en": queue.name_en,
            "waiting": self.waiting_in(queue.code),
            **plain(foretold),
            **self.halt_of(queue.code).shown(),
        }


def _configured(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    queues = tuple(
        Queue(queue["code"], queue["letter"], queue["name"], queue.get("name_en"))
        for queue in entry.data["queues"]
    )
    windows = frozenset(window["id"] for window in entry.data["windows"])
    arrows = {window["id"]: window.get("arrow", NOWHERE) for window in entry.data["windows"]}
    configured = replace(
        state,
        queues=queues,
        open_windows=state.open_windows & windows,
        arrows=arrows,
        zones=zones_among(entry.data.get("zones", []), entry.data["queues"], entry.data["windows"]),
        calls=tuple(replace(call, arrow=arrows.get(call.window, NOWHERE)) for call in state.calls),
    )
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


def _waits_again(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    """Back in line, or in another one: a call that still stands on the screen holds no more."""
    data = entry.data
    left, queues = _leave(state, data["ticket"])
    if data["service_day"] != state.day or data.get("state", "waiting") != "waiting":
        return left, Parts(queues=queues)
    queue = data["queue"]
    held = left.waiting.get(queue, frozenset()) | {data["ticket"]}
    calls = tuple(call for call in left.calls if call.ticket != data["ticket"])
    again = replace(left, waiting={**left.waiting, queue: held}, calls=calls)
    return again, Parts(queues=tuple(dict.fromkeys((*queues, queue))), refetch=calls != state.calls)


def _begun_anew(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    return state, Parts(refetch=True)


def _window_works(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    return _with_open(state, state.open_windows | {entry.data["window"]})


def _window_closed(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    return _with_open(state, state.open_windows - {entry.data["window"]})


def _machine_gone(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    return state, Parts(gone=entry.data["device"])


def _with_open(state: BoardState, open_windows: frozenset[str]) -> tuple[BoardState, Parts]:
    after = replace(state, open_windows=open_windows)
    return after, Parts(idle=after.closed != state.closed)


def _intake(state: str) -> Callable[[BoardState, Entry], tuple[BoardState, Parts]]:
    """The fold of a kind that leaves a queue in this state."""

    def fold(board: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
        queue = entry.data["queue"]
        others = {code: halt for code, halt in board.intakes.items() if code != queue}
        halt = Halt(state, entry.data.get("reason"), utc(entry.data.get("until")))
        intakes = others if halt == OPEN else {**others, queue: halt}
        return replace(board, intakes=intakes), Parts(queues=(queue,))

    return fold


def _outage_began(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    data = entry.data
    began = Outage(
        data["outage"],
        data["whole"],
        tuple(data["queues"]),
        len(data["items"]),
        data["reason"],
        utc(data["until"]),
    )
    return _with_outages(state, [*state.outages, began], began)


def _outage_ended(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    ended = next((each for each in state.outages if each.ident == entry.data["outage"]), None)
    if ended is None:
        return state, NOTHING
    return _with_outages(state, [each for each in state.outages if each is not ended], ended)


def _with_outages(state: BoardState, outages: list[Outage], moved: Outage) -> tuple[BoardState, Parts]:
    touched = tuple(queue.code for queue in state.queues) if moved.whole else moved.queues
    return replace(state, outages=in_order(outages)), Parts(queues=touched, notice=True)


def _day_set(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    data = entry.data
    openings = None if data["openings"] is None else tuple((start, end) for start, end in data["openings"])
    return _with_day(state, data["day"], kind=data["day_kind"], openings=openings, reason=data["reason"])


def _closed_early(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    data = entry.data
    since, why, then = utc(data["since"]), data["reason"], data["afterwards"]
    return _with_day(state, data["day"], closed_from=since, closed_why=why, afterwards=then, ended=False)


def _day_ended(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    data = entry.data
    return _with_day(
        state, data["day"], closed_from=utc(data["since"]), closed_why=data["reason"], ended=True
    )


def _reopened(state: BoardState, entry: Entry) -> tuple[BoardState, Parts]:
    day = entry.data["day"]
    return _with_day(state, day, closed_from=None, closed_why=None, afterwards=None, ended=False)


def _with_day(state: BoardState, day: str, **told: Any) -> tuple[BoardState, Parts]:  # noqa: ANN401 - a day's fields
    changed = replace(state.days.get(day, Day(day)), **told)
    return replace(state, days={**state.days, day: changed}), Parts(notice=True)


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
    newest = Call(
        call,
        data["ticket"],
        data["number"],
        data["window"],
        data["window_name"],
        entry.at,
        times,
        data.get("instead_of"),
        state.arrows.get(data["window"], NOWHERE),
    )
    others = tuple(other for other in state.calls if other.ticket != newest.ticket)
    calls = (newest, *others)[:CALLS_SHOWN]
    return replace(state, calls=calls, first_calls={**state.first_calls, newest.ticket: call})


FOLDS: Mapping[str, Callable[[BoardState, Entry], tuple[BoardState, Parts]]] = {
    "EpochBegun": _begun_anew,
    "HallConfigured": _configured,
    "TicketIssued": _issued,
    "TicketCalled": _called,
    "TicketRecalled": _recalled,
    "TicketStarted": _left,
    "TicketKept": _waits_again,
    "TicketMoved": _waits_again,
    "TicketBack": _waits_again,
    "TicketReactivated": _waits_again,
    "TicketUndone": _waits_again,
    "TicketSent": _left,
    "TicketVoided": _left,
    "TicketCancelled": _left,
    "TicketExpired": _left,
    "IntakeStopped": _intake("stopped"),
    "IntakeResumed": _intake("open"),
    "QueuePaused": _intake("paused"),
    "QueueResumed": _intake("open"),
    "OutageBegan": _outage_began,
    "OutageEnded": _outage_ended,
    "HallDaySet": _day_set,
    "HallClosedEarly": _closed_early,
    "HallReopened": _reopened,
    "DayEnded": _day_ended,
    "WindowOpened": _window_works,
    "WindowPaused": _window_works,
    "WindowClosed": _window_closed,
    "DeviceRevoked": _machine_gone,
    "DeviceCloned": _machine_gone,
}

# Kinds that a board has no part in. A kind in neither table is news to us: the feed then reads the tables again.
INVISIBLE = frozenset(
    {
        "TicketFinished",
        "TicketParked",
        "TicketResumed",
        "TicketChanged",
        "TicketLeft",
        "TicketTakenIn",
        "MoveDeclined",
        "WindowLapsed",
        "TicketMissed",
        "WeekChanged",
        "CityOutageBegan",
        "CityOutageEnded",
        "CalendarChanged",
        "PolicyChanged",
        "TemplateDefined",
        "TemplateDrafted",
        "TemplatePlanned",
        "TemplateWithdrawn",
        "TemplateTookEffect",
        "TemplateApplied",
        "TemplateAssigned",
        "HallOverrode",
        "ItemsPlaced",
        "TicketRated",
        "PapersChecked",
        "TicketPriorityChanged",
        "TicketArrived",
        "TicketPrechecked",
        "GuideFetches",
        "EnquiryNoted",
        "JourneyBegun",
        "JourneyJoined",
        "JourneyCancelled",
        "JourneyExpired",
        "JourneyReplaces",
        "JourneyServed",
        "ShiftPlanned",
        "ShiftDropped",
        "LeaveAsked",
        "LeaveGranted",
        "LeaveRefused",
        "LeaveWithdrawn",
        "LeaveEnded",
        "PostGiven",
        "PostEnded",
        "SkillGranted",
        "SkillWithdrawn",
        "SkillsReplaced",
        "DutyDaySet",
        "DutyDayDropped",
        "DevicePaired",
        "DeviceFault",
        "HelpWanted",
        "AccountCreated",
        "AccountChanged",
        "SecondFactorReset",
        "PermissionGranted",
        "PermissionWithdrawn",
        "PersonCorrected",
        "PersonErased",
        "PersonsForgotten",
        "KeyRenewed",
        "KeyRetired",
    }
)
