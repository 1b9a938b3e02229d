"""Leave: asked, granted, refused, withdrawn, ended early; the log never tells why."""

import pytest

from dispatch.foundation.errors import BadInput
from dispatch.foundation.transitions import WrongState
from dispatch.staffing.life import LEAVE
from dispatch.staffing.refusals import LeaveOverlaps, LeaveOverShifts, NotForYourself, Past
from tests.staffing.rota import Rota, staff

WAYS = {"asked": [], "granted": ["grant"], "refused": ["refuse"], "withdrawn": ["withdraw"]}
VERBS = {"grant": "grant", "refuse": "refuse", "withdraw": "withdraw", "return": "come_back"}


@pytest.mark.parametrize("verb", LEAVE.verbs)
@pytest.mark.parametrize("state", LEAVE.states)
def test_each_verb_from_each_state(rota: Rota, state: str, verb: str) -> None:
    leave = rota.ask("first", rota.hours(10, 12))
    for step in WAYS[state]:
        leave = rota.decide(leave, step)
    if verb == "return":
        rota.town.pass_time(hours=1)
    if state in LEAVE[verb].sources:
        assert rota.decide(leave, VERBS[verb]).state == LEAVE[verb].target
    else:
        with pytest.raises(WrongState):
            rota.decide(leave, VERBS[verb])


def test_the_log_tells_who_and_when_and_never_why(rota: Rota) -> None:
    leave = rota.ask("first", rota.hours(10, 12), "sick")
    rota.decide(leave, "grant")
    assert rota.town.kinds()[-2:] == ["LeaveAsked", "LeaveGranted"]
    for entry in rota.town.entries()[-2:]:
        assert "sick" not in entry.body
        assert entry.data["account"] == "first"


def test_an_unknown_kind_is_refused(rota: Rota) -> None:
    with pytest.raises(BadInput):
        rota.ask("first", rota.hours(10, 12), "whim")


def test_two_leaves_do_not_overlap_unless_the_first_is_off(rota: Rota) -> None:
    first = rota.ask("first", rota.hours(10, 12))
    with pytest.raises(LeaveOverlaps):
        rota.ask("first", rota.hours(11, 13))
    rota.decide(first, "withdraw")
    rota.ask("first", rota.hours(11, 13))
    rota.ask("second", rota.hours(11, 13))


def test_nobody_grants_her_own_leave(rota: Rota) -> None:
    leave = rota.ask("first", rota.hours(10, 12))
    with pytest.raises(NotForYourself):
        rota.decide(leave, "grant", by=staff("first"))


def test_shifts_in_the_way_are_told_or_taken_off(rota: Rota) -> None:
    rota.plan("first", rota.hours(10, 12), "1")
    rota.plan("first", rota.hours(13, 17), "1")
    leave = rota.ask("first", rota.hours(11, 14))
    with pytest.raises(LeaveOverShifts) as refused:
        rota.decide(leave, "grant")
    assert refused.value.data == {"shifts": 2}
    before = rota.town.head()
    rota.decide(leave, "grant", drop_shifts=True)
    assert rota.town.kinds()[before[0] :] == ["ShiftDropped", "ShiftDropped", "LeaveGranted"]


def test_whoever_comes_back_early_may_be_planned_again(rota: Rota) -> None:
    leave = rota.ask("first", rota.hours(10, 17))
    rota.decide(leave, "grant")
    rota.town.pass_time(hours=2)
    with pytest.raises(Past):
        rota.decide(leave, "withdraw")
    rota.decide(leave, "come_back")
    rota.plan("first", rota.hours(12, 17), "1")


def test_what_is_over_is_not_asked_for(rota: Rota) -> None:
    with pytest.raises(Past):
        rota.ask("first", rota.hours(7, 9))
