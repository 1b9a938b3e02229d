"""People who set out for the town's hall, each deed its own transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from dispatch.foundation.ids import new_id
from dispatch.halls import finding as halls
from dispatch.journeys import beginning, ending, finding
from dispatch.journeys.beginning import Stop
from dispatch.journeys.models import Journey
from tests.standing_city import BUILDER, CITIZEN, Town

TRAVEL_S = 1200.0


def set_out(town: Town, queue: str = "D", *, route: str | None = None, **different: Any) -> Journey:  # noqa: ANN401
    """Somebody sets out, by an advice of her own unless one is named."""
    told = {"travel_s": TRAVEL_S, "now": town.now, "actor": CITIZEN, **different}
    with town.database.work() as session:
        place = halls.hall(session, town.code)
        return beginning.begin(session, place, [Stop(queue)], route=route or new_id(), **told)


def arrive(town: Town, journey: str, ticket: str | None = None) -> bool:
    """She takes a number where she was expected; whether she still counted."""
    taken = ticket or town.take("D").id
    with town.database.work() as session:
        row = session.get_one(Journey, journey)
        return ending.join(session, row, taken, now=town.now, actor=CITIZEN)


def give_up(town: Town, journey: str) -> None:
    """She does not go after all."""
    with town.database.work() as session:
        ending.cancel(session, session.get_one(Journey, journey), now=town.now, actor=CITIZEN)


def let_expire(town: Town) -> int:
    """Whoever is overdue counts no longer; how many."""
    with town.database.reading() as session:
        due = ending.overdue(session, town.now)
    gone = 0
    for hall in due:
        with town.database.work() as session:
            gone += ending.expire(session, hall, now=town.now, actor=BUILDER)
    return gone


def under_way(town: Town) -> list[finding.Expected]:
    """Everybody under way to the hall."""
    with town.database.reading() as session:
        return finding.expected_in(session, [town.code])[town.code]


def unforeseen(town: Town, since: datetime) -> dict[tuple[str, str], list[finding.Expected]]:
    """Who has set out since then."""
    with town.database.reading() as session:
        return finding.unforeseen(session, {town.code: since})


def all_journeys(town: Town) -> list[Journey]:
    """Every journey there ever was."""
    with town.database.reading() as session:
        rows = list(session.scalars(select(Journey).order_by(Journey.begun_at, Journey.id)))
        session.expunge_all()
        return rows
