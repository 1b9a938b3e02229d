"""The town's hall with staff, and what is planned there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.foundation.access import Actor, system
from dispatch.foundation.database import Database
from dispatch.halls import finding as halls
from dispatch.halls import windows
from dispatch.people.models import Account, Post
from dispatch.staffing import finding, leaves, posts, shifts, skills
from dispatch.staffing.models import Leave, Shift
from dispatch.staffing.spans import Span
from tests import standing_city
from tests.standing_city import CARD, CITY_HALL, DISTRICT_HALL, TOWN_HALL, TRADE, Town

PLANNER = system("planner")
STAFF = {"first": TOWN_HALL, "second": TOWN_HALL, "elsewhere": CITY_HALL, "district": DISTRICT_HALL}
"""A path prefix is a scope, so somebody of the city's hall may work anywhere; see `furnish` for the stranger."""
KINDS = [
    {"code": "identity", "name": "户籍身份", "name_en": "Identity papers"},
    {"code": "trade", "name": "商事登记", "name_en": "Business registration"},
]
NEEDS = [(CARD, "identity", 2), (TRADE, "trade", 3)]
OTHER_HALL = "H-331002"


def furnish(database: Database) -> None:
    """The standing city with staff, and a hall beside it whose clerk has no business here."""
    standing_city.build(database)
    standing_city.configure(database, standing_city.hall_spec(OTHER_HALL))
    with database.work() as session:
        for name, hall in {**STAFF, "stranger": OTHER_HALL}.items():
            session.add(
                Account(
                    id=name, username=name, password="-", role="clerk", hall=hall, active=True, totp_step=0
                )
            )


@dataclass
class Rota:
    """The town's hall and what is planned in it, each deed its own transaction."""

    town: Town

    @property
    def database(self) -> Database:
        """Where it all stands."""
        return self.town.database

    def hours(self, start: float, end: float) -> Span:
        """From so many hours after midnight of today to so many."""
        midnight = self.town.now.replace(hour=0, minute=0)
        return Span(midnight + timedelta(hours=start), midnight + timedelta(hours=end))

    def plan(
        self,
        name: str,
        span: Span,
        window: str | None = None,
        *,
        hall: str = TOWN_HALL,
        at: str = TOWN_HALL,
        breaks: Sequence[Span] = (),
    ) -> Shift:
        """Plan somebody."""
        with self.database.work() as session:
            return shifts.plan(
                session,
                halls.hall(session, hall),
                finding.account(session, name),
                span,
                window=halls.window(session, f"{at}-{window}") if window else None,
                breaks=breaks,
                now=self.town.now,
                actor=PLANNER,
            )

    def drop(self, shift: Shift) -> None:
        """Take a shift off."""
        with self.database.work() as session:
            shifts.drop(
                session, finding.shift(session, shift.hall, shift.id), now=self.town.now, actor=PLANNER
            )

    def ask(self, name: str, span: Span, kind: str = "annual") -> Leave:
        """Somebody asks for leave."""
        with self.database.work() as session:
            account = finding.account(session, name)
            place = finding.home_of(session, account)
            return leaves.ask(session, place, account, kind, span, now=self.town.now, actor=staff(name))

    def decide(self, leave: Leave, verb: str, *, by: Actor = PLANNER, **more: Any) -> Leave:  # noqa: ANN401
        """A verb on a leave."""
        with self.database.work() as session:
            found = finding.leave(session, leave.hall, leave.id)
            getattr(leaves, verb)(session, found, now=self.town.now, actor=by, **more)
            return found

    def post(self, name: str, span: Span, hall: str = TOWN_HALL) -> Post:
        """Post somebody to a hall."""
        with self.database.work() as session:
            account, place = finding.account(session, name), halls.hall(session, hall)
            return posts.give(session, account, place, span, now=self.town.now, actor=PLANNER)

    def end_post(self, post: Post) -> None:
        """End a post."""
        with self.database.work() as session:
            posts.end(session, finding.post(session, post.hall, post.id), now=self.town.now, actor=PLANNER)

    def scopes(self, name: str) -> tuple[str, ...]:
        """Where somebody may act just now."""
        with self.database.reading() as session:
            return posts.scopes(session, finding.account(session, name), now=self.town.now)

    def set_needs(self) -> None:
        """Two of the items need a skill from now on."""
        with self.database.work() as session:
            skills.replace(session, KINDS, NEEDS, now=self.town.now, actor=PLANNER)

    def grant(self, name: str, skill: str, grade: int, expires: datetime | None = None) -> None:
        """Somebody has a skill from now on."""
        with self.database.work() as session:
            account = finding.account(session, name)
            place = finding.home_of(session, account)
            skills.grant(
                session, place, account, skill, grade, expires=expires, now=self.town.now, actor=PLANNER
            )

    def barred(self, name: str) -> frozenset[str]:
        """What somebody may not serve just now."""
        with self.database.reading() as session:
            return skills.barred_items(session, name, now=self.town.now)

    def open_as(self, name: str, window: str, verb: str = "open") -> None:
        """Somebody opens, pauses or closes a window."""
        with self.database.work() as session:
            at = halls.window(session, self.town.window_id(window))
            windows.change(session, at, verb, now=self.town.now, actor=staff(name))


def staff(name: str) -> Actor:
    """Somebody of the town's hall."""
    return Actor("staff", name, "clerk", standing_city.TOWN_PATH)
