"""A board's parts as HTML: the same partials for the first page and for every change that follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal
from zoneinfo import ZoneInfo

from jinja2 import Environment

from dispatch.foundation.errors import NotFound
from dispatch.foundation.words import local, translate
from dispatch.halls.wording import REASON_WORDS
from dispatch.waits.finding import HallWaits
from dispatch.waits.wording import NOTHING, Foretold, is_worth_telling, told
from hall_display.board_state import BoardState, Call, Hall, Queue
from hall_display.interruptions import Halt

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

    def queue(
        self,
        queue: Queue,
        waiting: int,
        halt: Halt,
        hall: Hall,
        lang: Lang,
        foretold: Foretold = NOTHING,
    ) -> str:
        """One queue: how many wait in it and how long, or why no numbers are given out."""
        parts = {"queue": queue, "waiting": waiting, "halt": halt, "foretold": foretold}
        return self._draw("_queue.html", hall, lang, **parts)

    def notice(self, state: BoardState, lang: Lang) -> str:
        """The notice's sentences; the page shows the first that is for its day."""
        return self._draw("_notice.html", state.hall, lang, state=state)

    def idle(self, closed: bool, hall: Hall, lang: Lang) -> str:
        """What the slip says while nobody is called."""
        return self._draw("_idle.html", hall, lang, closed=closed)

    def whole(self, state: BoardState, lang: Lang, waits: HallWaits) -> str:
        """Everything between the board's head and its notice."""
        return self._draw("_live.html", state.hall, lang, state=state, zones=_zones(state), waits=waits)

    def page(
        self, state: BoardState, lang: Lang, now: datetime, waits: HallWaits, zone: str | None = None
    ) -> str:
        """The whole page, at city time `now`; with `zone`, of a screen that hangs there. NotFound for an unknown one.

        Such a screen is told everything and shows its own, and what stands in no zone.
        """
        own = next((each for each in state.zones if each.code == zone), None)
        if zone is not None and own is None:
            raise NotFound(what=zone, field="zone")
        here = now.astimezone(ZoneInfo(state.hall.tz))
        parts = {"state": state, "now": here, "waits": waits, "zone": own, "zones": _zones(state)}
        return self._draw("board.html", state.hall, lang, **parts)

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
            why=partial(_why, lang),
            wait_told=partial(told, lang=lang),
            is_worth_telling=is_worth_telling,
            **parts,
        )


def _zones(state: BoardState) -> dict[str, Any]:
    return {zone.code: zone.shown() for zone in state.zones}


def _why(lang: Lang, reason: str | None) -> str:
    """A reason in the board's words."""
    return translate(lang, REASON_WORDS[reason or "other"])


def _clock(zone: ZoneInfo, at: str) -> str:
    """A moment of the log as people in the hall read it."""
    return datetime.fromisoformat(at).astimezone(zone).strftime("%H:%M")
