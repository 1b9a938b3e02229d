"""What does not run as it should, on the board: the fold and the tables agree, and people can read it."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from dispatch.foundation.errors import Refusal
from dispatch.halls import finding, intake, outages, rescheduling
from dispatch.halls.outages import Scope, Why
from dispatch.tickets import closing
from hall_display.board_state import BoardState, Entry, Hall, Queue
from hall_display.drawing import Drawing
from tests.hall_display.place import Boards, Place
from tests.hall_display.test_board_state import Follower

DAY = "2026-11-24"
HALL = Hall("H-1", "杜桥镇便民服务中心", "Duqiao", "Asia/Shanghai")
QUEUES = (Queue("A", "A", "综合事务", "General"), Queue("B", "B", "公安户籍", "Police"))
KINDS = {
    "IntakeStopped",
    "IntakeResumed",
    "QueuePaused",
    "QueueResumed",
    "OutageBegan",
    "OutageEnded",
    "HallDaySet",
    "HallClosedEarly",
    "HallReopened",
    "DayEnded",
}


def folded(*said: tuple[str, dict[str, Any]]) -> BoardState:
    state = BoardState(HALL, queues=QUEUES)
    for seq, (kind, data) in enumerate(said, 1):
        state, _ = state.apply(Entry("H-1", 1, seq, kind, f"2026-11-24T01:{seq:02d}:00+00:00", data))
    return state


def began(ident: str, **different: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 - fields of an entry
    data = {
        "outage": ident,
        "city": None,
        "whole": False,
        "queues": ["A"],
        "items": [],
        "reason": "power",
        "until": None,
    }
    return "OutageBegan", {**data, **different}


class Troubles:
    """A place where things go wrong."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def work(self, act: Callable[..., object], *about: Any, **told: Any) -> Any:  # noqa: ANN401
        with self.place.database.work() as session:
            return act(
                session, *self._rows(session, about), now=self.place.now, actor=self.place.actor, **told
            )

    def _rows(self, session: Any, about: tuple[Any, ...]) -> list[Any]:  # noqa: ANN401
        return [each(session) if callable(each) else each for each in about]

    def hall(self, session: Any) -> Any:  # noqa: ANN401
        return finding.hall(session, self.place.code)

    def queue(self, code: str) -> Callable[[Any], Any]:
        return lambda session: finding.queue(session, self.place.code, code)

    def begin(self, scope: Scope, minutes: int | None = None) -> str:
        until = self.place.now + timedelta(minutes=minutes) if minutes else None
        row = self.work(outages.begin, self.hall, scope, Why("power"), until=until)
        return str(row.id)

    def end(self, ident: str) -> None:
        self.work(outages.end, lambda session: outages.outage(session, ident, self.place.code))

    def random(self, chance: random.Random, live: list[str]) -> None:
        self.place.pass_time(seconds=chance.randint(1, 90))
        code, when = chance.choice("ABC"), self.place.now + timedelta(minutes=chance.randint(1, 60))
        deeds: dict[str, Callable[[], object]] = {
            "begin": lambda: live.append(
                self.begin(
                    chance.choice([Scope(queues=(code,)), Scope(whole=True), Scope(items=("X", "Y"))]),
                    chance.choice([None, 20, 40]),
                )
            ),
            "end": lambda: self.end(chance.choice(live)) if live else None,
            "stop": lambda: self.work(intake.stop, self.queue(code)),
            "go_on": lambda: self.work(intake.go_on, self.queue(code)),
            "pause": lambda: self.work(
                intake.pause, self.queue(code), reason="staff", until=chance.choice([None, when])
            ),
            "resume": lambda: self.work(intake.resume, self.queue(code)),
            "close": lambda: self.work(
                closing.close_early,
                self.hall,
                at=chance.choice([None, when]),
                reason="weather",
                afterwards=chance.choice(["serve", "notify"]),
            ),
            "reopen": lambda: self.work(closing.reopen, self.hall),
            "end_day": lambda: self.work(closing.end_day, self.hall, reason="security"),
            "day": lambda: self.work(
                rescheduling.set_day,
                self.hall,
                self.place.now.date() + timedelta(days=chance.randint(0, 2)),
                "shortened",
                openings=[["08:00", chance.choice(["11:00", "16:00"])]],
                reason="staff",
            ),
            "issue": lambda: self.place.issue(code),
            "call": lambda: self.place.call(chance.choice("13")),
            "open": lambda: self.place.window(chance.choice("13")),
        }
        with suppress(Refusal):
            deeds[chance.choice(list(deeds))]()


