"""The guide desk: finding people, tickets in one go, priority, fetching, pre-checks and enquiries."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from zoneinfo import ZoneInfo

from flask import Response

from dispatch.catalogue import enquiries
from dispatch.foundation.access import require
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.api import showing
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, HallPath, IdPath
from dispatch.pages.api.guide_shapes import (
    AskedShown,
    CalledShown,
    DayQuery,
    Enquiries,
    Find,
    Found,
    Given,
    GuideShown,
    MissedShown,
    NearShown,
    NewEnquiry,
    NewGuideTickets,
    NewPrecheck,
    OwnerShown,
    PaperSeen,
    PersonMasked,
    Prechecks,
    PrecheckShown,
    PriorityGiven,
    TicketAtGuide,
)
from dispatch.pages.api.shapes import TicketShown
from dispatch.pages.shared import guided
from dispatch.pages.shared.calls import Call, answer, here, once
from dispatch.people import citizens
from dispatch.tickets import fetching, guiding, prechecks, whose
from dispatch.tickets.arriving import arrive
from dispatch.tickets.models import Ticket
from dispatch.tickets.priority import give_priority
from dispatch.tickets.wanting import Wanted


@api.get(
    "/halls/<string:hall>/guide",
    **door("guide", "staff", GuideShown, 401, 403, 404, permission="tickets.guide"),
)
def show_guide(path: HallPath) -> Response:
    """What the guide desk watches: who is called and does not come, whose turn is near, who missed it."""

    def read(call: Call) -> GuideShown:
        place = guided.hall_for(call, path.hall)
        zone, day = ZoneInfo(place.tz), halls.service_day(call.session, place, call.now)
        lines = [queue.code for queue in halls.queues_of(call.session, place.code)]
        return GuideShown(
            called=[_called(each, zone) for each in guiding.called_in(call.session, place.code)],
            near=[
                NearShown(
                    ticket=each.ticket.id,
                    number=each.ticket.number,
                    queue=each.ticket.queue,
                    ahead=each.ahead,
                )
                for each in guiding.near_in(call.session, place.code, lines, day)
            ],
            missed=[_missed(each, zone) for each in guiding.missed_in(call.session, place.code, day)],
        )

    return answer(read)


@api.post(
    "/halls/<string:hall>/guide/find",
    **door("guide", "staff", Found, 401, 403, 404, permission="people.find"),
)
def find_at_guide(path: HallPath, body: Find) -> Response:
    """Everything somebody has: by her document in all halls, by her name today in the caller's part of the city."""

    def read(call: Call) -> Found:
        place = guided.hall_for(call, path.hall)
        require(call.actor, "people.find", place.path, field="hall")
        return Found(owners=_owners(call, place, body))

    return answer(read)


@api.post(
    "/halls/<string:hall>/guide/tickets",
    **door("guide", "staff", Given, 401, 403, 404, 409, status=201, permission="tickets.guide"),
)
def issue_at_guide(path: HallPath, body: NewGuideTickets) -> Response:
    """Give out a ticket, or one for each queue if `apart`, with whose it is and how her papers were found."""

    def do(call: Call) -> Given:
        place = guided.hall_for(call, path.hall)
        given = guided.give_out(call, place, _order(body))
        return Given(tickets=[showing.ticket(call.session, ticket) for ticket in given])

    with guided.leaving(path.hall, body.journey):
        return once(do, status=201)


@api.post(
    "/tickets/<string:id>/priority",
    **door("guide", "staff", TicketShown, 401, 403, 404, 409, permission="tickets.guide"),
)
def give_ticket_priority(path: IdPath, body: PriorityGiven) -> Response:
    """Let her stand in line as one of a legal group; `none` takes it back."""

    def do(call: Call) -> TicketShown:
        ticket = guided.ticket_for(call, path.id)
        give_priority(call.session, ticket, body.priority, now=call.now, actor=call.actor)
        return showing.ticket(call.session, ticket)

    return once(do)


@api.post(
    "/tickets/<string:id>/arrive",
    **door("guide", "staff", TicketShown, 401, 403, 404, 409, permission="tickets.guide"),
)
def see_ticket_arrive(path: IdPath, body: Body) -> Response:
    """Whoever took this number from afar is here now."""

    def do(call: Call) -> TicketShown:
        ticket = guided.ticket_for(call, path.id)
        arrive(call.session, ticket, now=call.now, actor=call.actor)
        return showing.ticket(call.session, ticket)

    return once(do)


@api.post(
    "/tickets/<string:id>/fetch",
    **door("guide", "staff", CalledShown, 401, 403, 404, 409, permission="tickets.guide"),
)
def fetch_ticket(path: IdPath, body: Body) -> Response:
    """The guide found whom this call is for: her window knows that she is coming."""

    def do(call: Call) -> CalledShown:
        ticket = guided.ticket_for(call, path.id)
        fetching.fetch(call.session, ticket, now=call.now, actor=call.actor)
        call.session.flush()
        place = halls.hall(call.session, ticket.hall)
        every = guiding.called_in(call.session, ticket.hall)
        mine = next(each for each in every if each.ticket.id == ticket.id)
        return _called(mine, ZoneInfo(place.tz))

    return once(do)


@api.get(
    "/tickets/<string:id>/prechecks",
    **door("guide", "staff", Prechecks, 401, 403, 404, permission="tickets.guide"),
)
def show_prechecks(path: IdPath) -> Response:
    """How the papers of a ticket's items were found."""

    def read(call: Call) -> Prechecks:
        return _prechecks(call, guided.ticket_for(call, path.id))

    return answer(read)


