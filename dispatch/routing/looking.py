"""How halls stand for whoever is on the way: waits, windows, interruptions, machines. So many statements for all."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from dispatch.foundation.prepared import Soon, listed, of_all
from dispatch.foundation.tables import UtcTime, table_of
from dispatch.halls import outages
from dispatch.halls.devices import finding as devices
from dispatch.halls.devices.models import Device
from dispatch.halls.models import Queue, Window
from dispatch.journeys import finding as journeys
from dispatch.journeys.finding import Expected
from dispatch.learning.minutes import LearnedMinutes, ask_minutes, minutes_in
from dispatch.people.models import Account
from dispatch.routing.sites import Site
from dispatch.staffing.models import Shift, Skill, SkillNeeded
from dispatch.waits import finding as waits
from dispatch.waits.finding import NOTHING, HallWaits

_QUEUES, _WINDOWS, _SHIFTS, _DEVICES = map(table_of, (Queue, Window, Shift, Device))
_NEEDED, _SKILLS, _ACCOUNTS = map(table_of, (SkillNeeded, Skill, Account))
_INTAKE = of_all(
    lambda those: select(_QUEUES.c.hall, _QUEUES.c.code, _QUEUES.c.intake, _QUEUES.c.intake_until).where(
        _QUEUES.c.hall.in_(those), _QUEUES.c.active
    )
)
_OF_A_WINDOW = ("id", "hall", "queues", "state", "staff", "lapsed")
_SEATS = of_all(
    lambda those: select(*(_WINDOWS.c[name] for name in _OF_A_WINDOW)).where(
        _WINDOWS.c.hall.in_(those), _WINDOWS.c.active
    )
)
_PLANNED = of_all(
    lambda those: select(
        *(_SHIFTS.c[name] for name in ("hall", "account", "window", "starts", "ends"))
    ).where(
        _SHIFTS.c.hall.in_(those),
        _SHIFTS.c.starts < bindparam("last", type_=UtcTime),
        _SHIFTS.c.ends > bindparam("first", type_=UtcTime),
    )
)
_OF_A_KIOSK = ("hall", "active", "cloned_at", "heard_at", "faults", "paper", "abilities", "items")
_KIOSKS = of_all(
    lambda those: select(*(_DEVICES.c[name] for name in _OF_A_KIOSK)).where(
        _DEVICES.c.hall.in_(those), _DEVICES.c.kind == "kiosk", _DEVICES.c.active
    )
)
_NEEDS = of_all(
    lambda those: select(_NEEDED.c.item, _NEEDED.c.skill, _NEEDED.c.grade).where(_NEEDED.c.item.in_(those))
)
_NOW = bindparam("now", type_=UtcTime)
_HELD = of_all(
    lambda those: (
        select(_SKILLS.c.account, _SKILLS.c.skill, _SKILLS.c.grade, _SKILLS.c.expires, _ACCOUNTS.c.hall)
        .join_from(_SKILLS, _ACCOUNTS, _ACCOUNTS.c.id == _SKILLS.c.account)
        .where(
            _SKILLS.c.skill.in_(those),
            _SKILLS.c.since <= _NOW,
            or_(_SKILLS.c.expires.is_(None), _SKILLS.c.expires > _NOW),
            _ACCOUNTS.c.active,
        )
    )
)


NOTHING_LEARNED = LearnedMinutes()


@dataclass(frozen=True)
class Skilled:
    """Who may serve which items: of those that need a skill the accounts that have it, and where those belong."""

    by_item: Mapping[str, frozenset[str]] = field(default_factory=dict)
    home: Mapping[str, str] = field(default_factory=dict)

    def may(self, account: str | None, items: Collection[str]) -> bool:
        """Whether somebody may serve all of these."""
        return all(account in self.by_item[item] for item in items if item in self.by_item)

    def anybody_of(self, hall: str, items: Collection[str]) -> bool:
        """Whether each of these can be served by somebody who belongs to the hall."""
        needed = [self.by_item[item] for item in items if item in self.by_item]
        return all(any(self.home.get(account) == hall for account in able) for able in needed)


@dataclass(frozen=True)
class Seen:
    """How one hall stands: its waits, and who has set out since by queue; rows of its queues' intake, windows, shifts,
    outages and kiosks; its minutes."""

    waits: HallWaits = NOTHING
    since: Mapping[str, Sequence[Expected]] = field(default_factory=dict)
    intake: Mapping[str, Any] = field(default_factory=dict)
    windows: Sequence[Any] = ()
    shifts: Sequence[Any] = ()
    out: Sequence[Any] = ()
    kiosks: Sequence[Any] = ()
    minutes: LearnedMinutes = NOTHING_LEARNED


def look(
    session: Session, among: Collection[Site], first: datetime, last: datetime, *, now: datetime
) -> dict[str, Seen]:
    """How these halls stand now, with their shifts between two moments."""
    codes = [site.code for site in among]
    if not codes:
        return {}
    of = listed(codes)
    asked = (
        _INTAKE.soon(session, of=of),
        _SEATS.soon(session, of=of),
        _PLANNED.soon(session, of=of, first=first, last=last),
        _KIOSKS.soon(session, of=of),
    )
    learned, arriving = ask_minutes(session, codes), waits.ask_arriving(session, codes)
    outages.fetch(session, codes)
    foretold = waits.arriving_in(session, arriving, {site.code: site.tz for site in among}, now)
    since: defaultdict[str, dict[str, Sequence[Expected]]] = defaultdict(dict)
    as_of = {code: told.as_of for code, told in foretold.items() if told.as_of}
    for (hall, queue), people in journeys.unforeseen(session, as_of).items():
        since[hall][queue] = people
    minutes = minutes_in(learned)
    intake, windows, shifts, kiosks = map(_by_hall, asked)
    return {
        code: Seen(
            waits=foretold[code],
            since=since[code],
            intake={row.code: row for row in intake[code]},
            windows=windows[code],
            shifts=shifts[code],
            out=outages.holding(session, code, now),
            kiosks=kiosks[code],
            minutes=minutes.get(code, NOTHING_LEARNED),
        )
        for code in codes
    }


def ask_needs(session: Session, items: Collection[str]) -> Soon:
    """Which skills these items need, asked for together with what is asked next; `skilled` reads it."""
    return _NEEDS.soon(session, of=listed(items))


def skilled(session: Session, asked: Soon, *, now: datetime) -> Skilled:
    """Who may serve the items that were asked about, as far as they need a skill."""
    needs = asked.all()
    if not needs:
        return Skilled()
    held = _HELD.all(session, of=listed({row.skill for row in needs}), now=now)
    by_item: dict[str, frozenset[str]] = {}
    for need in needs:
        able = frozenset(row.account for row in held if row.skill == need.skill and row.grade >= need.grade)
        by_item[need.item] = by_item.get(need.item, able) & able
    return Skilled(by_item, {row.account: row.hall for row in held})


def works(kiosks: Sequence[Any], items: Collection[str], *, real_now: datetime) -> bool:
    """Whether one of these kiosks lives and can do all of the items."""
    return any(
        devices.usable(kiosk, real_now=real_now) and (kiosk.items is None or set(items) <= set(kiosk.items))
        for kiosk in kiosks
    )


def _by_hall(asked: Soon) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in asked.all():
        found[row.hall].append(row)
    return found
