"""The discipline of a hall: its figures, what a past day would have been under others, and why one was before."""

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field, StrictInt, create_model

from dispatch.foundation import clock
from dispatch.foundation.access import require
from dispatch.foundation.errors import BadInput, NotFound
from dispatch.halls import finding as halls
from dispatch.halls import policies
from dispatch.halls.models import Hall
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, Code, HallPath, IdPath, Query
from dispatch.pages.api.words import OneOf
from dispatch.pages.shared.calls import Call, answer, here, holder_secret, language, once
from dispatch.pages.shared.why import sentence
from dispatch.queues.policy import Policy
from dispatch.tickets import explaining, finding, previews
from dispatch.tickets.models import Ticket

SEE, EDIT = "policies.see", "policies.edit"


def _figures() -> dict[str, Any]:
    return {
        each.name: (
            StrictInt,
            Field(
                each.default,
                ge=each.metadata["least"],
                le=each.metadata["most"],
                description=each.metadata["meaning"],
            ),
        )
        for each in fields(Policy)
    }


PolicyForm = create_model(
    "PolicyForm", __base__=Body, __doc__="Figures; those not named are as usual.", **_figures()
)
PolicyFigures = create_model("PolicyFigures", __doc__="Every figure of a discipline.", **_figures())


class PolicyShown(BaseModel):
    """A hall's discipline; `version` goes into `If-Match` when it is changed."""

    hall: str
    version: str
    policy: PolicyFigures


class PreviewForm(Body):
    """A proposed discipline, and the past day to try it on."""

    policy: PolicyForm
    day: date


class WaitFigures(BaseModel):
    """How some people waited, in seconds; null where nobody was served."""

    people: int
    served: int
    mean_s: float | None
    median_s: float | None
    p90_s: float | None
    max_s: float | None
    within_target: float | None
    most_passed: int


class ComparedShown(BaseModel):
    """One group of people: as it was, as the present discipline would have it, and the proposed one."""

    kind: Annotated[str, OneOf(("all", "class", "channel"))]
    name: str
    measured: WaitFigures
    present: WaitFigures
    proposed: WaitFigures


class PreviewPath(HallPath):
    """A preview by its id."""

    id: Code


class PreviewAsked(BaseModel):
    """It is worked out meanwhile; ask for it again by its id."""

    id: str
    state: Annotated[str, OneOf(previews.LIFE.states)]


class PreviewShown(PreviewAsked):
    """A past day under two disciplines; no groups where nobody came, null as long as they are unknown."""

    hall: str
    day: date
    policy: PolicyFigures
    groups: list[ComparedShown] | None
    unknown_because: Annotated[str, OneOf(previews.UNKNOWN)] | None


class BeforeQuery(Query):
    """The other number, as the slip says it."""

    number: Annotated[str, Field(pattern=r"^\s*[A-Za-z]{1,4}[0-9]{1,6}\s*$")]


class ReasonShown(BaseModel):
    """A reason: its word, its sentence, and what bears it out."""

    code: Annotated[str, OneOf(explaining.REASONS)]
    text: str
    facts: dict[str, datetime | str | int]


class BeforeShown(BaseModel):
    """Which of two numbers is first, and why; `at` is when that was decided."""

    model_config = ConfigDict(frozen=True)

    number: str
    other: str
    first: Annotated[str, OneOf(("mine", "other", "undecided"))]
    at: datetime
    window_name: str | None
    reasons: list[ReasonShown]


@api.get(
    "/halls/<string:hall>/policy", **door("discipline", "staff", PolicyShown, 401, 403, 404, permission=SEE)
)
def show_policy(path: HallPath) -> Response:
    """The figures by which a hall orders its lines."""
    return answer(lambda call: _shown(_place(call, path.hall, SEE)))


@api.put(
    "/halls/<string:hall>/policy",
    **door("discipline", "staff", PolicyShown, 401, 403, 404, 409, 412, permission=EDIT),
)
def change_policy(path: HallPath, body: PolicyForm) -> Response:
    """Make these the hall's figures; with `If-Match` only if nobody else has changed them since."""

    def do(call: Call) -> PolicyShown:
        place = _place(call, path.hall, EDIT)
        policy = Policy.of(body.model_dump())
        policies.change(call.session, place, asdict(policy), seen=_seen(), now=call.now, actor=call.actor)
        return _shown(place)

    return once(do)


