"""A hall's log, entry by entry, as happenings.

Entries are plain data and their kinds words, since tickets are above this room. What was told is never taken back:
where the log undoes something, what follows says how things stand now. Whoever was called by mistake is ISSUED again,
whoever was finished by mistake is CALLED again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from dispatch.learning.happenings import Happening, Kind

REMEMBERED_S = 600.0
"""So long after its end a ticket is still known, for then an undo can bring it back."""
REMOTE = ("app", "web")

_LINE, _WINDOW, _AWAY = "line", "window", "away"


class Said(NamedTuple):
    """One entry of a log; `at` in Unix seconds, `actor` as the log names him."""

    seq: int
    kind: str
    at: float
    actor: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Ticket:
    """A ticket as far as the log has told of it; `item` is empty where it is for several things or an unknown one."""

    where: str
    queue: str
    item: str = ""
    priority: str = "none"
    remote: bool = False


class Reading:
    """What has to be remembered of a hall's log to understand its next entry; `seq` is the last one read."""

    def __init__(self, hall: str, told: Mapping[str, Any] | None = None) -> None:
        self.hall = hall
        told = told or {}
        self.seq: int = told.get("seq", 0)
        self._tickets = {ident: _Ticket(*values) for ident, values in told.get("tickets", {}).items()}
        self._ended: dict[str, float] = dict(told.get("ended", {}))
        self._serves: dict[str, list[str]] = {w: list(q) for w, q in told.get("serves", {}).items()}
        self._open: dict[str, str] = dict(told.get("open", {}))

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        tickets = {
            ident: [each.where, each.queue, each.item, each.priority, each.remote]
            for ident, each in self._tickets.items()
        }
        return {
            "seq": self.seq,
            "tickets": tickets,
            "ended": self._ended,
            "serves": self._serves,
            "open": self._open,
        }

    def serve(self, windows: Mapping[str, Sequence[str]]) -> None:
        """Know which window serves which queues, where the entry that said so is not read."""
        self._serves.update({window: list(queues) for window, queues in windows.items()})

    def read(self, said: Said) -> list[Happening]:
        """What this entry says has happened, in order; nothing where it does not matter here."""
        self.seq = said.seq
        self._forget(said.at)
        told = _TOLD_BY.get(said.kind)
        return list(told(self, said)) if told else []

    def _forget(self, at: float) -> None:
        for ident, ended in list(self._ended.items()):
            if ended + REMEMBERED_S > at:
                break  # they stand in the order of time
            del self._ended[ident]
            self._tickets.pop(ident, None)

    def _ticket(self, said: Said, where: str = _LINE) -> _Ticket:
        """The ticket an entry speaks of; one that was issued before all that is read is known by its queue only."""
        known = self._tickets.get(said.data["ticket"])
        return known or _Ticket(where, str(said.data.get("queue", "")))

    def _put(self, said: Said, ticket: _Ticket, *, ended: bool = False) -> None:
        ident = said.data["ticket"]
        self._tickets[ident] = ticket
        self._ended.pop(ident, None)
        if ended:
            self._ended[ident] = said.at

    def _tell(self, said: Said, kind: Kind, ticket: _Ticket, **more: Any) -> Happening:  # noqa: ANN401
        return Happening(
            at=said.at,
            kind=kind,
            hall=self.hall,
            queue=ticket.queue,
            ticket=said.data["ticket"],
            item=ticket.item,
            priority=ticket.priority,
            remote=ticket.remote,
            **more,
        )

    def _at_window(self, said: Said, kind: Kind, ticket: _Ticket, **more: Any) -> Happening:  # noqa: ANN401
        clerk = _clerk(said.actor)
        return self._tell(said, kind, ticket, window=str(said.data["window"]), clerk=clerk, **more)

    def _issued(self, said: Said) -> Iterator[Happening]:
        data = said.data
        remote = data["channel"] in REMOTE
        ticket = _Ticket(_LINE, data["queue"], _item(data["items"]), data["priority"], remote)
        self._put(said, ticket)
        yield self._tell(said, Kind.ISSUED, ticket)

    def _joined(self, said: Said) -> Iterator[Happening]:
        yield self._tell(said, Kind.EXPECTED, self._ticket(said))

    def _stands_again(self, said: Said) -> Iterator[Happening]:
        """She waits, wherever she was: kept, not taken in elsewhere, or back after a missed call."""
        known = self._ticket(said)
        here = known.remote and said.kind != "TicketReactivated"
        yield from self._queue_up(said, replace(known, where=_LINE, queue=said.data["queue"], remote=here))

    def _queue_up(self, said: Said, ticket: _Ticket) -> Iterator[Happening]:
        known = self._ticket(said)
        if known.where == _LINE and known.queue != ticket.queue:
            yield self._tell(said, Kind.LEFT, known)
        self._put(said, ticket)
        yield self._tell(said, Kind.ISSUED, ticket)

    def _arrived(self, said: Said) -> Iterator[Happening]:
        self._put(said, replace(self._ticket(said), remote=False))
        return iter(())

    def _changed(self, said: Said) -> Iterator[Happening]:
        self._put(said, replace(self._ticket(said, _WINDOW), item=_item(said.data["items"])))
        return iter(())

    def _called(self, said: Said) -> Iterator[Happening]:
        window = str(said.data["window"])
        if window not in self._open:  # it was silent, and is heard of again
            yield from self._opened(said)
        ticket = replace(self._ticket(said), where=_WINDOW, queue=said.data["queue"])
        self._put(said, ticket)
        yield self._at_window(said, Kind.CALLED, ticket)

    def _started(self, said: Said) -> Iterator[Happening]:
        """She sits there; without having been called, where she was served at once or comes back to be."""
        known = self._ticket(said)
        if known.where != _WINDOW:
            yield from self._called(said)
        seated = replace(known, where=_WINDOW, queue=said.data["queue"], remote=False)
        self._put(said, seated)
        yield self._at_window(said, Kind.STARTED, seated)

    def _finished(self, said: Said) -> Iterator[Happening]:
        ticket = replace(self._ticket(said, _WINDOW), where=_AWAY)
        self._put(said, ticket, ended=True)
        yield self._at_window(said, Kind.FINISHED, ticket, imputed=bool(said.data["start_imputed"]))

    def _missed(self, said: Said) -> Iterator[Happening]:
        ticket = replace(self._ticket(said, _WINDOW), where=_AWAY)
        self._put(said, ticket)
        yield self._at_window(said, Kind.MISSED, ticket)

    def _parked(self, said: Said) -> Iterator[Happening]:
        yield from self._away(said, ended=False)

    def _sent(self, said: Said) -> Iterator[Happening]:
        yield from self._away(said, ended=False)

    def _ends(self, said: Said) -> Iterator[Happening]:
        yield from self._away(said, ended=True)

    def _away(self, said: Said, *, ended: bool) -> Iterator[Happening]:
        """She stands here no more; who had left already leaves no second time."""
        was = {"missed": _AWAY, "parked": _AWAY, "waiting": _LINE}
        known = self._ticket(said, was.get(said.data.get("was", ""), _WINDOW))
        self._put(said, replace(known, where=_AWAY), ended=ended)
        if known.where != _AWAY:
            yield self._tell(said, Kind.LEFT, known)

    def _moved(self, said: Said) -> Iterator[Happening]:
        """From a window that served her she goes on as somebody done there; what she wants next is not said."""
        data, known = said.data, self._ticket(said)
        if data["queue"] == data["from_queue"]:
            if data["was"] != "waiting":
                yield from self._queue_up(said, replace(known, where=_LINE))
            return
        if data["was"] == "serving":
            window = str(data["from_window"])
            yield self._tell(said, Kind.FINISHED, known, window=window, clerk=_clerk(said.actor))
        elif data["was"] == "called":
            yield self._tell(said, Kind.LEFT, known)
        yield from self._queue_up(said, replace(known, where=_LINE, queue=data["queue"], item=""))

    def _undone(self, said: Said) -> Iterator[Happening]:
        data, known = said.data, self._ticket(said, _AWAY)
        ticket = replace(known, queue=data["queue"])
        if data["state"] == "waiting":
            yield from self._queue_up(said, replace(ticket, where=_LINE))
        elif data["state"] in ("missed", "parked"):
            yield from self._away(said, ended=False)
        elif known.where != _WINDOW:
            if known.where == _LINE:
                yield self._tell(said, Kind.LEFT, known)
            self._put(said, replace(ticket, where=_WINDOW))
            yield self._at_window(said, Kind.CALLED, ticket)
            if data["state"] == "serving":
                yield self._at_window(said, Kind.STARTED, ticket)

    def _opened(self, said: Said) -> Iterator[Happening]:
        window, clerk = str(said.data["window"]), _clerk(said.actor)
        self._open[window] = clerk
        yield self._opening(said.at, window)

    def _opening(self, at: float, window: str) -> Happening:
        queues, clerk = tuple(self._serves.get(window, ())), self._open[window]
        return Happening(at, Kind.OPENED, self.hall, window=window, clerk=clerk, queues=queues)

    def _closed(self, said: Said) -> Iterator[Happening]:
        window = str(said.data["window"])
        if window in self._open:
            clerk = self._open.pop(window)
            yield Happening(said.at, Kind.CLOSED, self.hall, window=window, clerk=clerk)

    def _configured(self, said: Said) -> Iterator[Happening]:
        """An open window that serves other queues now opens for them."""
        before = self._serves
        self._serves = {each["id"]: list(each["queues"]) for each in said.data["windows"]}
        for window in self._open:
            if self._serves.get(window, []) != before.get(window, []):
                yield self._opening(said.at, window)

    def _planned(self, said: Said) -> Iterator[Happening]:
        data = said.data
        edges = [data["starts"], *(edge for each in data["breaks"] for edge in each), data["ends"]]
        moments = [datetime.fromisoformat(edge).timestamp() for edge in edges]
        yield Happening(
            said.at,
            Kind.PLANNED,
            self.hall,
            window=data["window"] or "",
            clerk=data["account"],
            shift=data["shift"],
            spans=tuple(zip(moments[::2], moments[1::2], strict=True)),
        )

    def _dropped(self, said: Said) -> Iterator[Happening]:
        yield Happening(said.at, Kind.DROPPED, self.hall, shift=said.data["shift"])


