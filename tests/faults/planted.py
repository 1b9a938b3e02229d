"""Bugs planted in the real code, each as somebody might write it, and the rule that must find it."""
# ruff: noqa: ANN401 - what wraps a function passes on what it was called with

import functools
import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from dispatch.foundation import clock, database, driver, idempotency, listening, log
from dispatch.foundation.database import CityIsBusy
from dispatch.foundation.errors import Refusal
from dispatch.pages.shared import calls
from dispatch.tickets import calling, ending, issuing, lines, parking, serving
from dispatch.tickets.models import Ticket
from hall_display.feeds import Change, HallFeed
from tests.faults.bench import HALLS, Bench
from tests.faults.crowd import AS_USUAL, Habits, by_chance

Patch = pytest.MonkeyPatch
A_MOMENT = 0.02


@dataclass(frozen=True)
class Bug:
    """What is broken, the rule that finds it, and what a crowd must do to meet it."""

    rule: str
    plant: Callable[[Patch, Bench], None]
    habits: Habits = AS_USUAL
    deaf_percent: int = 3
    lawless: tuple[str, str] | None = None

    def ground(self, bench: Bench) -> AbstractContextManager[None]:
        """Without the database's own guard, where that would hide the bug."""
        return bench.without(*self.lawless) if self.lawless else nullcontext()


BUGS: dict[str, Bug] = {}


def bug(
    rule: str,
    **how: Any,
) -> Callable[[Callable[[Patch, Bench], None]], Callable[[Patch, Bench], None]]:
    """Enter a bug in the list under its function's name."""

    def enter(plant: Callable[[Patch, Bench], None]) -> Callable[[Patch, Bench], None]:
        BUGS[plant.__name__] = Bug(rule, plant, **how)
        return plant

    return enter


class Every:
    """Yes, every so many times, whichever thread asks."""

    def __init__(self, nth: int) -> None:
        self._nth, self._count, self._lock = nth, 0, threading.Lock()

    def __call__(self) -> bool:
        """Whether it is time again."""
        with self._lock:
            self._count += 1
            return self._count % self._nth == 0


NUMBERS = ("ticket", "ticket_number")
SEATS = ("ticket", "ticket_at_window")
_SET = text(
    "INSERT INTO number_series (hall, letter, service_day, last, place) VALUES (:hall, :letter, :day, :n, :now) "
    "ON CONFLICT (hall, letter, service_day) DO UPDATE SET last = :n"
)
_LAST = text("SELECT last FROM number_series WHERE hall = :hall AND letter = :letter AND service_day = :day")


# --- numbers ------------------------------------------------------------------------------------------


@bug("H1", lawless=NUMBERS)
def a_number_is_read_and_then_written(patch: Patch, bench: Bench) -> None:
    def draw(session: Session, hall: str, letter: str, day: date, now: datetime) -> tuple[int, datetime]:
        row = {"hall": hall, "letter": letter, "day": day}
        n = (session.execute(_LAST, row).scalar() or 0) + 1
        time.sleep(A_MOMENT)
        session.execute(_SET, {**row, "n": n, "now": now})
        return n, now

    patch.setattr(issuing, "_draw", draw)


@bug("H2")
def a_number_is_drawn_in_a_transaction_of_its_own(patch: Patch, bench: Bench) -> None:
    draw = issuing._draw

    def drawn(session: Session, *told: Any) -> tuple[int, datetime]:
        with Session(bench.web.database.engine) as other:
            numbered = draw(other, *told)
            other.commit()
        if by_chance(2):
            raise CityIsBusy
        return numbered

    patch.setattr(issuing, "_draw", drawn)


@bug("H1", lawless=NUMBERS, habits=Habits(cancel=6))
def a_number_is_given_back_on_cancelling(patch: Patch, bench: Bench) -> None:
    cancel = ending.cancel

    def cancelled(session: Session, ticket: Ticket, **told: Any) -> None:
        cancel(session, ticket, **told)
        row = {"hall": ticket.hall, "letter": ticket.letter, "day": ticket.service_day}
        n = session.execute(_LAST, row).scalar_one() - 1
        session.execute(_SET, {**row, "n": n, "now": ticket.issued_at})

    patch.setattr(ending, "cancel", cancelled)


@bug("H2", lawless=NUMBERS)
def another_halls_number_is_drawn(patch: Patch, bench: Bench) -> None:
    draw, wrong = issuing._draw, Every(4)

    def drawn(session: Session, hall: str, *told: Any) -> tuple[int, datetime]:
        return draw(session, HALLS[hall == HALLS[0]] if wrong() else hall, *told)

    patch.setattr(issuing, "_draw", drawn)


