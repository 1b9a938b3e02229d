"""What a hall says of itself in its log."""

from dataclasses import dataclass
from typing import Any

from dispatch.foundation.log import Event


@dataclass(frozen=True)
class HallConfigured(Event):
    """The hall's queues, windows and zones are now these; whoever shows them fetches anew."""

    queues: list[dict[str, Any]]
    windows: list[dict[str, Any]]
    zones: list[dict[str, Any]]


@dataclass(frozen=True)
class WindowOpened(Event):
    """Somebody sits there and may call."""

    window: str
    window_name: str


@dataclass(frozen=True)
class WindowPaused(Event):
    """Nobody is called to it until it opens again."""

    window: str
    window_name: str


@dataclass(frozen=True)
class WindowClosed(Event):
    """Nobody sits there any more."""

    window: str
    window_name: str


@dataclass(frozen=True)
class WindowLapsed(Event):
    """Nothing has been heard from it for the length of a lease."""

    window: str
    window_name: str


@dataclass(frozen=True)
class IntakeStopped(Event):
    """No more numbers in this queue: whoever came now could not be served today."""

    queue: str


@dataclass(frozen=True)
class IntakeResumed(Event):
    """Whoever comes to this queue can be served today again."""

    queue: str


@dataclass(frozen=True)
class QueuePaused(Event):
    """Somebody has paused the giving out of numbers in this queue."""

    queue: str
    reason: str
    until: str | None


@dataclass(frozen=True)
class QueueResumed(Event):
    """Numbers are given out in this queue again."""

    queue: str


@dataclass(frozen=True)
class WeekChanged(Event):
    """The hall's ordinary hours are now others."""

    seasons: int


@dataclass(frozen=True)
class HallDaySet(Event):
    """One day of the hall is now of this kind; `openings` None leaves those of the week."""

    day: str
    day_kind: str
    openings: list[list[str]] | None
    reason: str | None


@dataclass(frozen=True)
class HallClosedEarly(Event):
    """From `since` on no numbers are given out on this day; `afterwards` says what becomes of those who wait."""

    day: str
    since: str
    reason: str
    afterwards: str
    to_hall: str | None


@dataclass(frozen=True)
class HallReopened(Event):
    """The hall is open on this day as it would have been."""

    day: str


@dataclass(frozen=True)
class DayEnded(Event):
    """The service day is over; how many tickets expired and how many windows closed with it."""

    day: str
    since: str
    reason: str
    tickets: int
    windows: int


@dataclass(frozen=True)
class OutageBegan(Event):
    """These queues or items cannot be done, or nothing at all: places freeze. `city` is the city's own outage."""

    outage: str
    city: str | None
    whole: bool
    queues: list[str]
    items: list[str]
    reason: str
    until: str | None


@dataclass(frozen=True)
class OutageEnded(Event):
    """It can be done again. `run_out`: its time was up."""

    outage: str
    run_out: bool


@dataclass(frozen=True)
class CityOutageBegan(Event):
    """These items cannot be done in any hall, or nothing at all."""

    outage: str
    whole: bool
    items: list[str]
    reason: str
    until: str | None


@dataclass(frozen=True)
class CityOutageEnded(Event):
    """It can be done again in every hall. `run_out`: its time was up."""

    outage: str
    run_out: bool


@dataclass(frozen=True)
class CalendarChanged(Event):
    """The city's calendar of a year is now another; how many days of each kind it names."""

    year: int
    holidays: int
    workdays: int


@dataclass(frozen=True)
class PolicyChanged(Event):
    """From now on the hall's lines are ordered by these figures; those not named are as usual."""

    policy: dict[str, int]
