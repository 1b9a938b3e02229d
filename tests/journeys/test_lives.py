"""Journeys at random to two halls: nobody is counted twice, nobody for ever, and the log tells all of it."""

from typing import Any

import pytest
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from dispatch.foundation.errors import Refusal
from dispatch.journeys import weighing
from dispatch.journeys.life import LIFE
from dispatch.journeys.models import Journey
from tests.journeys import walkers
from tests.lives import Life, play
from tests.standing_city import DISTRICT_HALL, MORNING, TOWN_HALL, Standing, Town

ROUTES = st.sampled_from([f"route-{nth}" for nth in range(12)])
HALLS = st.sampled_from([TOWN_HALL, TOWN_HALL, DISTRICT_HALL])
TICKET = "f" * 32
ENDS = {"JourneyJoined": "joined", "JourneyCancelled": "cancelled", "JourneyExpired": "expired"}


class Journeys(Life):
    """What people do who go to one of two halls, by an advice each may follow again and again."""

    @initialize()
    def begin(self) -> None:
        """Nobody is under way."""
        self.towns = {code: Town(self.database, code, MORNING) for code in (TOWN_HALL, DISTRICT_HALL)}
        self.seen: dict[str, str] = {}

    @rule(hall=HALLS, route=ROUTES, travel_s=st.floats(0, 7200))
    def somebody_sets_out(self, hall: str, route: str, travel_s: float) -> None:
        self._try(lambda: walkers.set_out(self.towns[hall], route=route, travel_s=travel_s))

    @rule(comes=st.booleans(), data=st.data())
    def somebody_comes_or_does_not(self, comes: bool, data: st.DataObject) -> None:
        rows = sorted(self._rows(), key=lambda row: (row.begun_at, row.route, row.state))
        if not rows:
            return
        row = data.draw(st.sampled_from(rows[-8:]))
        town = self.towns[row.hall]
        if comes:
            assert walkers.arrive(town, row.id, TICKET) is (row.state == "under_way")
        else:
            self._try(lambda: walkers.give_up(town, row.id))

    @rule(minutes=st.sampled_from([1, 10, 40]), clock_is_slow=st.booleans())
    def time_passes(self, minutes: int, clock_is_slow: bool) -> None:
        for town in self.towns.values():
            town.pass_time(minutes=minutes)
        if not clock_is_slow:
            town = self.towns[TOWN_HALL]
            due = [row for row in self._rows() if row.state == "under_way" and row.until < town.now]
            assert walkers.let_expire(town) == len(due)

    @rule()
    def all_are_weighed(self) -> None:
        with self.database.work() as session:
            weighing.weigh(session, self.towns[TOWN_HALL].now)

    # --- what always holds ---

    @invariant()
    def every_journey_is_sound(self) -> None:
        if not hasattr(self, "towns"):
            return
        rows = self._rows()
        for row in rows:
            assert (row.ended_at is None) == (row.state == "under_way")
            assert (row.ticket is None) == (row.state != "joined")
            assert self.seen.get(row.id, "under_way") in ("under_way", row.state)  # an end is for good
            self.seen[row.id] = row.state
        live = [row for row in rows if row.state == "under_way"]
        assert len({row.route for row in live}) == len(live)
        told: dict[str, str] = {}
        for code, town in self.towns.items():
            mine = sorted(row.id for row in live if row.hall == code)
            expected = walkers.under_way(town)
            assert sorted(int(ident[:15], 16) for ident in mine) == sorted(each.key for each in expected)
            assert all(0 < each.comes < 1 and each.spread_s > 0 for each in expected)
            self._follow(town, told)
        assert told == {row.id: row.state for row in rows}

    def _follow(self, town: Town, told: dict[str, str]) -> None:
        """Where each journey stands by the log alone: begun once, ended once at most."""
        for entry in town.entries():
            journey = str(entry.data.get("journey"))
            if entry.kind == "JourneyBegun":
                assert journey not in told
                told[journey] = "under_way"
                self.played[entry.kind] += 1
            elif entry.kind in ENDS:
                assert told[journey] == "under_way"
                told[journey] = ENDS[entry.kind]
                self.played[entry.kind] += 1

    def teardown(self) -> None:
        for town in getattr(self, "towns", {}).values():
            assert town.faults() == []

    def _rows(self) -> list[Journey]:
        return walkers.all_journeys(self.towns[TOWN_HALL])

    def _try(self, deed: Any) -> None:  # noqa: ANN401 - any deed
        """What the rules refuse changes nothing at all."""
        before = [town.head() for town in self.towns.values()]
        try:
            deed()
        except Refusal:
            assert [town.head() for town in self.towns.values()] == before


def test_whatever_happens_every_journey_is_sound(standing: Standing) -> None:
    play(
        Journeys, standing, max_examples=6, stateful_step_count=30, derandomize=True, phases=[Phase.generate]
    )


@pytest.mark.soak
def test_every_journey_is_sound_for_many_lives(standing: Standing) -> None:
    played = play(Journeys, standing, max_examples=200, stateful_step_count=80)
    assert {"JourneyBegun", *ENDS} == set(played)


def test_only_one_who_is_under_way_can_be_ended() -> None:
    assert {row.sources for row in LIFE.transitions} == {frozenset({"under_way"})}
    assert LIFE.final == {"joined", "cancelled", "expired", "served"}
