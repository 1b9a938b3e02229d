"""What a person may ask of the city about her own data: to have them corrected, handed out, and deleted."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.ids import Keyring
from dispatch.foundation.log import CITY, announce
from dispatch.people.citizens import PersonData, delete_row, opened, person, write
from dispatch.people.models import PersonRead
from dispatch.people.news import PersonCorrected, PersonErased
from dispatch.people.reading import leave_row, reads_of
from dispatch.people.refusals import StillInUse


def correct(
    session: Session,
    keys: Keyring,
    ref: str,
    changes: Mapping[str, Any],
    *,
    note: str | None,
    now: datetime,
    actor: Actor,
) -> None:
    """Put other data in place of wrong ones, under a new commitment; NotFound."""
    row = person(session, ref)
    before = opened(keys, row)
    after = PersonData(**{**asdict(before), **changes})
    changed = [name for name in asdict(before) if getattr(before, name) != getattr(after, name)]
    if not changed:
        return
    commitment = write(keys, row, after)
    session.flush()
    leave_row(session, ref, "correct", changed, reason="correction", note=note, actor=actor, now=now)
    announce(session, CITY, PersonCorrected(ref, commitment), at=now, actor=actor)


def export(session: Session, keys: Keyring, ref: str, *, now: datetime, actor: Actor) -> dict[str, Any]:
    """Everything this room holds about a person: her data, since when, and who looked at them; NotFound."""
    row = person(session, ref)
    data: PersonData = opened(keys, row)
    leave_row(session, ref, "export", list(asdict(data)), reason="request", actor=actor, now=now)
    return {
        "ref": ref,
        "kept_since": row.at.isoformat(),
        "data": asdict(data),
        "reads": [_told(read) for read in reads_of(session, ref)],
    }


def erase(session: Session, ref: str, *, in_use: bool, now: datetime, actor: Actor) -> None:
    """Delete a person's row and with it the salt of her commitment; StillInUse, NotFound.

    `in_use` says whether she still has a ticket that is not over, which the caller knows.
    """
    person(session, ref)
    if in_use:
        raise StillInUse(field="person")
    delete_row(session, ref)
    leave_row(session, ref, "erase", [], reason="request", actor=actor, now=now)
    announce(session, CITY, PersonErased(ref), at=now, actor=actor)


def _told(read: PersonRead) -> dict[str, Any]:
    return {
        "at": read.at.isoformat(),
        "by": read.actor,
        "kind": read.kind,
        "reason": read.reason,
        "fields": read.fields,
    }
