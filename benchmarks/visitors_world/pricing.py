"""What a running city would say of a hall of the visitors' world: learned from its log, and played on by its roster."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from benchmarks.visitors_world.days import ITEMS, POLICY, POSTS, SPAN_H, ZONE, HallDay
from benchmarks.visitors_world.hindsight import Hindsight, as_learned
from dispatch.halls.models import Hall, Queue, Window
from dispatch.learning.happenings import Happening, Kind
from dispatch.learning.knowing import Known
from dispatch.learning.learner import Learner
from dispatch.staffing.models import Shift
from dispatch.tickets.minutes import USUAL, Minutes
from dispatch.waits import scenes
from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.simulating import kernel, reading
from dispatch.waits.simulating.casting import PATHS, cast
from dispatch.waits.standing import LATELY, Served, Standing

MINUTES = Minutes({}, {})
"""Nothing: what an item takes has to be learned."""


class City:
    """What is known of one hall so far."""

    def __init__(self, hall: str) -> None:
        self._place = Hall(code=hall, tz=str(ZONE))
        self._catalogue = Known.by_catalogue(
            hall, ZONE, {item: USUAL for items in ITEMS.values() for item in items}
        )
        self._learner = Learner(ZONE)

    def plan(self, day: HallDay) -> None:
        """The roster of a day, as the log tells it the evening before."""
        evening = day.midnight - 6 * 3600
        for post in POSTS:
            spans = tuple(
                (day.midnight + 3600 * start, day.midnight + 3600 * end) for start, end in post.spans
            )
            shift = Happening(evening, Kind.PLANNED, day.hall, window=post.window, spans=spans)
            self.see(replace(shift, shift=f"{post.window} {day.day}", clerk=f"c{post.window}"))

    def see(self, happening: Happening) -> None:
        """Learn from what happened."""
        self._learner.see(happening)

    def foretold(self, day: HallDay, hindsight: Hindsight = as_learned) -> Forecast | Unknown:
        """The wait of whoever joined last, by the simulation."""
        scene = hindsight(scenes.scene_of(self._standing(day)), day)
        waits = reading.read(scene, kernel.play(scene, cast(scene, PATHS))).tickets
        return waits.of(len(day.waiting) - 1)

    def by_textbook(self, day: HallDay) -> Forecast | Unknown:
        """People ahead of her and she herself, times the mean service, by the windows open for her queue."""
        queue = day.waiting[-1].queue
        windows = sum(desk.state == "open" and queue in desk.post.queues for desk in day.desks.values())
        if not windows:
            return Unknown("no_window_open")
        people = sum(person.queue == queue for person in day.waiting)
        wait = people * self._known().service(queue=queue).mean_s / windows
        return Forecast(wait, wait, wait, "ql_textbook")

    def _known(self) -> Known:
        return self._learner.known(self._place.code, self._catalogue)

    def _standing(self, day: HallDay) -> Standing:
        now = datetime.fromtimestamp(day.now, ZONE)
        spans = [tuple(day.moment(hour).timestamp() for hour in span) for span in SPAN_H]
        since = day.now - LATELY.total_seconds()
        came = Counter(queue for at, queue in day.joined if at >= since)
        return Standing(
            place=self._place,
            now=now,
            policy=POLICY,
            openings=[(max(start, now.timestamp()), end) for start, end in spans if end > day.now],
            queues=[
                Queue(hall=day.hall, code=code, letter=code[0], active=True, intake="open") for code in ITEMS
            ],
            windows=[
                Window(
                    id=post.window, hall=day.hall, code=post.window, queues=list(post.queues),
                    state=day.desks[post.window].state, staff=f"c{post.window}", lapsed=False,
                )
                for post in POSTS
            ],
            waiting=list(day.waiting),
            served={
                window: [Served(desk.serving.queue, desk.serving.items, desk.called_at)]
                for window, desk in day.desks.items()
                if desk.serving is not None
            },
            minutes=MINUTES,
            known=self._known(),
            lately={queue: people / LATELY.total_seconds() for queue, people in came.items()},
            shifts=[_shift(day, post.window, post.spans) for post in POSTS],
        )  # fmt: skip


def _shift(day: HallDay, window: str, spans: tuple[tuple[float, float], ...]) -> Shift:
    """The roster of a window: what lies between its spans are breaks."""
    breaks = [[_iso(day, end), _iso(day, start)] for (_, end), (start, _) in pairwise(spans)]
    return Shift(
        id=window,
        account=f"c{window}",
        hall=day.hall,
        window=window,
        starts=day.moment(spans[0][0]),
        ends=day.moment(spans[-1][1]),
        breaks=breaks,
    )


def _iso(day: HallDay, hour: float) -> str:
    return day.moment(hour).isoformat()
