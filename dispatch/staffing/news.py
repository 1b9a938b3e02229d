"""What happens to plans and skills, as the log tells it: references, moments and grades, never why somebody is away."""

from dataclasses import dataclass

from dispatch.foundation.log import Event


@dataclass(frozen=True)
class ShiftPlanned(Event):
    """Somebody is to work here."""

    shift: str
    account: str
    window: str | None
    starts: str
    ends: str
    breaks: list[list[str]]


@dataclass(frozen=True)
class ShiftDropped(Event):
    """The shift is off."""

    shift: str
    account: str
    window: str | None


@dataclass(frozen=True)
class LeaveAsked(Event):
    """Somebody wishes to be away."""

    leave: str
    account: str
    starts: str
    ends: str


@dataclass(frozen=True)
class LeaveGranted(Event):
    """She may be away."""

    leave: str
    account: str
    starts: str
    ends: str


@dataclass(frozen=True)
class LeaveRefused(Event):
    """She may not."""

    leave: str
    account: str


@dataclass(frozen=True)
class LeaveWithdrawn(Event):
    """It is off; `was` is the state before."""

    leave: str
    account: str
    was: str


@dataclass(frozen=True)
class LeaveEnded(Event):
    """She is back before its time."""

    leave: str
    account: str
    ends: str


@dataclass(frozen=True)
class PostGiven(Event):
    """An account's scope holds `hall` too, from `starts` to `ends`."""

    post: str
    account: str
    hall: str
    starts: str
    ends: str


@dataclass(frozen=True)
class PostEnded(Event):
    """The post ends before its time, or is off before it began."""

    post: str
    account: str
    hall: str


@dataclass(frozen=True)
class SkillGranted(Event):
    """Somebody may do what needs this skill, until it expires."""

    account: str
    skill: str
    grade: int
    expires: str | None


@dataclass(frozen=True)
class SkillWithdrawn(Event):
    """She may not any more."""

    account: str
    skill: str


@dataclass(frozen=True)
class SkillsReplaced(Event):
    """The city's skills are now others; how many there are and how many needs of items."""

    skills: int
    needs: int


@dataclass(frozen=True)
class DutyDaySet(Event):
    """An office's leaders will sit here by a rule."""

    duty_day: str
    window: str | None
    every: str
    on: int
    starts: str
    ends: str


@dataclass(frozen=True)
class DutyDayDropped(Event):
    """They no longer do."""

    duty_day: str
