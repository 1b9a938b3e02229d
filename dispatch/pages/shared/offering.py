"""Another hall as it is offered at a kiosk or a guide desk to somebody who holds a number: how much sooner, by when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.pages.shared import referring
from dispatch.pages.shared.calls import Call
from dispatch.pages.shared.referring import MODE
from dispatch.routing.referring import Offer
from dispatch.routing.sites import Site
from dispatch.tickets.models import Ticket

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Offered:
    """A hall, how long the way is, when she is done there, and how many minutes sooner that is."""

    site: Site
    saves_min: int
    travel_min: int
    done_at: datetime
    here_done_at: datetime


def offers(find: Callable[[Call], Ticket]) -> list[Offered]:
    """The halls that are worth it for a ticket, the best first; none for most."""
    return [_offered(each) for each in referring.offered(find, MODE).offers]


def _offered(offer: Offer) -> Offered:
    there = offer.there
    saves = timedelta(seconds=offer.saves_s)
    done_at = there.finish_at.astimezone(there.candidate.site.zone)
    return Offered(
        site=there.candidate.site,
        saves_min=int(saves / MINUTE),
        travel_min=max(1, round(timedelta(seconds=there.trip.travel_s) / MINUTE)),
        done_at=done_at,
        here_done_at=done_at + saves,
    )
