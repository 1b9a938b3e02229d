"""Ways to get something done, asked for and worded: for the citizen's page, the kiosk's and the API.

An advice is asked for outside of any transaction, since it may have to wait for a router.
"""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from flask import current_app

from dispatch.catalogue.models import Item
from dispatch.foundation import clock
from dispatch.foundation.words import Language, local, translate
from dispatch.journeys.beginning import AHEAD
from dispatch.pages.shared.calls import Call, language, noting, reading
from dispatch.pages.shared.finder import BundleFound, bundle_found
from dispatch.pages.shared.limiting import ROUTING, slow_down
from dispatch.ports.maps import Mode, Point, Router, Trip
from dispatch.routing import advising, keeping, looking
from dispatch.routing.advice import Advice, Excluded, Option
from dispatch.routing.asking import Ask
from dispatch.routing.navigation import links
from dispatch.routing.sites import Site
from dispatch.routing.wording import Reason
from dispatch.waits import wording
from dispatch.waits.wording import NOTHING, Foretold

ASSUMED_WAY = timedelta(minutes=20)
"""How long the way to any hall is taken to be where nobody knows from where she comes."""
OF_PLACES = ("nearest", "farther")
"""Reasons that mean nothing where her place is not known."""
SAID_BESIDE = ("wait_unknown",)
"""Reasons that a card says already where it tells the wait."""
FIRST_OF: Mapping[str, int] = {"app": 1, "web": 1, "kiosk": 1, "counter": 3}
"""So many ways of a channel are shown at first; the others are folded below."""
DRAWS = 2**20
"""So fine is the draw between counters that are near-equal."""
CHANNEL_WORDS: Mapping[str, str] = {"app": "手机", "web": "电脑", "kiosk": "自助机", "counter": "窗口"}
MAP_WORDS: Mapping[str, str] = {
    "amap": "高德地图",
    "baidu": "百度地图",
    "tencent": "腾讯地图",
    "apple": "苹果地图",
}


class NoPlace:
    """A router for whoever does not say where she is: every hall is as far as any other."""

    def trips(self, origin: Point, destinations: Sequence[Point], mode: Mode, at: datetime) -> list[Trip]:
        """The same way to each."""
        del origin, mode, at
        return [Trip(ASSUMED_WAY.total_seconds(), 0.0)] * len(destinations)

    def least_s(self, metres: float, mode: Mode) -> float:
        """No way is shorter."""
        del metres, mode
        return ASSUMED_WAY.total_seconds()


@dataclass(frozen=True)
class MapLink:
    """A map that shows the way."""

    kind: str
    name: str
    url: str


@dataclass(frozen=True)
class Way:
    """One way to get it done, as a card shows it.

    `done_at` is by about when, without the wait where `foretold` knows none; `day` is set where it is another day
    than today. `url` leads to where it is done online, `maps` to where she goes. Whoever takes one that `counts` is
    under way. `items` are those done there, where others are left.
    """

    rank: int
    channel: str
    channel_name: str
    reasons: Sequence[str]
    site: Site | None = None
    km: float | None = None
    travel_min: int | None = None
    arrive_at: datetime | None = None
    done_at: datetime | None = None
    day: str = ""
    foretold: Foretold = NOTHING
    later: bool = False
    counts: bool = False
    url: str = ""
    maps: Sequence[MapLink] = ()
    items: Sequence[Item] = ()

    @property
    def plainly(self) -> str:
        """The wait's range in a sentence, for whoever would rather not read figures; empty where none is known."""
        return wording.own_plainly(self.foretold, language()).detail if self.known else ""

    @property
    def known(self) -> bool:
        """Whether `done_at` holds a wait."""
        return self.foretold.wait is not None


@dataclass(frozen=True)
class ChannelTold:
    """A channel in the row that compares all of them: what it promises, or that it is passed over or impossible."""

    channel: str
    name: str
    promise: str
    open: bool
    skipped: bool
    rank: int | None


@dataclass(frozen=True)
class LeftOut:
    """A channel or a hall that is not advised, and why; or so many halls for the same reason."""

    channel: str
    name: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class Ways:
    """The answer: what to say of all of it, the ways in their order, and what is left out."""

    route: str
    at: datetime
    notes: Sequence[str]
    channels: Sequence[ChannelTold]
    ways: Sequence[Way]
    left_out: Sequence[LeftOut]
    bundles: Sequence[BundleFound]
    placed: bool
    first: int | None = None
    """The rank of the way that the page's one fruit belongs to."""

    @property
    def by_channel(self) -> Sequence[tuple[Sequence[Way], Sequence[Way]]]:
        """For each channel in its order the ways to show at first, and those to fold."""
        found = []
        for channel in dict.fromkeys(way.channel for way in self.ways):
            here, most = [way for way in self.ways if way.channel == channel], FIRST_OF[channel]
            found.append((here[:most], here[most:]))
        return found


