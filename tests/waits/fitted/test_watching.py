"""The watcher keeps the state of all halls, whatever it is told."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.learning.happenings import Happening, Kind
from dispatch.waits.fitted.watching import APART_S, Watcher


def happenings(*kinds: Kind) -> st.SearchStrategy[Happening]:
    """Anything that could be told, in any order of time."""
    return st.builds(
        Happening,
        at=st.floats(-1e5, 1e5),
        kind=st.sampled_from(kinds or tuple(Kind)),
        hall=st.sampled_from(["city_hall", "town_hall"]),
        queue=st.sampled_from(["A", "B"]),
        ticket=st.sampled_from([f"ticket {number}" for number in range(8)]),
        window=st.sampled_from(["1", "2"]),
        queues=st.sampled_from([(), ("A",), ("B",), ("A", "B")]),
        windows=st.integers(-3, 9),
    )


@given(st.lists(happenings(), max_size=40))
def test_whatever_is_told_counts_stay_sound_and_time_runs_forwards(told: list[Happening]) -> None:
    watcher = Watcher()
    for happening in told:
        watcher.see(happening)
    for (hall, name), queue in watcher.day.queues.items():
        assert queue.joined == sorted(queue.joined)
        assert queue.calls == sorted(queue.calls)
        assert list(queue.line.values()) == sorted(queue.line.values())
        assert len(queue.calls) == sum(watcher.bursts(hall, name).sizes) <= len(queue.joined)
        assert all(waited >= 0 for waited in queue.waited)
        assert queue.busy == sorted(queue.busy)
        assert queue.windows is None or queue.windows >= 0


@given(st.lists(happenings(Kind.OPENED, Kind.CLOSED), max_size=20))
def test_named_windows_are_counted_for_each_queue_they_serve_now(told: list[Happening]) -> None:
    watcher = Watcher()
    for happening in told:
        watcher.see(happening)
    for (hall, name), queue in watcher.day.queues.items():
        last: dict[str, Happening] = {each.window: each for each in told if each.hall == hall}
        serving = [each for each in last.values() if each.kind is Kind.OPENED and name in each.queues]
        assert queue.windows == len(serving)


def test_calls_close_together_are_one_burst() -> None:
    watcher = Watcher()
    moments = [0.0, APART_S, 2 * APART_S, 3 * APART_S + 1]
    for number in range(len(moments)):
        watcher.see(Happening(0.0, Kind.ISSUED, "city_hall", "A", str(number)))
    for number, at in enumerate(moments):
        watcher.see(Happening(at, Kind.CALLED, "city_hall", "A", str(number)))
    assert watcher.bursts("city_hall", "A").sizes == [3, 1]
