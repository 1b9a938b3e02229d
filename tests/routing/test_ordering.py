"""Proposals of another order: made by night, decided by a person, in force until undone, with all of it kept."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from dispatch.catalogue.models import Item
from dispatch.catalogue.volumes import taking
from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.database import Database
from dispatch.foundation.transitions import WrongState
from dispatch.ports.channels import Counted
from dispatch.routing.asking import Abilities
from dispatch.routing.ordering import deciding, finding, proposing
from dispatch.routing.ordering.applying import applied
from dispatch.routing.ordering.finding import Ordered, order_in
from dispatch.routing.ordering.models import ChannelFigure, OrderProposal
from dispatch.routing.ordering.proposing import Span
from dispatch.routing.ordering.refusals import OvertakenSince
from dispatch.routing.ordering.rules import Bars
from tests.routing.cities import asked, item
from tests.standing_city import BUILDER, MORNING, RENEWAL, Standing, item_row

ZONE = ZoneInfo("Asia/Shanghai")
BACK = 15
BOSS = Actor("staff", "b" * 32, "supervisor", "/")
TODAY = MORNING.astimezone(ZONE).date()
USUAL = ["app", "web", "kiosk", "counter"]
DEMOTED = ["web", "kiosk", "counter", "app"]
BAD, GOOD = (40, 15, 14), (40, 37, 1)
"""Used, finished, came back."""


@pytest.fixture
def city(standing: Standing) -> Database:
    return standing.restore()


def count(city: Database, app: tuple[int, int, int], days: Sequence[date], situation: str = "") -> None:
    rows = [
        Counted(day, RENEWAL, channel, *figures, situation=situation)
        for day in days
        for channel, figures in (("app", app), ("web", GOOD), ("counter", GOOD))
    ]
    with city.work() as session:
        taking.take(session, rows, "portal", now=MORNING, actor=BUILDER)


def last_days(today: date = TODAY, many: int = 28) -> list[date]:
    span = Span.until(today, days=many, back_days=BACK)
    return [span.first + timedelta(days=n) for n in range(many)]


def review(city: Database, now: datetime = MORNING) -> list[OrderProposal]:
    today = now.astimezone(ZONE).date()
    with city.reading() as session:
        seen = proposing.look(session, Span.until(today, days=28, back_days=BACK), ZONE)
    with city.work() as session:
        proposing.review(session, seen, Bars(), now=now, actor=BUILDER)
    with city.reading() as session:
        found = finding.open_proposals(session)
        session.expunge_all()
        return found


def decide(city: Database, ident: str, verb: str, now: datetime = MORNING) -> None:
    with city.work() as session:
        row = finding.proposal(session, ident, hold=True)
        getattr(deciding, verb)(session, row, now=now, actor=BOSS)


def kept(city: Database, ident: str) -> OrderProposal:
    with city.reading() as session:
        row = finding.proposal(session, ident)
        session.expunge_all()
        return row


def order(city: Database) -> Sequence[str] | None:
    with city.reading() as session:
        found = order_in(finding.orders(session).get(RENEWAL, ()), {})
        return found.channels if found else None


def told(city: Database) -> list[str]:
    with city.reading() as session:
        return [e.kind for e in log.entries_after(session, log.CITY, 0) if e.kind.startswith("Order")]


@pytest.fixture
def proposed(city: Database) -> OrderProposal:
    """The app does badly for one item."""
    count(city, BAD, last_days())
    (found,) = review(city)
    return found


def test_what_does_badly_is_proposed_with_its_figures(proposed: OrderProposal, city: Database) -> None:
    assert (proposed.item, proposed.before, proposed.after) == (RENEWAL, USUAL, DEMOTED)
    app = proposed.figures["app"]
    assert (app["used"], app["finished"], app["came_back"]) == (40 * 28, 15 * 28, 14 * 28)
    assert app["high"] < 0.6
    assert order(city) is None
    with city.reading() as session:
        assert len(list(session.scalars(select(ChannelFigure)))) == 3


def test_what_does_well_is_left_alone(city: Database) -> None:
    count(city, GOOD, last_days())
    assert review(city) == []


def test_looking_again_at_the_same_changes_nothing(proposed: OrderProposal, city: Database) -> None:
    before = told(city)
    (again,) = review(city)
    assert (again.id, again.figures) == (proposed.id, proposed.figures)
    assert told(city) == before == ["OrderProposed"]


def test_days_on_which_people_may_still_come_back_do_not_count(city: Database) -> None:
    count(city, BAD, [TODAY - timedelta(days=ago) for ago in range(1, BACK + 1)])
    assert review(city) == []


def test_a_proposal_lapses_when_the_figures_speak_for_it_no_more(
    proposed: OrderProposal, city: Database
) -> None:
    count(city, GOOD, last_days())
    assert review(city) == []
    assert kept(city, proposed.id).state == "lapsed"
    assert told(city) == ["OrderProposed", "OrderLapsed"]


def test_approved_it_holds_and_stays_in_the_history(proposed: OrderProposal, city: Database) -> None:
    decide(city, proposed.id, "approve")
    assert order(city) == DEMOTED
    row = kept(city, proposed.id)
    assert (row.state, row.decided_by, row.decided_at) == ("approved", BOSS.name, MORNING)
    assert row.figures == proposed.figures
    assert review(city) == []
    assert kept(city, proposed.id).figures == proposed.figures
    assert told(city) == ["OrderProposed", "OrderApproved"]


def test_undone_the_order_is_as_before_and_that_is_kept_too(proposed: OrderProposal, city: Database) -> None:
    decide(city, proposed.id, "approve")
    decide(city, proposed.id, "undo", MORNING + timedelta(hours=1))
    assert order(city) is None
    row = kept(city, proposed.id)
    assert (row.state, row.undone_by) == ("undone", BOSS.name)
    assert row.decided_at == MORNING
    assert told(city)[-1] == "OrderUndone"


def test_rejected_the_same_days_are_not_brought_up_again(proposed: OrderProposal, city: Database) -> None:
    """Only what is counted after a decision speaks for another one."""
    decide(city, proposed.id, "reject")
    assert order(city) is None
    assert review(city) == []
    later = MORNING + timedelta(days=60)
    count(city, BAD, last_days(later.astimezone(ZONE).date()))
    (again,) = review(city, later)
    assert again.id != proposed.id
    assert again.after == DEMOTED


@pytest.mark.parametrize("first", ["approve", "reject"])
@pytest.mark.parametrize("then", ["approve", "reject"])
def test_nobody_decides_twice(proposed: OrderProposal, city: Database, first: str, then: str) -> None:
    decide(city, proposed.id, first)
    with pytest.raises(WrongState):
        decide(city, proposed.id, then)


def test_only_what_was_approved_is_undone(proposed: OrderProposal, city: Database) -> None:
    with pytest.raises(WrongState):
        decide(city, proposed.id, "undo")
    decide(city, proposed.id, "reject")
    with pytest.raises(WrongState):
        decide(city, proposed.id, "undo")


def test_it_comes_back_once_it_does_well_and_the_later_change_is_undone_first(
    proposed: OrderProposal, city: Database
) -> None:
    decide(city, proposed.id, "approve")
    later = MORNING + timedelta(days=60)
    count(city, GOOD, last_days(later.astimezone(ZONE).date()))
    (back,) = review(city, later)
    assert back.before == DEMOTED
    assert back.after.index("app") < back.after.index("counter")
    decide(city, back.id, "approve", later)
    assert order(city) == back.after
    with pytest.raises(OvertakenSince):
        decide(city, proposed.id, "undo", later)
    decide(city, back.id, "undo", later)
    assert order(city) == DEMOTED
    decide(city, proposed.id, "undo", later)
    assert order(city) is None


def test_of_a_situation_only_what_is_peculiar_to_it_is_proposed(city: Database) -> None:
    questions = item_row(RENEWAL)["details"]["situations"]
    one, other = (f"{questions[0]['code']}={answer['code']}" for answer in questions[0]["answers"][:2])
    count(city, (400, 380, 5), last_days(), one)
    count(city, BAD, last_days(), other)
    (found,) = review(city)
    assert (found.situation, found.after) == (other, DEMOTED)
    count(city, (400, 150, 140), last_days(), one)
    assert [(row.situation, row.after) for row in review(city)] == [("", DEMOTED)]


def test_an_item_out_of_use_is_not_looked_at(city: Database) -> None:
    count(city, BAD, last_days())
    with city.work() as session:
        session.get_one(Item, RENEWAL).active = False
    assert review(city) == []


# --- for one person -----------------------------------------------------------------------------------

SHARES = {"app": [0.2, 0.5], "kiosk": [0.9, 0.95]}


def test_the_closest_situation_of_hers_holds() -> None:
    orders = [Ordered("", USUAL), Ordered("age=old", DEMOTED), Ordered("age=old,city=yes", USUAL[::-1])]
    assert order_in(orders, {}) == orders[0]
    assert order_in(orders, {"age": "old"}) == orders[1]
    assert order_in(orders, {"age": "old", "city": "yes", "more": "x"}) == orders[2]
    assert order_in(orders, {"age": "young", "city": "yes"}) == orders[0]
    assert order_in(orders[1:], {}) is None


def test_what_moved_says_why() -> None:
    _, matters = asked(item())
    found = applied(matters, Abilities(), {"CARD": [Ordered("", ["kiosk", "web", "counter", "app"], SHARES)]})
    assert found.channels == ("kiosk", "web", "counter", "app")
    assert {channel: (reason.code, reason.named) for channel, reason in found.reasons.items()} == {
        "app": ("moved_down", {"share": "50%"}),
        "kiosk": ("moved_up", {"share": "90%"}),
    }


def test_without_an_order_all_is_as_it_was() -> None:
    _, matters = asked(item())
    for abilities in (Abilities(), Abilities(company=True)):
        found = applied(matters, abilities, {"OTHER": [Ordered("", DEMOTED, SHARES)]})
        assert found == applied(matters, abilities, {})
        assert found.reasons == {}


def test_a_company_still_goes_by_web_first_unless_that_was_decided() -> None:
    _, matters = asked(item())
    company = Abilities(company=True)
    promoted = {"CARD": [Ordered("", ["kiosk", "app", "web", "counter"], SHARES)]}
    assert applied(matters, company, promoted).channels == ("kiosk", "web", "app", "counter")
    decided = {"CARD": [Ordered("", ["web", "app", "kiosk", "counter"], SHARES)]}
    assert applied(matters, Abilities(), decided).channels == ("web", "app", "kiosk", "counter")


def test_of_several_matters_the_one_that_goes_badly_is_heeded() -> None:
    _, matters = asked(item("ONE"), item("TWO"))
    found = applied(matters, Abilities(), {"TWO": [Ordered("", DEMOTED, SHARES)]})
    assert found.channels == tuple(DEMOTED)
    both = {
        "ONE": [Ordered("", ["kiosk", *USUAL[:2], "counter"], SHARES)],
        "TWO": [Ordered("", DEMOTED, SHARES)],
    }
    assert applied(matters, Abilities(), both).channels == ("kiosk", "web", "counter", "app")
