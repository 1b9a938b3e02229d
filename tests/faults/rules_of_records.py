"""H5 and H8 to H10: that the log tells every effect once, to everybody, and cannot be told otherwise."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence

from dispatch.foundation.log import NO_HASH
from tests.faults.history import KIND_OF, Deed, Effect, Entry, History
from tests.faults.lives import BY_OTHERS, Lives

BY_CLIENTS = frozenset(KIND_OF.values())
REACTIONS = ({"TicketTakenIn", "MoveDeclined"}, {"TicketLeft", "TicketBack"})
"""What must follow once, in the one hall and then in the other, on somebody's being sent."""


def tell_everything(history: History) -> Iterator[str]:
    """H5."""
    by_hall = history.by_hall()
    for hall, entries in history.logs.items():
        missing = _wanted(by_hall[hall], entries) - Counter(entry.effect for entry in entries)
        yield from (f"{_name(effect)} was acknowledged and is not in the log" for effect in missing)
        issued = {entry.data["ticket"]: entry.data for entry in entries if entry.kind == "TicketIssued"}
        for deed in by_hall[hall]:
            if deed.op == "issue" and deed.ticket in issued:
                yield from _told_otherwise(deed, issued[deed.ticket])
        yield from _lost(history, hall, Lives(entries))


def _told_otherwise(deed: Deed, written: dict[str, object]) -> Iterator[str]:
    for name in ("number", "queue", "service_day"):
        if deed.answer[name] != written[name]:
            yield f"{deed.ticket} was told {name} {deed.answer[name]}, the log says {written[name]}"


def _lost(history: History, hall: str, lives: Lives) -> Iterator[str]:
    """Tickets at rest that are not what their log says; a log that tells of tickets nobody issued."""
    yield from (f"{hall} {odd.seq}: {odd.what}" for odd in lives.oddities if odd.rule == "H5")
    if history.tickets is None:
        return
    for ident, life in lives.of.items():
        stands = history.tickets.get(ident)
        if stands is None:
            yield f"{life.number} of {hall} is lost"
        elif stands != (life.number, life.state):
            yield f"{life.number} of {hall} is {stands[1]} as {stands[0]}, the log says {life.state}"


def tell_nothing_twice(history: History) -> Iterator[str]:
    """H9."""
    for deed in history.deeds:
        answers = [(each.status, each.answer) for each in deed.successes]
        if any(other != answers[0] for other in answers[1:]):
            yield f"{deed.op} on {deed.on} was answered in {len(answers)} ways that differ"
    by_hall = history.by_hall()
    for hall, entries in history.logs.items():
        yield from _unasked(by_hall[hall], entries)
    yield from _reactions(history)


def _unasked(deeds: Sequence[Deed], entries: Sequence[Entry]) -> Iterator[str]:
    """Effects that no acknowledged deed accounts for, but for as many as nobody knows the outcome of."""
    taken_in = {entry.data["ticket"] for entry in entries if entry.kind == "TicketTakenIn"}
    written = Counter(
        entry.effect
        for entry in entries
        if entry.kind in BY_CLIENTS
        and not (entry.kind == "TicketIssued" and entry.data["ticket"] in taken_in)
    )
    wanted = _wanted(deeds, entries)
    open_ends = Counter(
        kind
        for deed in deeds
        if deed.outcome == "unknown"
        for kind in (KIND_OF[deed.op], *(["TicketFinished"] if deed.finishes else []))
    )
    for effect, count in (written - wanted).items():
        excused = min(count, open_ends[effect[0]])
        open_ends[effect[0]] -= excused
        if count > excused:
            yield f"{_name(effect)} happened {count - excused} times more than anybody was told"


def _reactions(history: History) -> Iterator[str]:
    """What one hall does on another's news: once, and where the city is at rest not less often."""
    told = [entry for entries in history.logs.values() for entry in entries]
    sent = [entry.data["move"] for entry in told if entry.kind == "TicketSent"]
    for kinds in REACTIONS:
        heard = Counter(entry.data["move"] for entry in told if entry.kind in kinds)
        for move in sent:
            if heard[move] > 1 or (history.settled and heard[move] == 0):
                yield f"on move {move} followed {' or '.join(sorted(kinds))} {heard[move]} times"


def reach_every_board(history: History) -> Iterator[str]:
    """H8."""
    for watch in history.watches:
        kinds = {entry.seq: entry.kind for entry in history.logs[watch.hall]}
        expected = watch.begun
        for seq, kind in watch.heard:
            expected += 1
            if seq != expected:
                yield f"a board of {watch.hall} heard {seq} where {expected} was due"
                expected = seq
            elif kinds.get(seq) != kind:
                yield f"a board of {watch.hall} heard {seq} as {kind}, the log says {kinds.get(seq)}"
        end = max(kinds, default=0)
        if watch.is_last and watch.reached != end:
            yield f"a board of {watch.hall} stands at {watch.reached}, the log ends at {end}"


def are_chained(history: History) -> Iterator[str]:
    """H10. Written anew from the log's definition, so that it shares no mistake with the code it checks."""
    for hall, entries in history.logs.items():
        prev, at = NO_HASH, ""
        for due, entry in enumerate(entries, start=1):
            told = entry.told
            if entry.seq != due or told["seq"] != due:
                yield f"{hall}: entry {entry.seq} stands where {due} is due"
                break
            digest = hashlib.sha256(bytes.fromhex(entry.prev) + entry.body.encode()).hexdigest()
            if entry.prev != prev or entry.hash != digest:
                yield f"{hall} {due}: the chain is broken"
            if (told["hall"], told["kind"]) != (hall, entry.kind) or json.dumps(told["at"]) < at:
                yield f"{hall} {due}: it is another hall's or kind's, or its time goes backwards"
            prev, at = entry.hash, json.dumps(told["at"])


def _wanted(deeds: Sequence[Deed], entries: Sequence[Entry]) -> Counter[Effect]:
    """What the deeds that went well must have left in the log.

    A call finishes whoever is at the window; if others had taken her away before, there was nobody to finish.
    """
    finished = {entry.effect for entry in entries if entry.kind == "TicketFinished"}
    gone = {ticket for ticket, life in Lives(entries).of.items() if life.touched & BY_OTHERS}
    return Counter(
        effect
        for deed in deeds
        for effect in deed.effects()
        if effect[1:] != deed.finishes or effect in finished or effect[1] not in gone
    )


def _name(effect: Effect) -> str:
    kind, ticket, claim = effect
    return f"{kind} {ticket}" + (f" by claim {claim}" if claim is not None else "")
