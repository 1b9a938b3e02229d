"""Invented cities to be routed through, without a database: halls on a map, what they take, how long one waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from adapters.maps.estimate import EstimatingRouter
from dispatch.catalogue import situations
from dispatch.catalogue.models import Item
from dispatch.learning.minutes import LearnedMinutes, shortest_of
from dispatch.ports.maps import Point
from dispatch.routing.advice import Advice
from dispatch.routing.asking import Ask
from dispatch.routing.atlas import Atlas
from dispatch.routing.brief import Brief, Known
from dispatch.routing.channels import Matter
from dispatch.routing.enquiring import Enquiry
from dispatch.routing.looking import Seen, Skilled
from dispatch.routing.sites import Openings, Site, Taken
from dispatch.tickets.wanting import Wanted
from dispatch.waits.finding import HallWaits

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=ZONE)
"""A Monday."""
HERE = Point(28.85, 121.15)
DAY = '[["08:30", "12:00"], ["13:30", "17:00"]]'
WEEK = ", ".join(f'"{day}": {DAY}' for day in ("mon", "tue", "wed", "thu", "fri"))
WEEKDAYS = f'{{"weekly": {{{WEEK}}}, "makeup_workdays": false, "public_holidays": false}}'
NEVER = '{"weekly": {}, "makeup_workdays": false, "public_holidays": false}'
MORNINGS = WEEKDAYS.replace(', ["13:30", "17:00"]', "")
ROUTER = EstimatingRouter(1.3, {"walk": 4.5, "bike": 12.0, "transit": 20.0, "car": 35.0})
EVERYWHERE = {"app": True, "web": True, "kiosk": True, "counter": True}
QUEUE = "A"


def item(
    code: str = "CARD", *, minutes: float = 10, channels: Mapping[str, bool] = EVERYWHERE, **details: object
) -> Item:
    """An item of nobody's catalogue."""
    told = {
        "situations": [],
        "papers": [],
        "presence": "none",
        "territory": "any",
        "service_object": "person",
    }
    return Item(
        code=code,
        name=f"事项{code}",
        name_en=f"Item {code}",
        department="某局",
        department_en="Some Bureau",
        minutes=minutes,
        channels=dict(channels),
        details={**told, **details},
        active=True,
    )


@dataclass(frozen=True)
class Place:
    """A hall of such a city, whose `minutes` are learned; `wait_s` is that of every quarter-hour, None if unknown."""

    code: str
    lat: float = HERE.lat
    lon: float = HERE.lon
    level: str = "street"
    kind: str = "hall"
    path: str = ""
    hours: str = WEEKDAYS
    kiosks: int = 0
    items: Mapping[str, str] = field(default_factory=lambda: {"CARD": "handle"})
    wait_s: float | str | None = 600.0
    staffed: bool = True
    out: Sequence[Any] = ()
    intake: str = "open"
    staff: str | None = "somebody"
    shifts: Sequence[Any] = ()
    minutes: Mapping[str, float] = field(default_factory=dict)

    @property
    def site(self) -> Site:
        """As routing knows it."""
        return Site(
            self.code,
            f"厅{self.code}",
            f"Hall {self.code}",
            self.level,
            self.kind,
            self.path or f"/TOP/{self.code}/",
            self.lat,
            self.lon,
            "Asia/Shanghai",
            self.kiosks,
            self.hours,
            None,
        )

    @property
    def taken(self) -> list[Taken]:
        """What it takes."""
        return [Taken(code, QUEUE, mode, self.code) for code, mode in self.items.items()]

    @property
    def seen(self) -> Seen:
        """How it stands."""
        window = SimpleNamespace(
            id=f"{self.code}-1",
            queues=[QUEUE],
            state="open" if self.staffed else "closed",
            staff=self.staff,
            lapsed=False,
        )
        other = SimpleNamespace(id=f"{self.code}-2", queues=["Z"], state="open", staff=None, lapsed=False)
        return Seen(
            waits=_waits(self.wait_s),
            intake={QUEUE: SimpleNamespace(code=QUEUE, intake=self.intake, intake_until=None)},
            windows=[window, other],
            out=self.out,
            shifts=self.shifts,
            minutes=LearnedMinutes(items=self.minutes),
        )


