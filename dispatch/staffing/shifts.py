"""Planning who works where: one person in one place at a time, one window with one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import NotFound, Refusal
from dispatch.foundation.ids import new_id
from dispatch.foundation.log import announce
from dispatch.halls.models import Hall, Window
from dispatch.people.models import Account
from dispatch.staffing import finding
from dispatch.staffing.models import Shift
from dispatch.staffing.news import ShiftDropped, ShiftPlanned
from dispatch.staffing.refusals import (
    BadBreaks,
    BadSpan,
    NotStaffHere,
    OnLeave,
    Past,
    ShiftOverlaps,
    WindowPlanned,
)
from dispatch.staffing.spans import Span, clashing, covered, sound_breaks, stamp

LONGEST = timedelta(hours=16)


def plan(
    session: Session,
    place: Hall,
    account: Account,
    span: Span,
    *,
    window: Window | None = None,
    breaks: Sequence[Span] = (),
    now: datetime,
    actor: Actor,
) -> Shift:
    """Somebody is to work here.

    Raises BadSpan, BadBreaks, Past, NotStaffHere, ShiftOverlaps, OnLeave, WindowPlanned.
    """
    refuse_unsound(span, LONGEST)
    if not sound_breaks(span, breaks):
        raise BadBreaks(field="breaks")
    if span.ends <= now:
        raise Past(field="ends")
    if window is not None and window.hall != place.code:
        raise NotFound(what=window.id, field="window")
    hold(session, account)
    _refuse_stranger(session, place, account, span)
    _refuse_second_place(session, account, span)
    if window is not None:
        _refuse_second_person(session, window, span)
    shift = Shift(
        id=new_id(),
        account=account.id,
        hall=place.code,
        window=window.id if window else None,
        starts=span.starts,
        ends=span.ends,
        breaks=[[stamp(pause.starts), stamp(pause.ends)] for pause in breaks],
        planned_by=actor.id,
    )
    session.add(shift)
    session.flush()  # whoever plans next in this transaction must see it
    news = ShiftPlanned(
        shift.id, shift.account, shift.window, stamp(span.starts), stamp(span.ends), shift.breaks
    )
    announce(session, place.code, news, at=now, actor=actor)
    return shift


def drop(session: Session, shift: Shift, *, now: datetime, actor: Actor) -> None:
    """The shift is off; Past once it is over, for then it is part of the record."""
    if shift.ends <= now:
        raise Past(field="shift")
    session.delete(shift)
    session.flush()
    announce(session, shift.hall, ShiftDropped(shift.id, shift.account, shift.window), at=now, actor=actor)


@dataclass(frozen=True)
class Repeated:
    """What became of a day planned like another: shifts planned, and those whose rules said no."""

    planned: list[Shift]
    left_out: list[Shift]


def repeat(session: Session, place: Hall, like: date, day: date, *, now: datetime, actor: Actor) -> Repeated:
    """Plan a day of the hall as another one was, by the clock on the wall; what clashes by now is left out."""
    zone = ZoneInfo(place.tz)

    def moved(moment: datetime) -> datetime:
        local = moment.astimezone(zone)
        return datetime.combine(day + (local.date() - like), local.time(), zone)

    done = Repeated([], [])
    for shift in finding.shifts_in(session, place.code, finding.day_of(place, like)):
        account = session.get_one(Account, shift.account)
        window = session.get_one(Window, shift.window) if shift.window else None
        span = Span(moved(shift.starts), moved(shift.ends))
        breaks = [Span(moved(pause.starts), moved(pause.ends)) for pause in breaks_of(shift)]
        gone = not account.active or (window is not None and not window.active)
        if gone:
            done.left_out.append(shift)
            continue
        try:
            again = plan(session, place, account, span, window=window, breaks=breaks, now=now, actor=actor)
        except Refusal:
            done.left_out.append(shift)
        else:
            done.planned.append(again)
    return done


def breaks_of(shift: Shift) -> list[Span]:
    """The shift's breaks as times."""
    return [
        Span(datetime.fromisoformat(starts), datetime.fromisoformat(ends)) for starts, ends in shift.breaks
    ]


def hold(session: Session, account: Account) -> None:
    """Two who plan for the same person at once come one after the other, and the second sees what the first did."""
    locked = select(Account.id).where(Account.id == account.id).with_for_update(key_share=True)
    session.execute(locked)


def refuse_unsound(span: Span, longest: timedelta) -> None:
    """BadSpan unless it begins before it ends and lasts no longer than that."""
    if not span.sound or span.ends - span.starts > longest:
        raise BadSpan(longest=longest // timedelta(hours=1), field="ends")


def _refuse_stranger(session: Session, place: Hall, account: Account, span: Span) -> None:
    if place.path.startswith(finding.home_of(session, account).path):
        return
    posted = [
        Span(post.starts, post.ends)
        for post in finding.posts_of(session, account.id, span)
        if place.path.startswith(session.get_one(Hall, post.hall).path)
    ]
    if not covered(span, posted):
        raise NotStaffHere(username=account.username, field="account")


def _refuse_second_place(session: Session, account: Account, span: Span) -> None:
    shifts = finding.shifts_of(session, account.id, span)
    if (other := clashing(span, [(shift, Span(shift.starts, shift.ends)) for shift in shifts])) is not None:
        raise ShiftOverlaps(username=account.username, shift=other.id, field="account")
    if leaves := finding.leaves_of(session, [account.id], span, ["granted"]):
        raise OnLeave(username=account.username, leave=leaves[0].id, field="account")


def _refuse_second_person(session: Session, window: Window, span: Span) -> None:
    session.execute(select(Window.id).where(Window.id == window.id).with_for_update(key_share=True))
    if taken := finding.shifts_at(session, window.id, span):
        raise WindowPlanned(window=window.name, shift=taken[0].id, field="window")