@api.post(
    "/tickets/<string:id>/prechecks",
    **door("guide", "staff", Prechecks, 401, 403, 404, 409, status=201, permission="tickets.guide"),
)
def keep_precheck(path: IdPath, body: NewPrecheck) -> Response:
    """Keep how the papers of one of the ticket's items were found; a newer one takes its place."""

    def do(call: Call) -> Prechecks:
        ticket = guided.ticket_for(call, path.id)
        prechecks.check(
            call.session, ticket, body.item, body.found, body.result, now=call.now, actor=call.actor
        )
        call.session.flush()
        return _prechecks(call, ticket)

    return once(do, status=201)


@api.post(
    "/halls/<string:hall>/enquiries",
    **door("guide", "staff", Enquiries, 401, 403, 404, status=201, permission="tickets.guide"),
)
def note_enquiry(path: HallPath, body: NewEnquiry) -> Response:
    """Count a question; the answer is today's count."""

    def do(call: Call) -> Enquiries:
        place = guided.hall_for(call, path.hall)
        day = halls.service_day(call.session, place, call.now)
        enquiries.note(
            call.session,
            place.code,
            item=body.item,
            bundle=body.bundle,
            kind=body.kind,
            day=day,
            now=call.now,
            actor=call.actor,
        )
        call.session.flush()
        return _enquiries(call, place, day)

    return once(do, status=201)


@api.get(
    "/halls/<string:hall>/enquiries",
    **door("guide", "staff", Enquiries, 401, 403, 404, permission="tickets.guide"),
)
def count_enquiries(path: HallPath, query: DayQuery) -> Response:
    """What was asked in a hall on a day."""

    def read(call: Call) -> Enquiries:
        place = guided.hall_for(call, path.hall)
        return _enquiries(call, place, query.day or halls.service_day(call.session, place, call.now))

    return answer(read)


def _order(body: NewGuideTickets) -> guided.Order:
    person = body.person
    return guided.Order(
        items=[Wanted(wanted.item, wanted.count) for wanted in body.items],
        priority=body.priority,
        apart=body.apart,
        holder=body.holder,
        journey=body.journey,
        person=citizens.PersonData(person.name, None, person.id_kind, person.id_number) if person else None,
        prechecks={check.item: (check.found, check.result) for check in body.prechecks},
    )


def _owners(call: Call, place: Hall, body: Find) -> list[OwnerShown]:
    session, keys = call.session, here().keys
    day = halls.service_day(session, place, call.now)
    if body.number is not None:
        ticket = guiding.of_number(session, place.code, body.number, day)
        return [_owner(call, whose.of_ticket(session, keys, ticket), [ticket])] if ticket else []
    if body.name is not None:
        found = whose.by_name(session, keys, body.name, actor=call.actor, day=day)
    else:
        number = guided.sound(body.id_kind, body.id_number or "")
        owner = whose.by_document(session, keys, body.id_kind, number, actor=call.actor, day=day)
        found = [owner] if owner else []
    return [_owner(call, each.masked, each.tickets) for each in found]


def _owner(call: Call, masked: citizens.Masked | None, tickets: Sequence[Ticket]) -> OwnerShown:
    checks = prechecks.of(call.session, [ticket.id for ticket in tickets])
    shown = [_at_guide(call, ticket, checks.get(ticket.id, ())) for ticket in tickets]
    return OwnerShown(person=PersonMasked(**asdict(masked)) if masked else None, tickets=shown)


def _at_guide(call: Call, ticket: Ticket, checks: Iterable[prechecks.Checked]) -> TicketAtGuide:
    place = halls.hall(call.session, ticket.hall)
    return TicketAtGuide(
        **showing.ticket(call.session, ticket).model_dump(),
        hall_name=place.name,
        hall_name_en=place.name_en,
        mine=call.actor.covers(place.path),
        prechecks=[_precheck(each, ZoneInfo(place.tz)) for each in checks],
    )


def _prechecks(call: Call, ticket: Ticket) -> Prechecks:
    zone = ZoneInfo(halls.hall(call.session, ticket.hall).tz)
    found = prechecks.of(call.session, [ticket.id]).get(ticket.id, [])
    return Prechecks(prechecks=[_precheck(each, zone) for each in found])


def _precheck(checked: prechecks.Checked, zone: ZoneInfo) -> PrecheckShown:
    return PrecheckShown(
        item=checked.item,
        result=checked.result,
        papers=[PaperSeen(**asdict(paper)) for paper in checked.papers],
        at=checked.at.astimezone(zone),
    )


def _called(each: guiding.Called, zone: ZoneInfo) -> CalledShown:
    ticket = each.ticket
    assert ticket.called_at is not None
    return CalledShown(
        ticket=ticket.id,
        number=ticket.number,
        queue=ticket.queue,
        window=each.window.id,
        window_name=each.window.name,
        called_at=ticket.called_at.astimezone(zone),
        calls=ticket.calls,
        coming_at=each.coming.astimezone(zone) if each.coming else None,
    )


def _missed(ticket: Ticket, zone: ZoneInfo) -> MissedShown:
    return MissedShown(
        ticket=ticket.id,
        number=ticket.number,
        queue=ticket.queue,
        called_at=ticket.called_at.astimezone(zone) if ticket.called_at else None,
        may_return=not ticket.reactivated,
    )


def _enquiries(call: Call, place: Hall, day: date) -> Enquiries:
    asked = enquiries.counted(call.session, place.code, day)
    return Enquiries(
        day=day,
        total=sum(each.count for each in asked),
        asked=[AskedShown(**asdict(each)) for each in asked],
    )
