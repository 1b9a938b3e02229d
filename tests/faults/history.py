"""What clients sent and were answered, what the halls' logs say of it, and what the boards heard.

A client wants a thing once and asks for it under one key until somebody tells it how it went: that is a `Deed`, and
each time it asked is an `Attempt`. Times are of one monotonic clock.
"""

import json
import math
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import select

from dispatch.foundation.database import Database
from dispatch.foundation.log import LogEntry, entries_after
from dispatch.tickets.models import Ticket, number_text

Outcome = Literal["ok", "refused", "unknown"]
Effect = tuple[str, str, int | None]
"""The kind of an entry, its ticket, and its claim where the entry tells one."""

CLAIMED = ("TicketCalled", "TicketStarted", "TicketFinished", "TicketMissed", "TicketResumed")
KIND_OF = {
    "issue": "TicketIssued",
    "call": "TicketCalled",
    "start": "TicketStarted",
    "finish": "TicketFinished",
    "missed": "TicketMissed",
    "park": "TicketParked",
    "resume": "TicketResumed",
    "cancel": "TicketCancelled",
    "send": "TicketSent",
}
"""What a client may do, and the entry that tells of it."""


@dataclass(frozen=True)
class Attempt:
    """One asking. `status` 0: nobody answered."""

    sent: float
    answered: float
    status: int
    answer: dict[str, Any] | None = None

    @property
    def is_known(self) -> bool:
        """Whether the answer says how it went; `still_running` and a server's trouble do not."""
        busy = self.status == 409 and (self.answer or {}).get("code") == "still_running"
        return 200 <= self.status < 500 and not busy


@dataclass
class Deed:
    """One thing that a client wanted once: `on` is the queue, window or ticket that it asked it of.

    `claim` is the fencing number it sent along, `finishes` the ticket that a call is to finish first.
    """

    op: str
    hall: str
    on: str
    key: str
    claim: int | None = None
    finishes: tuple[str, int] | None = None
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def sent(self) -> float:
        """When it was first asked for."""
        return self.attempts[0].sent

    @property
    def answered(self) -> float:
        """Since when the client knows; never, if it does not."""
        known = self.successes or [each for each in self.attempts if each.is_known]
        return known[0].answered if known else math.inf

    @property
    def outcome(self) -> Outcome:
        """How it went, as far as the client was told."""
        if self.successes:
            return "ok"
        return "refused" if any(each.is_known for each in self.attempts) else "unknown"

    @property
    def successes(self) -> list[Attempt]:
        """The attempts that were answered by a success."""
        return [each for each in self.attempts if each.is_known and each.status < 400]

    @property
    def answer(self) -> dict[str, Any]:
        """What the first success told; nothing where there was nothing to tell."""
        return (self.successes[0].answer if self.successes else None) or {}

    @property
    def ticket(self) -> str | None:
        """Whom it was about, if anybody."""
        named: str | None = self.answer.get("id")
        return named if self.op in ("issue", "call") else self.on

    def effects(self) -> list[Effect]:
        """What the log must tell of it, if it went well."""
        if self.outcome != "ok":
            return []
        done: list[Effect] = []
        if self.finishes is not None:
            done.append(("TicketFinished", *self.finishes))
        if self.ticket is not None:
            kind = KIND_OF[self.op]
            claim = self.answer.get("claim") if kind in CLAIMED else None
            done.append((kind, self.ticket, claim))
        return done


@dataclass(frozen=True)
class Entry:
    """One entry of a hall's log."""

    hall: str
    seq: int
    epoch: int
    kind: str
    prev: str
    hash: str
    body: str

    @cached_property
    def told(self) -> dict[str, Any]:
        """Its text, read."""
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def data(self) -> dict[str, Any]:
        """What it says."""
        data: dict[str, Any] = self.told["data"]
        return data

    @property
    def effect(self) -> Effect:
        """The same as the client who caused it would name it."""
        return (
            self.kind,
            self.data.get("ticket", ""),
            self.data.get("claim") if self.kind in CLAIMED else None,
        )


@dataclass
class Watch:
    """What one board heard from a snapshot on: each change by its seq and kind."""

    hall: str
    begun: int
    heard: list[tuple[int, str]] = field(default_factory=list)
    is_last: bool = False

    @property
    def reached(self) -> int:
        """The seq that the board shows."""
        return self.heard[-1][0] if self.heard else self.begun


@dataclass
class History:
    """Everything the checker looks at. `settled`: the city has come to rest, every message between halls is heard."""

    deeds: list[Deed] = field(default_factory=list)
    logs: dict[str, list[Entry]] = field(default_factory=dict)
    watches: list[Watch] = field(default_factory=list)
    tickets: dict[str, tuple[str, str]] | None = None
    settled: bool = True
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def note(self, deed: Deed) -> Deed:
        """Remember a deed; its attempts follow."""
        with self._lock:
            self.deeds.append(deed)
        return deed

    def watch(self, watch: Watch) -> Watch:
        """Remember what a board hears from now on."""
        with self._lock:
            self.watches.append(watch)
        return watch

    def by_hall(self) -> defaultdict[str, list[Deed]]:
        """The deeds of each hall."""
        found: defaultdict[str, list[Deed]] = defaultdict(list)
        for deed in self.deeds:
            found[deed.hall].append(deed)
        return found

    def read(self, database: Database, halls: Sequence[str]) -> None:
        """Take the logs of these halls, and their tickets as they stand."""
        with database.reading() as session:
            for hall in halls:
                rows = entries_after(session, hall, 0, 10**9)
                self.logs[hall] = [entry_of(row) for row in rows]
            mine = select(Ticket).where(Ticket.hall.in_(halls))
            self.tickets = {
                row.id: (number_text(row.letter, row.n), row.state) for row in session.scalars(mine)
            }


def entry_of(row: LogEntry) -> Entry:
    """An entry as it stands in the table."""
    return Entry(row.hall, row.seq, row.epoch, row.kind, row.prev, row.hash, row.body)
