"""The live wire: Socket.IO, namespace `/display`.

A client says which hall it watches and up to where it knows; it gets what it lacks, then every change as it happens.
Each process follows the logs by itself, so whatever is emitted here is for this process's own clients only: the
Socket.IO server must have no message queue, which would multiply every change by the number of processes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from flask import request
from flask_socketio import Namespace
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.errors import Refusal
from dispatch.foundation.words import translate
from hall_display.drawing import Drawing, Lang
from hall_display.feeds import Change, Feeds, HallFeed
from hall_display.lines import Lines
from hall_display.receipts import Heard, Receipts
from hall_display.refusals import BadMessage, NotWatched, Unavailable
from hall_display.staff_lines import StaffLines

log = logging.getLogger(__name__)

NAMESPACE = "/display"
SEQ = Annotated[int, Field(ge=0, le=2**63 - 1)]
AT_ONCE = 8
"""Clients answered side by side; when all come back together, the log's follower still finds a connection."""
MOST_UNREAD = 200
"""Messages kept for a client that does not take them; one that comes back gets what it lacks anyway."""


class Watch(BaseModel):
    """What a client asks for."""

    model_config = ConfigDict(strict=True)

    hall: Annotated[str, Field(min_length=1, max_length=40)]
    epoch: SEQ | None = None
    after: SEQ | None = None
    lang: Lang = "zh"


class Told(BaseModel):
    """What a board says it did with a call."""

    model_config = ConfigDict(strict=True)

    hall: Annotated[str, Field(min_length=1, max_length=40)]
    seq: SEQ
    shown: bool = False
    spoken: bool = False


@dataclass(frozen=True)
class Receipt:
    """A board showed, or spoke, the call of this seq."""

    hall: str
    seq: int
    shown: bool
    spoken: bool
    at: datetime


OnReceipt = Callable[[Receipt], None]


