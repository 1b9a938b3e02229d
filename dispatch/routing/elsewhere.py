"""Where else in the city somebody would be done who stands in one of its halls already, and when."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.ports.maps import Router
from dispatch.routing import advising, looking
from dispatch.routing.asking import Ask
from dispatch.routing.enquiring import Elsewhere
from dispatch.routing.weighing import Weighed


class Look(Protocol):
    """A view of the city at one moment of it."""

    @property
    def session(self) -> Session:
        """A transaction that reads."""

    @property
    def now(self) -> datetime:
        """City time."""


def elsewhere(
    reading: Callable[[], AbstractContextManager[Look]],
    ask: Callable[[Look], Ask],
    router: Router,
    *,
    here: str,
) -> Sequence[Weighed]:
    """The counters of other halls than `here` that do all she asks for today, the best first; some five at most.

    Each tells `candidate.site`, `trip`, `arrive_at`, `starts_at`, `finish_at` and `foretold`. What `ask` makes is her
    question as she stands there: the hall's place, and now. Ways are measured between the transactions that `reading`
    opens, never within one. Raises what `advising.begin` refuses.
    """
    with reading() as look:
        asked, now = ask(look), look.now
        enquiry = Elsewhere(advising.brief(look.session, asked, router, now=now), here)
        halls = enquiry.due()
        seen = looking.look(look.session, halls, *enquiry.span(), now=now) if halls else {}
    while halls:
        trips = router.trips(asked.place, [site.place for site in halls], asked.mode, asked.at)
        by_hall = {site.code: trip for site, trip in zip(halls, trips, strict=True)}
        enquiry.weigh(seen, by_hall, real_now=clock.real_now())
        if halls := enquiry.due():
            with reading() as look:
                seen = looking.look(look.session, halls, *enquiry.span(), now=now)
    return enquiry.best