def _waits(wait_s: float | str | None) -> HallWaits:
    if wait_s is None:
        return HallWaits()
    packed: Any = wait_s
    if not isinstance(wait_s, str):
        point = round(wait_s)
        packed = [point, point // 2, point * 2, "simulated"]
    moments = [(NOW + timedelta(minutes=15 * n)).timestamp() for n in range(32)]
    return HallWaits(
        epoch=1,
        based_on=1,
        as_of=NOW,
        queues={QUEUE: packed},
        arrivals={"at": moments, "queues": {QUEUE: [packed] * len(moments)}},
    )


def asked(
    *items: Item,
    at: datetime = NOW,
    answers: Mapping[str, str] | None = None,
    **different: Any,  # noqa: ANN401
) -> tuple[Ask, list[Matter]]:
    """Somebody who wants these done."""
    wanted = [Wanted(each.code) for each in items]
    ask = Ask(wanted, HERE, at, **different)
    given = answers or {}
    return ask, [Matter(each, Wanted(each.code), situations.settle(each, given)) for each in items]


def enquiry(
    places: Sequence[Place], ask: Ask, matters: Sequence[Matter], skilled: Skilled | None = None
) -> Enquiry:
    """An enquiry into this city."""
    atlas = Atlas([place.site for place in places], lambda _: None)
    rows = [row for place in places for row in place.taken]
    shares = atlas.shares(
        [matter.item.code for matter in matters],
        lambda items: [tuple(row) for row in rows if row.item in items],
    )
    openings = Openings(ask.at, lambda _: None, {})
    able = skilled or Skilled()
    known = Known(
        atlas,
        atlas.metres(ask.place),
        shares,
        openings,
        able,
        shortest=shortest_of([p.minutes for p in places]),
    )
    return Enquiry(Brief(ask=ask, matters=matters, bundles=[], known=known, router=ROUTER, now=NOW))


def advise(
    places: Sequence[Place],
    *items: Item,
    skilled: Skilled | None = None,
    **different: Any,  # noqa: ANN401
) -> Advice:
    """What is advised in this city."""
    ask, matters = asked(*(items or (item(),)), **different)
    under_way = enquiry(places, ask, matters, skilled)
    by_code = {place.code: place for place in places}
    while halls := under_way.due():
        trips = ROUTER.trips(ask.place, [site.place for site in halls], ask.mode, ask.at)
        under_way.weigh(
            {site.code: by_code[site.code].seen for site in halls},
            {site.code: trip for site, trip in zip(halls, trips, strict=True)},
            real_now=datetime(2026, 11, 23, tzinfo=UTC),
        )
    return under_way.advice()


def counters(advice: Advice) -> list[str]:
    """The halls to whose counters she is sent, in order."""
    return [o.weighed.candidate.site.code for o in advice.options if o.weighed and o.channel == "counter"]


def why(advice: Advice, code: str | None, channel: str = "counter") -> list[str]:
    """The codes of what stands against a hall, or against a whole channel."""
    return [
        reason.code
        for each in advice.excluded
        if each.channel == channel and (each.site.code if each.site else None) == code
        for reason in each.reasons
    ]


@st.composite
def cities(draw: st.DrawFn) -> list[Place]:
    """Cities of some halls, of which one at least is open all week."""
    count = draw(st.integers(1, 40))
    found = []
    for n in range(count):
        mode = draw(st.sampled_from(["handle", "handle", "receive", "agent", None]))
        found.append(
            Place(
                f"H{n:02d}",
                lat=HERE.lat + draw(st.floats(-0.3, 0.3)),
                lon=HERE.lon + draw(st.floats(-0.3, 0.3)),
                level=draw(st.sampled_from(["district", "street", "village"])),
                hours=draw(st.sampled_from([WEEKDAYS, WEEKDAYS, MORNINGS, NEVER])),
                kiosks=draw(st.integers(0, 2)),
                items={"CARD": mode} if mode else {},
                wait_s=draw(
                    st.one_of(st.none(), st.just(0.0), st.integers(0, 7200).map(float), st.just("not_today"))
                ),
                staffed=draw(st.booleans()) or draw(st.booleans()),
                intake=draw(st.sampled_from(["open", "open", "open", "stopped"])),
                minutes=draw(st.dictionaries(st.just("CARD"), st.floats(0.5, 45))),
            )
        )
    return [
        replace(found[0], hours=WEEKDAYS, items={"CARD": "handle"}, staffed=True, intake="open"),
        *found[1:],
    ]
