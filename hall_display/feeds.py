"""Feeds: each watched hall's log, followed, folded and kept for a while, for whoever comes back after a short break."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Row, Table, bindparam, select
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.log import LogEntry, LogHead
from dispatch.ports.bus import Bus
from hall_display.board_state import NOTHING, BoardState, Call, Entry, Hall, Parts, Queue
from hall_display.drawing import Drawing, Lang
from hall_display.interruptions import Halt
from hall_display.snapshots import snapshot

log = logging.getLogger(__name__)

KEPT = 500
LOOK_EVERY_S = 1.0
BEAT_EVERY_S = 4.0
BEAT_TURNS = 4
# A hall nobody has asked for in this long is no longer followed.
FORGET_AFTER_S = 600.0

_ENTRIES, _HEADS = LogEntry.__table__, LogHead.__table__
assert isinstance(_ENTRIES, Table)
assert isinstance(_HEADS, Table)
# Past the ORM: read for every commit of every watched hall, in the one thread that all boards wait for.
_ENTRIES_AFTER = (
    select(_ENTRIES.c.epoch, _ENTRIES.c.body)
    .where(_ENTRIES.c.hall == bindparam("of"), _ENTRIES.c.seq > bindparam("after"))
    .order_by(_ENTRIES.c.seq)
    .limit(KEPT + 1)
)
_HEAD_OF = select(_HEADS.c.epoch, _HEADS.c.seq).where(_HEADS.c.hall == bindparam("of"))
_HEADS_OF = select(_HEADS.c.hall, _HEADS.c.epoch, _HEADS.c.seq).where(
    _HEADS.c.hall.in_(bindparam("of", expanding=True))
)


@dataclass(frozen=True)
class Change:
    """One seq of a hall as its boards hear of it; drawn when first wanted, once for each language."""

    entry: Entry
    hall: Hall
    call: Call | None = None
    queues: Sequence[tuple[Queue, int, Halt]] = ()
    calls: Sequence[Call] | None = None
    closed: bool | None = None
    notice: BoardState | None = None
    gone: str | None = None
    refetch: bool = False
    _drawn: dict[Lang, dict[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, entry: Entry, state: BoardState, parts: Parts) -> Change:
        """What the fold said of `entry`, with just as much of the state as is needed to draw it later."""
        touched = [
            (queue, state.waiting_in(queue.code), state.halt_of(queue.code))
            for queue in state.queues
            if queue.code in parts.queues
        ]
        return cls(
            entry=Entry(entry.hall, entry.epoch, entry.seq, entry.kind, entry.at, {}),
            hall=state.hall,
            call=parts.call,
            queues=touched,
            calls=state.calls if parts.recent else None,
            closed=state.closed if parts.idle else None,
            notice=state if parts.notice else None,
            gone=parts.gone,
            refetch=parts.refetch,
        )

    def shown(self, drawing: Drawing, lang: Lang) -> dict[str, Any]:
        """The change as it goes over the wire."""
        if lang not in self._drawn:
            self._drawn[lang] = self._message(drawing, lang)
        return self._drawn[lang]

    def _message(self, drawing: Drawing, lang: Lang) -> dict[str, Any]:
        entry = self.entry
        message: dict[str, Any] = {
            "hall": entry.hall,
            "epoch": entry.epoch,
            "seq": entry.seq,
            "kind": entry.kind,
            "at": entry.at,
            "fragments": self._fragments(drawing, lang),
        }
        if self.call:
            message["call"] = self.call.shown()
        if self.queues:
            message["queues"] = [
                {"code": queue.code, "waiting": waiting, **halt.shown()}
                for queue, waiting, halt in self.queues
            ]
        if self.notice is not None:
            message["notice"] = self.notice.notices() or None
        if self.refetch:
            message["refetch"] = True
        return message

    def _fragments(self, drawing: Drawing, lang: Lang) -> dict[str, str]:
        drawn = {
            f"queue-{queue.code}": drawing.queue(queue, waiting, halt, self.hall, lang)
            for queue, waiting, halt in self.queues
        }
        if self.calls is not None:
            drawn["recent"] = drawing.recent(self.calls, self.hall, lang)
        if self.call is not None:
            drawn[f"slip-{self.call.call}"] = drawing.slip(self.call, self.hall, lang)
        if self.closed is not None:
            drawn["idle"] = drawing.idle(self.closed, self.hall, lang)
        if self.notice is not None:
            drawn["notice"] = drawing.notice(self.notice, lang)
        return drawn


class Listener(Protocol):
    """Hears of every feed, in the order of its log, while the feed is held: must not wait for anything."""

    def changed(self, feed: HallFeed, change: Change) -> None:
        """The hall's next seq."""

    def jumped(self, feed: HallFeed) -> None:
        """The feed could not go on from where it was; only its whole state is true."""

    def beat(self, feed: HallFeed, at: datetime) -> None:
        """The feed has just been compared with the log's head, at this city time."""