def advise(make: Callable[[Call], Ask], router: Router) -> Advice:
    """What is advised to somebody who asks this; ways are measured between transactions, never within one."""
    with reading() as call:
        ask, now = make(call), call.now
        enquiry = advising.begin(call.session, ask, router, now=now)
        halls = enquiry.due()
        seen = looking.look(call.session, halls, *enquiry.span(), now=now) if halls else {}
    while halls:
        trips = router.trips(ask.place, [site.place for site in halls], ask.mode, ask.at)
        by_hall = {site.code: trip for site, trip in zip(halls, trips, strict=True)}
        enquiry.weigh(seen, by_hall, real_now=clock.real_now())
        if halls := enquiry.due():
            with reading() as call:
                seen = looking.look(call.session, halls, *enquiry.span(), now=now)
    return enquiry.advice(draw())


def draw() -> float:
    """A draw between counters that are near-equal: at least 0, below 1."""
    return secrets.randbelow(DRAWS) / DRAWS


def kept(advice: Advice, *, placed: bool) -> tuple[str, datetime]:
    """Keep an advice that a page shows, so that it can be followed: its id, and when that was."""
    with noting() as call:
        slow_down(call.session, call.actor, "route", ROUTING)
        return keeping.keep(call.session, advice, placed=placed, now=call.now).id, call.now


def told(advice: Advice, route: str, *, now: datetime, placed: bool, skipped: Collection[str] = ()) -> Ways:
    """An advice as a page tells it, without the channels that she passes over; a counter is never passed over."""
    lang, passed = language(), set(skipped) - {"counter"}
    every = [_way(option, advice, now, lang, placed=placed) for option in advice.options]
    ways = [way for way in every if way.channel not in passed]
    return Ways(
        route=route,
        at=now,
        notes=[note.noted(lang) for note in advice.notes],
        channels=[_channel(channel, every, lang, skipped=channel in passed) for channel in advice.order],
        ways=ways,
        left_out=[_left_out(each, lang, placed=placed) for each in advice.excluded],
        bundles=[bundle_found(bundle) for bundle in advice.bundles],
        placed=placed,
        first=next((way.rank for way in ways if way.counts or way.url), None),
    )


def maps_to(place: Point, name: str, mode: Mode, lang: Language) -> list[MapLink]:
    """Maps that show the way to a hall."""
    found = links(place, name, mode)
    return [MapLink(kind, translate(lang, MAP_WORDS[kind]), url) for kind, url in found.items()]


def _way(option: Option, advice: Advice, now: datetime, lang: Language, *, placed: bool) -> Way:
    way = Way(
        rank=option.rank,
        channel=option.channel,
        channel_name=translate(lang, CHANNEL_WORDS[option.channel]),
        reasons=_sentences(option.reasons, lang, placed=placed),
        items=_part(option, advice),
    )
    weighed = option.weighed
    if weighed is None:
        return replace(way, url=current_app.extensions["online"][option.channel])
    site, travel = weighed.candidate.site, timedelta(seconds=weighed.trip.travel_s)
    done_at, today = weighed.finish_at.astimezone(site.zone), now.astimezone(site.zone).date()
    return replace(
        way,
        site=site,
        km=max(0.1, round(weighed.trip.distance_m / 1000, 1)) if placed else None,
        travel_min=max(1, round(travel / timedelta(minutes=1))),
        arrive_at=weighed.arrive_at.astimezone(site.zone),
        done_at=done_at,
        day="" if done_at.date() == today else day_of(done_at, lang),
        foretold=weighed.foretold,
        later=weighed.candidate.later,
        counts=option.channel == "counter" and weighed.arrive_at - travel <= now + AHEAD,
        maps=maps_to(site.place, local(site, lang), advice.ask.mode, lang),
    )


def day_of(moment: datetime, lang: Language) -> str:
    """A day as one says it."""
    month = moment.month if lang == "zh" else moment.strftime("%b")
    return translate(lang, "%(month)s月%(day)s日", month=month, day=moment.day)


def _part(option: Option, advice: Advice) -> list[Item]:
    """What of several items is done this way, where it is not all of them."""
    if len(option.items) == len(advice.matters):
        return []
    return [matter.item for matter in advice.matters if matter.item.code in option.items]


def _channel(channel: str, every: Sequence[Way], lang: Language, *, skipped: bool) -> ChannelTold:
    say = partial(translate, lang)
    best = next((way for way in every if way.channel == channel), None)
    if best is None:
        promise = say("不能办")
    elif best.done_at is None:
        promise = say("不用跑")
    else:
        promise = best.day or f"{best.done_at:%H:%M}"
    rank = None if best is None or skipped else best.rank
    return ChannelTold(channel, say(CHANNEL_WORDS[channel]), promise, best is not None, skipped, rank)


def _left_out(each: Excluded, lang: Language, *, placed: bool) -> LeftOut:
    if each.site is not None:
        name = local(each.site, lang)
    elif each.count is not None:
        name = translate(lang, "还有 %(n)s 个大厅", n=each.count)
    else:
        name = translate(lang, CHANNEL_WORDS[each.channel])
    return LeftOut(each.channel, name, _sentences(each.reasons, lang, placed=placed))


def _sentences(reasons: Sequence[Reason], lang: Language, *, placed: bool) -> list[str]:
    unsaid = SAID_BESIDE if placed else SAID_BESIDE + OF_PLACES
    return [reason.said(lang) for reason in reasons if reason.code not in unsaid]
