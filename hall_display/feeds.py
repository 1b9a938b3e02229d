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

from sqlalchemy import select

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.log import LogHead, entries_after, head_of
from dispatch.ports.bus import Bus
from hall_display.board_state import NOTHING, BoardState, Call, Entry, Hall, Parts, Queue
from hall_display.drawing import Drawing, Lang
from hall_display.interruptions import Halt
from hall_display.snapshots import snapshot

log = logging.getLogger(__name__)

KEPT = 500
LOOK_EVERY_S = 1.0
BEAT_EVERY_S = 4.0
# A hall nobody has asked for in this long is no longer followed.
FORGET_AFTER_S = 600.0


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
        with self._lock:
            changes = self._read_on()
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

    def _read_on(self) -> list[Change] | None:
        """The new changes, state and city time moved on with them; None after a jump. All read at one moment."""
        with self._database.reading() as session:
            now, head = clock.now(session), head_of(session, self.hall)
            state = self._state
            fits = state is not None and head is not None and head.epoch == state.epoch
            if state is None or head is None or not fits or not 0 <= head.seq - state.seq <= KEPT:
                fresh = snapshot(session, self.hall)
                was_empty = state is None or state == fresh
                self._state, self._now = fresh, now
                return [] if was_empty else None
            entries = entries_after(session, self.hall, state.seq, KEPT) if head.seq > state.seq else []
            changes = []
            for row in entries:
                state, change = _fold(state, row.body)
                changes.append(change)
            if any(change.refetch for change in changes):
                state = snapshot(session, self.hall)
            self._state, self._now = state, now
            return changes


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
        self._hints: set[str] = set()
        self._look_at_all = False
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.on_hint: Callable[[HallFeed], None] | None = None

    def of(self, hall: str) -> HallFeed:
        """The hall's feed, followed from now on; NotFound for an unknown hall."""
        with self._lock:
            feed = self._feeds.get(hall)
            if feed is not None:
                feed.asked_at = time.monotonic()
                return feed
        feed = HallFeed(hall, self._database, self._listener)
        feed.catch_up()
        with self._lock:
            self._start()
            return self._feeds.setdefault(hall, feed)

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
                beat_at = now + BEAT_EVERY_S if beating else beat_at
            else:
                self._read(hinted)

    def _take_hints(self) -> tuple[list[HallFeed], bool]:
        with self._lock:
            hinted = [feed for hall, feed in self._feeds.items() if hall in self._hints]
            everything, self._look_at_all = self._look_at_all, False
            self._hints.clear()
            return hinted, everything

    def _look(self, *, beating: bool) -> None:
        """Compare every feed with its log's head, read on where it moved, and say so when it is time."""
        feeds = self._watched()
        try:
            heads, now = self._heads([feed.hall for feed in feeds])
        except Exception:
            # No heartbeat either: boards must find out by the silence that nobody knows the truth just now.
            log.exception("the heads of the logs cannot be read")
            return
        sound = self._read(feeds, heads)
        if beating:
            for feed in sound:
                with feed.held():
                    self._listener.beat(feed, now)

    def _watched(self) -> list[HallFeed]:
        """All feeds, less those that nobody has needed for long."""
        forgotten = time.monotonic() - FORGET_AFTER_S
        with self._lock:
            for hall, feed in list(self._feeds.items()):
                if not feed.watchers and feed.asked_at < forgotten:
                    del self._feeds[hall]
            return list(self._feeds.values())

    def _heads(self, halls: list[str]) -> tuple[Mapping[str, tuple[int, int]], datetime]:
        with self._database.reading() as session:
            rows = session.execute(
                select(LogHead.hall, LogHead.epoch, LogHead.seq).where(LogHead.hall.in_(halls))
            )
            return {hall: (epoch, seq) for hall, epoch, seq in rows}, clock.now(session)

    def _read(
        self, feeds: Sequence[HallFeed], heads: Mapping[str, tuple[int, int]] | None = None
    ) -> list[HallFeed]:
        """Let these feeds read on, those at the head already left alone; the ones that are true now."""
        sound = []
        for feed in feeds:
            try:
                with feed.held():
                    at_head = heads is not None and heads.get(feed.hall) == (feed.state.epoch, feed.state.seq)
                    if not at_head:
                        feed.catch_up()
                    if heads is None and self.on_hint is not None:
                        self.on_hint(feed)
                sound.append(feed)
            except Exception:
                # One hall's trouble stays its own.
                log.exception("the feed of %s cannot read on", feed.hall)
        return sound
