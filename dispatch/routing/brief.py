"""All that an enquiry goes by: the question, what she wants, and what was read before any hall was looked at. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from dispatch.catalogue.models import Bundle, Item
from dispatch.foundation.errors import NotFound
from dispatch.halls.hours import Opening
from dispatch.ports.maps import Router
from dispatch.routing import channels, territory
from dispatch.routing.asking import Abilities, Ask
from dispatch.routing.atlas import Atlas, Metres, Places, Shares
from dispatch.routing.channels import Matter
from dispatch.routing.looking import Skilled
from dispatch.routing.ordering.applying import Applied, applied
from dispatch.routing.ordering.finding import Orders
from dispatch.routing.searching import Bounded
from dispatch.routing.sites import Openings, Site, Taken
from dispatch.routing.weighing import Candidate, least_lasts, spans_of
from dispatch.routing.wording import Reason


@dataclass(frozen=True)
class Known:
    """What was read before any hall was looked at: the halls, how far each is at least, what each takes, its hours.

    `shortest` are the minutes that an item takes at least, of items of which any hall's are learned.
    """

    atlas: Atlas
    metres: Metres
    shares: Shares
    openings: Openings
    skilled: Skilled
    orders: Orders = field(default_factory=dict)
    shortest: Mapping[str, float] = field(default_factory=dict)


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
        """What she can do; whoever could go straight to a counter does it otherwise where none does it for her."""
        asked = self.ask.abilities
        return asked if self.hers else Abilities(company=asked.company)

    @cached_property
    def home(self) -> Site | None:
        """The hall of her own town, where she said so; NotFound."""
        code = self.ask.home
        if code is None:
            return None
        found = self.known.atlas.by_code.get(code)
        if found is None:
            raise NotFound(what=code, field="home")
        return found

    @cached_property
    def hers(self) -> Mapping[str, Sequence[Taken]]:
        """What each hall may do of what she wants, for somebody of her home as far as that is known."""
        rows = self.known.shares.by_hall
        if self.home is None:
            return rows
        home, whose = self.home, {each.item.code: territory_of(each.item) for each in self.matters}
        district = territory.district_of(home, self.everywhere)
        by_code = self.known.atlas.by_code
        found = {
            code: [row for row in mine if territory.may_go(by_code[code], whose[row.item], home, district)]
            for code, mine in rows.items()
        }
        return {code: mine for code, mine in found.items() if mine}

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

    def at_least_s(self, items: Iterable[str]) -> float:
        """How long these take in any hall at least; each queue's are told in whole seconds."""
        shortest, minutes = self.known.shortest, self.minutes
        return float(sum(int(60 * min(minutes[item], shortest.get(item, minutes[item]))) for item in items))

    @property
    def everywhere(self) -> Sequence[Site]:
        """All halls, from the top of the tree down."""
        return self.known.atlas.everywhere

    def bounded(self, places: Places, like: Candidate) -> Iterable[Bounded]:
        """Halls that differ from this candidate only in where they are, the nearest first, each with its bound."""
        metres = self.known.metres[places]
        spans, served_s = spans_of(like.openings, self.ask.at), self.at_least_s(like.items)
        for n in metres.argsort(kind="stable").tolist():
            # Ways are told in whole seconds.
            least_s = float(int(self.router.least_s(float(metres[n]), self.ask.mode)))
            site = self.everywhere[places[n]]
            key = like.key(least_lasts(spans, least_s) + served_s, least_s)
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
