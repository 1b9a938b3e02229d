"""Skills: who has which, what needs them, and what somebody may therefore not serve just now."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Table, and_, bindparam, delete, insert, or_, select
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput, NotFound
from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import UtcTime
from dispatch.halls.models import Hall
from dispatch.people.models import Account
from dispatch.staffing import finding
from dispatch.staffing.models import Skill, SkillKind, SkillNeeded
from dispatch.staffing.news import SkillGranted, SkillsReplaced, SkillWithdrawn
from dispatch.staffing.refusals import NotForYourself, Past
from dispatch.staffing.skill_rules import GRADES
from dispatch.staffing.spans import stamp

_NEEDS, _SKILLS = SkillNeeded.__table__, Skill.__table__
assert isinstance(_NEEDS, Table)
assert isinstance(_SKILLS, Table)
_AT = bindparam("at", type_=UtcTime)
_BARRED = Prepared(
    select(_NEEDS.c.item)
    .outerjoin(
        _SKILLS,
        and_(
            _SKILLS.c.account == bindparam("of"),
            _SKILLS.c.skill == _NEEDS.c.skill,
            _SKILLS.c.grade >= _NEEDS.c.grade,
            _SKILLS.c.since <= _AT,
            or_(_SKILLS.c.expires.is_(None), _SKILLS.c.expires > _AT),
        ),
    )
    .where(_SKILLS.c.account.is_(None))
)


def barred_items(session: Session, account: str, *, now: datetime) -> frozenset[str]:
    """The items this account may not serve at this moment: a skill they need is missing, too low or expired."""
    return frozenset(row.item for row in _BARRED.all(session, of=account, at=now))


def barred_of(session: Session, accounts: Collection[str], *, now: datetime) -> dict[str, frozenset[str]]:
    """The items that each of these accounts may not serve at this moment; two statements, however many they are."""
    needed = session.execute(select(_NEEDS.c.item, _NEEDS.c.skill, _NEEDS.c.grade)).all()
    if not needed or not accounts:
        return {account: frozenset() for account in accounts}
    has = {
        (row.account, row.skill): row.grade
        for row in finding.skills_of(session, accounts)
        if row.since <= now and (row.expires is None or row.expires > now)
    }
    return {
        account: frozenset(row.item for row in needed if has.get((account, row.skill), -1) < row.grade)
        for account in accounts
    }


class Barred(Collection[str]):
    """The same, asked for only once somebody comes who wants an item."""

    def __init__(self, session: Session, account: str, now: datetime) -> None:
        self._items = cache(lambda: barred_items(session, account, now=now))

    def __contains__(self, item: object) -> bool:
        return item in self._items()

    def __iter__(self) -> Iterator[str]:
        return iter(self._items())

    def __len__(self) -> int:
        return len(self._items())


def grant(
    session: Session,
    place: Hall,
    account: Account,
    skill: str,
    grade: int,
    *,
    expires: datetime | None = None,
    now: datetime,
    actor: Actor,
) -> Skill:
    """Somebody of this hall may from now on do what needs the skill up to this grade.

    Raises NotFound, BadInput, Past, NotForYourself.
    """
    if actor.id == account.id:
        raise NotForYourself(field="account")
    if session.get(SkillKind, skill) is None:
        raise NotFound(what=skill, field="skill")
    if grade not in GRADES:
        raise BadInput(reason=f"{GRADES[0]}–{GRADES[-1]}", field="grade")
    if expires is not None and expires <= now:
        raise Past(field="expires")
    known = session.get(Skill, (account.id, skill), with_for_update=True)
    held = known or Skill(account=account.id, skill=skill)
    held.grade, held.since, held.expires, held.granted_by = grade, now, expires, actor.id
    session.add(held)
    session.flush()
    until = stamp(expires) if expires else None
    log.announce(session, place.code, SkillGranted(account.id, skill, grade, until), at=now, actor=actor)
    return held


def withdraw(
    session: Session, place: Hall, account: Account, skill: str, *, now: datetime, actor: Actor
) -> None:
    """She may not do it any more; NotFound where she has no such skill."""
    known = session.get(Skill, (account.id, skill), with_for_update=True)
    if known is None:
        raise NotFound(what=skill, field="skill")
    session.delete(known)
    session.flush()
    log.announce(session, place.code, SkillWithdrawn(account.id, skill), at=now, actor=actor)


def needs(session: Session) -> dict[str, list[SkillNeeded]]:
    """What items need, by item."""
    found: dict[str, list[SkillNeeded]] = {}
    for need in session.scalars(select(SkillNeeded).order_by(SkillNeeded.item, SkillNeeded.skill)):
        found.setdefault(need.item, []).append(need)
    return found


def replace(
    session: Session,
    kinds: Sequence[Mapping[str, str]],
    wanted: Sequence[tuple[str, str, int]],
    *,
    now: datetime,
    actor: Actor,
) -> bool:
    """Make the city's skills these `kinds` and the needs of items these (item, skill, grade); whether anything changed.

    A skill that somebody has or that was named once stays known; only its need goes.
    """
    changed = _upsert(session, kinds)
    table = SkillNeeded.__table__
    known = {tuple(row) for row in session.execute(select(table.c.item, table.c.skill, table.c.grade))}
    if known != set(wanted):
        session.execute(delete(SkillNeeded))
        rows = [{"item": item, "skill": skill, "grade": grade} for item, skill, grade in wanted]
        if rows:
            session.execute(insert(SkillNeeded), rows)
        changed = True
    if changed:
        log.announce(session, log.CITY, SkillsReplaced(len(kinds), len(wanted)), at=now, actor=actor)
    return changed


def _upsert(session: Session, kinds: Sequence[Mapping[str, str]]) -> bool:
    known = {kind.code: kind for kind in finding.skill_kinds(session)}
    changed = False
    for wanted in kinds:
        row = known.get(wanted["code"])
        if row is None:
            session.add(SkillKind(**wanted))
            changed = True
        elif (row.name, row.name_en) != (wanted["name"], wanted["name_en"]):
            row.name, row.name_en = wanted["name"], wanted["name_en"]
            changed = True
    session.flush()
    return changed