class Wire(Namespace):  # type: ignore[misc]
    """The namespace's events, and the listener of the feeds. Nothing a client sends ends in an exception."""

    def __init__(
        self,
        drawing: Drawing,
        on_receipt: OnReceipt | None = None,
        kept: Receipts | None = None,
        lines: Lines | None = None,
        staff: StaffLines | None = None,
    ) -> None:
        super().__init__(NAMESPACE)
        self.feeds: Feeds
        self._lines = lines
        self._staff = staff
        self._kept = kept
        self.receipts: dict[str, Receipt] = {}
        self._drawing = drawing
        self._on_receipt = on_receipt
        self._watched: dict[str, HallFeed] = {}
        self._in_turn = threading.BoundedSemaphore(AT_ONCE)

    # What clients say.

    def trigger_event(self, event: str, sid: str, *sent: object) -> object:
        """Hand over what a client says.

        A request of Flask's is made for the first word only, whose cookies are looked at: made for each, it would cost
        more than the answers.
        """
        if event == "connect":
            return super().trigger_event(event, sid, *sent)
        heard: dict[str, Callable[..., None]] = {
            "watch": self.on_watch,
            "receipt": self.on_receipt,
            "disconnect": self.on_disconnect,
        }
        if event in heard:
            heard[event](sid, *sent)
        return None

    def on_connect(self, auth: object = None) -> None:
        """Let anybody in, but no machine that is out of use."""
        try:
            with self._in_turn:
                if self._lines:
                    self._lines.open(_sid(), auth)
                if self._staff:
                    self._staff.open(_sid(), auth)
        except Refusal as refusal:
            raise ConnectionRefusedError(refusal.code) from refusal
        except Exception as error:
            log.exception("a line could not be opened")
            raise ConnectionRefusedError(Unavailable.code) from error

    def on_watch(self, sid: str, *sent: object) -> None:
        """Begin to watch a hall, leaving the one watched before."""
        self._answer(sid, self._watch, Watch, sent)

    def on_receipt(self, sid: str, *sent: object) -> None:
        """Keep a board's last word on what it showed."""
        self._answer(sid, self._receive, Told, sent)

    def on_disconnect(self, sid: str, *_reason: object) -> None:
        """Forget the client."""
        self._leave(sid)
        if self._lines:
            self._lines.close(sid)
        if self._staff:
            self._staff.close(sid)

    # What the feeds say, each while its feed is held.

    def changed(self, feed: HallFeed, change: Change) -> None:
        """Send a change to all who watch, drawn once for each language."""
        for lang in sorted(set(feed.watchers.values())):
            self._send("change", change.shown(self._drawing, lang), _room(feed, lang))
        if change.gone is not None and self._lines:
            self._hang_up(self._lines.of(change.gone))

    def jumped(self, feed: HallFeed) -> None:
        """Send the whole board to all who watch."""
        for lang in sorted(set(feed.watchers.values())):
            self._send("snapshot", feed.snapshot(self._drawing, lang), _room(feed, lang))

    def beat(self, feed: HallFeed, at: datetime) -> None:
        """Send a sign of life with the head's seq to all who watch."""
        self._forget_the_gone(feed)
        self._cut_off([sid for sid in feed.watchers if self._unread_by(sid) > MOST_UNREAD])
        for lang in sorted(set(feed.watchers.values())):
            self._send("heartbeat", _heartbeat(feed, at), _room(feed, lang))

    def estimated(self, feed: HallFeed) -> None:
        """Send what is foretold to all who watch."""
        for lang in sorted(set(feed.watchers.values())):
            self._estimate(feed, lang, _room(feed, lang))

    def rested(self, feeds: Sequence[HallFeed]) -> None:
        """End the lines of whoever is out of use, or may something else by now.

        The entry that told so may have been jumped over, or stand in the log of another hall.
        """
        watchers = [sid for feed in feeds for sid in list(feed.watchers)]
        if self._lines:
            self._hang_up(self._lines.gone(watchers))
        if self._staff:
            self._hang_up(self._staff.changed(watchers))

    def hinted(self, feeds: Sequence[HallFeed], session: Session) -> None:
        """Something moved in these halls: perhaps a board of another process has answered a call."""
        if self._kept is None:
            return
        for feed, heard in self._kept.look(session, feeds):
            with feed.held():
                self._spread(feed, heard)

    # The work.

    def _answer(
        self, sid: str, act: Callable[[str, Any], None], form: type[BaseModel], sent: tuple[object, ...]
    ) -> None:
        """Do what was asked; whatever stands against it is told to the client, and to nobody else."""
        try:
            with self._in_turn:
                act(sid, _read(form, sent))
        except Refusal as refusal:
            self._problem(sid, refusal, _lang_of(sent))
        except Exception:
            log.exception("a %s could not be answered", form.__name__)
            self._problem(sid, Unavailable(), _lang_of(sent))

    def _watch(self, sid: str, asked: Watch) -> None:
        if self._line_of(sid) is None:
            return  # gone while it waited for its turn
        if self._unread_by(sid) > MOST_UNREAD:
            self._cut_off([sid])
            return
        feed = self.feeds.of(asked.hall)
        if self._lines:
            self._lines.refuse_gone(sid)
        self._leave(sid)
        with feed.settled():
            missing = feed.since(asked.epoch, asked.after)
            if missing is None:
                self._send("snapshot", feed.snapshot(self._drawing, asked.lang), sid)
            for change in missing or ():
                self._send("change", change.shown(self._drawing, asked.lang), sid)
            if missing is not None:
                self._estimate(feed, asked.lang, sid)
            # Who lacked nothing hears so at once instead of wondering until the next beat.
            self._send("heartbeat", _heartbeat(feed, feed.now), sid)
            self._enter(sid, feed, asked.lang)

    def _receive(self, sid: str, told: Told) -> None:
        feed = self._watched.get(sid)
        if feed is None or feed.hall != told.hall or told.seq > feed.state.seq:
            raise NotWatched
        receipt = Receipt(told.hall, told.seq, told.shown, told.spoken, clock.real_now())
        self.receipts[told.hall] = receipt
        if self._on_receipt:
            self._on_receipt(receipt)
        self._note(sid, feed, told)

    def _note(self, sid: str, feed: HallFeed, told: Told) -> None:
        """Keep what a board did with a call, and tell all who watch."""
        if self._kept is None:
            return
        machine = self._lines.device_of(sid) if self._lines else None
        heard = self._kept.take(feed, told.seq, shown=told.shown, spoken=told.spoken, machine=machine)
        if heard is not None:
            self._spread(feed, heard)

    def _spread(self, feed: HallFeed, heard: Heard) -> None:
        """Tell all who watch the hall what its boards did with a call."""
        message = {
            "hall": feed.hall,
            "epoch": feed.state.epoch,
            "seq": heard.seq,
            "shown": heard.shown,
            "spoken": heard.spoken,
        }
        for lang in sorted(set(feed.watchers.values())):
            self._send("spoken", message, _room(feed, lang))

    def _enter(self, sid: str, feed: HallFeed, lang: Lang) -> None:
        try:
            self.socketio.server.enter_room(sid, _room(feed, lang), namespace=NAMESPACE)
        except (ValueError, KeyError):  # gone while it was being answered
            return
        feed.watchers[sid] = lang
        self._watched[sid] = feed

    def _leave(self, sid: str) -> None:
        feed = self._watched.pop(sid, None)
        if feed is None:
            return
        with feed.held():
            lang = feed.watchers.pop(sid, None)
            if lang is not None:
                self.socketio.server.leave_room(sid, _room(feed, lang), namespace=NAMESPACE)

    def _hang_up(self, sids: list[str]) -> None:
        """End these lines, from another thread: what follows on a disconnect must not happen under the feed's lock."""
        for sid in sids:
            self.socketio.start_background_task(self.socketio.server.disconnect, sid, namespace=NAMESPACE)

    def _unread_by(self, sid: str) -> int:
        line = self._line_of(sid)
        return line.queue.qsize() if line else 0

    def _cut_off(self, sids: Iterable[str]) -> None:
        """End the lines of those who do not read: whatever is said to them, a goodbye too, would only be kept."""
        for line in filter(None, map(self._line_of, sids)):
            self.socketio.start_background_task(line.close, wait=False, abort=True)

    def _line_of(self, sid: str) -> Any:  # noqa: ANN401 - Engine.IO's socket, or None once it is gone
        server = self.socketio.server
        return server.eio.sockets.get(server.manager.eio_sid_from_sid(sid, NAMESPACE))

    def _forget_the_gone(self, feed: HallFeed) -> None:
        """Whoever hung up in the very moment of being let in has slipped past `on_disconnect`."""
        for sid in list(feed.watchers):
            if not self.socketio.server.manager.is_connected(sid, NAMESPACE):
                feed.watchers.pop(sid)
                self._watched.pop(sid, None)

    def _estimate(self, feed: HallFeed, lang: Lang, to: str) -> None:
        told = feed.estimated(self._drawing, lang)
        if told is not None:
            self._send("estimate", told, to)

    def _problem(self, sid: str, refusal: Refusal, lang: Lang) -> None:
        message = translate(lang, refusal.sentence, **refusal.data)
        self._send("problem", {"code": refusal.code, "message": message}, sid)

    def _send(self, event: str, message: dict[str, Any], to: str) -> None:
        self.socketio.emit(event, message, to=to, namespace=NAMESPACE)


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _room(feed: HallFeed, lang: Lang) -> str:
    return f"{feed.hall}:{lang}"


def _heartbeat(feed: HallFeed, at: datetime) -> dict[str, Any]:
    state = feed.state
    return {"hall": feed.hall, "epoch": state.epoch, "seq": state.seq, "at": at.isoformat()}


def _read(form: type[BaseModel], sent: tuple[object, ...]) -> BaseModel:
    """The message a client sent; the refusal names the fields at fault without repeating what was in them."""
    try:
        return form.model_validate(sent[0] if sent else None)
    except ValidationError as error:
        fields = [".".join(str(step) for step in fault["loc"]) or "-" for fault in error.errors()]
        raise BadMessage(fields=", ".join(fields)) from error


def _lang_of(sent: tuple[object, ...]) -> Lang:
    return "en" if sent and isinstance(sent[0], dict) and sent[0].get("lang") == "en" else "zh"
