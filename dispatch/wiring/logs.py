"""Logs: lines of JSON for machines, plain lines on a terminal. Nothing in them is about a person.

What is logged are codes, numbers and our own sentences. An exception is told by its type and the way to it, not by
its message: a database's or a parser's message repeats what somebody typed.
"""

import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from flask import g, has_request_context
from pythonjsonlogger.json import JsonFormatter

from dispatch.foundation.settings import Settings

OURS = ("dispatch", "hall_display", "adapters", "gunicorn")
OF_A_REQUEST = ("request_id", "method", "route", "status", "ms", "hall", "actor")
"""What a line may say of a request; whatever else a library attaches to one is left out."""
TELLS_THE_REQUEST = (" from ip=", " request ")
"""Gunicorn's messages repeat the caller's address, headers or address line after these words."""
HIDDEN = "…"

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def speak(role: str, settings: Settings) -> None:
    """Log to stderr from now on, in the way that fits who reads it."""
    handler = logging.StreamHandler()
    plain = settings.demo or sys.stderr.isatty()
    handler.setFormatter(logging.Formatter(f"%(asctime)s {role} %(message)s") if plain else Lines(role))
    level = logging.WARNING if settings.demo else settings.log_level.upper()
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # else it tells of every look at the migrations
    if not plain:
        sys.excepthook = _uncaught
        threading.excepthook = lambda dying: _uncaught(
            dying.exc_type, dying.exc_value or dying.exc_type(), dying.exc_traceback
        )


class Lines(JsonFormatter):
    """One JSON object for each line."""

    def __init__(self, role: str) -> None:
        super().__init__(json_ensure_ascii=False)
        self._role = role

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """When, how grave, who, what, and of which request."""
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname.lower()
        log_data["role"], log_data["pid"] = self._role, record.process
        log_data["logger"] = record.name
        log_data["message"] = message_of(record)
        if has_request_context() and "request_id" in g:
            log_data["request_id"] = g.request_id
        for name in OF_A_REQUEST:
            if (value := getattr(record, name, None)) is not None:
                log_data[name] = value
        if message_dict.get("exc_info"):
            log_data["error"] = message_dict["exc_info"]

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - logging's name
        """The types and the way to them, the innermost last."""
        return "\n".join(_told(ei[1])) if ei[1] is not None else ""


def message_of(record: logging.LogRecord) -> str:
    """The message; of words that others put into theirs, only the numbers."""
    if record.name.startswith("gunicorn"):
        for sign in TELLS_THE_REQUEST:
            if sign in str(record.msg):
                return str(record.msg).partition(sign)[0]
        return record.getMessage()
    if record.name.startswith(OURS) or not isinstance(record.args, tuple):
        return record.getMessage()
    try:
        return str(record.msg) % tuple(arg if isinstance(arg, int | float) else HIDDEN for arg in record.args)
    except (TypeError, ValueError):
        return str(record.msg)


def _told(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _told(before)
    yield f"{type(error).__module__}.{type(error).__qualname__}{_code(error)}"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}"


def _code(error: BaseException) -> str:
    """The code that a database or the system gives its errors."""
    code = getattr(error, "sqlstate", None) or getattr(error, "errno", None)
    return f" {code}" if isinstance(code, str | int) else ""


def _uncaught(kind: type[BaseException], error: BaseException, way: TracebackType | None) -> None:
    logging.getLogger(__name__).critical("uncaught", exc_info=(kind, error, way))
