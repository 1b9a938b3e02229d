"""A hall of the visitors' world without a city: who comes, what she does, and what the clerks do, as happenings.

People and clerks are those of the demo's visitors, with their parameters. The roster is a plan that everybody may read;
clerks keep it about as well as people do.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.demo.visitors import chance
from dispatch.demo.visitors.parameters import Parameters
from dispatch.learning.happenings import Happening, Kind
from dispatch.queues import rules
from dispatch.queues.policy import Policy
from dispatch.tickets import lines
from dispatch.tickets.lines import Place
from dispatch.tickets.minutes import USUAL

ZONE = ZoneInfo("Asia/Shanghai")
POLICY = Policy()
SPAN_H = ((9.0, 12.0), (13.5, 17.0))
ITEMS = {
    "HR": ("HR-CARD", "HR-CERT", "HR-RURALREG", "HR-FLEXSUB"),
    "MI": ("MI-REG", "MI-OTHER", "MI-REIMB"),
    "PSB": ("PSB-ID-RENEW", "PSB-RESID", "PSB-PASS"),
}


@dataclass(frozen=True)
class Post:
    """A window, the queues it calls from, and its spans of a day in hours, as the roster has them."""

    window: str
    queues: tuple[str, ...]
    spans: tuple[tuple[float, float], ...] = SPAN_H


POSTS = (
    Post("1", ("HR",)),
    Post("2", ("HR",)),
    Post("3", ("HR", "MI"), ((9.0, 12.5), (13.5, 17.0))),
    Post("4", ("MI",), ((9.5, 12.0), (13.0, 16.5))),
    Post("5", ("MI",)),
    Post("6", ("PSB",)),
    Post("7", ("PSB",), ((9.0, 12.0),)),
    Post("8", ("PSB", "HR"), ((10.0, 12.0), (14.0, 17.0))),
)


@dataclass
class Desk:
    """A window today. `state` as the city has it; `ends` when the span under way is over by the roster."""

    post: Post
    slowness: float
    state: str = "closed"
    ends: float = 0.0
    serving: Place | None = None
    called_at: float = 0.0


@dataclass
class HallDay:
    """One day of one hall, as it goes. What it has become at any moment is there to be read."""

    hall: str
    day: date
    load: float
    seed: int
    parameters: Parameters = field(default_factory=Parameters)
    now: float = 0.0
    waiting: list[Place] = field(default_factory=list)
    joined: list[tuple[float, str]] = field(default_factory=list)
    desks: dict[str, Desk] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Everybody's dice, and what is due since the morning."""
        self.midnight = datetime.combine(self.day, time(0), ZONE).timestamp()
        self._thrown = chance.dice(self.seed, self.hall, self.day.isoformat())
        self._due: list[tuple[float, int, str, str]] = []
        self._order = 0
        self._gone: set[str] = set()
        self._busy = chance.lognormal(self._thrown, 1.0, 0.15)
        for post in POSTS:
            slowness = chance.lognormal(self._clerk(post), 1.0, self.parameters.clerk_spread)
            self.desks[post.window] = Desk(post, slowness)
            for start, end in post.spans:
                stagger = chance.seconds_in(self._thrown, self.parameters.stagger_s).total_seconds()
                self._at(self.midnight + 3600 * start + stagger, "opens", post.window)
                for late_min in (0.0, self.parameters.overtime_min):
                    self._at(self.midnight + 3600 * end + 60 * late_min, "wakes", post.window)
        for queue in ITEMS:
            for at in self._comings(queue):
                self._at(at, "comes", queue)

    def play(self) -> Iterator[Happening]:
        """All that happens, in order; at each, the day stands as it does just after it."""
        while self._due:
            self.now, _, what, who = heapq.heappop(self._due)
            yield from getattr(self, f"_{what}")(who)
            for desk in self.desks.values():
                yield from self._look(desk)

    def per_s(self, queue: str, at: datetime) -> float:
        """People a second who are to be expected then."""
        return self._at_peak(queue) * chance.share_at(self.parameters.day, at)

    def moment(self, hour: float) -> datetime:
        """That hour of the day."""
        return datetime.fromtimestamp(self.midnight + 3600 * hour, ZONE)

    # --- what happens ---------------------------------------------------------------------------------

    def _comes(self, queue: str) -> Iterator[Happening]:
        first, last = self.parameters.balk
        ahead = sum(person.queue == queue for person in self.waiting)
        if self._thrown.random() < (ahead - first) / (last - first):
            return
        person = self._person(queue)
        self.waiting.append(person)
        self.joined.append((self.now, queue))
        if self._thrown.random() < self.parameters.leaves:
            patience_s = 60 * chance.lognormal(self._thrown, self.parameters.patience_min, 0.5)
            gives_back = self._thrown.random() < self.parameters.cancels
            self._at(self.now + patience_s, "cancels" if gives_back else "goes", person.id)
        yield self._told(Kind.ISSUED, person)

    def _cancels(self, ident: str) -> Iterator[Happening]:
        for person in [each for each in self.waiting if each.id == ident]:
            self.waiting.remove(person)
            yield self._told(Kind.LEFT, person)

    def _goes(self, ident: str) -> Iterator[Happening]:
        self._gone.add(ident)
        yield from ()

    def _opens(self, window: str) -> Iterator[Happening]:
        desk = self.desks[window]
        ends = [self.midnight + 3600 * end for _, end in desk.post.spans]
        desk.ends = min(end for end in ends if end > self.now)
        if desk.state != "open":
            desk.state = "open"
            yield Happening(
                self.now, Kind.OPENED, self.hall, window=window, clerk=f"c{window}", queues=desk.post.queues
            )

    def _wakes(self, window: str) -> Iterator[Happening]:
        """Her span is over by the roster, or her overtime: she looks whether to go home."""
        yield from ()

    def _starts(self, window: str) -> Iterator[Happening]:
        desk = self.desks[window]
        assert desk.serving is not None
        yield self._told(Kind.STARTED, desk.serving, window)
        minutes = self.parameters.mean_minutes(desk.serving.items[0]["item"]) * desk.slowness
        self._at(
            self.now + 60 * chance.lognormal(self._thrown, minutes, self.parameters.spread), "done", window
        )

    def _done(self, window: str) -> Iterator[Happening]:
        desk = self.desks[window]
        assert desk.serving is not None
        yield self._told(Kind.FINISHED, desk.serving, window)
        desk.serving = None
        if self._thrown.random() < self.parameters.rests and self.now < desk.ends:
            desk.state = "paused"
            yield Happening(self.now, Kind.CLOSED, self.hall, window=window)
            rest = chance.minutes_in(self._thrown, self.parameters.rest_min)
            self._at(self.now + rest.total_seconds(), "rested", window)

    def _rested(self, window: str) -> Iterator[Happening]:
        desk = self.desks[window]
        desk.state = "closed"
        if self.now < desk.ends:
            yield from self._opens(window)

    def _missed(self, window: str) -> Iterator[Happening]:
        desk = self.desks[window]
        assert desk.serving is not None
        yield self._told(Kind.MISSED, desk.serving, window)
        desk.serving = None

    def _look(self, desk: Desk) -> Iterator[Happening]:
        """A free clerk calls whoever is next, or goes home."""
        if desk.state != "open" or desk.serving is not None:
            return
        mine = [person for person in self.waiting if person.queue in desk.post.queues]
        late = self.now >= desk.ends + 60 * self.parameters.overtime_min
        if self.now >= desk.ends and (late or not mine):
            desk.state = "closed"
            yield Happening(self.now, Kind.CLOSED, self.hall, window=desk.post.window)
        elif mine:
            yield from self._call(desk, self._first(mine))

    def _call(self, desk: Desk, person: Place) -> Iterator[Happening]:
        self.waiting.remove(person)
        desk.serving, desk.called_at = person, self.now
        yield self._told(Kind.CALLED, person, desk.post.window)
        if person.id in self._gone or self._thrown.random() < self.parameters.deaf:
            times = self._thrown.randint(*self.parameters.recalls) + 1
            held = sum(self._thrown.uniform(*self.parameters.recall_s) for _ in range(times))
            self._at(self.now + held, "missed", desk.post.window)
        else:
            self._at(self.now + self._thrown.uniform(*self.parameters.walk_s), "starts", desk.post.window)

    # --- parts ----------------------------------------------------------------------------------------

    def _first(self, people: list[Place]) -> Place:
        """Whom the city's own rules call."""
        codes = list(ITEMS)
        of = [codes.index(person.queue) for person in people]
        order, _ = rules.rank_lines(
            lines.arrays_of(people), np.array(of), np.full(len(people), USUAL), self.now, POLICY
        )
        first: Place = people[order[0]]
        return first

    def _comings(self, queue: str) -> Iterator[float]:
        """A Poisson process whose rate goes with the hour, by thinning."""
        at, most = self.midnight + 3600 * 8.5, self._at_peak(queue)
        while (at := at + self._thrown.expovariate(most)) < self.midnight + 3600 * 16.75:
            if self._thrown.random() < chance.share_at(self.parameters.day, datetime.fromtimestamp(at, ZONE)):
                yield at

    def _at_peak(self, queue: str) -> float:
        """People a second at the peak: as many as its windows can serve, times the load."""
        offers = [
            (self.parameters.mean_minutes(item), self.parameters.weights[item]) for item in ITEMS[queue]
        ]
        mean = sum(minutes * weight for minutes, weight in offers) / sum(weight for _, weight in offers)
        windows = sum(1 / len(post.queues) for post in POSTS if queue in post.queues)
        return self.load * self._busy * windows / (60 * mean + self.parameters.call_overhead_s)

    def _person(self, queue: str) -> Place:
        number = len(self.joined) + 1
        priority = "none"
        if self._thrown.random() < self.parameters.with_priority:
            priority = chance.one_of(self._thrown, self.parameters.priorities)
        item = chance.one_of(self._thrown, [(item, self.parameters.weights[item]) for item in ITEMS[queue]])
        at = datetime.fromtimestamp(self.now, ZONE)
        return Place(
            id=f"{self.hall}:{self.day}:{number}",
            queue=queue,
            letter=queue[0],
            n=number,
            service_day=self.day,
            priority=priority,
            channel="kiosk",
            place=at,
            booked_for=None,
            arrived_at=at,
            reactivated=0,
            passed=0,
            kept_for=None,
            kept_until=None,
            items=[{"item": item, "count": 1}],
        )

    def _told(self, kind: Kind, person: Place, window: str = "") -> Happening:
        return Happening(
            self.now, kind, self.hall, person.queue, person.id, person.items[0]["item"], window,
            clerk=f"c{window}" if window else "", priority=person.priority,
        )  # fmt: skip

    def _clerk(self, post: Post) -> Random:
        """Her own dice, the same every day."""
        return chance.dice(self.seed, self.hall, "clerk", post.window)

    def _at(self, when: float, what: str, who: str) -> None:
        self._order += 1
        heapq.heappush(self._due, (when, self._order, what, who))


def workdays(first: date, count: int) -> list[date]:
    """So many days from Monday to Friday."""
    days = (first + timedelta(days=each) for each in range(2 * count + 7))
    return [day for day in days if day.weekday() < 5][:count]
