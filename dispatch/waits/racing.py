"""What every predictor can do, ours and those it is measured against: watch, be asked, and learn by night."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from dispatch.learning.happenings import Happening
from dispatch.waits.forecast import Forecast, Unknown


@dataclass(frozen=True, slots=True)
class Question:
    """How long will somebody wait who joins this queue `ahead_s` seconds after `at`?

    With `ahead_s` 0 she is the ticket whose ISSUED happening was told last.
    """

    at: float
    hall: str
    queue: str
    item: str = ""
    ahead_s: float = 0.0


class Predictor(Protocol):
    """Somebody who foretells waits. All is told in the order of time; an answer may rest on what was told before it.

    Questions of a day are answered together, so that a fitted model is asked once; that must change no answer.
    """

    name: str

    def begin_day(self, day: date) -> None:
        """A service day begins, for all halls."""

    def see(self, happening: Happening) -> None:
        """Be told what happened."""

    def ask(self, question: Question) -> None:
        """Be asked; the answer rests on what was seen until now."""

    def answers(self) -> Sequence[Forecast | Unknown]:
        """What was asked since the day began, answered in the same order."""

    def end_day(self) -> None:
        """The day is over: learn from it."""
