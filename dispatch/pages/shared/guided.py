"""What a guide desk does, the same for its page and for the API: halls and tickets in reach, tickets in one go.

The questions that lead to somebody's exact situation are `answering`'s. On every page they stand in the address as in
`GET /items/{code}`: `answers=QUESTION=ANSWER`, once for each question answered, and `unsure=QUESTION` for each passed
over: `/notice/HR-CARD?answers=kind%3Dlost&unsure=bank`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial

from dispatch.foundation.access import require
from dispatch.foundation.errors import BadInput, Refusal
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.journeys import finding as journeys
from dispatch.pages.shared import checking_in
from dispatch.pages.shared.calls import Call, here, reading
from dispatch.people import citizens, id_numbers
from dispatch.tickets import finding, issuing, prechecks, referring
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import ItemsApart
from dispatch.tickets.wanting import Wanted


class NumberWrong(Refusal):
    """An ID number whose check digit does not fit, or that has not 18 digits."""

    code = "id_number_wrong"
    status = 422
    sentence = "证件号码不对:要 18 位,最后一位也要对得上。请再刷一次,或核对后重输"


@dataclass(frozen=True)
class Order:
    """What somebody at the desk comes for. `holder` is the reference of a person known, `person` of a new one.

    `journey` is the id of the one by which she was expected.
    """

    items: Sequence[Wanted]
    priority: str = "none"
    apart: bool = False
    holder: str | None = None
    journey: str | None = None
    person: citizens.PersonData | None = None
    prechecks: Mapping[str, tuple[Mapping[str, str], str]] = field(default_factory=dict)


def hall_for(call: Call, code: str) -> Hall:
    """A hall whose guide desk this caller may work; NotSignedIn, NotAllowed, NotFound."""
    require(call.actor, "tickets.guide", field="hall")
    place = halls.hall(call.session, code)
    require(call.actor, "tickets.guide", place.path, field="hall")
    return place


def ticket_for(call: Call, ident: str) -> Ticket:
    """A ticket that this caller may work from a guide desk; NotSignedIn, NotAllowed, NotFound."""
    require(call.actor, "tickets.guide", field="ticket")
    found = finding.ticket(call.session, ident)
    require(call.actor, "tickets.guide", halls.hall(call.session, found.hall).path, field="ticket")
    return found


def sound(id_kind: str, number: str) -> str:
    """The number as it is kept; NumberWrong for one that no document of this kind can have."""
    tidied = id_numbers.tidy(number)
    must_fit = id_kind == "resident_id" or id_numbers.has_eighteen(tidied)
    if must_fit and not id_numbers.is_right(tidied):
        raise NumberWrong(field="id_number")
    return tidied


def by_queue(call: Call, place: Hall, items: Sequence[Wanted]) -> dict[str, list[Wanted]]:
    """The items by the queue of this hall that takes them; ItemNotTakenHere, NotFound."""
    lines: dict[str, list[Wanted]] = {}
    for wanted in items:
        lines.setdefault(issuing.queue_for(call.session, place, [wanted], None).code, []).append(wanted)
    return lines


def give_out(call: Call, place: Hall, order: Order) -> list[Ticket]:
    """The tickets for an order: one, or with `apart` one for each queue; ItemsApart where that was not said."""
    require(call.actor, "tickets.issue", place.path, field="hall")
    if stray := order.prechecks.keys() - {wanted.item for wanted in order.items}:
        raise BadInput(reason=", ".join(sorted(stray)), field="prechecks")
    lines = by_queue(call, place, order.items)
    if len(lines) > 1 and not order.apart:
        raise ItemsApart(queues=sorted(lines), field="items")
    first, *others = lines.values()
    given = [_give(call, place, order, first, _taker(call, place, order.journey))]
    return given + [_give(call, place, order, wanted, issuing.issue) for wanted in others]


def leaving(hall: str, journey: str | None) -> AbstractContextManager[None]:
    """Whoever is given a number here by a journey leaves the place that she kept elsewhere, or keeps it.

    Whoever works this desk may take in anybody whose code she has; NotSignedIn, NotAllowed, NotFound.
    """
    if journey is None:
        return nullcontext()
    with reading() as call:
        require(call.actor, "tickets.issue", hall_for(call, hall).path, field="hall")
    return checking_in.leaving(journey, here().keys.secret_of(journeys.SECRET, journey), hall)


def _taker(call: Call, place: Hall, ident: str | None) -> Callable[..., Ticket]:
    """How a number is given: by the journey that leads here, which ends with it, or as to anybody."""
    row = journeys.journey(call.session, ident) if ident else None
    if row is None or row.hall != place.code:
        return issuing.issue
    return partial(referring.check_in, journey=row)


def _give(
    call: Call, place: Hall, order: Order, wanted: Sequence[Wanted], issue: Callable[..., Ticket]
) -> Ticket:
    ticket = issue(
        call.session,
        place,
        items=wanted,
        channel="counter",
        priority=order.priority,
        person=_kept(call, order),
        now=call.now,
        actor=call.actor,
    )
    for each in wanted:
        if each.item in order.prechecks:
            papers, result = order.prechecks[each.item]
            prechecks.check(call.session, ticket, each.item, papers, result, now=call.now, actor=call.actor)
    return ticket


def _kept(call: Call, order: Order) -> citizens.Kept | None:
    """Every ticket has a reference of its own, so that no log ties two tickets to one person."""
    keys = here().keys
    if order.holder is not None:
        data = citizens.read(call.session, keys, order.holder)
    elif order.person is not None:
        number = sound(order.person.id_kind or "", order.person.id_number or "")
        data = citizens.PersonData(order.person.name, None, order.person.id_kind, number)
    else:
        return None
    return citizens.keep(call.session, keys, data, now=call.now)
