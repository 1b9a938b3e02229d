"""Which calls the boards of a hall really showed and spoke: kept in the hall's tables, told to all who watch it."""

from __future__ import annotations

from sqlalchemy import select

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

    def take(
        self, feed: HallFeed, seq: int, *, shown: bool, spoken: bool, machine: str | None = None
    ) -> Heard | None:
        """Keep a board's answer to the call of this seq; what of it is news to those who watch, else None.

        Where a hall has paired its boards, only theirs counts: anybody may open a board's page at home.
        """
        hall, epoch = feed.hall, feed.state.epoch
        last = self._told.get(hall)
        if not feed.called_at(seq) or (last and last.seq == seq and last.spoken >= spoken):
            return None
        if not self._hangs_here(hall, machine):
            return None
        with self._database.work() as session:
            heard = receipts.keep(
                session, hall, epoch, seq, shown=shown, spoken=spoken, board=machine, now=clock.now(session)
            )
        if heard is not None:
            self._told[hall] = heard
            self._bus.tell(hall, feed.state.seq)
        return heard

    def _hangs_here(self, hall: str, machine: str | None) -> bool:
        paired = select(Device.id).where(Device.hall == hall, Device.kind == "board", Device.active)
        with self._database.reading() as session:
            boards = set(session.scalars(paired))
        return not boards or machine in boards

    def look(self, feed: HallFeed) -> Heard | None:
        """What another process may have heard from a board meanwhile; None when it is known here."""
        with self._database.reading() as session:
            newest = receipts.latest(session, feed.hall, feed.state.epoch)
        if newest is None or newest == self._told.get(feed.hall):
            return None
        self._told[feed.hall] = newest
        return newest
