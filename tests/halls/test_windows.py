"""A window's own life, and who may work it."""

from datetime import timedelta

import pytest

from dispatch.foundation.access import ANONYMOUS, ROLES, Actor, system
from dispatch.foundation.errors import NotAllowed, NotFound, NotSignedIn
from dispatch.foundation.transitions import WrongState
from dispatch.halls import finding, windows
from dispatch.halls.windows import LIFE
from tests.standing_city import CLERK, DISTRICT_HALL, MORNING, TOWN_HALL, Town

WAYS = {"closed": [], "open": ["open"], "paused": ["open", "pause"]}
NEWS = {"open": "WindowOpened", "pause": "WindowPaused", "close": "WindowClosed"}


def bring(town: Town, state: str) -> None:
    for verb in WAYS[state]:
        town.change_window("1", verb)


@pytest.mark.parametrize("verb", LIFE.verbs)
@pytest.mark.parametrize("state", LIFE.states)
def test_each_verb_from_each_state(town: Town, state: str, verb: str) -> None:
    bring(town, state)
    before = town.head()
    if state == LIFE[verb].target:
        town.change_window("1", verb)
        assert town.head() == before
    elif state in LIFE[verb].sources:
        town.change_window("1", verb)
        assert town.window("1").state == LIFE[verb].target
        entry = town.entries()[-1]
        assert (entry.kind, entry.data) == (NEWS[verb], {"window": f"{TOWN_HALL}-1", "window_name": "1"})
        assert entry.seq == before[0] + 1
    else:
        with pytest.raises(WrongState):
            town.change_window("1", verb)
        assert (town.window("1").state, town.head()) == (state, before)


def test_who_sits_there_is_known_while_somebody_does(town: Town) -> None:
    town.open("1")
    assert (town.window("1").staff, town.window("1").heard_at) == (CLERK.id, MORNING)
    town.change_window("1", "close")
    assert town.window("1").staff is None


def test_a_sign_of_life_is_no_news(town: Town) -> None:
    town.open("1")
    before = town.head()
    town.pass_time(minutes=3)
    with town.database.work() as session:
        windows.heard(session, finding.window(session, town.window_id("1")), now=town.now)
    assert town.window("1").heard_at == MORNING + timedelta(minutes=3)
    assert town.head() == before


# --- who may ------------------------------------------------------------------------------------------


def may_work(town: Town, actor: Actor) -> bool:
    with town.database.reading() as session:
        try:
            finding.window_for(session, actor, town.window_id("1"))
        except (NotAllowed, NotSignedIn):
            return False
    return True


@pytest.mark.parametrize("role", ROLES)
def test_clerks_and_supervisors_work_windows_and_nobody_else(town: Town, role: str) -> None:
    assert may_work(town, Actor("staff", "a", role, CLERK.scope)) is (role in ("clerk", "supervisor"))


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("/H-331000/", True),
        (f"/H-331000/{DISTRICT_HALL}/", True),
        ("/H-331000/H-331002/", False),
        (None, False),
    ],
)
def test_a_window_is_worked_from_within_its_scope_only(town: Town, scope: str | None, allowed: bool) -> None:
    assert may_work(town, Actor("staff", "a", "supervisor", scope)) is allowed


def test_the_city_itself_may_and_a_stranger_may_not(town: Town) -> None:
    assert may_work(town, system("lease"))
    assert not may_work(town, ANONYMOUS)


def test_no_window_of_that_id_is_not_found(town: Town) -> None:
    with town.database.reading() as session, pytest.raises(NotFound):
        finding.window_for(session, CLERK, f"{TOWN_HALL}-99")
