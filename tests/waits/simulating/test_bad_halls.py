"""Halls in which something is missing or has become impossible: a wait with its range, or why there is none."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.halls.models import Hall, Queue, Window
from dispatch.learning.knowing import Known
from dispatch.queues.policy import Policy
from dispatch.tickets.lines import Place
from dispatch.tickets.minutes import Minutes
from dispatch.waits import fluid, forecasting, scenes
from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.forecasting import Foretold, Moment
from dispatch.waits.ranging import Ranges
from dispatch.waits.reasons import REASONS
from dispatch.waits.standing import Served, Standing

NOW = datetime(2026, 11, 23, 1, 37, tzinfo=UTC)
AT = NOW.timestamp()
MONTH_S = 30 * 86_400.0
QUEUES = ("D", "A")
MOMENTS = st.sampled_from([-MONTH_S, -86_400.0, -3600.0, -1.0, 0.0, 1.0, 3600.0, MONTH_S])


def person(number: int, queue: str, **different: object) -> Place:
    told: dict[str, object] = {
        "id": f"t{number}",
        "queue": queue,
        "letter": "A",
        "n": number,
        "service_day": NOW.date(),
        "priority": "none",
        "channel": "kiosk",
        "place": NOW,
        "booked_for": None,
        "arrived_at": None,
        "reactivated": 0,
        "passed": 0,
        "kept_for": None,
        "kept_until": None,
        "items": [],
    }
    return Place(**{**told, **different})  # type: ignore[arg-type]


def window(name: str, queues: list[str], state: str = "open") -> Window:
    return Window(id=name, hall="H", name=name, queues=queues, state=state, lapsed=False, staff=None)


def hall(
    windows: list[Window], waiting: list[Place], closes_s: float = 7200.0, **different: object
) -> Standing:
    told = Standing(
        place=Hall(code="H", tz="Asia/Shanghai"),
        now=NOW,
        policy=Policy(),
        openings=[(AT, AT + closes_s)],
        queues=[Queue(hall="H", code=code, intake="open", intake_until=None) for code in QUEUES],
        windows=windows,
        waiting=waiting,
        served={},
        minutes=Minutes({}, {}),
        known=Known(),
    )
    return replace(told, **different)  # type: ignore[arg-type]


def foretold(hall: Standing) -> Foretold:
    return forecasting.foretell(Moment(hall, 0, 0, NOW), Ranges())


def test_where_no_window_ever_opens_it_is_said() -> None:
    for windows in ([], [window("1", [])], [window("1", ["D"], "closed")]):
        found = foretold(hall(windows, [person(1, "D")]))
        assert found.queues == dict.fromkeys(QUEUES, Unknown("no_window_open"))
        assert found.tickets == {"t1": Unknown("no_window_open")}


def test_a_queue_that_nobody_serves_has_no_wait_and_the_other_one_has() -> None:
    found = foretold(hall([window("1", ["D"])], [person(1, "A"), person(2, "D")]))
    assert found.queues["A"] == found.tickets["t1"] == Unknown("no_window_open")
    assert isinstance(found.tickets["t2"], Forecast)
    assert isinstance(found.queues["D"], Forecast)


def test_whoever_is_not_reached_before_closing_is_told_so() -> None:
    found = foretold(hall([window("1", ["D"])], [person(n, "D") for n in range(1, 30)], closes_s=1800.0))
    assert isinstance(found.tickets["t1"], Forecast)
    assert found.tickets["t29"] == found.queues["D"] == Unknown("not_today")


def test_a_queue_without_history_is_told_for_as_long_as_the_last_hour_tells_of_it() -> None:
    found = foretold(hall([window("1", ["D"])], [], closes_s=4 * 3600.0))
    assert found.arrivals is not None
    told = [isinstance(each, Forecast) for each in found.arrivals["D"]]
    assert told == sorted(told, reverse=True)
    assert found.arrivals["D"][-1] == Unknown("not_learned_yet")


@st.composite
def impossible(draw: st.DrawFn) -> Standing:
    """Clocks that jumped, calls that nobody ended, windows of queues that are gone, no end of items."""

    def moment() -> datetime:
        return NOW + timedelta(seconds=draw(MOMENTS))

    windows = [
        window(str(n), draw(st.lists(st.sampled_from(["D", "A", "gone"]), max_size=3)), state)
        for n, state in enumerate(
            draw(st.lists(st.sampled_from(["open", "open", "paused", "closed"]), max_size=4))
        )
    ]
    items = st.lists(
        st.fixed_dictionaries({"item": st.just("X"), "count": st.sampled_from([1, 20])}), max_size=2
    )
    waiting = [
        person(
            n + 1,
            draw(st.sampled_from(QUEUES)),
            place=moment(),
            arrived_at=draw(st.sampled_from([None, moment()])),
            booked_for=draw(st.sampled_from([None, moment()])),
            channel=draw(st.sampled_from(["kiosk", "web"])),
            kept_for=draw(st.sampled_from([None, "0", "gone"])),
            kept_until=draw(st.sampled_from([None, moment()])),
            passed=draw(st.sampled_from([0, 10_000])),
            items=draw(items),
        )
        for n in range(draw(st.integers(0, 5)))
    ]
    called = st.builds(Served, st.sampled_from(["D", "gone"]), items, MOMENTS.map(AT.__add__), st.booleans())
    return hall(
        windows,
        waiting,
        closes_s=draw(st.sampled_from([0.001, 1.0, 1000.0, 86_400.0])),
        served={each.id: draw(st.lists(called, max_size=2)) for each in windows},
        lately={"D": draw(st.sampled_from([0.0, 0.01]))},
    )


@settings(max_examples=60, deadline=None)
@given(hall=impossible())
def test_whatever_has_happened_nothing_told_is_nonsense(hall: Standing) -> None:
    found = foretold(hall)
    assert found.arrivals is not None
    told = [
        *found.queues.values(),
        *found.tickets.values(),
        *(each for row in found.arrivals.values() for each in row),
    ]
    for each in told:
        if isinstance(each, Unknown):
            assert each.because in REASONS
        else:
            assert 0 <= each.low_s <= each.point_s <= each.high_s < math.inf
    waits = fluid.waits(scenes.scene_of(hall))
    assert (waits.tickets >= 0).all()
    assert (waits.arrivals >= 0).all()
