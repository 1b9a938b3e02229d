"""Which window makes which call, and when each line ends."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.wiring.replaying import naming, planning
from dispatch.wiring.replaying.planning import Step
from dispatch.wiring.ticket_logs.judging import Line

DAY = datetime(2024, 3, 4, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def at(minute: int | None) -> datetime | None:
    return None if minute is None else DAY + timedelta(hours=9, minutes=minute)


def line(issued: int, called: int | None = None, finished: int | None = None, **other: object) -> Line:
    told: dict[str, Any] = {
        "file": "log.csv",
        "number": 2,
        "ticket": "",
        "hall": "town",
        "queue": "A",
        "item": "",
        "window": "",
        "outcome": "",
        "booked_for": None,
        "score": True,
    }
    times = {"issued_at": at(issued), "called_at": at(called), "finished_at": at(finished)}
    return Line(**{**told, **times, **other})


def told(*lines: Line) -> list[tuple[int | str, str, int, str, int]]:
    """The steps, their times in minutes after nine."""
    return [_brief(step) for step in planning.plans(lines, ZONE)[0].steps]


def _brief(step: Step) -> tuple[int | str, str, int, str, int]:
    minutes = (step.at - DAY - timedelta(hours=9)) / timedelta(minutes=1)
    return "midnight" if minutes == 15 * 60 else int(minutes), step.verb, step.line, step.window, step.ends


def test_who_has_no_known_finish_is_finished_by_the_windows_next_call() -> None:
    assert told(line(0, 5), line(1, 7)) == [
        (0, "issue", 0, "", -1),
        (1, "issue", 1, "", -1),
        (5, "call", 0, "A1", -1),
        (7, "call", 1, "A1", 0),
        (7, "finish", 1, "A1", -1),
        (7, "close", -1, "A1", -1),
        ("midnight", "end_day", -1, "", -1),
    ]


def test_while_every_window_is_held_one_more_opens() -> None:
    steps = told(line(0, 5, 20), line(1, 7, 9), line(2, 10, 11))
    assert [step for step in steps if step[1] in ("call", "finish")] == [
        (5, "call", 0, "A1", -1),
        (7, "call", 1, "A2", -1),
        (9, "finish", 1, "A2", -1),
        (10, "call", 2, "A2", -1),
        (11, "finish", 2, "A2", -1),
        (20, "finish", 0, "A1", -1),
    ]


def test_the_logs_own_window_is_followed_and_takes_one_at_a_time() -> None:
    steps = told(line(0, 5, 20, window="7"), line(1, 7, 9, window="7", queue="B"))
    assert [step for step in steps if step[1] in ("call", "finish")] == [
        (5, "call", 0, "7", -1),
        (7, "call", 1, "7", 0),
        (9, "finish", 1, "7", -1),
    ]


def test_a_window_of_the_replay_never_takes_the_name_of_one_in_the_log() -> None:
    plan = planning.plans([line(0, 5, window="A1"), line(1, 6)], ZONE)[0]
    assert list(plan.windows) == ["A1", "A1x"]


def test_missed_is_missed_at_the_next_call_too() -> None:
    steps = told(line(0, 5, outcome="missed"), line(1, 7, outcome="missed"))
    assert [step[1:3] for step in steps if step[0] == 7] == [("call", 1), ("missed", 1), ("close", -1)]


def test_cancelled_when_the_log_says_or_when_the_day_is_done() -> None:
    steps = told(line(0, None, 3, outcome="cancelled"), line(1, outcome="cancelled"), line(2, 8))
    assert [step[:3] for step in steps if step[1] == "cancel"] == [(3, "cancel", 0), (8, "cancel", 1)]


def test_all_in_one_instant_still_follows_the_order_of_a_life() -> None:
    assert [step[1:3] for step in told(line(4, 4, 4), line(4, 4))] == [
        ("issue", 0),
        ("issue", 1),
        ("call", 0),
        ("call", 1),
        ("finish", 0),
        ("close", -1),
        ("finish", 1),
        ("close", -1),
        ("end_day", -1),
    ]


def test_each_day_ends_at_its_own_midnight_of_the_zone() -> None:
    zone = ZoneInfo("Etc/GMT-8")
    steps = planning.plans([line(0, 5), line(24 * 60, 24 * 60 + 5)], zone)[0].steps
    ends = [step.at.astimezone(UTC) for step in steps if step.verb == "end_day"]
    assert ends == [DAY + timedelta(hours=16), DAY + timedelta(hours=40)]


def test_letters_follow_the_order_of_names() -> None:
    plan = planning.plans([line(0, queue=name) for name in ("10", "2", "护照 1", "b")], ZONE)[0]
    assert list(plan.queues) == ["2", "10", "b", "护照 1"]
    assert plan.queues["护照 1"] == "Q1"
    letters = naming.letters()
    drawn = [next(letters) for _ in range(28)]
    assert (drawn[0], drawn[25], drawn[26], drawn[27]) == ("A", "Z", "AA", "AB")


def test_codes_are_safe_and_apart() -> None:
    names = ["town", "city", "Q1", "a b", "x" * 41, "../etc"]
    codes = naming.codes(names, "Q", 40)
    assert codes["town"] == "town"
    assert codes["Q1"] == "Q1"
    assert sorted(codes.values()) == sorted({"town", "Q1", "Q2", "Q3", "Q4", "Q5"})


# --- whatever the log says ----------------------------------------------------------------------------


@st.composite
def any_line(draw: st.DrawFn) -> Line:
    """A line as the reader lets it pass, of a crowded half hour."""
    issued = draw(st.integers(0, 20))
    queue = draw(st.sampled_from("AB"))
    if draw(st.booleans()):
        outcome = draw(st.sampled_from(["", "cancelled", "expired"]))
        left = issued + draw(st.integers(0, 9)) if outcome == "cancelled" and draw(st.booleans()) else None
        return line(issued, None, left, outcome=outcome, queue=queue)
    called = issued + draw(st.integers(0, 9))
    finished = draw(st.none() | st.integers(called, called + 9))
    outcome = draw(st.sampled_from(["", "finished", "missed"]))
    window = draw(st.sampled_from(["", "7", "8"]))
    return line(issued, called, finished, outcome=outcome, queue=queue, window=window)


@settings(deadline=None)
@given(lines=st.lists(any_line(), min_size=1, max_size=25))
def test_every_line_lives_one_life_and_every_window_holds_one_person(lines: list[Line]) -> None:
    plan = planning.plans(lines, ZONE)[0]
    lives: dict[int, list[str]] = {index: [] for index in range(len(lines))}
    holds: dict[str, int] = {}
    assert [step.at for step in plan.steps] == sorted(step.at for step in plan.steps)
    for step in plan.steps:
        if step.verb == "call":
            assert holds.get(step.window, -1) == step.ends
            if step.ends >= 0:
                lives[step.ends].append("missed" if plan.lines[step.ends].outcome == "missed" else "finish")
            holds[step.window] = step.line
            code = plan.queues[plan.lines[step.line].queue]
            assert code in plan.windows[step.window][1]
        elif step.verb in ("finish", "missed"):
            assert holds.pop(step.window) == step.line
        if step.line >= 0:
            lives[step.line].append(step.verb)
    assert holds == {}
    for index, life in lives.items():
        assert life == _expected(plan.lines[index])


def _expected(told: Line) -> list[str]:
    if told.called_at is None:
        return ["issue", "cancel"] if told.outcome == "cancelled" else ["issue"]
    return ["issue", "call", "missed" if told.outcome == "missed" else "finish"]
