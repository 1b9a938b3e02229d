"""The lost-key drill: what a city still knows with its keys, and what without them; and going on without."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from cryptography.fernet import InvalidToken
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.ids import KeyLost, Keyring
from dispatch.foundation.log import CITY, announce
from dispatch.people.citizens import delete_row, opened, refs_of_name
from dispatch.people.models import Account, Person
from dispatch.people.news import PersonsForgotten

SAMPLE = 200


def practise(session: Session, keys: Keyring, lost: Keyring) -> Iterator[str]:
    """Sentences about the last persons and all second factors: with the keys, and with `lost`, an empty ring."""
    everybody = session.scalar(select(func.count()).select_from(Person)) or 0
    sample = session.scalars(select(Person).order_by(Person.at.desc()).limit(SAMPLE)).all()
    readable = [row for row in sample if _opens(keys, row)]
    yield f"{everybody} persons; of the last {len(sample)} these keys open {len(readable)}"
    yield f"without them: {sum(_opens(lost, row) for row in sample)} can be read"
    if readable:
        name = opened(keys, readable[0]).name
        found, missed = refs_of_name(session, keys, name), refs_of_name(session, lost, name)
        yield f"a name is found {len(found)} times with the keys, {len(missed)} times without"
    sealed = [box for box in session.scalars(select(Account.totp)) if box is not None]
    yield f"{len(sealed)} second factors; without the keys {len(sealed)} have to be set up again"
    yield "queues, calls and logs need none of these keys: the halls go on"


def unreadable(session: Session, keys: Keyring) -> list[str]:
    """The references of everybody whose data none of these keys opens."""
    return [row.ref for row in session.scalars(select(Person)) if not _opens(keys, row)]


def give_up(session: Session, refs: Sequence[str], *, now: datetime, actor: Actor) -> None:
    """Delete persons that nobody can read any more."""
    for ref in refs:
        delete_row(session, ref)
    if refs:
        announce(session, CITY, PersonsForgotten(len(refs)), at=now, actor=actor)


def _opens(keys: Keyring, row: Person) -> bool:
    try:
        opened(keys, row)
    except (InvalidToken, KeyLost):
        return False
    return True
