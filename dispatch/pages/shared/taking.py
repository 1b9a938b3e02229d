"""Taking a number by a form: however often the form is sent, one number is given out."""

import secrets
from dataclasses import dataclass

from flask import request

from dispatch.foundation import clock, idempotency
from dispatch.foundation.errors import BadInput
from dispatch.halls import finding as halls
from dispatch.pages.shared.calls import KEY_LENGTH, Call, browser, effect, here
from dispatch.pages.shared.limiting import ISSUING, slow_down
from dispatch.people import citizens
from dispatch.tickets import issuing
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


def take(hall: str, channel: str, person: citizens.PersonData | None = None) -> Taken:
    """Give out the number this form asks for, or the one it was already given."""
    item, queue = request.form.get("item") or None, request.form.get("queue") or None
    key = request.form.get("once", "")
    if len(key) not in KEY_LENGTH:
        raise BadInput(reason="once", field="once")
    asked = {"hall": hall, "item": item, "queue": queue}
    once = idempotency.Once.of(f"browser:{browser()}", "POST", request.path, key, asked)
    with effect() as call:
        kept = idempotency.replay(call.session, once, now=clock.real_now())
        if kept is not None:
            return Taken(**kept.answer)
        taken = Taken(_issue(call, hall, item, queue, channel, person), hall)
        idempotency.keep(call.session, once, 303, {"id": taken.id, "hall": hall}, now=clock.real_now())
    return taken


def _issue(
    call: Call,
    hall: str,
    item: str | None,
    queue: str | None,
    channel: str,
    person: citizens.PersonData | None,
) -> str:
    slow_down(call.session, call.actor, "issue", ISSUING)
    ticket = issuing.issue(
        call.session,
        halls.hall(call.session, hall),
        items=[Wanted(item)] if item else [],
        queue=queue,
        channel=channel,
        person=keep_person(call, person),
        last=True,
        now=call.now,
        actor=call.actor,
    )
    return ticket.id
