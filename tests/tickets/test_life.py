"""Every verb from every state: where the table says so it leads there, else it is refused and nothing changes."""

import pytest

from dispatch.foundation.errors import NotFound
from dispatch.foundation.transitions import WrongState
from dispatch.halls import finding
from dispatch.tickets import calling
from dispatch.tickets.life import AT_A_WINDOW, LIFE, LIVE, STATES
from dispatch.tickets.lines import Place
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import StaleClaim
from tests.standing_city import CLERK, TOWN_HALL, Town

PRESSED = (
    "recall",
    "start",
    "change",
    "finish",
    "missed",
    "park",
    "resume",
    "move",
    "send",
    "reactivate",
    "void",
    "cancel",
)
CLAIMED = ("recall", "start", "change", "finish", "missed", "park", "move", "send", "void")
WAYS = {
    "waiting": [],
    "called": ["call"],
    "serving": ["call", "start"],
    "parked": ["call", "start", "park"],
    "moving": ["send"],
    "moved": ["send", "hear"],
    "void": ["void"],
    "missed": ["call", "missed"],
    "finished": ["call", "start", "finish"],
    "cancelled": ["cancel"],
    "expired": ["expire"],
}
NEWS = {
    "recall": "TicketRecalled",
    "start": "TicketStarted",
    "finish": "TicketFinished",
    "missed": "TicketMissed",
    "change": "TicketChanged",
    "park": "TicketParked",
    "resume": "TicketResumed",
    "move": "TicketMoved",
    "send": "TicketSent",
    "reactivate": "TicketReactivated",
    "void": "TicketVoided",
    "cancel": "TicketCancelled",
}


def bring(town: Town, state: str) -> Ticket:
    """A ticket in this state, by the verbs that lead there."""
    town.open("1")
    ticket = town.take("D")
    for verb in WAYS[state]:
        if verb == "call":
            town.call_next("1")
        elif verb == "expire":
            town.end_day()
        elif verb == "hear":
            town.hear()
        else:
            town.do(verb, ticket.id)
    found = town.ticket(ticket.id)
    assert found.state == state
    return found


def as_told(ticket: Ticket) -> dict[str, object]:
    """Everything the row says."""
    return {column.key: getattr(ticket, column.key) for column in Ticket.__table__.columns}


@pytest.mark.parametrize("verb", PRESSED)
@pytest.mark.parametrize("state", STATES)
def test_a_pressed_verb_from_each_state(town: Town, state: str, verb: str) -> None:
    ticket = bring(town, state)
    before, head = as_told(ticket), town.head()
    if state in LIFE[verb].sources:
        target = LIFE.target(verb, state)
        assert town.do(verb, ticket.id).state == target
        assert town.ticket(ticket.id).state == target
        assert (town.head()[0], town.kinds()[-1]) == (head[0] + 1, NEWS[verb])
    else:
        with pytest.raises(WrongState) as refused:
            town.do(verb, ticket.id, **({"window": town.window_id("1")} if verb == "resume" else {}))
        assert refused.value.data["state"] == state
        assert (as_told(town.ticket(ticket.id)), town.head()) == (before, head)


@pytest.mark.parametrize("state", STATES)
def test_only_who_waits_can_be_claimed(town: Town, state: str) -> None:
    ticket = bring(town, state)
    before = as_told(ticket)
    with town.database.work() as session:
        window = finding.window(session, town.window_id("2"))
        place = Place.of(session.get_one(Ticket, ticket.id))
        won = calling.claim(session, place, window, 7, town.now, CLERK)
    after = town.ticket(ticket.id)
    if state in LIFE["call"].sources:
        assert won
        assert (after.state, after.window, after.claim) == ("called", town.window_id("2"), 7)
    else:
        assert not won
        assert as_told(after) == before


@pytest.mark.parametrize("state", STATES)
def test_the_end_of_the_day_ends_whom_it_may(town: Town, state: str) -> None:
    ticket = bring(town, state)
    ended = town.end_day()
    if state in LIFE["expire"].sources:
        assert (ended, town.ticket(ticket.id).state) == (1, "expired")
    else:
        assert (ended, town.ticket(ticket.id).state) == (0, state)


@pytest.mark.parametrize("verb", CLAIMED)
@pytest.mark.parametrize("off_by", [-1, 1])
def test_a_stale_claim_is_refused_and_changes_nothing(town: Town, verb: str, off_by: int) -> None:
    ticket = bring(town, "called")
    before, head = as_told(ticket), town.head()
    assert ticket.claim is not None
    with pytest.raises(StaleClaim) as refused:
        town.do(verb, ticket.id, claim=ticket.claim + off_by)
    assert (refused.value.status, refused.value.code) == (409, "stale_claim")
    assert (as_told(town.ticket(ticket.id)), town.head()) == (before, head)


@pytest.mark.parametrize("verb", CLAIMED)
def test_the_claim_of_the_call_is_accepted(town: Town, verb: str) -> None:
    ticket = bring(town, "called")
    assert town.do(verb, ticket.id, claim=ticket.claim).state == LIFE.target(verb, "called")


def test_no_such_ticket_is_not_found(town: Town) -> None:
    with pytest.raises(NotFound):
        town.do("start", "0" * 32)


# --- what the verbs note ------------------------------------------------------------------------------


def test_a_recall_counts_and_keeps_the_claim(town: Town) -> None:
    ticket = bring(town, "called")
    for times in (2, 3):
        town.pass_time(minutes=1)
        assert town.do("recall", ticket.id).calls == times
        assert town.entries()[-1].data == {
            "ticket": ticket.id,
            "number": "D001",
            "queue": "D",
            "service_day": "2026-11-23",
            "window": f"{TOWN_HALL}-1",
            "window_name": "1",
            "claim": ticket.claim,
            "times": times,
        }


def test_who_was_never_started_is_taken_to_have_begun_at_the_call(town: Town) -> None:
    ticket = bring(town, "called")
    town.pass_time(minutes=7)
    done = town.do("finish", ticket.id)
    assert (done.started_at, done.ended_at) == (ticket.called_at, town.now)
    assert town.entries()[-1].data["start_imputed"] is True


def test_who_was_started_keeps_her_start(town: Town) -> None:
    ticket = bring(town, "serving")
    town.pass_time(minutes=7)
    done = town.do("finish", ticket.id)
    assert (done.started_at, done.ended_at) == (ticket.started_at, town.now)
    assert town.entries()[-1].data["start_imputed"] is False


def test_whoever_is_missed_leaves_the_window_free(town: Town) -> None:
    bring(town, "missed")
    second = town.take("D")
    assert town.called("1").id == second.id


# --- the table itself ---------------------------------------------------------------------------------


def test_the_table_tells_which_states_are_over() -> None:
    over = {"finished", "cancelled", "void", "expired", "moved"}
    assert over <= LIFE.final
    assert not over & LIVE
    assert set(STATES) == over | LIVE


def test_whoever_is_at_a_window_lives() -> None:
    assert set(AT_A_WINDOW) < LIVE


def test_every_transition_names_who_may() -> None:
    assert all(row.who for row in LIFE.transitions)