@bug("H3")
def each_thread_draws_numbers_in_advance(patch: Patch, bench: Bench) -> None:
    draw, kept = issuing._draw, threading.local()

    def drawn(session: Session, hall: str, letter: str, day: date, now: datetime) -> tuple[int, datetime]:
        mine: dict[tuple[str, str], list[int]] = kept.__dict__.setdefault("numbers", {})
        block = mine.setdefault((hall, letter), [])
        if not block:
            block += [draw(session, hall, letter, day, now)[0] for _ in range(3)]
        return block.pop(0), now

    patch.setattr(issuing, "_draw", drawn)


# --- holding ------------------------------------------------------------------------------------------


@bug("H4")
def a_call_writes_without_looking_whether_she_waits(patch: Patch, bench: Bench) -> None:
    claim = calling.claim

    def claimed(session: Session, person: lines.Place, *told: Any, **more: Any) -> Ticket | None:
        time.sleep(A_MOMENT)
        session.execute(update(Ticket).where(Ticket.id == person.id).values(state="waiting"))
        return claim(session, person, *told, **more)

    patch.setattr(calling, "claim", claimed)


@bug("H4", habits=Habits(park=8))
def a_fencing_number_is_used_twice(patch: Patch, bench: Bench) -> None:
    patch.setattr(parking, "fenced", lambda ticket, turn: ticket.claim)


@bug("H4", lawless=SEATS)
def a_window_calls_while_somebody_is_there(patch: Patch, bench: Bench) -> None:
    patch.setattr(calling, "_clear", lambda *_: [])


@bug("H7", habits=Habits(stale=7))
def any_claim_may_finish(patch: Patch, bench: Bench) -> None:
    finish = serving.finish

    def finished(session: Session, ticket: Ticket, *, claim: int | None = None, **told: Any) -> None:
        finish(session, ticket, **told)

    patch.setattr("dispatch.pages.api.tickets.serving.finish", finished)


@bug("H7", habits=Habits(park=6))
def the_log_names_an_old_claim(patch: Patch, bench: Bench) -> None:
    held = serving._held
    patch.setattr(serving, "_held", lambda ticket: held(ticket) - 1)


# --- the line -----------------------------------------------------------------------------------------


def _reorder(patch: Patch, order: Callable[[list[lines.Place]], list[lines.Place]]) -> None:
    candidates = lines.candidates

    def reordered(*told: Any, **more: Any) -> list[lines.Place]:
        return order(candidates(*told, **more))

    patch.setattr(lines, "candidates", reordered)


@bug("H6")
def who_came_last_is_called_first(patch: Patch, bench: Bench) -> None:
    _reorder(patch, lambda line: line[::-1])


@bug("H6")
def the_first_in_line_is_skipped(patch: Patch, bench: Bench) -> None:
    _reorder(patch, lambda line: [*line[1:], *line[:1]])


# --- answers and effects ------------------------------------------------------------------------------


@bug("H5")
def a_call_is_answered_before_it_is_committed(patch: Patch, bench: Bench) -> None:
    commit, lost = driver.Driver.commit, Every(9)

    def committed(connection: driver.Driver) -> None:
        if lost():
            connection.rollback()
        else:
            commit(connection)

    patch.setattr(driver.Driver, "commit", committed)


@bug("H9", deaf_percent=25)
def the_key_is_not_kept(patch: Patch, bench: Bench) -> None:
    patch.setattr(idempotency, "keep", lambda *_, **__: None)


@bug("H5")
def the_answer_is_kept_in_a_transaction_of_its_own(patch: Patch, bench: Bench) -> None:
    keep = idempotency.keep

    def kept(session: Session, *told: Any, **more: Any) -> None:
        with Session(bench.web.database.engine) as other:
            keep(other, *told, **more)
            other.commit()
        if by_chance(2):
            raise CityIsBusy

    patch.setattr(idempotency, "keep", kept)


@bug("H9", habits=Habits(ask_again=5))
def a_second_asking_is_done_again(patch: Patch, bench: Bench) -> None:
    replay = idempotency.replay

    def replayed(session: Session, once: idempotency.Once, **more: Any) -> None:
        if (kept := replay(session, once, **more)) is not None:
            session.execute(delete(idempotency.KeptAnswer).where(idempotency.KeptAnswer.scope == kept.scope))

    patch.setattr(idempotency, "replay", replayed)


