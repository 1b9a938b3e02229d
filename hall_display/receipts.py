"""Which calls the boards of a hall really showed and spoke: kept in the hall's tables, told to all who watch it."""

from __future__ import annotations

from collections import defaultdict
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.halls import receipts
from dispatch.halls.devices.models import Device
from dispatch.halls.receipts import Heard
from dispatch.ports.bus import Bus
from hall_display.feeds import HallFeed

__all__ = ["Heard", "Receipts"]


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
        with self._in_turn[feed.hall]:
            if not feed.called_at(seq) or self._is_known(feed.hall, seq, spoken):
                return None
            if not self._hangs_here(feed.hall, machine):
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
            heard = receipts.keep(
                session, hall, epoch, seq, shown=shown, spoken=spoken, board=machine, now=clock.now(session)
            )
        if heard is not None:
            self._told[hall] = heard
        return heard

    def _hangs_here(self, hall: str, machine: str | None) -> bool:
        paired = select(Device.id).where(Device.hall == hall, Device.kind == "board", Device.active)
        with self._database.reading() as session:
            boards = set(session.scalars(paired))
        return not boards or machine in boards

    def look(self, session: Session, feed: HallFeed) -> Heard | None:
        """What another process may have heard from a board meanwhile; None when it is known here."""
        newest = receipts.latest(session, feed.hall, feed.state.epoch)
        if newest is None or newest == self._told.get(feed.hall):
            return None
        self._told[feed.hall] = newest
        return newest
