"""A board's parts as HTML: the same partials for the first page and for every change that follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

from jinja2 import Environment

from dispatch.foundation.words import local, translate
from hall_display.board_state import BoardState, Call, Hall, Queue

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


class Drawing:
    """Draws parts of boards. Needs no request: changes are drawn by the thread that tails the log."""

    def __init__(self, environment: Callable[[], Environment]) -> None:
        """`environment` is asked at each drawing, since an app may still be gathering its templates."""
        self._environment = environment

    def slip(self, call: Call, hall: Hall, lang: Lang) -> str:
        """One called number on the slip."""
        return self._draw("_slip_row.html", hall, lang, call=call)

    def recent(self, calls: Sequence[Call], hall: Hall, lang: Lang) -> str:
        """The list of recent calls."""
        return self._draw("_recent.html", hall, lang, calls=calls)

    def queue(self, queue: Queue, waiting: int, hall: Hall, lang: Lang) -> str:
        """One queue and how many wait in it."""
        return self._draw("_queue.html", hall, lang, queue=queue, waiting=waiting)

    def idle(self, closed: bool, hall: Hall, lang: Lang) -> str:
        """What the slip says while nobody is called."""
        return self._draw("_idle.html", hall, lang, closed=closed)

    def whole(self, state: BoardState, lang: Lang) -> str:
        """Everything between the board's head and its notice."""
        return self._draw("_live.html", state.hall, lang, state=state)

    def page(self, state: BoardState, lang: Lang, now: datetime) -> str:
        """The whole page, at city time `now`."""
        here = now.astimezone(ZoneInfo(state.hall.tz))
        return self._draw("board.html", state.hall, lang, state=state, now=here)

    def missing(self, hall: str, lang: Lang) -> str:
        """The page for a hall that there is none of."""
        return self._draw("missing.html", None, lang, code=hall)

    def _draw(self, template: str, hall: Hall | None, lang: Lang, **parts: object) -> str:
        found = self._environment().get_template(f"hall_display/{template}")
        return found.render(
            lang=lang,
            hall=hall,
            _=partial(translate, lang),
            local=partial(local, lang=lang),
            clock=partial(_clock, ZoneInfo(hall.tz)) if hall else None,
            **parts,
        )


def _clock(zone: ZoneInfo, at: str) -> str:
    """A moment of the log as people in the hall read it."""
    return datetime.fromisoformat(at).astimezone(zone).strftime("%H:%M")
