"""A hall's own figures of the discipline: kept with the hall, changed as a whole, every change in its log."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import announce
from dispatch.halls.models import Hall
from dispatch.halls.news import PolicyChanged
from dispatch.halls.refusals import EditedMeanwhile
from dispatch.halls.templates import inheriting


def version_of(place: Hall) -> str:
    """What tells one state of the hall's figures from another."""
    return hashlib.sha256(json.dumps(place.policy, sort_keys=True).encode()).hexdigest()[:16]


def change(
    session: Session,
    place: Hall,
    policy: Mapping[str, int],
    *,
    seen: str | None = None,
    now: datetime,
    actor: Actor,
) -> None:
    """Make these the hall's figures; what they already are changes nothing. The caller has judged them.

    `seen` is the version that was edited: EditedMeanwhile, if the hall has another by now. FieldLocked for a figure
    that the hall's template holds.
    """
    session.refresh(place, with_for_update={"key_share": True})
    if seen not in (None, version_of(place)):
        raise EditedMeanwhile(field="If-Match")
    differing = {name: value for name, value in policy.items() if place.policy.get(name) != value}
    if not differing and set(policy) == set(place.policy):
        return
    kept = {f"policy.{name}": value for name, value in differing.items()}
    inheriting.keep(session, place, kept, now=now, actor=actor)
    place.policy = dict(policy)
    session.flush()
    announce(session, place.code, PolicyChanged(dict(policy)), at=now, actor=actor)