@pytest.mark.parametrize("seed", range(2))
def test_the_board_follows_whatever_goes_wrong(place: Place, seed: int) -> None:
    chance, follower, troubles = random.Random(seed), Follower(place), Troubles(place)
    live: list[str] = []
    for step in range(80):
        troubles.random(chance, live)
        if step % 2:
            follower.agrees()
    place.pass_time(days=1)
    for _ in range(20):
        troubles.random(chance, live)
        follower.agrees()


def test_every_kind_of_trouble_was_followed_at_least_once(place: Place) -> None:
    follower, troubles = Follower(place), Troubles(place)
    place.window("1")
    place.issue("A")
    troubles.work(intake.stop, troubles.queue("A"))
    troubles.work(intake.go_on, troubles.queue("A"))
    troubles.work(intake.pause, troubles.queue("B"), reason="staff")
    follower.agrees()
    troubles.work(intake.resume, troubles.queue("B"))
    ident = troubles.begin(Scope(queues=("A", "B")), 30)
    follower.agrees()
    troubles.end(ident)
    troubles.work(
        rescheduling.set_day,
        troubles.hall,
        place.now.date(),
        "shortened",
        openings=[["08:00", "16:00"]],
        reason="staff",
    )
    follower.agrees()
    troubles.work(closing.close_early, troubles.hall, reason="weather", afterwards="serve")
    troubles.work(closing.reopen, troubles.hall)
    troubles.work(closing.end_day, troubles.hall, reason="power")
    follower.agrees()
    assert follower.kinds >= KINDS


def test_a_paused_queue_keeps_its_row_with_reason_and_end() -> None:
    state = folded(("QueuePaused", {"queue": "A", "reason": "staff", "until": "2026-11-24T10:20:00+08:00"}))
    shown = state.board()["queues"]
    assert (shown[0]["state"], shown[0]["reason"]) == ("paused", "staff")
    assert shown[0]["until"] == "2026-11-24T02:20:00+00:00"
    assert shown[1]["state"] == "open"


def test_what_any_outage_holds_stays_out_until_the_last_of_them_ends() -> None:
    two = [began("1"), began("2", whole=True, queues=[], reason="network")]
    assert [each["state"] for each in folded(*two).board()["queues"]] == ["outage", "outage"]
    one_left = folded(*two, ("OutageEnded", {"outage": "2", "run_out": False}))
    assert [each["state"] for each in one_left.board()["queues"]] == ["outage", "open"]
    assert folded(*two, ("OutageEnded", {"outage": "9", "run_out": False})).board() == folded(*two).board()


def test_the_weightiest_is_told_first_and_items_are_only_counted() -> None:
    state = folded(began("1", queues=[], items=["X", "Y"]), began("2"), began("3", whole=True, queues=[]))
    told = state.notices()
    assert [(each["all"], each["queues"], each["items"]) for each in told] == [
        (True, [], 0),
        (False, ["A"], 0),
        (False, [], 2),
    ]


def test_a_day_that_is_over_is_told_no_more() -> None:
    closed = {
        "day": DAY,
        "since": "2026-11-24T08:00:00+00:00",
        "reason": "weather",
        "afterwards": "serve",
        "to_hall": None,
    }
    state = folded(("HallClosedEarly", closed))
    assert [each["kind"] for each in state.notices()] == ["closed_early"]
    later = folded(
        ("HallClosedEarly", closed),
        ("TicketIssued", {"ticket": "1", "queue": "A", "service_day": "2026-11-25"}),
    )
    assert later.notices() == []


def test_the_rows_and_the_notice_are_drawn_in_both_languages(place: Place, room: Boards) -> None:
    troubles = Troubles(place)
    troubles.begin(Scope(queues=("D",)), 50)
    troubles.work(intake.pause, troubles.queue("A"), reason="staff", note="两人开会")
    troubles.work(closing.close_early, troubles.hall, reason="weather", afterwards="serve")
    feed = room.display.feeds.of(place.code)
    drawing = Drawing(lambda: room.app.jinja_env)
    with feed.settled():
        chinese, english = feed.snapshot(drawing, "zh"), feed.snapshot(drawing, "en")
    assert "暂停办理" in chinese["html"]
    assert "停电,预计 10:20 恢复" in chinese["html"]
    assert "人手不够" in chinese["html"]
    assert "两人开会" not in chinese["html"]
    assert "Power cut, till 10:20" in english["html"]
    assert "D 暂停办理:停电" in chinese["notice"]
    assert f'data-day="{DAY}"' in chinese["notice"]
    assert "No more tickets today from 09:30" in english["notice"]
