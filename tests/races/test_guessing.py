"""Guessing a password in parallel: first without the guard, where more than five guesses are judged, then with."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.errors import Refusal
from dispatch.foundation.ids import Keyring
from dispatch.halls import finding
from dispatch.pages.shared import signing_in
from dispatch.people import accounts
from dispatch.people.models import Account
from dispatch.people.refusals import TooManyFailures, WrongPassword
from tests import standing_city
from tests.pages.api.office import PASSWORD
from tests.passwords import QUICK
from tests.standing_city import TOWN_HALL

GUESSERS = 16


@pytest.fixture
def guessed(database: Database) -> Database:
    """A city with one clerk."""
    standing_city.build(database)
    with database.work() as session:
        place = finding.hall(session, TOWN_HALL)
        account = accounts.create(session, "clerk", PASSWORD, "clerk", place)
        account.password = QUICK.hash(PASSWORD)
    return database


def at_once(guess: Callable[[], str]) -> list[str]:
    """What each of the guessers was told, all of them starting together."""
    gate, told, lock = threading.Barrier(GUESSERS), list[str](), threading.Lock()

    def run() -> None:
        gate.wait(30)
        answer = guess()
        with lock:
            told.append(answer)

    threads = [threading.Thread(target=run) for _ in range(GUESSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(told) == GUESSERS
    return told


def test_counting_before_and_noting_afterwards_lets_more_through(guessed: Database) -> None:
    """The bench shows the race: each looks at the count before anybody's failure is written."""
    looked = threading.Barrier(GUESSERS)

    def guess() -> str:
        try:
            with guessed.reading() as session:
                accounts.refuse_guessing(session, "clerk", real_now=clock.real_now())
        except TooManyFailures:
            return "refused"
        finally:
            looked.wait(30)
        with guessed.work() as session:
            accounts.note_failure(session, "clerk", real_now=clock.real_now())
        return "judged"

    assert at_once(guess).count("judged") > accounts.FAILURES_ALLOWED, "the bench shows no race"


@pytest.mark.parametrize("right_among_them", [False, True])
def test_of_many_guesses_at_once_five_are_judged_and_no_more(
    guessed: Database, tmp_path: Path, right_among_them: bool
) -> None:
    keys, turn = Keyring(tmp_path / "keys"), iter(range(GUESSERS))

    def guess() -> str:
        right = right_among_them and next(turn) == GUESSERS - 1
        with guessed.reading() as session:
            stored = session.scalars(select(Account.password).where(Account.username == "clerk")).one()
        try:
            signing_in.admit(guessed, keys, "clerk", stored if right else None, None)
        except WrongPassword:
            return "wrong"
        except TooManyFailures:
            return "refused"
        except Refusal as refusal:
            return refusal.code
        return "in"

    told = at_once(guess)
    # A success forgives what came before it, so that five more may follow; nobody learns of a sixth in a row.
    allowed = accounts.FAILURES_ALLOWED * (2 if "in" in told else 1)
    assert told.count("wrong") <= allowed
    assert told.count("refused") == GUESSERS - told.count("wrong") - told.count("in")
    if not right_among_them:
        assert told.count("wrong") == accounts.FAILURES_ALLOWED
