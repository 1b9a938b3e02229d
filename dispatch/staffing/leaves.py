"""Leave: asked for by oneself or for somebody, then granted, refused, withdrawn, or ended early."""

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput
from dispatch.foundation.ids import new_id
from dispatch.foundation.log import Event, announce
from dispatch.foundation.transitions import WrongState
from dispatch.halls.models import Hall
from dispatch.people.models import Account
from dispatch.staffing import finding, shifts
from dispatch.staffing.life import BINDING, LEAVE, LEAVE_KINDS
from dispatch.staffing.models import Leave
from dispatch.staffing.news import LeaveAsked, LeaveEnded, LeaveGranted, LeaveRefused, LeaveWithdrawn
from dispatch.staffing.refusals import LeaveOverlaps, LeaveOverShifts, NotForYourself, Past
from dispatch.staffing.spans import Span, stamp

LONGEST = timedelta(days=366)


def ask(
    session: Session, place: Hall, account: Account, kind: str, span: Span, *, now: datetime, actor: Actor
) -> Leave:
    """Somebody wishes to be away. Raises BadInput, BadSpan, Past, LeaveOverlaps."""
    if kind not in LEAVE_KINDS:
        raise BadInput(reason=kind[:20], field="kind")
    shifts.refuse_unsound(span, LONGEST)
    if span.ends <= now:
        raise Past(field="ends")
    shifts.hold(session, account)
    if known := finding.leaves_of(session, [account.id], span, BINDING):
        raise LeaveOverlaps(leave=known[0].id, field="starts")
    leave = Leave(
        id=new_id(),
        account=account.id,
        hall=place.code,
        kind=kind,
        starts=span.starts,
        ends=span.ends,
        state="asked",
        asked_at=now,
    )
    session.add(leave)
    session.flush()
    news = LeaveAsked(leave.id, leave.account, stamp(leave.starts), stamp(leave.ends))
    announce(session, place.code, news, at=now, actor=actor)
    return leave


def grant(session: Session, leave: Leave, *, drop_shifts: bool = False, now: datetime, actor: Actor) -> None:
    """She may be away. With `drop_shifts` what this hall planned for her meanwhile is off.

    Raises NotForYourself, WrongState, and LeaveOverShifts while she is planned anywhere in that time.
    """
    if actor.id == leave.account:
        raise NotForYourself(field="leave")
    shifts.hold(session, session.get_one(Account, leave.account))
    span = Span(leave.starts, leave.ends)
    for shift in finding.shifts_of(session, leave.account, span):
        if drop_shifts and shift.hall == leave.hall and shift.ends > now:
            shifts.drop(session, shift, now=now, actor=actor)
    left = [shift for shift in finding.shifts_of(session, leave.account, span) if shift.ends > now]
    if left:
        raise LeaveOverShifts(shifts=len(left), field="leave")
    news = LeaveGranted(leave.id, leave.account, stamp(leave.starts), stamp(leave.ends))
    _decide(session, leave, "grant", news, now, actor)


def refuse(session: Session, leave: Leave, *, now: datetime, actor: Actor) -> None:
    """She may not be away; WrongState."""
    _decide(session, leave, "refuse", LeaveRefused(leave.id, leave.account), now, actor)


def withdraw(session: Session, leave: Leave, *, now: datetime, actor: Actor) -> None:
    """It is off. Raises WrongState, and Past once a granted leave has begun: then she comes back."""
    if leave.state == "granted" and leave.starts <= now:
        raise Past(field="leave")
    _decide(session, leave, "withdraw", LeaveWithdrawn(leave.id, leave.account, leave.state), now, actor)


def come_back(session: Session, leave: Leave, *, now: datetime, actor: Actor) -> None:
    """She is back before its time: it ends now. Raises WrongState, and Past unless it is under way."""
    LEAVE.target("return", leave.state)
    if not leave.starts < now < leave.ends:
        raise Past(field="leave")
    leave.ends = now
    session.flush()
    announce(session, leave.hall, LeaveEnded(leave.id, leave.account, stamp(now)), at=now, actor=actor)


def _decide(session: Session, leave: Leave, verb: str, news: Event, now: datetime, actor: Actor) -> None:
    """Write the transition, guarded: of two who decide at once the second learns that it is decided."""
    target = LEAVE.target(verb, leave.state)
    written = session.execute(
        update(Leave)
        .where(Leave.id == leave.id, Leave.state == leave.state)
        .values(state=target, decided_by=actor.id, decided_at=now)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(written, CursorResult)
    session.refresh(leave)
    if written.rowcount == 0:
        raise WrongState(state=leave.state, verb=verb, allowed=sorted(LEAVE[verb].sources))
    announce(session, leave.hall, news, at=now, actor=actor)
