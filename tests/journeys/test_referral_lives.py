"""Referrals at random between two halls: nobody is served twice, nobody's place is lost, nobody is counted twice."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from sqlalchemy import select

from dispatch.foundation import log
from dispatch.foundation.errors import Refusal
from dispatch.journeys.models import Journey
from dispatch.tickets.life import LIVE
from dispatch.tickets.models import Ticket
from dispatch.tickets.referring import SERVED
from tests.journeys import referrals, walkers
from tests.lives import Life, play
from tests.standing_city import CITY_HALL, DISTRICT_HALL, MORNING, TOWN_HALL, Standing, Town

OTHERS = (DISTRICT_HALL, CITY_HALL)
KEYS = ("start", "finish", "missed", "park", "resume", "reactivate", "void", "cancel", "undo", "send")
NEWS = {
    *("TicketSent", "TicketTakenIn", "TicketLeft", "TicketBack", "TicketCalled", "TicketStarted"),
    *("JourneyBegun", "JourneyJoined", "JourneyCancelled", "JourneyExpired", "JourneyServed"),
}


class Referrals(Life):
    """What people and clerks do in a town's hall from which people go to two others, and change their minds."""

    @initialize()
    def begin(self) -> None:
        """Some people wait, and two windows are open in each hall."""
        self.town = Town(self.database, TOWN_HALL, MORNING)
        self.others = [Town(self.database, code, MORNING) for code in OTHERS]
        self.town.open("1", "2")
        self.told: Counter[tuple[str, str]] = Counter()
        self.seen = dict.fromkeys((TOWN_HALL, *OTHERS), 0)
        for _ in range(3):
            self.somebody_comes()

    @rule()
    def somebody_comes(self) -> None:
        self.town.pass_time(seconds=7)
        self.town.take("D")

    @rule(there=st.sampled_from(OTHERS), data=st.data())
    def somebody_is_referred(self, there: str, data: st.DataObject) -> None:
        if row := self._ticket(data):
            self._try(lambda: referrals.refer(self.town, row.id, there))

    @rule(data=st.data())
    def somebody_checks_in(self, data: st.DataObject) -> None:
        if row := self._journey(data):
            self._try(lambda: referrals.check_in(self.town, row.id), changes=True)

    @rule(data=st.data(), again=st.booleans())
    def a_check_in_breaks_off(self, data: st.DataObject, again: bool) -> None:
        """The place is held, and no number is taken; perhaps another time."""
        if row := self._journey(data):
            deed = referrals.take if again else referrals.check_out
            self._try(lambda: deed(self.town, row.id))

    @rule(data=st.data())
    def no_number_is_given_out_there(self, data: st.DataObject) -> None:
        if row := self._journey(data):
            self._try(lambda: referrals.check_in(self.town, row.id, queue="nowhere"), changes=True)

    @rule(data=st.data())
    def somebody_gives_up_her_journey(self, data: st.DataObject) -> None:
        if row := self._journey(data):
            self._try(lambda: walkers.give_up(self.town, row.id))

    @rule(name=st.sampled_from("12"), finish=st.booleans())
    def a_window_calls(self, name: str, finish: bool) -> None:
        self._try(lambda: self.town.call_next(name, finish=finish))

    @rule(name=st.sampled_from("12"), data=st.data())
    def a_window_serves_one_who_is_referred(self, name: str, data: st.DataObject) -> None:
        if (row := self._journey(data)) and row.from_ticket:
            number = self.town.ticket(row.from_ticket).number
            self._try(lambda: self.town.call_number(name, number))
            self._try(lambda: self.town.do("start", str(row.from_ticket)))

    @rule(verb=st.sampled_from(KEYS), data=st.data())
    def somebody_presses_a_key(self, verb: str, data: st.DataObject) -> None:
        if row := self._ticket(data):
            self._try(lambda: self.town.do(verb, row.id))

    @rule()
    def the_halls_hear_of_each_other(self) -> None:
        self.town.hear()
        referrals.end_served(self.town)

    @rule(minutes=st.sampled_from([1, 6, 9, 50, 50]))
    def time_passes(self, minutes: int) -> None:
        self.town.pass_time(minutes=minutes)
        referrals.let_moves_return(self.town)
        walkers.let_expire(self.town)

    # --- what always holds ---

    @invariant()
    def nobody_is_served_or_counted_twice(self) -> None:
        if not hasattr(self, "town"):
            return
        with self.database.reading() as session:
            tickets = {row.id: row for row in session.scalars(select(Ticket))}
            journeys = {row.id: row for row in session.scalars(select(Journey))}
        self._listen()
        under_way = [row.from_ticket for row in journeys.values() if row.state == "under_way"]
        assert len(under_way) == len(set(under_way))
        for row in tickets.values():
            journey = journeys.get(str(row.moved_from))
            if journey is not None:  # checked in by a referral
                old = tickets[str(journey.from_ticket)]
                assert old.state in ("moving", "moved")
                assert (journey.state, journey.ticket) == ("joined", row.id)
                assert row.place >= journey.begun_at >= old.place
            assert (row.state == "moved") == ("ticket" in (row.moved_to or {}))
            self._has_one_place(row, tickets)
        assert all(number == 1 for (kind, _), number in self.told.items() if kind in ("TicketLeft", "joined"))

    def _has_one_place(self, row: Ticket, tickets: dict[str, Ticket]) -> None:
        """Whoever was served is not served again by the ticket that she was moved to."""
        new = [each for each in tickets.values() if each.moved_from == (row.moved_to or {}).get("move", "-")]
        assert len(new) <= 1
        if new:
            assert row.state not in (*SERVED, *(LIVE - {"moving"}))

    def _listen(self) -> None:
        for code in self.seen:
            with self.database.reading() as session:
                for entry in log.entries_after(session, code, self.seen[code]):
                    self.seen[code] = entry.seq
                    self.played[entry.kind] += 1
                    if entry.kind == "TicketLeft":
                        self.told["TicketLeft", entry.data["ticket"]] += 1
                    elif entry.kind == "JourneyJoined":
                        self.told["joined", entry.data["journey"]] += 1

    def teardown(self) -> None:
        for town in [self.town, *self.others] if hasattr(self, "town") else ():
            assert town.faults() == []

    def _ticket(self, data: st.DataObject) -> Ticket | None:
        with self.database.reading() as session:
            mine = select(Ticket).where(Ticket.hall == TOWN_HALL).order_by(Ticket.n)
            rows = list(session.scalars(mine))
            session.expunge_all()
        return data.draw(st.sampled_from(rows[-6:])) if rows else None

    def _journey(self, data: st.DataObject) -> Journey | None:
        rows = sorted(walkers.all_journeys(self.town), key=lambda row: (row.begun_at, row.hall, row.state))
        return data.draw(st.sampled_from(rows[-6:])) if rows else None

    def _try(self, deed: Any, *, changes: bool = False) -> None:  # noqa: ANN401 - any deed
        """What the rules refuse changes nothing; but for a place that was held and is given back."""
        towns = [self.town, *self.others]
        before = [town.head() for town in towns]
        try:
            deed()
        except Refusal:
            assert changes or [town.head() for town in towns] == before


def test_whatever_happens_nobody_is_served_twice(standing: Standing) -> None:
    play(
        Referrals, standing, max_examples=3, stateful_step_count=35, derandomize=True, phases=[Phase.generate]
    )


@pytest.mark.soak
def test_nobody_is_served_twice_in_many_lives(standing: Standing) -> None:
    played = play(Referrals, standing, max_examples=150, stateful_step_count=80)
    assert set(played) >= NEWS