class HallFeed:
    """One hall's board, kept true by following its log.

    All but `hall` is to be read inside `settled()` or `held()`: what is answered there and who is let in there are
    of one moment, so no change can slip in between, nor come twice.
    """

    def __init__(self, hall: str, database: Database, listener: Listener) -> None:
        self.hall = hall
        self.watchers: dict[str, Lang] = {}
        self.asked_at = time.monotonic()
        self._database = database
        self._listener = listener
        self._lock = threading.RLock()
        self._ring: deque[Change] = deque(maxlen=KEPT)
        self._state: BoardState | None = None
        self._now: datetime | None = None
        self._pictures: dict[Lang, tuple[BoardState, str]] = {}

    @property
    def state(self) -> BoardState:
        """The board after the last entry seen."""
        if self._state is None:
            raise LookupError(f"the feed of {self.hall} has not looked yet")
        return self._state

    @property
    def known(self) -> bool:
        """Whether it has looked at all."""
        return self._state is not None

    @property
    def now(self) -> datetime:
        """City time of the last look at the log."""
        if self._now is None:
            raise LookupError(f"the feed of {self.hall} has not looked yet")
        return self._now

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Hold the feed, caught up with all that is committed. Raises what the database raises, NotFound too."""
        with self._lock:
            self.asked_at = time.monotonic()
            self.catch_up()
            yield

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the feed as it is."""
        with self._lock:
            yield

    def catch_up(self) -> None:
        """Read on to the log's head and tell the listener of each entry."""
        with self._lock, self._database.reading() as session:
            self._tell(self._read_on(session))

    def follow(self, session: Session, now: datetime) -> None:
        """The same in a view of the log that others read in too, and that may be older than what is known here."""
        with self._lock:
            rows = _entries_after(session, self.hall, self.state.seq)
            if len(rows) > KEPT or any(row.epoch != self.state.epoch for row in rows):
                self.catch_up()
            elif rows:
                self._tell(self._fold_in(session, rows))
                self._now = max(self.now, now)

    def _tell(self, changes: list[Change] | None) -> None:
        if changes is None:
            self._ring.clear()
            self._listener.jumped(self)
            return
        for change in changes:
            self._ring.append(change)
            self._listener.changed(self, change)

    def since(self, epoch: int | None, after: int | None) -> list[Change] | None:
        """The changes after `after` of `epoch`; None when only a snapshot can help."""
        state = self.state
        if after is None or after > state.seq or epoch not in (None, state.epoch):
            return None
        missing = state.seq - after
        if missing > len(self._ring):
            return None
        return list(self._ring)[len(self._ring) - missing :]

    def called_at(self, seq: int) -> bool:
        """Whether this seq is a call that has not yet been forgotten here."""
        with self._lock:
            kept = any(change.entry.seq == seq and change.call is not None for change in self._ring)
            return kept or any(call.call == seq for call in self.state.calls)

    def snapshot(self, drawing: Drawing, lang: Lang) -> dict[str, Any]:
        """The whole board as it goes over the wire."""
        state = self.state
        return {
            "hall": state.hall.code,
            "epoch": state.epoch,
            "seq": state.seq,
            "board": state.board(),
            "html": self.picture(drawing, lang),
            "notice": drawing.notice(state, lang),
        }

    def picture(self, drawing: Drawing, lang: Lang) -> str:
        """The board's HTML, drawn once for each state: after a power cut all boards ask for it together."""
        drawn = self._pictures.get(lang)
        if drawn is None or drawn[0] is not self.state:
            drawn = self._pictures[lang] = (self.state, drawing.whole(self.state, lang))
        return drawn[1]

    def _read_on(self, session: Session) -> list[Change] | None:
        """The new changes, state and city time moved on with them; None after a jump. All read at one moment."""
        head = session.connection().execute(_HEAD_OF, {"of": self.hall}).one_or_none()
        state, self._now = self._state, clock.now(session)
        fits = state is not None and head is not None and head.epoch == state.epoch
        if state is None or head is None or not fits or not 0 <= head.seq - state.seq <= KEPT:
            self._state = snapshot(session, self.hall)
            return [] if state is None or state == self._state else None
        return (
            self._fold_in(session, _entries_after(session, self.hall, state.seq))
            if head.seq > state.seq
            else []
        )

    def _fold_in(self, session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Change]:
        state, changes = self.state, []
        for row in rows:
            state, change = _fold(state, row.body)
            changes.append(change)
        refetch = any(change.refetch for change in changes)
        self._state = snapshot(session, self.hall) if refetch else state
        return changes


