"""All that an enquiry goes by: the question, what she wants, and what was read before any hall was looked at. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from dispatch.catalogue.models import Bundle, Item
from dispatch.halls.hours import Opening
from dispatch.ports.maps import Router
from dispatch.routing import channels
from dispatch.routing.asking import Abilities, Ask
from dispatch.routing.atlas import Atlas, Metres, Places, Shares
from dispatch.routing.channels import Matter
from dispatch.routing.looking import Skilled
from dispatch.routing.ordering.applying import Applied, applied
from dispatch.routing.ordering.finding import Orders
from dispatch.routing.searching import Bounded
from dispatch.routing.sites import Openings, Site
from dispatch.routing.weighing import Candidate, least_lasts, spans_of
from dispatch.routing.wording import Reason


@dataclass(frozen=True)
class Known:
    """What was read before any hall was looked at: the halls, how far each is at least, what each takes, its hours."""

    atlas: Atlas
    metres: Metres
    shares: Shares
    openings: Openings
    skilled: Skilled
    orders: Orders = field(default_factory=dict)


@dataclass(frozen=True)
class Brief:
    """A question with all that is known before halls are looked at."""

    ask: Ask
    matters: Sequence[Matter]
    bundles: Sequence[Bundle]
    known: Known
    router: Router
    now: datetime

    @cached_property
    def abilities(self) -> Abilities:
        """What she can do; who could go straight to a counter still does it otherwise where no counter does it."""
        asked = self.ask.abilities
        return asked if self.known.shares.by_hall else Abilities(company=asked.company)

    @cached_property
    def company(self) -> bool:
        """Whether this is a company's business."""
        return channels.is_company(self.matters, self.abilities)

    @cached_property
    def closed(self) -> Mapping[str, Sequence[Reason]]:
        """What stands against each channel, wherever it is."""
        return {
            channel: channels.against(channel, self.matters, self.abilities) for channel in channels.IN_ORDER
        }

    @cached_property
    def applied(self) -> Applied:
        """In which order channels are offered, and why any of them moved."""
        return applied(self.matters, self.abilities, self.known.orders)

    @cached_property
    def minutes(self) -> Mapping[str, float]:
        """How long each item takes, by the catalogue."""
        return {matter.item.code: matter.item.minutes * matter.wanted.count for matter in self.matters}

    @property
    def everywhere(self) -> Sequence[Site]:
        """All halls, from the top of the tree down."""
        return self.known.atlas.everywhere

    def bounded(self, places: Places, like: Candidate) -> Iterable[Bounded]:
        """Halls that differ from this candidate only in where they are, the nearest first, each with its bound."""
        metres = self.known.metres[places]
        spans = spans_of(like.openings, self.ask.at)
        for n in metres.argsort(kind="stable").tolist():
            # Ways are told in whole seconds.
            least_s = float(int(self.router.least_s(float(metres[n]), self.ask.mode)))
            site = self.everywhere[places[n]]
            key = like.key(least_lasts(spans, least_s), least_s)
            yield (*key[:-1], site.code), site

    def open_together(self, places: Places, *, later: bool) -> Iterable[tuple[Places, Sequence[Opening]]]:
        """Halls of the same hours with their openings; those with days of their own each apart."""
        openings = self.known.openings
        find = openings.following if later else openings.left
        apart = openings.apart
        if apart:
            own = [self.everywhere[place].code in apart for place in places]
            alone = places[own]
            yield from ((alone[n : n + 1], find(self.everywhere[alone[n]])) for n in range(len(alone)))
            places = places[[not each for each in own]]
        if len(places):
            yield places, find(self.everywhere[places[0]])


def territory_of(item: Item) -> str:
    """Where the item may be brought: see `territory`."""
    return str(item.details.get("territory", "any"))
