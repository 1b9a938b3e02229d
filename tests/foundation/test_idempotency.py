"""The same POST twice: one effect, one answer."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.foundation import idempotency
from dispatch.foundation.database import Database
from dispatch.foundation.idempotency import Once

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ASKED = {"hall": "H-1", "items": ["HR-CARD"]}
KEY = "k" * 20


def of(
    body: object = None, *, principal: str = "staff:a", path: str = "/api/v1/tickets", key: str = KEY
) -> Once:
    return Once.of(principal, "POST", path, key, ASKED if body is None else body)


def post(database: Database, once: Once, answer: object, *, now: datetime = NOW) -> object:
    """What the page does: the answer kept before, or else the effect and its answer in one transaction."""
    with database.work() as session:
        kept = idempotency.replay(session, once, now=now)
        if kept is not None:
            return (kept.status, kept.answer)
        idempotency.keep(session, once, 201, answer, now=now)
    return (201, answer)


def test_the_second_time_gets_the_first_answer(database: Database) -> None:
    assert post(database, of(), {"number": "A001"}) == (201, {"number": "A001"})
    assert post(database, of(), {"number": "A002"}) == (201, {"number": "A001"})


def test_an_empty_answer_is_an_answer_too(database: Database) -> None:
    post(database, of(), None)
    assert post(database, of(), {"number": "A002"}) == (201, None)


def test_another_body_under_the_same_key_is_refused(database: Database) -> None:
    post(database, of(), 1)
    with pytest.raises(idempotency.OtherBody) as refused:
        post(database, of({"hall": "H-2"}), 2)
    assert (refused.value.status, refused.value.field) == (422, "Idempotency-Key")


@pytest.mark.parametrize(
    "other",
    [of(principal="staff:b"), of(path="/api/v1/other"), of(key="j" * 20)],
    ids=["another caller", "another path", "another key"],
)
def test_a_key_belongs_to_its_caller_and_path(database: Database, other: Once) -> None:
    post(database, of(), 1)
    assert post(database, other, 2) == (201, 2)


def test_what_failed_may_be_tried_again_under_its_key(database: Database) -> None:
    def break_halfway() -> None:
        with database.work() as session:
            idempotency.keep(session, of(), 201, 1, now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_halfway()
    assert post(database, of(), 2) == (201, 2)


def test_an_answer_is_kept_for_24_hours_and_then_forgotten(database: Database) -> None:
    post(database, of(), 1)
    almost, over = NOW + timedelta(hours=24), NOW + timedelta(hours=24, seconds=1)
    assert post(database, of(), 2, now=almost) == (201, 1)
    assert post(database, of({"hall": "H-2"}), 3, now=over) == (201, 3)
    assert post(database, of({"hall": "H-2"}), 4, now=over) == (201, 3)


def test_a_second_call_while_the_first_still_runs_is_told_so(postgresql_url: str) -> None:
    """On SQLite the second one waits for the first instead, since there is one writer at a time."""
    database = Database(postgresql_url)
    refusals: list[BaseException] = []

    def second() -> None:
        try:
            post(database, of(), 2)
        except BaseException as error:  # told to the test's thread
            refusals.append(error)

    try:
        with database.work() as session:
            assert idempotency.replay(session, of(), now=NOW) is None
            thread = threading.Thread(target=second)
            thread.start()
            thread.join(20)
            idempotency.keep(session, of(), 201, 1, now=NOW)
        assert [type(refusal) for refusal in refusals] == [idempotency.StillRunning]
        assert refusals[0].status == 409  # type: ignore[attr-defined]
        assert post(database, of(), 2) == (201, 1)
    finally:
        database.dispose()


def test_of_two_that_found_nothing_the_later_one_is_told_so(postgresql_url: str) -> None:
    """The first one's lock may end just before the second one asks for it, and its answer be there just after."""
    with Database(postgresql_url) as database:
        with database.work() as session:
            idempotency.keep(session, of(), 201, 1, now=NOW)
        with pytest.raises(idempotency.StillRunning), database.work() as session:
            idempotency.keep(session, of(), 201, 2, now=NOW)
        assert post(database, of(), 3) == (201, 1)


def test_on_sqlite_the_second_call_waits_and_gets_the_answer(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(post(database, of(), 2)))
    try:
        with database.work() as session:
            thread.start()
            idempotency.keep(session, of(), 201, 1, now=NOW)
        thread.join(20)
        assert answers == [(201, 1)]
    finally:
        database.dispose()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(body=st.dictionaries(st.text(max_size=3), VALUES, min_size=1, max_size=4))
def test_a_body_counts_by_its_meaning_not_by_the_order_of_its_fields(body: dict[str, object]) -> None:
    assert of(body) == of(dict(reversed(body.items())))
    assert of(body) != of({**body, "one more": 1})


@given(parts=st.lists(st.text(max_size=4), min_size=4, max_size=4), shift=st.integers(0, 2))
def test_no_two_callers_share_a_scope_by_the_way_their_words_are_cut(parts: list[str], shift: int) -> None:
    """`ab` + `c` and `a` + `bc` are different callers with different keys."""
    moved = [*parts]
    moved[shift], moved[shift + 1] = moved[shift] + "x", moved[shift + 1]
    other = [*parts]
    other[shift], other[shift + 1] = other[shift], "x" + other[shift + 1]
    assert scope(moved) != scope(other)


def scope(parts: list[str]) -> str:
    principal, method, path, key = parts
    return Once.of(principal, method, path, key, None).scope
