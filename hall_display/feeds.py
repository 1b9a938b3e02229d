"""Feeds: each watched hall's log, followed, folded and kept for a while, for whoever comes back after a short break."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.ports.bus import Bus
from dispatch.waits import finding
from dispatch.waits.finding import NOTHING as NOTHING_FORETOLD
from dispatch.waits.finding import HallWaits, plain
from hall_display.board_state import NOTHING, BoardState, Call, Entry, Hall, Parts, Queue
from hall_display.drawing import Drawing, Lang
from hall_display.interruptions import Halt
from hall_display.snapshots import snapshot
from hall_display.tail import KEPT, Head, Read, Tail, entries_after, heads_of

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
BEAT_TURNS = 4
"""Looks in which each hall has its beat once: changes are not to wait until all boards of a city have had theirs."""
FORGET_AFTER_S = 600.0
"""A hall that nobody has asked for in this long is no longer followed."""


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
    waits: HallWaits = NOTHING_FORETOLD
    _drawn: dict[Lang, dict[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, entry: Entry, state: BoardState, parts: Parts, waits: HallWaits) -> Change:
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
            waits=waits,
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
            f"queue-{queue.code}": drawing.queue(
                queue, waiting, halt, self.hall, lang, self.waits.joining(queue.code)
            )
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

    def rested(self, feeds: Sequence[HallFeed]) -> None:
        """These have had their beat; none of them is held now."""

    def estimated(self, feed: HallFeed) -> None:
        """Other waits are foretold in the hall than before."""


class HallFeed:
    """One hall's board, kept true by following its log.

    What is to be answered is read inside `settled()` or `held()`: what is answered there and who is let in there are
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
        self._pictures: dict[Lang, tuple[BoardState, HallWaits, str]] = {}
        self.waits = NOTHING_FORETOLD

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

    def lies_behind(self, head: Head | None) -> bool:
        """Whether entries are to be had up to this head."""
        return head is not None and head.epoch == self.state.epoch and head.seq > self.state.seq

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

    def follow(self, entries: Sequence[Read]) -> None:
        """The same by entries that were read already, in order, perhaps before the last that is known here."""
        with self._lock:
            known = self.state
            entries = [entry for entry in entries if entry.seq > known.seq]
            if not entries:
                return
            state, changes = _fold_in(known, entries, self.waits)
            fits = entries[0].seq == known.seq + 1 and len(entries) <= KEPT
            fits = fits and all(entry.epoch == known.epoch for entry in entries)
            if not fits or any(change.refetch for change in changes):
                self.catch_up()
                return
            self._state = state
            self._tell(changes)

    def estimate(self, waits: HallWaits) -> None:
        """Other waits are foretold."""
        with self._lock:
            self.waits = waits
            self._listener.estimated(self)

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
            "board": state.board(self.waits),
            "html": self.picture(drawing, lang),
            "notice": drawing.notice(state, lang),
        }

    def picture(self, drawing: Drawing, lang: Lang) -> str:
        """The board's HTML, drawn once for each state: after a power cut all boards ask for it together."""
        drawn = self._pictures.get(lang)
        if drawn is None or drawn[0] is not self.state or drawn[1] is not self.waits:
            html = drawing.whole(self.state, lang, self.waits)
            drawn = self._pictures[lang] = (self.state, self.waits, html)
        return drawn[2]

    def estimated(self, drawing: Drawing, lang: Lang) -> dict[str, Any] | None:
        """The waits as they go over the wire, without a number, the latest counts; None where nothing was foretold."""
        state, waits = self.state, self.waits
        if waits.as_of is None:
            return None
        told = {queue.code: waits.joining(queue.code) for queue in state.queues}
        return {
            "hall": self.hall,
            "epoch": waits.epoch,
            "based_on": waits.based_on,
            "as_of": waits.as_of.isoformat(),
            "waits": {code: plain(foretold) for code, foretold in told.items()},
            "fragments": {
                f"queue-{queue.code}": drawing.queue(
                    queue,
                    state.waiting_in(queue.code),
                    state.halt_of(queue.code),
                    state.hall,
                    lang,
                    told[queue.code],
                )
                for queue in state.queues
            },
        }

    def _read_on(self, session: Session) -> list[Change] | None:
        """The new changes, state and city time moved on with them; None after a jump. All read at one moment."""
        head = heads_of(session, [self.hall]).get(self.hall)
        state, self._now = self._state, clock.now(session)
        fits = state is not None and head is not None and head.epoch == state.epoch
        if state is None or head is None or not fits or not 0 <= head.seq - state.seq <= KEPT:
            self._state = snapshot(session, self.hall)
            tz = self._state.hall.tz
            self.waits = finding.in_halls(session, {self.hall: tz}, self._now)[self.hall]
            return [] if state is None or state == self._state else None
        if head.seq == state.seq:
            return []
        entries = entries_after(session, {self.hall: state.seq})[self.hall]
        self._state, changes = _fold_in(state, entries, self.waits)
        if any(change.refetch for change in changes):
            self._state = snapshot(session, self.hall)
        return changes


def _fold_in(state: BoardState, entries: Sequence[Read], waits: HallWaits) -> tuple[BoardState, list[Change]]:
    changes = []
    for entry in entries:
        state, change = _fold(state, entry.body, waits)
        changes.append(change)
    return state, changes


