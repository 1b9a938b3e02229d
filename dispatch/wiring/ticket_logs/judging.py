"""One line of a ticket log: sound, or refused with a reason. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Outcome = Literal["", "finished", "missed", "cancelled", "expired"]
OUTCOMES: Mapping[str, Outcome] = {
    "": "",
    "finished": "finished",
    "served": "finished",
    "missed": "missed",
    "no_show": "missed",
    "cancelled": "cancelled",
    "expired": "expired",
}
"""The words a log may use and what they mean to us; empty is not known."""
NO_HALL = "REPLAY"
"""Where the tickets of a log belong that names no hall."""
LONGEST = 200


class LineRefused(Exception):
    """This line cannot be replayed; the text says why."""


@dataclass(frozen=True)
class Line:
    """One ticket as its office noted it. `number` is the line of `file` that it stands on."""

    file: str
    number: int
    ticket: str
    hall: str
    queue: str
    item: str
    window: str
    issued_at: datetime
    called_at: datetime | None
    finished_at: datetime | None
    outcome: Outcome
    booked_for: datetime | None
    score: bool

    @property
    def names(self) -> tuple[str, str, date, str]:
        """What no two tickets share: offices number each queue anew every day."""
        return self.hall, self.queue, self.issued_at.date(), self.ticket


def judge(file: str, number: int, told: Mapping[str, str]) -> Line:
    """The ticket that a line tells of. Raises LineRefused."""
    line = Line(
        file=file,
        number=number,
        ticket=text(told, "ticket"),
        hall=text(told, "hall") or NO_HALL,
        queue=text(told, "queue"),
        item=text(told, "item"),
        window=text(told, "window"),
        issued_at=needed_time(told, "issued_at"),
        called_at=_time(told, "called_at"),
        finished_at=_time(told, "finished_at"),
        outcome=_outcome(told.get("outcome", "")),
        booked_for=_time(told, "booked_for"),
        score=_score(told.get("score", "")),
    )
    if not line.queue:
        raise LineRefused("queue is empty")
    _refuse_disorder(line)
    _refuse_contradiction(line)
    return line


def text(told: Mapping[str, str], column: str) -> str:
    """What stands there. Raises LineRefused."""
    words = told.get(column, "").strip()
    if len(words) > LONGEST:
        raise LineRefused(f"{column} is longer than {LONGEST} characters")
    if not words.isprintable():
        raise LineRefused(f"{column} holds control characters")
    return words


def needed_time(told: Mapping[str, str], column: str) -> datetime:
    """The time that stands there. Raises LineRefused."""
    at = _time(told, column)
    if at is None:
        raise LineRefused(f"{column} is empty")
    return at


def _time(told: Mapping[str, str], column: str) -> datetime | None:
    text = told.get(column, "").strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise LineRefused(f"{column} is not an ISO-8601 time: {text[:40]}") from None
    if at.tzinfo is None:
        raise LineRefused(f"{column} has no offset: {text[:40]}")
    if not 1900 < at.year < 9000:
        raise LineRefused(f"{column} lies in the year {at.year}")
    return at


def _outcome(text: str) -> Outcome:
    word = text.strip()
    if word not in OUTCOMES:
        raise LineRefused(f"outcome is none of {', '.join(filter(None, OUTCOMES))}: {word[:40]}")
    return OUTCOMES[word]


def _score(text: str) -> bool:
    word = text.strip()
    if word not in ("", "0", "1"):
        raise LineRefused(f"score is neither 0 nor 1: {word[:40]}")
    return word != "0"


def _refuse_disorder(line: Line) -> None:
    if line.called_at and line.called_at < line.issued_at:
        raise LineRefused("called_at is before issued_at")
    if line.finished_at and line.finished_at < (line.called_at or line.issued_at):
        raise LineRefused(f"finished_at is before {'called_at' if line.called_at else 'issued_at'}")


def _refuse_contradiction(line: Line) -> None:
    called = line.called_at is not None
    if called and line.outcome in ("cancelled", "expired"):
        raise LineRefused(f"{line.outcome}, and yet it has a called_at")
    if not called and line.outcome in ("finished", "missed"):
        raise LineRefused(f"{line.outcome}, and yet called_at is empty")
    if not called and line.finished_at and line.outcome != "cancelled":
        raise LineRefused("it has a finished_at, and yet called_at is empty")
