"""Persons: masked for whoever serves them, in full for a reason, and what they may ask about their own data."""

from dataclasses import asdict

from flask import Response

from dispatch.foundation.access import require
from dispatch.halls import finding as halls
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body
from dispatch.pages.api.persons_shapes import (
    Because,
    Correction,
    PersonExport,
    PersonMasked,
    PersonPath,
    PersonShown,
    Reads,
    ReadShown,
    ReadsQuery,
)
from dispatch.pages.shared.calls import Call, answer, here, once
from dispatch.people import citizens, reading, rights
from dispatch.people.citizens import Masked
from dispatch.people.models import PersonRead
from dispatch.tickets import finding as tickets
from dispatch.tickets.life import LIVE
from dispatch.tickets.models import Ticket

_DENIED = (401, 403, 404)


@api.get(
    "/persons/<string:ref>", **door("persons", "staff", PersonMasked, *_DENIED, permission="people.find")
)
def show_person(path: PersonPath) -> Response:
    """A person as staff see her: `张*三`, `331082********001X`, `138****5678`."""

    def read(call: Call) -> PersonMasked:
        _require(call, path.ref, "people.find")
        return _masked(citizens.masked(call.session, here().keys, path.ref))

    return answer(read)


@api.post(
    "/persons/<string:ref>/unmask",
    **door("persons", "staff", PersonShown, *_DENIED, permission="people.unmask"),
)
def unmask_person(path: PersonPath, body: Because) -> Response:
    """A person's data in full; who looked and why is written down."""

    def do(call: Call) -> PersonShown:
        place = _require(call, path.ref, "people.unmask")
        data = reading.unmask(
            call.session,
            here().keys,
            path.ref,
            reason=body.reason,
            note=body.note,
            actor=call.actor,
            now=call.now,
            path=place,
        )
        return PersonShown(ref=path.ref, **asdict(data))

    return once(do, kept=False)


@api.get("/persons/<string:ref>/reads", **door("persons", "staff", Reads, *_DENIED, permission="audit.read"))
def show_reads_of(path: PersonPath) -> Response:
    """Who had this person's data before him, also after she was erased."""

    def read(call: Call) -> Reads:
        _require(call, path.ref, "audit.read")
        return Reads(reads=[_read(row) for row in reading.reads_of(call.session, path.ref)])

    return answer(read)


@api.get("/reads", **door("persons", "staff", Reads, 401, 403, permission="audit.read"))
def show_reads(query: ReadsQuery) -> Response:
    """The access rows of all staff in the auditor's scope, the latest first."""

    def read(call: Call) -> Reads:
        require(call.actor, "audit.read")
        rows = reading.reads(
            call.session,
            actor=query.actor,
            kind=query.kind,
            reason=query.reason,
            since=query.since,
            until=query.until,
            by_staff_of=call.actor.paths,
            after=query.cursor,
            limit=query.limit + 1,
        )
        more = len(rows) > query.limit
        return Reads(
            reads=[_read(row) for row in rows[: query.limit]],
            next_cursor=query.cursor + query.limit if more else None,
        )

    return answer(read)


@api.patch(
    "/persons/<string:ref>", **door("persons", "staff", PersonMasked, *_DENIED, permission="people.correct")
)
def correct_person(path: PersonPath, body: Correction) -> Response:
    """Put right what was taken down wrongly; the log binds the new data from then on."""

    def do(call: Call) -> PersonMasked:
        _require(call, path.ref, "people.correct")
        changes = {name: getattr(body, name) for name in body.model_fields_set - {"note"}}
        if changes.get("name", "") is None:
            del changes["name"]
        rights.correct(
            call.session, here().keys, path.ref, changes, note=body.note, now=call.now, actor=call.actor
        )
        return _masked(citizens.masked(call.session, here().keys, path.ref))

    return once(do)


@api.post(
    "/persons/<string:ref>/export",
    **door("persons", "staff", PersonExport, *_DENIED, permission="people.export"),
)
def export_person(path: PersonPath, body: Body) -> Response:
    """Everything the city holds about a person, for herself."""

    def do(call: Call) -> PersonExport:
        _require(call, path.ref, "people.export")
        told = rights.export(call.session, here().keys, path.ref, now=call.now, actor=call.actor)
        hers = [_ticket(ticket) for ticket in tickets.of_persons(call.session, [path.ref])]
        return PersonExport(tickets=hers, **told)

    return once(do, kept=False)


@api.post(
    "/persons/<string:ref>/erase", **door("persons", "staff", None, *_DENIED, 409, permission="people.erase")
)
def erase_person(path: PersonPath, body: Body) -> Response:
    """Delete a person's data for good; 409 `person_in_use` while she has a ticket that is not over."""

    def do(call: Call) -> None:
        _require(call, path.ref, "people.erase")
        hers = tickets.of_persons(call.session, [path.ref])
        in_use = any(ticket.state in LIVE for ticket in hers)
        rights.erase(call.session, path.ref, in_use=in_use, now=call.now, actor=call.actor)

    return once(do)


def _require(call: Call, ref: str, permission: str) -> str:
    """The path of a hall where she has had business and where the caller may do this; NotAllowed.

    Of somebody without a ticket only he may know whose scope is the whole city.
    """
    everywhere = halls.all_halls(call.session)
    paths = {hall.code: hall.path for hall in everywhere}
    hers = [paths[ticket.hall] for ticket in tickets.of_persons(call.session, [ref])]
    places = hers or [everywhere[0].path]
    place = next((path for path in places if call.actor.may(permission, path)), places[0])
    require(call.actor, permission, place, field="person")
    return place


def _masked(person: Masked) -> PersonMasked:
    return PersonMasked(
        ref=person.ref, name=person.name, id_kind=person.id_kind, id_number=person.id, phone=person.phone
    )


def _read(row: PersonRead) -> ReadShown:
    return ReadShown(
        id=row.id,
        ref=row.ref,
        by=row.actor,
        kind=row.kind,
        reason=row.reason,
        note=row.note,
        fields=row.fields,
        at=row.at,
    )


def _ticket(ticket: Ticket) -> dict[str, object]:
    return {
        "id": ticket.id,
        "number": ticket.number,
        "hall": ticket.hall,
        "state": ticket.state,
        "items": ticket.items,
        "channel": ticket.channel,
        "priority": ticket.priority,
        "issued_at": ticket.issued_at.isoformat(),
        "called_at": ticket.called_at.isoformat() if ticket.called_at else None,
        "ended_at": ticket.ended_at.isoformat() if ticket.ended_at else None,
    }