@api.post(
    "/halls/<string:hall>/policy/preview",
    **door("discipline", "staff", PreviewAsked, 401, 403, 404, status=202, permission=SEE),
)
def preview_policy(path: HallPath, body: PreviewForm) -> Response:
    """Ask what a past day would have been; nothing changes. The answer is read by its id some seconds later."""

    def do(call: Call) -> PreviewAsked:
        place = _place(call, path.hall, SEE)
        if body.day > call.now.astimezone(ZoneInfo(place.tz)).date():
            raise BadInput(reason=body.day.isoformat(), field="day")
        proposed = Policy.of(body.policy.model_dump())
        asked = previews.ask(
            call.session, place, body.day, proposed, actor=call.actor, real_now=clock.real_now()
        )
        return PreviewAsked(id=asked.id, state=asked.state)

    return once(do, status=202)


@api.get(
    "/halls/<string:hall>/policy/previews/<string:id>",
    **door("discipline", "staff", PreviewShown, 401, 403, 404, permission=SEE),
)
def show_preview(path: PreviewPath) -> Response:
    """What a past day would have been, or why that is unknown yet."""

    def read(call: Call) -> PreviewShown:
        place = _place(call, path.hall, SEE)
        row = previews.find(call.session, place, path.id)
        return PreviewShown(
            id=row.id,
            state=row.state,
            hall=row.hall,
            day=row.day,
            policy=PolicyFigures(**row.policy),
            groups=None if row.result is None else [ComparedShown(**group) for group in row.result],
            unknown_because=previews.unknown_because(call.session, row, clock.real_now()),
        )

    return answer(read)


@api.get(
    "/tickets/<string:id>/before",
    **door("discipline", "holder or staff", BeforeShown, 401, 403, 404, permission="tickets.see"),
)
def explain_before(path: IdPath, query: BeforeQuery) -> Response:
    """Why another number of the same hall and day was called before this ticket, or will be."""

    def read(call: Call) -> BeforeShown:
        mine = _ticket(call, path.id)
        other = finding.by_number(call.session, mine.hall, query.number, mine.service_day)
        if other is None or other.id == mine.id:
            raise NotFound(what=query.number, field="number")
        place = halls.hall(call.session, mine.hall)
        told = explaining.explain(call.session, mine, other, now=call.now)
        lang, zone = language(), ZoneInfo(place.tz)
        return BeforeShown(
            number=mine.number,
            other=other.number,
            first=told.first,
            at=told.at.astimezone(zone),
            window_name=told.window,
            reasons=[
                ReasonShown(
                    code=reason.code,
                    text=sentence(lang, reason, mine=mine.number, other=other.number, tz=place.tz),
                    facts={
                        name: value.astimezone(zone) if isinstance(value, datetime) else value
                        for name, value in reason.facts.items()
                    },
                )
                for reason in told.reasons
            ],
        )

    return answer(read)


def _ticket(call: Call, ident: str) -> Ticket:
    """The ticket, for its holder or for staff of its hall."""
    secret = holder_secret()
    if secret is not None:
        return finding.ticket_of_holder(call.session, here().keys, ident, secret)
    ticket = finding.ticket_for(call.session, call.actor, ident)
    require(call.actor, "tickets.see", halls.hall(call.session, ticket.hall).path, field="ticket")
    return ticket


def _place(call: Call, hall: str, permission: str) -> Hall:
    """A hall in which the caller may do this."""
    require(call.actor, permission)
    place = halls.hall(call.session, hall)
    require(call.actor, permission, place.path, field="hall")
    return place


def _shown(place: Hall) -> PolicyShown:
    figures = asdict(Policy.stored(place.policy))
    return PolicyShown(hall=place.code, version=policies.version_of(place), policy=PolicyFigures(**figures))


def _seen() -> str | None:
    """The version that was edited, as `If-Match` says it."""
    said = request.headers.get("If-Match", "").strip().strip('"')
    return None if said in ("", "*") else said
