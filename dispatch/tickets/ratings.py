"""好差评: what a person thought of one service. Given by herself, once, and never changed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import Refusal
from dispatch.foundation.log import Event, announce
from dispatch.tickets.beside import LEVELS, Rating
from dispatch.tickets.models import Ticket

OPEN_FOR = timedelta(days=7)


@dataclass(frozen=True)
class TicketRated(Event):
    """She said how it was; `given_by` tells the small screen at the window from her own phone."""

    ticket: str
    window: str
    level: str
    reasons: list[str]
    given_by: str


class RatedBefore(Refusal):
    """One service is rated once."""

    code = "rated_before"
    status = 409
    sentence = "%(number)s 已经评价过了,一次服务评价一次"


class NothingToRate(Refusal):
    """Nobody has been served on this ticket yet, or it was too long ago."""

    code = "nothing_to_rate"
    status = 409
    sentence = "办完之后才能评价,七天内有效"


def rate(
    session: Session,
    ticket: Ticket,
    level: str,
    reasons: Iterable[str] = (),
    *,
    given_by: str,
    now: datetime,
    actor: Actor,
) -> Rating:
    """Keep her judgement of a finished service. Raises NothingToRate, RatedBefore."""
    if ticket.state != "finished" or ticket.ended_at is None or now - ticket.ended_at > OPEN_FOR:
        raise NothingToRate(field="ticket")
    if session.get(Rating, ticket.id) is not None:
        raise RatedBefore(number=ticket.number, field="ticket")
    row = Rating(
        ticket=ticket.id,
        hall=ticket.hall,
        window=str(ticket.window),
        service_day=ticket.service_day,
        level=level,
        reasons=sorted(set(reasons)),
        given_by=given_by,
        at=now,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:  # the pad and the phone at the same moment
        raise RatedBefore(number=ticket.number, field="ticket") from error
    news = TicketRated(ticket.id, row.window, level, row.reasons, given_by)
    announce(session, ticket.hall, news, at=now, actor=actor)
    return row


def rating_of(session: Session, ticket: str) -> Rating | None:
    """What was said of this service, if anything."""
    return session.get(Rating, ticket)


def to_rate(session: Session, window: str, *, now: datetime, within: timedelta) -> Ticket | None:
    """The service last finished at this window, while it is fresh, unrated and nobody else has sat down since."""
    wanted = select(Ticket).where(Ticket.window == window, Ticket.ended_at > now - within)
    finished = wanted.where(Ticket.state == "finished").order_by(Ticket.ended_at.desc()).limit(1)
    last = session.scalars(finished).first()
    if last is None or last.ended_at is None or session.get(Rating, last.id) is not None:
        return None
    since = select(Ticket.id).where(
        Ticket.window == window, Ticket.state == "serving", Ticket.started_at >= last.ended_at
    )
    return None if session.scalars(since.limit(1)).first() else last


@dataclass(frozen=True)
class Tally:
    """How a window's services of one day were judged. `finished` counts those that could have been."""

    window: str
    finished: int
    levels: Mapping[str, int]

    @property
    def rated(self) -> int:
        """How many were."""
        return sum(self.levels.values())


def tallies(session: Session, hall: str, day: date) -> list[Tally]:
    """The day's judgements, window by window; windows that finished nobody are left out."""
    finished = select(Ticket.window, func.count()).where(
        Ticket.hall == hall, Ticket.service_day == day, Ticket.state == "finished"
    )
    done = {str(window): count for window, count in session.execute(finished.group_by(Ticket.window))}
    said = select(Rating.window, Rating.level, func.count()).where(
        Rating.hall == hall, Rating.service_day == day
    )
    levels: dict[str, Counter[str]] = {}
    for window, level, count in session.execute(said.group_by(Rating.window, Rating.level)):
        levels.setdefault(window, Counter())[level] = count
    return [
        Tally(window, done.get(window, 0), {level: levels.get(window, Counter())[level] for level in LEVELS})
        for window in sorted({*done, *levels})
    ]


def reasons_of(session: Session, hall: str, day: date) -> Counter[str]:
    """How often each reason was named that day."""
    rows = session.scalars(select(Rating.reasons).where(Rating.hall == hall, Rating.service_day == day))
    return Counter(reason for row in rows for reason in row)
