"""The tickets' lives as a hall's log tells them, entry by entry, and what in them can never be."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.faults.history import Entry

NEXT = {
    "TicketCalled": "called",
    "TicketRecalled": "called",
    "TicketStarted": "serving",
    "TicketResumed": "serving",
    "TicketFinished": "finished",
    "TicketMissed": "missed",
    "TicketCancelled": "cancelled",
    "TicketExpired": "expired",
    "TicketVoided": "void",
    "TicketKept": "waiting",
    "TicketParked": "parked",
    "TicketMoved": "waiting",
    "TicketSent": "moving",
    "TicketLeft": "moved",
    "TicketBack": "waiting",
    "TicketReactivated": "waiting",
}
HELD = ("called", "serving")
CALLABLE = ("waiting", "parked")
BY_CLAIM = ("TicketRecalled", "TicketStarted", "TicketFinished", "TicketMissed")
"""What only the window that holds the ticket may do."""
BY_OTHERS = frozenset(
    {
        "TicketKept",
        "TicketExpired",
        "TicketUndone",
        "TicketMoved",
        "TicketVoided",
        "TicketBack",
        "TicketReactivated",
    }
)
"""What may come between a window and its ticket without that window's doing."""
OUT_OF_LINE = BY_OTHERS | {"TicketParked", "TicketSent"}
"""After which a ticket stands elsewhere in the line than its number says, and the log names who put it there."""


@dataclass
class Life:
    """A ticket as the log has told it so far."""

    number: str
    state: str = "waiting"
    window: str | None = None
    claim: int = 0
    touched: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Oddity:
    """Something that no sound log tells; `rule` is the one that it breaks."""

    rule: str
    seq: int
    what: str


class Lives:
    """All tickets of one hall."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Follow the log to its end."""
        self.of: dict[str, Life] = {}
        self.claims_at: dict[int, int] = {}
        self._here: defaultdict[str, set[str]] = defaultdict(set)
        self.oddities = [oddity for entry in entries for oddity in self._follow(entry)]

    def _follow(self, entry: Entry) -> Iterator[Oddity]:
        data, kind = entry.data, entry.kind
        if kind == "TicketIssued":
            self.of[data["ticket"]] = Life(data["number"])
        life = self.of.get(data.get("ticket", ""))
        if life is None:
            if kind in NEXT:
                yield Oddity("H5", entry.seq, f"{kind} of a ticket that was never issued")
            return
        self.claims_at[entry.seq] = life.claim
        if kind in ("TicketCalled", "TicketResumed"):
            yield from self._is_taken(entry, life)
        elif kind in BY_CLAIM and (data["claim"], data["window"]) != (life.claim, life.window):
            held = f"{life.window} by {life.claim}"
            yield Oddity("H7", entry.seq, f"{kind} by claim {data['claim']} of {life.number}, held at {held}")
        elif kind in BY_CLAIM and life.state not in HELD:
            yield Oddity("H7", entry.seq, f"{kind} of {life.number}, which is {life.state}")
        self._move(entry, life)

    def _is_taken(self, entry: Entry, life: Life) -> Iterator[Oddity]:
        claim, window = entry.data["claim"], entry.data["window"]
        wanted = ("parked",) if entry.kind == "TicketResumed" else CALLABLE
        if life.state not in wanted:
            yield Oddity("H4", entry.seq, f"{life.number} taken by {window} while {life.state}")
        if claim <= life.claim:
            yield Oddity("H4", entry.seq, f"claim {claim} of {life.number} after {life.claim}")
        for other in self._here[window] - {entry.data["ticket"]}:
            if self.of[other].claim != claim:  # those called together share a claim
                yield Oddity("H4", entry.seq, f"{window} holds {self.of[other].number} and {life.number}")

    def _move(self, entry: Entry, life: Life) -> None:
        data = entry.data
        ticket = data["ticket"]
        if life.window is not None:
            self._here[life.window].discard(ticket)
        if entry.kind == "TicketUndone":
            life.state, life.window = data["state"], data["window"]
        else:
            life.state = NEXT.get(entry.kind, life.state)
            life.window = data.get("window", life.window)
        life.claim = max(life.claim, data.get("claim") or 0)
        life.touched |= OUT_OF_LINE & {entry.kind}
        if life.state in HELD and life.window is not None:
            self._here[life.window].add(ticket)