_TOLD_BY: Mapping[str, Callable[[Reading, Said], Iterator[Happening]]] = {
    "TicketIssued": Reading._issued,
    "JourneyJoined": Reading._joined,
    "TicketArrived": Reading._arrived,
    "TicketChanged": Reading._changed,
    "TicketCalled": Reading._called,
    "TicketStarted": Reading._started,
    "TicketFinished": Reading._finished,
    "TicketMissed": Reading._missed,
    "TicketReactivated": Reading._stands_again,
    "TicketKept": Reading._stands_again,
    "TicketBack": Reading._stands_again,
    "TicketParked": Reading._parked,
    "TicketResumed": Reading._started,
    "TicketSent": Reading._sent,
    "TicketLeft": Reading._ends,
    "TicketCancelled": Reading._ends,
    "TicketVoided": Reading._ends,
    "TicketExpired": Reading._ends,
    "TicketMoved": Reading._moved,
    "TicketUndone": Reading._undone,
    "WindowOpened": Reading._opened,
    "WindowPaused": Reading._closed,
    "WindowClosed": Reading._closed,
    "WindowLapsed": Reading._closed,
    "HallConfigured": Reading._configured,
    "ShiftPlanned": Reading._planned,
    "ShiftDropped": Reading._dropped,
}
KINDS = frozenset(_TOLD_BY)


def _clerk(actor: str) -> str:
    """The reference of somebody of the staff, empty for the city itself."""
    kind, _, ident = actor.partition(":")
    return ident if kind == "staff" else ""


def _item(items: Sequence[Mapping[str, Any]]) -> str:
    """What she is for, where that is one thing, once."""
    return str(items[0]["item"]) if len(items) == 1 and items[0].get("count", 1) == 1 else ""
