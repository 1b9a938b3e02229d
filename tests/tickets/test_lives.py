"""Every verb of a ticket's life at random, over two halls: whatever happens, what must always hold holds."""

from typing import Any

import pytest
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from sqlalchemy import select

from dispatch.foundation import log
from dispatch.foundation.errors import Refusal
from dispatch.tickets import moving
from dispatch.tickets.holding import Holding
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.tickets.moving import Goal
from hall_display.board_state import Entry
from hall_display.snapshots import snapshot
from tests.lives import Life, play
from tests.standing_city import CARD, CITIZEN, DISTRICT_HALL, MORNING, TOWN_HALL, TOWN_WINDOWS, Standing, Town

HALLS = (TOWN_HALL, DISTRICT_HALL)
WINDOWS = st.sampled_from(sorted(TOWN_WINDOWS))
ON_A_TICKET = (
    *("recall", "start", "finish", "missed", "park", "resume", "reactivate", "void", "cancel", "undo"),
    *("start", "finish", "park", "resume", "undo", "reactivate"),  # more often
)
CALLABLE = ("waiting", "called", "serving", "parked", "missed")
STEPS = {(source, row.target) for row in LIFE.transitions for source in row.sources}


class Lives(Life):
    """What people and clerks do in a town's hall that sends people to the district's."""

    @initialize()
    def begin(self) -> None:
        """The hall opens with three windows and some people."""
        self.town = Town(self.database, TOWN_HALL, MORNING)
        self.town.open("1", "2", "3")
        self.claims: dict[str, int] = {}
        self.states: dict[str, str] = {}
        with self.database.reading() as session:
            self.board = snapshot(session, TOWN_HALL)
        for _ in range(4):
            self.somebody_comes("D")

    @rule(queue=st.sampled_from("DDA"))
    def somebody_comes(self, queue: str) -> None:
        self.town.pass_time(seconds=7)
        if queue == "D":
            self.town.take(items=[CARD], queue=None)
        else:
            self.town.take(queue)

    @rule(name=WINDOWS, finish=st.booleans())
    def a_window_calls(self, name: str, finish: bool) -> None:
        self._try(lambda: self.town.call_next(name, finish=finish))

    @rule(name=WINDOWS, most=st.integers(2, 4))
    def a_window_calls_a_group(self, name: str, most: int) -> None:
        self._try(lambda: self.town.call_group(name, most, finish=True))

    @rule(name=WINDOWS)
    def a_window_serves_without_a_number(self, name: str) -> None:
        self._try(lambda: self.town.serve(name))

    @rule(name=WINDOWS, data=st.data())
    def a_window_calls_a_number(self, name: str, data: st.DataObject) -> None:
        if row := self._one(data):
            self._try(lambda: self.town.call_number(name, row.number))

    @rule(verb=st.sampled_from(ON_A_TICKET), data=st.data())
    def somebody_presses_a_key(self, verb: str, data: st.DataObject) -> None:
        if row := self._one(data):
            self._try(lambda: self.town.do(verb, row.id, **({"actor": CITIZEN} if verb == "cancel" else {})))

    @rule(queue=st.sampled_from("DA"), data=st.data())
    def somebody_is_moved_within(self, queue: str, data: st.DataObject) -> None:
        if row := self._one(data):
            self._try(lambda: self.town.do("move", row.id, goal=Goal(queue=queue)))

    @rule(data=st.data())
    def somebody_is_sent_away(self, data: st.DataObject) -> None:
        if row := self._one(data):
            self._try(lambda: self.town.do("move", row.id, goal=Goal(hall=DISTRICT_HALL)))

    @rule()
    def the_halls_hear_of_each_other(self) -> None:
        self.town.hear()

    @rule(seconds=st.sampled_from([5, 40, 100, 700]))
    def time_passes(self, seconds: int) -> None:
        """Long enough for a lease or a hold to end."""
        self.town.pass_time(seconds=seconds)
        self.town.let_lapse()
        with self.database.reading() as session:
            late = moving.overdue(session, self.town.now)
        for ident, move in late:
            with self.database.work() as session:
                row = session.get_one(Ticket, ident)
                moving.come_back(session, row, move, "not_answered", now=self.town.now, actor=CITIZEN)

    @rule(name=WINDOWS)
    def a_window_opens(self, name: str) -> None:
        self._try(lambda: self.town.change_window(name, "open"))

    # --- what always holds ---

    @invariant()
    def every_place_is_sound(self) -> None:
        if not hasattr(self, "town"):
            return
        with self.database.reading() as session:
            rows = list(session.scalars(select(Ticket)))
            held = {row.ticket for row in session.scalars(select(Holding))}
            entries = log.entries_after(session, TOWN_HALL, self.board.seq)
            for row in entries:
                self.played[row.kind] += 1
                self.board, _ = self.board.apply(Entry.from_body(row.body))
            assert self.board.board() == snapshot(session, TOWN_HALL).board()
        self._one_place_each(rows)
        self._claims_only_rise(rows)
        self._numbers_have_no_gaps(rows)
        assert held <= {row.id for row in rows if row.state in (*CALLABLE, "moving")}

    def _one_place_each(self, rows: list[Ticket]) -> None:
        """Whoever was sent has the old place or the new one, never both; nobody sits on anybody's chair."""
        sent = {row.moved_from: row for row in rows if row.moved_from}
        for row in rows:
            move = (row.moved_to or {}).get("move")
            if move in sent:
                assert row.state in ("moving", "moved")
            assert (row.state == "moved") == ("ticket" in (row.moved_to or {}))
        seats = [(row.window, row.seat) for row in rows if row.state in ("called", "serving")]
        assert len(seats) == len(set(seats))
        for row in rows:
            assert (row.state in ("called", "serving", "parked", "finished", "missed", "void")) >= (
                row.window is not None and row.state == "waiting"
            )

    def _claims_only_rise(self, rows: list[Ticket]) -> None:
        for row in rows:
            assert (row.claim or 0) >= self.claims.get(row.id, 0)
            self.claims[row.id] = row.claim or 0

    def _numbers_have_no_gaps(self, rows: list[Ticket]) -> None:
        given: dict[tuple[str, str], list[int]] = {}
        for row in rows:
            given.setdefault((row.hall, row.letter), []).append(row.n)
        assert all(sorted(numbers) == list(range(1, len(numbers) + 1)) for numbers in given.values())

    def teardown(self) -> None:
        if hasattr(self, "town"):
            assert self.town.faults() == []

    def _one(self, data: st.DataObject) -> Ticket | None:
        with self.database.reading() as session:
            rows = list(session.scalars(select(Ticket).where(Ticket.hall == TOWN_HALL).order_by(Ticket.id)))
            rows.sort(key=lambda row: (row.letter, row.n))
            session.expunge_all()
        return data.draw(st.sampled_from(rows[-9:])) if rows else None

    def _try(self, deed: Any) -> None:  # noqa: ANN401 - any deed
        """What the rules refuse changes nothing at all."""
        head = self.town.head()
        try:
            deed()
        except Refusal:
            assert self.town.head() == head


def test_whatever_happens_every_place_is_sound(standing: Standing) -> None:
    play(Lives, standing, max_examples=6, stateful_step_count=50, derandomize=True, phases=[Phase.generate])


@pytest.mark.soak
def test_every_place_is_sound_for_many_lives(standing: Standing) -> None:
    played = play(Lives, standing, max_examples=300, stateful_step_count=120)
    wanted = "Parked Resumed Moved Sent Left Reactivated Voided Undone Kept Called Finished Missed"
    assert {f"Ticket{did}" for did in wanted.split()} <= set(played)
