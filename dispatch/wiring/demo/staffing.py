"""Who works in the demo's town hall: shifts of the day, skills, a leave, a post and a duty day."""

import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.errors import Refusal
from dispatch.halls import finding as halls
from dispatch.people import accounts
from dispatch.people.models import Account
from dispatch.staffing import duty_days, finding, leaves, posts, shifts, skills
from dispatch.staffing.duty_days import Office
from dispatch.staffing.duty_rules import Rule
from dispatch.staffing.spans import Span

NEIGHBOUR, TOWN_HALL = "H-331082113", "H-331082112"
ZONE = ZoneInfo("Asia/Shanghai")
DEMO = system("demo")
DAY = (time(8, 30), time(17))
NOON, REST = (time(12), time(13, 30)), (time(10, 15), time(10, 30))
TIDES = ((time(9), time(11, 30)), (time(14), time(15, 30)))
WINDOWS = {f"duqiao-{number}": str(number) for number in range(1, 9) if number != 6}
"""Each of these clerks sits at a window of her own; the seventh is the tidal window's. Window 6 goes without one."""
TIDAL, AWAY, POSTED, WISHES = "duqiao-7", "duqiao-6", "shangpan-2", "duqiao-3"
SKILLS: Mapping[str, dict[str, tuple[int, int | None]]] = {
    "duqiao-1": {"social_aid": (4, 400), "homestead": (3, None)},
    "duqiao-2": {"social_aid": (3, 12)},
    "duqiao-3": {"homestead": (2, 200)},
    "duqiao-4": {"social_aid": (2, None)},
    "duqiao-7": {"homestead": (4, 25)},
    "shangpan-2": {"social_aid": (5, None), "real_estate": (3, 90)},
}
"""Grade, and days until it expires, of whatever somebody may do."""
BEST = 5
OFFICE = Office("临海市人力社保局", "Linhai Bureau of Human Resources", time(9), time(11, 30))

Login = dict[str, str]


def staff_town(database: Database, day: date) -> list[Login]:
    """Bring the town hall's staff to this day; the sign-ins of whoever sits at a window there."""
    with database.work() as session:
        logins = [_appoint(session, name, TOWN_HALL) for name in (*WINDOWS, AWAY)]
        _appoint(session, POSTED, NEIGHBOUR)
    with database.work() as session:
        _post(session, day)
    with database.work() as session:
        _plan(session, day)
    for names in ((*WINDOWS, AWAY), (POSTED,)):  # a skill is granted in one's own hall, and stands in its log
        with database.work() as session:
            for account in _accounts(session, names):
                _grant(session, account, SKILLS.get(account.username, {}))
    return [
        {**login, "window": f"{TOWN_HALL}-{at}"} for login in logins if (at := WINDOWS.get(login["username"]))
    ]


def know_everything(database: Database, logins: Iterable[Login]) -> None:
    """Whoever can sign in may serve whatever is asked for, so that nothing in the demo waits in vain."""
    workers = [login for login in logins if login["role"] in ("clerk", "supervisor")]
    for hall in sorted({login["hall"] for login in workers}):
        with database.work() as session:
            every = {kind.code: (BEST, None) for kind in finding.skill_kinds(session)}
            for account in _accounts(session, [row["username"] for row in workers if row["hall"] == hall]):
                _grant(session, account, every)


def _appoint(session: Session, name: str, hall: str) -> Login:
    password = secrets.token_urlsafe(9)
    accounts.appoint(session, name, password, "clerk", halls.hall(session, hall))
    return {"username": name, "password": password, "role": "clerk", "hall": hall}


def _accounts(session: Session, names: Iterable[str]) -> list[Account]:
    wanted = select(Account).where(Account.username.in_(list(names)))
    return list(session.scalars(wanted.order_by(Account.username)))


def _post(session: Session, day: date) -> None:
    """For a week from this day, unless the last one still runs."""
    [account] = _accounts(session, [POSTED])
    span = Span(_at(day, DAY[0]), _at(day + timedelta(days=7), DAY[1]))
    if not finding.posts_of(session, account.id, span):
        place = halls.hall(session, TOWN_HALL)
        posts.give(session, account, place, span, now=clock.now(session), actor=DEMO)


def _plan(session: Session, day: date) -> None:
    place, now = halls.hall(session, TOWN_HALL), clock.now(session)
    by_name = {account.username: account for account in _accounts(session, (*WINDOWS, AWAY, POSTED, WISHES))}
    for name, window in WINDOWS.items():
        for start, end in TIDES if name == TIDAL else (DAY,):
            pauses = [] if name == TIDAL else [REST, NOON]
            with suppress(Refusal):  # what somebody planned by hand yesterday stands
                shifts.plan(
                    session,
                    place,
                    by_name[name],
                    Span(_at(day, start), _at(day, end)),
                    window=halls.window(session, f"{TOWN_HALL}-{window}"),
                    breaks=[Span(_at(day, first), _at(day, last)) for first, last in pauses],
                    now=now,
                    actor=DEMO,
                )
    with suppress(Refusal):
        span = Span(_at(day, DAY[0]), _at(day, DAY[1]))
        shifts.plan(session, place, by_name[POSTED], span, now=now, actor=DEMO)
    away = Span(_at(day, time(0)), _at(day + timedelta(days=1), time(0)))
    with suppress(Refusal):
        leave = leaves.ask(session, place, by_name[AWAY], "training", away, now=now, actor=DEMO)
        leaves.grant(session, leave, now=now, actor=DEMO)
    wish = Span(_at(day + timedelta(days=1), NOON[1]), _at(day + timedelta(days=1), DAY[1]))
    with suppress(Refusal):
        leaves.ask(session, place, by_name[WISHES], "personal", wish, now=now, actor=DEMO)
    if not finding.duty_days(session, TOWN_HALL):
        at = halls.window(session, f"{TOWN_HALL}-8")
        duty_days.set_day(session, place, OFFICE, Rule("month", 8), window=at, now=now, actor=DEMO)


def _grant(session: Session, account: Account, wanted: Mapping[str, tuple[int, int | None]]) -> None:
    held = {skill.skill for skill in finding.skills_of(session, [account.id])}
    place, now = finding.home_of(session, account), clock.now(session)
    for skill, (grade, days) in wanted.items():
        if skill not in held:
            until = None if days is None else now + timedelta(days=days)
            skills.grant(session, place, account, skill, grade, expires=until, now=now, actor=DEMO)


def _at(day: date, clock_time: time) -> datetime:
    return datetime.combine(day, clock_time, ZONE)
