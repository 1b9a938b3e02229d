"""Boards and every live wire: snapshots, fragments, Socket.IO.

Knows: what each watched hall's board shows, folded from the hall's log; who watches it; which call a board last showed.
Decides: what of an entry may be seen on a public screen, and whether a client gets changes or a whole snapshot.
Announces: nothing; it only follows. Asks: the log, `halls` and `tickets` for a snapshot, the bus to be woken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hall_display import estimates
from hall_display.drawing import Drawing
from hall_display.feeds import Feeds
from hall_display.lines import Lines
from hall_display.receipts import Receipts
from hall_display.routes import blueprint
from hall_display.staff_lines import StaffLines
from hall_display.wire import OnReceipt, Receipt, Wire

if TYPE_CHECKING:
    from flask import Flask
    from flask_socketio import SocketIO

    from dispatch.foundation.database import Database
    from dispatch.ports.bus import Bus

__all__ = ["Display", "Receipt", "install"]


@dataclass(frozen=True)
class Display:
    """The room as it runs in one process."""

    feeds: Feeds
    wire: Wire

    def stop(self) -> None:
        """Stop following; boards that are still connected go stale by themselves."""
        self.feeds.stop()

    def last_receipt(self, hall: str) -> Receipt | None:
        """The last thing a board of this hall said it showed."""
        return self.wire.receipts.get(hall)


def install(
    app: Flask,
    socketio: SocketIO | None,
    database: Database,
    bus: Bus,
    *,
    on_receipt: OnReceipt | None = None,
) -> Display:
    """Give the app its boards and their wire. Nothing is read or started before somebody watches.

    `socketio` must have no message queue: each process follows the logs for its own clients. Without one there are
    boards that ask for their changes, and no wires.
    """
    drawing = Drawing(lambda: app.jinja_env)
    wire = Wire(drawing, on_receipt, Receipts(database, bus), Lines(database), StaffLines(database))
    wire.feeds = Feeds(database, bus, wire)
    wire.feeds.on_hint = wire.hinted
    wire.feeds.on_look = estimates.look
    app.register_blueprint(blueprint(wire.feeds, drawing))
    if socketio is not None:
        socketio.on_namespace(wire)
    display = Display(wire.feeds, wire)
    app.extensions["hall_display"] = display
    return display
