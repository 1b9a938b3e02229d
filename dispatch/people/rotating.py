"""Changing the city's keys: what is sealed or found by an old one is done anew, batch by batch, while the city works.

An old version is destroyed only when nothing needs it any more and it has been out of use for an hour: by then no
transaction that still wrote with it can be open.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from dispatch.foundation import heads
from dispatch.foundation.access import Actor
from dispatch.foundation.ids import Keyring
from dispatch.foundation.log import CITY, announce
from dispatch.people.citizens import index, opened
from dispatch.people.models import Account, Person
from dispatch.people.news import KeyRenewed, KeyRetired
from dispatch.people.sealing import ACCOUNTS, INDEX, PERSONS, seal, unseal, version_of

ROTATING = (PERSONS, INDEX, ACCOUNTS, heads.KEY)
BATCH = 500
REST = timedelta(hours=1)


@dataclass(frozen=True)
class KeyState:
    """One version of a key: whether it is the current one, and how many rows still need it."""

    name: str
    version: int
    current: bool
    needed_by: int


def renew(session: Session, keys: Keyring, name: str, *, now: datetime, actor: Actor) -> int:
    """Begin to write with a new version of this key; the old ones stay readable. The new version."""
    version = keys.renew(name)
    announce(session, CITY, KeyRenewed(name, version), at=now, actor=actor)
    return version


def renew_rows(session: Session, keys: Keyring, *, limit: int = BATCH) -> int:
    """Seal and index up to `limit` persons, and every account that needs it, by the current keys; how many.

    Nobody is held up: a row that somebody changes meanwhile is left to him, who writes with the current key.
    """
    return _renew_persons(session, keys, limit) + _renew_accounts(session, keys)


def states(session: Session, keys: Keyring) -> list[KeyState]:
    """Every version there is, and how many rows still need it."""
    return [
        KeyState(name, version, version == keys.current(name), _needed_by(session, name, version))
        for name in ROTATING
        for version in keys.versions(name)
    ]


def retire(
    session: Session, keys: Keyring, *, now: datetime, real_now: datetime, actor: Actor
) -> list[KeyState]:
    """Destroy the versions that nothing needs and that have rested; those destroyed."""
    gone = []
    for state in states(session, keys):
        rested = real_now - keys.made_at(state.name, keys.current(state.name)) >= REST
        if not state.current and state.needed_by == 0 and rested:
            keys.forget(state.name, state.version)
            announce(session, CITY, KeyRetired(state.name, state.version), at=now, actor=actor)
            gone.append(state)
    return gone


def _renew_persons(session: Session, keys: Keyring, limit: int) -> int:
    sealing, indexing = keys.current(PERSONS), keys.current(INDEX)
    stale = (Person.key != sealing) | (Person.index_key != indexing) | Person.name_hash.is_(None)
    rows = session.scalars(select(Person).where(stale).order_by(Person.ref).limit(limit)).all()
    for row in rows:
        session.expunge(row)
        was = row.sealed
        box, version = seal(keys, PERSONS, unseal(keys, PERSONS, was))
        index(keys, row, opened(keys, row))
        fresh = {
            "sealed": box,
            "key": version,
            "id_hash": row.id_hash,
            "name_hash": row.name_hash,
            "index_key": row.index_key,
        }
        unchanged = (Person.ref == row.ref) & (Person.sealed == was)
        session.execute(update(Person).where(unchanged).values(fresh))
    return len(rows)


def _renew_accounts(session: Session, keys: Keyring) -> int:
    current, done = keys.current(ACCOUNTS), 0
    held = session.execute(select(Account.id, Account.totp).where(Account.totp.is_not(None))).all()
    for ident, was in held:
        if was is None or version_of(was) == current:
            continue
        box, _ = seal(keys, ACCOUNTS, unseal(keys, ACCOUNTS, was))
        changed = session.execute(
            update(Account).where(Account.id == ident, Account.totp == was).values(totp=box)
        )
        assert isinstance(changed, CursorResult)
        done += changed.rowcount
    return done


def _needed_by(session: Session, name: str, version: int) -> int:
    if name == heads.KEY:
        return 0  # what it signed is read with its public half, which stays
    if name == ACCOUNTS:
        held = session.scalars(select(Account.totp).where(Account.totp.is_not(None)))
        return sum(version_of(box) == version for box in held if box is not None)
    column = Person.key if name == PERSONS else Person.index_key
    return session.scalar(select(func.count()).select_from(Person).where(column == version)) or 0
