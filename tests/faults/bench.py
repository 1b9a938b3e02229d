"""A whole city in this process: its application on a database, a crowd in threads, and the checker afterwards."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.halls import finding, windows
from dispatch.people import accounts
from dispatch.people.models import Account
from dispatch.wiring.app import Web, create_core
from dispatch.wiring.listening import hear_all
from dispatch.wiring.tables import METADATA
from tests import standing_city
from tests.faults.crowd import AS_USUAL, Crowd, Desk, Habits, Place
from tests.faults.history import History, Watch
from tests.passwords import QUICK
from tests.standing_city import BUILDER, DISTRICT_HALL, MORNING, TOWN_HALL

PLACES = (
    Place(TOWN_HALL, ("D", "A"), [f"{TOWN_HALL}-{window}" for window in "13"], send_to=DISTRICT_HALL),
    Place(DISTRICT_HALL, ("D",), [f"{DISTRICT_HALL}-26"], send_to=TOWN_HALL),
)
HALLS = [place.hall for place in PLACES]


def furnish(database: Database, *, speed: float = 1.0) -> str:
    """The standing city at half past nine, with open windows and one supervisor; her token."""
    standing_city.build(database)
    with database.work() as session:
        clock.begin_demo(session, MORNING, speed=speed)
        account = Account(
            id="supervisor",
            username="supervisor",
            password=QUICK.hash("-"),
            role="supervisor",
            hall=DISTRICT_HALL,
            active=True,
        )
        session.add(account)
        session.flush()
        token = accounts.sign_in(session, account, real_now=clock.real_now())
    for place in PLACES:
        for window in place.windows:
            with database.work() as session:
                row = finding.window(session, window)
                windows.change(session, row, "open", now=MORNING, actor=BUILDER)
    return token


DEEDS_A_SECOND = 60
"""What a quiet machine does at least."""


@dataclass
class Bench:
    """The city, and what a crowd does in it."""

    web: Web
    token: str
    standing: standing_city.Standing

    @contextmanager
    def without(self, table: str, constraint: str) -> Iterator[None]:
        """The database keeps its own guard down; afterwards everything stands as it was furnished."""
        engine = self.standing.database.engine
        with engine.connect() as connection:
            query = text("SELECT indexdef FROM pg_indexes WHERE indexname = :name")
            kept = connection.execute(query, {"name": constraint}).scalar_one()
            is_constraint = connection.execute(
                text("SELECT count(*) FROM pg_constraint WHERE conname = :name"), {"name": constraint}
            ).scalar_one()
            drop = f"ALTER TABLE {table} DROP CONSTRAINT" if is_constraint else "DROP INDEX"
            connection.execute(text(f"{drop} {constraint}"))
            connection.commit()
        try:
            yield
        finally:
            self.restore()
            with engine.begin() as connection:
                add = f"ALTER TABLE {table} ADD CONSTRAINT {constraint} UNIQUE USING INDEX {constraint}"
                for statement in [kept, *([add] if is_constraint else [])]:
                    connection.execute(text(statement))

    def restore(self) -> None:
        """Everything as it was furnished."""
        standing_city.WRITTEN[str(self.standing.database.engine.url)].update(METADATA.tables)
        self.standing.restore()
        for feed in list(self.web.display.feeds._feeds.values()):
            feed.catch_up()

    def run(
        self, *, seconds: float = 0.6, deaf_percent: int = 3, citizens: int = 2, habits: Habits = AS_USUAL
    ) -> History:
        """Let everybody work for a while, longer where the machine is slow, then come to rest and tell the history."""
        history = History()
        crowd = Crowd(
            history,
            lambda: Desk(self.web.app, deaf_percent),
            self.token,
            pause=0.005,
            habits=habits,
        )
        watchers = [Follower(self.web, history, hall) for hall in HALLS]
        with crowd.at_work(PLACES, citizens=citizens):
            end, enough = time.monotonic() + seconds, seconds * DEEDS_A_SECOND
            while not crowd.broken and (time.monotonic() < end or len(history.deeds) < enough):
                time.sleep(0.03)
                for watcher in watchers:
                    watcher.look()
                hear_all(self.web.database)
        hear_all(self.web.database)
        hear_all(self.web.database)
        for watcher in watchers:
            watcher.look()
            watcher.end()
        history.read(self.web.database, HALLS)
        return history


class Follower:
    """A board without sockets: asks for what it lacks, as the board's script does."""

    def __init__(self, web: Web, history: History, hall: str) -> None:
        """Begins with the board as it stands."""
        self._client = web.app.test_client()
        self._history = history
        self._watch = Watch(hall, 0)
        self.look(fresh=True)

    def look(self, *, fresh: bool = False) -> None:
        """Hear what is new."""
        after = "" if fresh else self._watch.reached
        told = self._client.get(f"/board/{self._watch.hall}/changes?after={after}").get_json()
        if "snapshot" in told:
            self._watch = self._history.watch(Watch(self._watch.hall, told["snapshot"]["seq"]))
            return
        self._watch.heard += [(change["seq"], change["kind"]) for change in told["changes"]]

    def end(self) -> None:
        """The city is at rest: this is where the board stands."""
        self._watch.is_last = True


@contextmanager
def bench(url: str, var: Path) -> Iterator[Callable[[], Bench]]:
    """Opens the bench; each call of what it yields finds the city as it was furnished."""
    tokens: list[str] = []
    with standing_city.standing(url, lambda database: tokens.append(furnish(database))) as standing:
        web = create_core(Settings(var=var, database_url=url))

        def fresh() -> Bench:
            opened = Bench(web, tokens[0], standing)
            opened.restore()
            return opened

        try:
            yield fresh
        finally:
            web.stop()
