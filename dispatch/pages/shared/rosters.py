"""A hall's day as planned and as it went, read once for the page and for the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from dispatch.halls import finding as halls
from dispatch.halls.models import Hall, Window
from dispatch.pages.shared.calls import Call
from dispatch.people.models import Account, Post
from dispatch.staffing import finding, reality
from dispatch.staffing.life import LEAVE_STATES
from dispatch.staffing.models import Leave, Shift, Skill
from dispatch.staffing.reality import Planned, Standing
from dispatch.staffing.shifts import breaks_of
from dispatch.staffing.sittings import Sitting, sittings
from dispatch.staffing.spans import Span


@dataclass(frozen=True)
class Told:
    """A shift with how it stands."""

    shift: Shift
    breaks: Sequence[Span]
    standing: Standing


@dataclass(frozen=True)
class Roster:
    """Everything about who works in a hall on a day; `names` are the usernames of all accounts in it."""

    hall: Hall
    day: date
    during: Span
    now: datetime
    windows: Sequence[Window]
    staff: Sequence[Account]
    shifts: Sequence[Told]
    sittings: Sequence[Sitting]
    unplanned: Sequence[Sitting]
    leaves: Sequence[Leave]
    asked: Sequence[Leave]
    posts: Sequence[Post]
    skills: Sequence[Skill]
    names: dict[str, str]

    @property
    def planned_now(self) -> int:
        """How many windows somebody should sit at just now."""
        shifts = [told for told in self.shifts if told.shift.window and _at(told, self.now)]
        return sum(not any(pause.at(self.now) for pause in told.breaks) for told in shifts)

    @property
    def open_now(self) -> int:
        """How many windows are open just now."""
        return sum(window.state == "open" for window in self.windows)


def roster(call: Call, place: Hall, day: date | None = None) -> Roster:
    """The hall's day, today's service day unless another is asked for."""
    session, now = call.session, call.now
    day = day or halls.service_day(session, place, now)
    during = finding.day_of(place, day)
    staff = finding.staff_of(session, place.code, during)
    idents = [account.id for account in staff]
    sat = sittings(session, place.code, during)
    seen = min(now, during.ends)
    told = [_told(shift, sat, now) for shift in finding.shifts_in(session, place.code, during)]
    leaves = finding.leaves_of(session, idents, during, LEAVE_STATES[:2])
    asked, posts = (
        finding.leaves_asked(session, place.code, now),
        finding.posts_at(session, place.code, now),
    )
    mentioned = {leave.account for leave in (*leaves, *asked)} | {post.account for post in posts}
    mentioned |= {row.shift.account for row in told}
    mentioned |= {sitting.who for sitting in sat if sitting.who}
    return Roster(
        hall=place,
        day=day,
        during=during,
        now=now,
        windows=halls.windows_of(session, place.code),
        staff=staff,
        shifts=told,
        sittings=sat,
        unplanned=reality.unplanned([_planned(each.shift) for each in told], sat, seen),
        leaves=leaves,
        asked=asked,
        posts=posts,
        skills=finding.skills_of(session, idents),
        names=finding.named(session, mentioned) | {account.id: account.username for account in staff},
    )


def told_of(session: Session, shift: Shift, now: datetime) -> Told:
    """One shift by itself, and how it stands."""
    sat = sittings(session, shift.hall, Span(shift.starts - reality.EARLY, shift.ends))
    return _told(shift, sat, now)


def _told(shift: Shift, sat: Sequence[Sitting], now: datetime) -> Told:
    return Told(shift, breaks_of(shift), reality.standing(_planned(shift), sat, now))


def _planned(shift: Shift) -> Planned:
    return Planned(shift.account, shift.window, Span(shift.starts, shift.ends), tuple(breaks_of(shift)))


def _at(told: Told, now: datetime) -> bool:
    return Span(told.shift.starts, told.shift.ends).at(now)
