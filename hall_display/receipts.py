"""Which calls the boards of a hall really showed and spoke: kept in the hall's tables, told to all who watch it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from threading import Lock

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import table_of
from dispatch.halls import receipts
from dispatch.halls.devices.models import Device
from dispatch.halls.receipts import Heard
from dispatch.ports.bus import Bus
from hall_display.feeds import HallFeed

__all__ = ["Heard", "Receipts"]

_DEVICES = table_of(Device)
_PAIRED = Prepared(
    select(_DEVICES.c.id).where(
        _DEVICES.c.hall == bindparam("of"), _DEVICES.c.kind == "board", _DEVICES.c.active
    )
)


class Receipts:
    """Keeps what boards answer to a call, at most two writes for each call, however many boards answer.

    Whichever process a board is connected to, the others hear by the bus that there is something to read.
    """

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._told: dict[str, Heard] = {}
        self._in_turn: defaultdict[str, Lock] = defaultdict(Lock)

    def take(
        self, feed: HallFeed, seq: int, *, shown: bool, spoken: bool, machine: str | None = None
    ) -> Heard | None:
        """Keep a board's answer to the call of this seq; what of it is news to those who watch, else None.

        Where a hall has paired its boards, only theirs counts: anybody may open a board's page at home.
        """
        # The boards of a hall answer together; the first writes, the others then find it written.
        if self._is_known(feed.hall, seq, spoken):
            return None
        with self._in_turn[feed.hall]:
            if self._is_known(feed.hall, seq, spoken) or not feed.called_at(seq):
                return None
            heard = self._keep(feed, seq, shown=shown, spoken=spoken, machine=machine)
        if heard is not None:
            self._bus.tell(feed.hall, feed.state.seq)
        return heard

    def _is_known(self, hall: str, seq: int, spoken: bool) -> bool:
        last = self._told.get(hall)
        return last is not None and last.seq == seq and last.spoken >= spoken

    def _keep(
        self, feed: HallFeed, seq: int, *, shown: bool, spoken: bool, machine: str | None
    ) -> Heard | None:
        hall, epoch = feed.hall, feed.state.epoch
        with self._database.work() as session:
            if not _hangs_here(session, hall, machine):
                return None
            heard = receipts.keep(
                session, hall, epoch, seq, shown=shown, spoken=spoken, board=machine, now=clock.now(session)
            )
        if heard is not None:
            self._told[hall] = heard
        return heard

    def look(self, session: Session, feeds: Sequence[HallFeed]) -> Iterator[tuple[HallFeed, Heard]]:
        """What another process has heard from the boards of these halls meanwhile, and is not known here."""
        newest = receipts.latest(session, {feed.hall: feed.state.epoch for feed in feeds})
        for feed in feeds:
            heard = newest.get(feed.hall)
            if heard is not None and heard != self._told.get(feed.hall):
                self._told[feed.hall] = heard
                yield feed, heard


def _hangs_here(session: Session, hall: str, machine: str | None) -> bool:
    boards = _PAIRED.all(session, of=hall)
    return not boards or any(board.id == machine for board in boards)
