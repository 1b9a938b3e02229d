"""Reading plans: who belongs to a hall, who is to be where, who is away."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import Session

from dispatch.foundation.errors import NotFound
from dispatch.foundation.prepared import listed, of_all
from dispatch.foundation.tables import UtcTime, table_of
from dispatch.halls.models import Hall
from dispatch.people.models import Account, Post
from dispatch.staffing.models import DutyDay, Leave, Shift, Skill, SkillKind
from dispatch.staffing.refusals import BelongsElsewhere
from dispatch.staffing.spans import Span

_SHIFTS = table_of(Shift)
_IN_HALLS = of_all(
    lambda those: (
        select(_SHIFTS)
        .where(
            _SHIFTS.c.hall.in_(those),
            _SHIFTS.c.starts < bindparam("until", type_=UtcTime),
            _SHIFTS.c.ends > bindparam("since", type_=UtcTime),
        )
        .order_by(_SHIFTS.c.starts, _SHIFTS.c.id)
    )
)


def day_of(place: Hall, day: date) -> Span:
    """A day of the hall's own time, from midnight to midnight."""
    zone = ZoneInfo(place.tz)
    return Span(
        datetime.combine(day, time(0), zone), datetime.combine(day + timedelta(days=1), time(0), zone)
    )


def account(session: Session, ident: str) -> Account:
    """The account of this id that still works for the city; NotFound."""
    found = session.get(Account, ident)
    if found is None or not found.active:
        raise NotFound(what=ident, field="account")
    return found


def account_of(session: Session, place: Hall, ident: str) -> Account:
    """The account of this id, of somebody who belongs to this very hall; NotFound, BelongsElsewhere."""
    found = account(session, ident)
    if found.hall != place.code:
        raise BelongsElsewhere(username=found.username, field="account")
    return found


def home_of(session: Session, account: Account) -> Hall:
    """The hall an account belongs to; that hall and all below it are its scope."""
    return session.get_one(Hall, account.hall)


def movable(session: Session) -> list[Account]:
    """Everybody who may be posted to another hall: who works at windows or in the hall, by name."""
    wanted = select(Account).where(Account.active, Account.role.in_(("clerk", "guide")))
    return list(session.scalars(wanted.order_by(Account.username)))


def staff_of(session: Session, hall: str, during: Span) -> list[Account]:
    """Whoever belongs to the hall, is posted to it or planned in it during this time, by name."""
    posted = select(Post.account).where(Post.hall == hall, *_within(Post, during))
    planned = select(Shift.account).where(Shift.hall == hall, *_within(Shift, during))
    wanted = select(Account).where(
        Account.active, or_(Account.hall == hall, Account.id.in_(posted), Account.id.in_(planned))
    )
    return list(session.scalars(wanted.order_by(Account.username)))


def named(session: Session, idents: Collection[str]) -> dict[str, str]:
    """The usernames of these accounts, of those that left too."""
    if not idents:
        return {}
    rows = session.execute(select(Account.id, Account.username).where(Account.id.in_(idents)))
    return {row.id: row.username for row in rows}


def shifts_in(session: Session, hall: str, during: Span) -> list[Shift]:
    """The hall's shifts during this time, the earliest first."""
    wanted = select(Shift).where(Shift.hall == hall, *_within(Shift, during))
    return list(session.scalars(wanted.order_by(Shift.starts, Shift.id)))


def shifts_in_halls(session: Session, halls: Collection[str], during: Span) -> dict[str, list[Any]]:
    """The same of each of these halls, rows like `Shift`; one statement for all."""
    found: dict[str, list[Any]] = {hall: [] for hall in halls}
    for row in _IN_HALLS.all(session, of=listed(halls), since=during.starts, until=during.ends):
        found[row.hall].append(row)
    return found


def shifts_of(session: Session, ident: str, during: Span) -> list[Shift]:
    """An account's shifts during this time, wherever they are."""
    wanted = select(Shift).where(Shift.account == ident, *_within(Shift, during))
    return list(session.scalars(wanted.order_by(Shift.starts, Shift.id)))


def shifts_at(session: Session, window: str, during: Span) -> list[Shift]:
    """Who is planned for a window during this time."""
    wanted = select(Shift).where(Shift.window == window, *_within(Shift, during))
    return list(session.scalars(wanted.order_by(Shift.starts, Shift.id)))


def shift(session: Session, hall: str, ident: str) -> Shift:
    """One shift of the hall; NotFound."""
    found = session.get(Shift, ident)
    if found is None or found.hall != hall:
        raise NotFound(what=ident, field="shift")
    return found


def leaves_of(
    session: Session, idents: Collection[str], during: Span, states: Collection[str]
) -> list[Leave]:
    """Leave of these accounts during this time, in one of these states, the earliest first."""
    wanted = select(Leave).where(Leave.account.in_(idents), Leave.state.in_(states), *_within(Leave, during))
    return list(session.scalars(wanted.order_by(Leave.starts, Leave.id)))


def leaves_asked(session: Session, hall: str, now: datetime) -> list[Leave]:
    """What the hall's staff asked for and nobody has answered, as long as it is not over."""
    wanted = select(Leave).where(Leave.hall == hall, Leave.state == "asked", Leave.ends > now)
    return list(session.scalars(wanted.order_by(Leave.starts, Leave.id)))


def leave(session: Session, hall: str, ident: str) -> Leave:
    """One leave that is decided in this hall; NotFound."""
    found = session.get(Leave, ident, populate_existing=True)
    if found is None or found.hall != hall:
        raise NotFound(what=ident, field="leave")
    return found


def posts_at(session: Session, hall: str, now: datetime) -> list[Post]:
    """Posts to this hall that are not over, and of its own staff to elsewhere, the earliest first."""
    own = select(Account.id).where(Account.hall == hall)
    wanted = select(Post).where(or_(Post.hall == hall, Post.account.in_(own)), Post.ends > now)
    return list(session.scalars(wanted.order_by(Post.starts, Post.id)))


def posts_of(session: Session, ident: str, during: Span) -> list[Post]:
    """An account's posts during this time."""
    wanted = select(Post).where(Post.account == ident, *_within(Post, during))
    return list(session.scalars(wanted.order_by(Post.starts, Post.id)))


def post(session: Session, hall: str, ident: str) -> Post:
    """One post to this hall; NotFound."""
    found = session.get(Post, ident)
    if found is None or found.hall != hall:
        raise NotFound(what=ident, field="post")
    return found


def skill_kinds(session: Session) -> list[SkillKind]:
    """Every skill there is, by code."""
    return list(session.scalars(select(SkillKind).order_by(SkillKind.code)))


def skills_of(session: Session, idents: Collection[str]) -> list[Skill]:
    """The skills of these accounts, expired ones too."""
    wanted = select(Skill).where(Skill.account.in_(idents))
    return list(session.scalars(wanted.order_by(Skill.account, Skill.skill)))


def duty_days(session: Session, hall: str) -> list[DutyDay]:
    """The hall's duty days, as they were set."""
    wanted = select(DutyDay).where(DutyDay.hall == hall)
    return list(session.scalars(wanted.order_by(DutyDay.every, DutyDay.on, DutyDay.id)))


def duty_day(session: Session, hall: str, ident: str) -> DutyDay:
    """One duty day of the hall; NotFound."""
    found = session.get(DutyDay, ident)
    if found is None or found.hall != hall:
        raise NotFound(what=ident, field="duty_day")
    return found


def _within(model: type[Shift | Leave | Post], during: Span) -> tuple[ColumnElement[bool], ...]:
    return (model.starts < during.ends, model.ends > during.starts)