def _entries_after(session: Session, hall: str, seq: int) -> Sequence[Row[*tuple[Any, ...]]]:
    return session.connection().execute(_ENTRIES_AFTER, {"of": hall, "after": seq}).all()


def _fold(state: BoardState, body: str) -> tuple[BoardState, Change]:
    """One step of the fold; an entry that cannot be folded must not stop the hall, it makes the feed read anew."""
    entry = Entry.from_body(body)
    try:
        after, parts = state.apply(entry)
    except (KeyError, TypeError, ValueError):
        log.exception("entry %s %s cannot be folded", entry.hall, entry.seq)
        after, _ = state.apply(Entry(entry.hall, entry.epoch, entry.seq, "TicketStarted", entry.at, {}))
        parts = Parts(refetch=True)
    return after, Change.of(entry, after, parts or NOTHING)


class Feeds:
    """All watched halls of this process, followed by one thread.

    A hint of the bus wakes the thread at once; without hints it looks at all heads each second, which is the truth.
    """

    def __init__(self, database: Database, bus: Bus, listener: Listener) -> None:
        self._database = database
        self._bus = bus
        self._listener = listener
        self._lock = threading.Lock()
        self._feeds: dict[str, HallFeed] = {}
        self._new: dict[str, HallFeed] = {}
        self._hints: set[str] = set()
        self._look_at_all = False
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._turn = 0
        self.on_hint: Callable[[HallFeed, Session], None] | None = None

    def of(self, hall: str) -> HallFeed:
        """The hall's feed, followed from now on; NotFound for an unknown hall."""
        with self._lock:
            feed = self._feeds.get(hall) or self._new.setdefault(
                hall, HallFeed(hall, self._database, self._listener)
            )
            feed.asked_at = time.monotonic()
        if hall not in self._feeds:
            self._begin(feed)
        return feed

    def _begin(self, feed: HallFeed) -> None:
        """Read a hall's board for the first time, once for however many boards hang there."""
        try:
            with feed.held():
                if not feed.known:
                    feed.catch_up()
                with self._lock:
                    self._feeds[feed.hall] = feed
                    self._start()
        finally:
            with self._lock:
                self._new.pop(feed.hall, None)

    def stop(self) -> None:
        """End the threads and wait for them."""
        self._stop.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _start(self) -> None:
        """Begin at the first watcher, not when the process starts: a server may still fork after that."""
        if self._threads or self._stop.is_set():
            return
        for name, work in (("feeds-ear", self._hear), ("feeds-tail", self._follow)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _hear(self) -> None:
        """Gather hints. Whatever the bus says or fails to say, the tail looks each second."""
        for hint in self._bus.listen(self._stop):
            with self._lock:
                self._look_at_all |= hint is None
                self._hints |= hint or set()
            self._wake.set()

    def _follow(self) -> None:
        look_at = beat_at = 0.0
        while not self._stop.is_set():
            self._wake.wait(max(0.0, look_at - time.monotonic()))
            self._wake.clear()
            if self._stop.is_set():
                return
            hinted, everything = self._take_hints()
            now = time.monotonic()
            beating = now >= beat_at
            if everything or beating or now >= look_at:
                look_at = now + LOOK_EVERY_S
                self._look(beating=beating)
                beat_at = now + BEAT_EVERY_S / BEAT_TURNS if beating else beat_at
            if hinted:
                self._read(hinted)

    def _take_hints(self) -> tuple[list[HallFeed], bool]:
        with self._lock:
            hinted = [feed for hall, feed in self._feeds.items() if hall in self._hints]
            everything, self._look_at_all = self._look_at_all, False
            self._hints.clear()
            return hinted, everything

    def _look(self, *, beating: bool) -> None:
        """Compare every feed with its log's head, read on where it moved, and say so to those whose turn it is."""
        feeds = self._watched()
        try:
            with self._database.reading() as session:
                heads, now = _heads(session, [feed.hall for feed in feeds]), clock.now(session)
                sound = [feed for feed in feeds if self._compare(feed, heads.get(feed.hall), session, now)]
        except Exception:
            # No heartbeat either: boards must find out by the silence that nobody knows the truth just now.
            log.exception("the heads of the logs cannot be read")
            return
        if beating:
            # A quarter at a time: changes are not to wait until all boards of a city have had theirs.
            self._turn = (self._turn + 1) % BEAT_TURNS
            for feed in sound[self._turn :: BEAT_TURNS]:
                with feed.held():
                    self._listener.beat(feed, max(now, feed.now))

    def _watched(self) -> list[HallFeed]:
        """All feeds, less those that nobody has needed for long."""
        forgotten = time.monotonic() - FORGET_AFTER_S
        with self._lock:
            for hall, feed in list(self._feeds.items()):
                if not feed.watchers and feed.asked_at < forgotten:
                    del self._feeds[hall]
            return list(self._feeds.values())

    def _compare(self, feed: HallFeed, head: tuple[int, int] | None, session: Session, now: datetime) -> bool:
        """Let a feed read on unless it is at its head already; whether it is true now."""
        try:
            with feed.held():
                here = feed.state.epoch, feed.state.seq
                if head is not None and head[0] == here[0] and head[1] > here[1]:
                    feed.follow(session, now)
                elif head != here:
                    feed.catch_up()
                return True
        except Exception:
            # One hall's trouble stays its own.
            log.exception("the feed of %s cannot read on", feed.hall)
            return False

    def _read(self, feeds: Sequence[HallFeed]) -> None:
        """Let these feeds read on, all in one view: the busier the city, the less each commit costs."""
        try:
            with self._database.reading() as session:
                now = clock.now(session)
                for feed in feeds:
                    self._read_one(feed, session, now)
        except Exception:
            # Whoever was not reached is looked at within the second.
            log.exception("the hints of the bus cannot be followed")

    def _read_one(self, feed: HallFeed, session: Session, now: datetime) -> None:
        try:
            with feed.held():
                feed.follow(session, now)
                if self.on_hint is not None:
                    self.on_hint(feed, session)
        except Exception:
            log.exception("the feed of %s cannot follow a hint", feed.hall)


def _heads(session: Session, halls: list[str]) -> Mapping[str, tuple[int, int]]:
    rows = session.connection().execute(_HEADS_OF, {"of": halls})
    return {hall: (epoch, seq) for hall, epoch, seq in rows}