@bug("H9", habits=Habits(ask_again=5))
def a_second_answer_differs_from_the_first(patch: Patch, bench: Bench) -> None:
    keep = idempotency.keep

    def kept(session: Session, once: idempotency.Once, status: int, answer: Any, **more: Any) -> None:
        keep(session, once, status, {**answer, "ahead": 99} if answer else answer, **more)

    patch.setattr(idempotency, "keep", kept)


@bug("H9")
def a_deed_is_done_and_refused(patch: Patch, bench: Bench) -> None:
    tell, late = calls._json, Every(9)

    def told(*answer: Any) -> Any:
        if late():
            raise Refusal
        return tell(*answer)

    patch.setattr(calls, "_json", told)


@bug("H5", habits=Habits(cancel=6))
def who_cancels_is_deleted(patch: Patch, bench: Bench) -> None:
    commit, gone = driver.Driver.commit, threading.local()
    cancel = ending.cancel

    def cancelled(session: Session, ticket: Ticket, **told: Any) -> None:
        cancel(session, ticket, **told)
        gone.ticket = ticket.id

    def committed(connection: driver.Driver) -> None:
        if ident := gone.__dict__.pop("ticket", None):
            connection.execute("DELETE FROM ticket WHERE id = %s", [ident])
        commit(connection)

    patch.setattr(ending, "cancel", cancelled)
    patch.setattr(driver.Driver, "commit", committed)


@bug("H9", habits=Habits(send=7))
def a_listener_moves_its_cursor_before_the_effect(patch: Patch, bench: Bench) -> None:
    def dies(*_: Any) -> None:
        """The process that was to take the effect is gone; the cursor's transaction is not."""

    hear_next = listening._hear_next

    def heard(city: database.Database, listener: listening.Listener, hall: str) -> bool:
        return hear_next(city, replace(listener, hear=dies) if by_chance(5) else listener, hall)

    patch.setattr(listening, "_hear_next", heard)


# --- the log and the boards ---------------------------------------------------------------------------


def _announced_otherwise(patch: Patch, alter: Callable[[list[Any]], None]) -> None:
    append = log.append_announced

    def appended(session: Session) -> tuple[str, int] | None:
        if announced := session.info.get("announced"):
            alter(announced)
        return append(session)

    patch.setattr(log, "append_announced", appended)


@bug("H5")
def an_entry_is_forgotten(patch: Patch, bench: Bench) -> None:
    forget = Every(7)
    _announced_otherwise(patch, lambda announced: announced.pop() if forget() else None)


@bug("H9")
def an_entry_is_written_twice(patch: Patch, bench: Bench) -> None:
    double = Every(7)
    _announced_otherwise(patch, lambda announced: announced.append(announced[-1]) if double() else None)


@bug("H10")
def an_entry_is_hashed_alone(patch: Patch, bench: Bench) -> None:
    patch.setattr(log, "chain", lambda _, body: hashlib.sha256(body.encode()).hexdigest())


@bug("H10")
def time_may_go_backwards(patch: Patch, bench: Bench) -> None:
    now = clock.now
    patch.setattr(clock, "now", lambda session: now(session) + timedelta(seconds=random.uniform(0, 9)))
    patch.setattr(log, "max", lambda _, at: at, raising=False)


def _since(patch: Patch, alter: Callable[[list[Change]], list[Change]]) -> None:
    since = HallFeed.since

    @functools.wraps(since)
    def altered(feed: HallFeed, epoch: int | None, after: int | None) -> list[Change] | None:
        missing = since(feed, epoch, after)
        return None if missing is None else alter(missing)

    patch.setattr(HallFeed, "since", altered)


@bug("H8")
def a_board_resumes_one_too_far(patch: Patch, bench: Bench) -> None:
    _since(patch, lambda missing: missing[1:] if len(missing) > 1 else missing)


@bug("H8")
def a_board_hears_the_last_change_again(patch: Patch, bench: Bench) -> None:
    _since(patch, lambda missing: [*missing, *missing[-1:]])


@bug("H8")
def a_board_misses_what_came_last(patch: Patch, bench: Bench) -> None:
    _since(patch, lambda missing: missing[:-1])


@contextmanager
def planted(found: Bug, bench: Bench) -> Iterator[None]:
    """The bug is in the code for as long as the block lasts."""
    with found.ground(bench), pytest.MonkeyPatch.context() as patch:
        found.plant(patch, bench)
        yield
