"""H4, H6 and H7: who holds a ticket, who is called before whom, and who may end it."""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.faults.history import KIND_OF, Deed, History
from tests.faults.lives import BY_OTHERS, Lives

RELEASES = ("finish", "park", "missed")
AT_THE_WINDOW = ("start", *RELEASES)
REMOTE = ("app", "web")


def never_overlaps(history: History) -> Iterator[str]:
    """H4, by the log, and by what the windows themselves were told."""
    for hall, entries in history.logs.items():
        yield from (f"{hall} {odd.seq}: {odd.what}" for odd in Lives(entries).oddities if odd.rule == "H4")
    yield from _held_by_two(history)


def ends_by_its_holder(history: History) -> Iterator[str]:
    """H7, by the log, and by the claims that were sent along."""
    by_hall = history.by_hall()
    for hall, entries in history.logs.items():
        lives = Lives(entries)
        yield from (f"{hall} {odd.seq}: {odd.what}" for odd in lives.oddities if odd.rule == "H7")
        held: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        for entry in entries:
            if entry.seq in lives.claims_at:
                held[entry.kind, entry.data["ticket"]].add(lives.claims_at[entry.seq])
        for deed in by_hall[hall]:
            if deed.op in AT_THE_WINDOW and deed.outcome == "ok" and deed.claim is not None:
                claims = held[KIND_OF[deed.op], deed.on]
                if claims and deed.claim not in claims:
                    yield f"{deed.op} of {deed.on} was accepted for claim {deed.claim}, held by {sorted(claims)}"


@dataclass(frozen=True)
class _Hold:
    """From when to when a window surely held a ticket."""

    window: str
    claim: int
    since: float
    until: float


def _held_by_two(history: History) -> Iterator[str]:
    by_others = {
        ticket
        for entries in history.logs.values()
        for ticket, life in Lives(entries).of.items()
        if life.touched & BY_OTHERS
    }
    for ticket, holds in _holds(history.deeds).items():
        longest = holds[0]
        for hold in holds[1:]:
            if hold.since < longest.until and ticket not in by_others:
                yield f"{ticket} was held at {longest.window} ({longest.claim}) and {hold.window} ({hold.claim})"
            longest = max(longest, hold, key=lambda held: held.until)


def _holds(deeds: Sequence[Deed]) -> dict[str, list[_Hold]]:
    """Of each ticket the times in which some window surely held it, in their order."""
    let_go: dict[tuple[str, int], float] = {}
    for deed in deeds:
        if deed.finishes is not None:
            let_go[deed.finishes] = deed.sent
        elif deed.op in RELEASES and deed.claim is not None and deed.outcome != "refused":
            let_go[deed.on, deed.claim] = deed.sent
    taken: defaultdict[str, list[_Hold]] = defaultdict(list)
    for deed in deeds:
        if deed.op in ("call", "resume") and deed.ticket and deed.outcome == "ok":
            claim = deed.answer["claim"]
            until = let_go.get((deed.ticket, claim), math.inf)
            taken[deed.ticket].append(_Hold(deed.answer["window"], claim, deed.answered, until))
    return {ticket: sorted(holds, key=lambda hold: hold.since) for ticket, holds in taken.items()}


# --- the line -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Wait:
    """Somebody's stay in the line: surely in it since `since` and until `until`, her call between sent and told."""

    n: int
    number: str
    since: float
    until: float
    call: tuple[float, float] | None


def follows_the_line(history: History) -> Iterator[str]:
    """H6. By rising number: was there anybody before her who waited from before her call was sent till it was told?"""
    for waits in _lines(history).values():
        moments = sorted(wait.since for wait in waits)
        longest = _Highest(len(moments))
        for wait in sorted(waits, key=lambda wait: wait.n):
            if wait.call is not None:
                sent, told = wait.call
                until = longest.before(bisect_left(moments, sent))
                if until > told:
                    yield f"{wait.number} was called while somebody with a lower number waited"
            longest.put(bisect_left(moments, wait.since), wait.until)


class _Highest:
    """The highest value among the first so many places: a Fenwick tree."""

    def __init__(self, size: int) -> None:
        self._tree = [-math.inf] * (size + 1)

    def put(self, place: int, value: float) -> None:
        """Raise a place to this value."""
        place += 1
        while place < len(self._tree):
            self._tree[place] = max(self._tree[place], value)
            place += place & -place

    def before(self, place: int) -> float:
        """The highest of the places before this one."""
        highest = -math.inf
        while place > 0:
            highest = max(highest, self._tree[place])
            place -= place & -place
        return highest


def _lines(history: History) -> dict[tuple[str, ...], list[_Wait]]:
    """Who waited in which line and class, by hall, queue, day, priority, and whether from afar.

    Whoever was moved, kept, parked or given back was put elsewhere in the line by somebody the log names.
    """
    lives = {hall: Lives(entries) for hall, entries in history.logs.items()}
    leaving = _leaving(history.deeds)
    calls = {
        deed.ticket: (deed.sent, deed.answered)
        for deed in history.deeds
        if deed.op == "call" and deed.outcome == "ok" and deed.ticket
    }
    lines: defaultdict[tuple[str, ...], list[_Wait]] = defaultdict(list)
    for deed in history.deeds:
        if deed.op != "issue" or deed.outcome != "ok" or deed.hall not in lives:
            continue
        told, ident = deed.answer, str(deed.ticket)
        life = lives[deed.hall].of.get(ident)
        if life is None or life.touched:
            continue
        gone = leaving.get(ident, math.inf if life.state == "waiting" else -math.inf)
        afar = "afar" if told["channel"] in REMOTE else "here"
        line = (told["hall"], told["queue"], told["service_day"], told["priority"], afar)
        n = int(told["number"].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        lines[line].append(_Wait(n, told["number"], deed.answered, gone, calls.get(ident)))
    return lines


def _leaving(deeds: Sequence[Deed]) -> dict[str, float]:
    """Since when each ticket may have left the line: when what took it out was first asked for."""
    first: dict[str, float] = {}
    for deed in deeds:
        if deed.op in ("call", "cancel", "send") and deed.ticket and deed.outcome != "refused":
            first[deed.ticket] = min(deed.sent, first.get(deed.ticket, math.inf))
    return first
