"""What does not run as it should, as a board tells it: queues without numbers, outages, days that are not as always.

Pure like the fold it belongs to. Reasons are words of a list; what somebody noted beside them never comes here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Halt:
    """How a queue stands: `open`, `stopped`, `paused` or `outage`; with why and until when where that is known."""

    state: str = "open"
    reason: str | None = None
    until: str | None = None

    def shown(self) -> dict[str, Any]:
        """As the board's JSON has it."""
        return {"state": self.state, "reason": self.reason, "until": self.until}


OPEN = Halt()


@dataclass(frozen=True, slots=True)
class Outage:
    """Something that cannot be worked; of items a board says no more than how many."""

    ident: str
    whole: bool
    queues: tuple[str, ...]
    items: int
    reason: str
    until: str | None

    @property
    def weight(self) -> tuple[bool, bool, str, str]:
        """The weightier is told first: the whole hall before queues before items, the longest first."""
        return not self.whole, not self.queues, "" if self.until is None else _inverse(self.until), self.ident

    def shown(self) -> dict[str, Any]:
        """As the board's JSON has it."""
        return {
            "kind": "outage",
            "day": None,
            "all": self.whole,
            "queues": list(self.queues),
            "items": self.items,
            "reason": self.reason,
            "until": self.until,
        }


@dataclass(frozen=True, slots=True)
class Day:
    """What is particular about a day: other openings, an early close, its end."""

    day: str
    kind: str = "ordinary"
    openings: tuple[tuple[str, str], ...] | None = None
    reason: str | None = None
    closed_from: str | None = None
    closed_why: str | None = None
    afterwards: str | None = None
    ended: bool = False

    @property
    def told(self) -> str | None:
        """What of it is worth a line: `day_ended`, `closed_early`, `hours`, or nothing."""
        if self.ended:
            return "day_ended"
        if self.closed_from is not None:
            return "closed_early"
        return None if self.kind == "ordinary" else "hours"

    def shown(self) -> dict[str, Any]:
        """As the board's JSON has it."""
        early = self.told != "hours"
        return {
            "kind": self.told,
            "day": self.day,
            "day_kind": self.kind,
            "openings": [list(span) for span in self.openings] if self.openings is not None else None,
            "reason": self.closed_why if early else self.reason,
            "at": self.closed_from,
            "then": self.afterwards,
        }


def halt_of(queue: str, outages: Sequence[Outage], intakes: Mapping[str, Halt]) -> Halt:
    """How a queue stands; an outage is told before anything else."""
    for outage in outages:
        if outage.whole or queue in outage.queues:
            return Halt("outage", outage.reason, outage.until)
    return intakes.get(queue, OPEN)


def in_order(outages: Sequence[Outage]) -> tuple[Outage, ...]:
    """Outages as they are told, whatever order they came in."""
    return tuple(sorted(outages, key=lambda outage: outage.weight))


def utc(moment: str | datetime | None) -> str | None:
    """One way of writing a moment, so that what a log says and what a table holds compare."""
    if moment is None:
        return None
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return read.astimezone(UTC).isoformat()


def _inverse(moment: str) -> str:
    return f"{2**40 - int(datetime.fromisoformat(moment).timestamp()):015d}"