def _fold(state: BoardState, body: str, waits: HallWaits) -> tuple[BoardState, Change]:
    """One step of the fold; an entry that cannot be folded must not stop the hall, it makes the feed read anew."""
    entry = Entry.from_body(body)
    try:
        after, parts = state.apply(entry)
    except (KeyError, TypeError, ValueError):
        log.exception("entry %s %s cannot be folded", entry.hall, entry.seq)
        after, _ = state.apply(Entry(entry.hall, entry.epoch, entry.seq, "TicketStarted", entry.at, {}))
        parts = Parts(refetch=True)
    return after, Change.of(entry, after, parts or NOTHING, waits)


class Feeds:
    """All watched halls of this process, followed by two threads.

    A hint of the bus wakes the one at once, which does no more than read on: all boards wait for it. The other looks at
    all heads each second, hints or not, which is the truth, and lets the boards know that it was looked.
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
        self.on_hint: Callable[[Sequence[HallFeed], Session], None] | None = None
        """Told whose hints were followed, with a session for single reads."""
        self.on_look: Callable[[Sequence[HallFeed], Session], None] | None = None
        """Told each second who is followed, with a session for single reads."""

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
            thread.join(timeout=10)  # longer than any of them waits for the database

    def _start(self) -> None:
        """Begin at the first watcher, not when the process starts: a server may still fork after that."""
        if self._threads or self._stop.is_set():
            return
        for name, work in (
            ("feeds-ear", self._hear),
            ("feeds-tail", self._follow),
            ("feeds-beat", self._beat),
        ):
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
        """Read on wherever the bus says so."""
        with closing(Tail(self._database)) as tail:
            while not self._stop.is_set():
                self._wake.wait()
                self._wake.clear()
                hinted, everything = self._take_hints()
                try:
                    if everything:
                        self._look(tail)
                    elif hinted:
                        self._read(tail, hinted)
                except Exception:
                    # Whoever was not reached is looked at within the second.
                    log.exception("the hints of the bus cannot be followed")

    def _beat(self) -> None:
        """Look at all heads each second, and say so at those whose turn it is."""
        turn, look_at = 0, time.monotonic()
        with closing(Tail(self._database)) as tail:
            while not self._stop.wait(max(0.0, look_at - time.monotonic())):
                look_at = time.monotonic() + LOOK_EVERY_S
                turn = (turn + 1) % BEAT_TURNS
                try:
                    now, sound = self._look(tail)
                    self._tell_true(sound[turn::BEAT_TURNS], now)
                    if sound and self.on_look is not None:
                        with tail.line() as session:
                            self.on_look(sound, session)
                except Exception:
                    # No heartbeat either: boards must find out by the silence that nobody knows the truth just now.
                    log.exception("the heads of the logs cannot be read")

    def _tell_true(self, sound: Sequence[HallFeed], now: datetime) -> None:
        for feed in sound:
            with feed.held():
                self._listener.beat(feed, max(now, feed.now))
            time.sleep(0)  # a change goes before the next hall's beat
        self._listener.rested(sound)

    def _take_hints(self) -> tuple[list[HallFeed], bool]:
        with self._lock:
            hinted = [feed for hall, feed in self._feeds.items() if hall in self._hints]
            everything, self._look_at_all = self._look_at_all, False
            self._hints.clear()
            return hinted, everything

    def _look(self, tail: Tail) -> tuple[datetime, list[HallFeed]]:
        """Compare every feed with its log's head, and let those read on that lie behind; the city's time, and whose
        board is true now.
        """
        feeds = self._watched()
        now, heads = tail.heads(feed.hall for feed in feeds)
        self._read(tail, [feed for feed in feeds if feed.lies_behind(heads.get(feed.hall))])
        return now, [feed for feed in feeds if self._is_true(feed, heads.get(feed.hall))]

    def _watched(self) -> list[HallFeed]:
        """All feeds, less those that nobody has needed for long."""
        forgotten = time.monotonic() - FORGET_AFTER_S
        with self._lock:
            for hall, feed in list(self._feeds.items()):
                if not feed.watchers and feed.asked_at < forgotten:
                    del self._feeds[hall]
            return list(self._feeds.values())

    def _read(self, tail: Tail, feeds: Sequence[HallFeed]) -> None:
        """Let these feeds read on, all by one statement: the busier the city, the less each commit costs."""
        if not feeds:
            return
        entries = tail.entries_after({feed.hall: feed.state.seq for feed in feeds})
        for feed in feeds:
            try:
                feed.follow(entries.get(feed.hall, ()))
            except Exception:
                # One hall's trouble stays its own.
                log.exception("the feed of %s cannot follow", feed.hall)
        if self.on_hint is not None:
            with tail.line() as session:
                self.on_hint(feeds, session)

    def _is_true(self, feed: HallFeed, head: Head | None) -> bool:
        """Whether this feed stands where its log stood when it was looked at, or has gone on; it may read once more."""
        try:
            with feed.held():
                if head is None or head.epoch != feed.state.epoch or head.seq != feed.state.seq:
                    feed.catch_up()
                return True
        except Exception:
            log.exception("the feed of %s cannot read on", feed.hall)
            return False
