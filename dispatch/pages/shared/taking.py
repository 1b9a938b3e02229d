"""Taking a number by a form: however often the form is sent, one number is given out."""

import secrets
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from flask import request

from dispatch.foundation import clock, idempotency
from dispatch.foundation.errors import BadInput
from dispatch.halls import finding as halls
from dispatch.journeys import finding as journeys
from dispatch.pages.shared.calls import KEY_LENGTH, Call, browser, effect, here
from dispatch.pages.shared.checking_in import leaving
from dispatch.pages.shared.limiting import ISSUING, slow_down
from dispatch.people import citizens
from dispatch.tickets import issuing, referring
from dispatch.tickets.wanting import Wanted


@dataclass(frozen=True)
class Taken:
    """The ticket given out, with the page its holder goes to next left to the caller."""

    id: str
    hall: str


def fresh_key() -> str:
    """What a form carries so that sending it twice is the same as sending it once."""
    return secrets.token_urlsafe(18)


def keep_person(call: Call, data: citizens.PersonData | None) -> citizens.Kept | None:
    """Store what somebody said of herself, sealed, if she said anything."""
    return citizens.keep(call.session, here().keys, data, now=call.now) if data else None


def take(
    hall: str,
    channel: str,
    person: citizens.PersonData | None = None,
    under_way: tuple[str, str] | None = None,
) -> Taken:
    """Give out the number this form asks for, or the one it was already given.

    Whoever was `under_way` here, by the id and the secret of her journey, has come with it.
    """
    items, queue = request.form.getlist("item"), request.form.get("queue") or None
    key = request.form.get("once", "")
    if len(key) not in KEY_LENGTH:
        raise BadInput(reason="once", field="once")
    asked = {"hall": hall, "items": items, "queue": queue}
    once = idempotency.Once.of(f"browser:{browser()}", "POST", request.path, key, asked)
    wanted = [Wanted(item) for item in items if item]
    with leaving(*under_way, hall) if under_way else nullcontext(), effect() as call:
        kept = idempotency.replay(call.session, once, now=clock.real_now())
        if kept is not None:
            return Taken(**kept.answer)
        ticket = _issue(call, hall, wanted, queue, channel, person, under_way)
        idempotency.keep(call.session, once, 303, {"id": ticket, "hall": hall}, now=clock.real_now())
    return Taken(ticket, hall)


def _issue(
    call: Call,
    hall: str,
    items: Sequence[Wanted],
    queue: str | None,
    channel: str,
    person: citizens.PersonData | None,
    under_way: tuple[str, str] | None,
) -> str:
    slow_down(call.session, call.actor, "issue", ISSUING)
    journey = journeys.journey_of_holder(call.session, here().keys, *under_way) if under_way else None
    if journey is not None and journey.hall == hall:
        give = partial(referring.check_in, journey=journey)
    else:
        give = partial(issuing.issue, last=True)
    ticket = give(
        call.session,
        halls.hall(call.session, hall),
        items=items,
        queue=queue,
        channel=channel,
        person=keep_person(call, person),
        now=call.now,
        actor=call.actor,
    )
    return ticket.id
