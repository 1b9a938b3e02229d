"""Referrals: somebody who waits is offered another hall, and goes there without giving up her place."""

from functools import partial
from typing import Annotated

from flask import Response

from dispatch.foundation.access import require
from dispatch.foundation.words import Language
from dispatch.halls import finding as halls
from dispatch.journeys import finding as journeys
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import IdPath
from dispatch.pages.api.journeys import Elsewhere, Instead, JourneyQuery, JourneyShown, instead, shown
from dispatch.pages.api.routing_shapes import PlaceShown, ReasonShown
from dispatch.pages.api.shapes import Waiting
from dispatch.pages.api.words import OneOf
from dispatch.pages.shared import referring
from dispatch.pages.shared.calls import Call, answer, here, holder_secret, language, once
from dispatch.routing.referring import Offer, reasons
from dispatch.tickets import finding
from dispatch.tickets.models import Ticket
from dispatch.waits import finding as waits


class OfferShown(Instead):
    """A hall where she is done sooner, way and wait and service together."""

    place: PlaceShown
    reasons: list[ReasonShown]


class Referrals(Waiting):
    """What is offered to somebody who waits, whose own wait is told, too; or why nothing is."""

    offers: list[OfferShown]
    none_because: Annotated[str, OneOf(referring.NO_OFFER)] | None


@api.get(
    "/tickets/<string:id>/referrals",
    **door("tickets", "holder or staff", Referrals, 401, 403, 404, permission="tickets.see"),
)
def show_referrals(path: IdPath, query: JourneyQuery) -> Response:
    """Other halls where all of it is done at least twenty minutes sooner, way included, and surely so; near-equal ones
    in an order that is drawn anew each time."""
    found = referring.offered(partial(_ticket, path.id, "tickets.see"), query.travel_mode or referring.MODE)
    return answer(lambda _: _told(found, language()))


@api.post(
    "/tickets/<string:id>/refer",
    **door(
        "tickets",
        "holder or staff",
        JourneyShown,
        401,
        403,
        404,
        409,
        429,
        status=201,
        permission="tickets.guide",
    ),
)
def refer_ticket(path: IdPath, body: Elsewhere) -> Response:
    """She goes to the other hall, and counts as under way there. Her place here stays hers until she takes a number
    there with the journey that is answered; of each ticket one journey at a time."""
    fetch = partial(_ticket, path.id, "tickets.guide")
    mode = body.travel_mode or referring.MODE
    there = referring.way_to(fetch, body.hall, mode)

    def do(call: Call) -> JourneyShown:
        journey = referring.refer(call, fetch(call), there, mode)
        return shown(halls.hall(call.session, journey.hall), journey)

    return once(do, status=201, sealed=journeys.SECRET)


def _ticket(ident: str, permission: str, call: Call) -> Ticket:
    """The ticket of whoever came with its secret, or one of a hall where these staff hold the permission."""
    secret = holder_secret()
    if secret is not None:
        return finding.ticket_of_holder(call.session, here().keys, ident, secret)
    require(call.actor, permission, field="ticket")
    ticket = finding.ticket(call.session, ident)
    require(call.actor, permission, halls.hall(call.session, ticket.hall).path, field="ticket")
    return ticket


def _told(found: referring.Offered, lang: Language) -> Referrals:
    offers = [_offer(each, found, lang) for each in found.offers]
    return Referrals(offers=offers, none_because=found.none_because, **waits.plain(found.foretold))


def _offer(offer: Offer, found: referring.Offered, lang: Language) -> OfferShown:
    site = offer.there.candidate.site
    place = PlaceShown(
        code=site.code,
        name=site.name,
        name_en=site.name_en,
        level=site.level,
        kind=site.kind,
        lat=site.lat,
        lon=site.lon,
    )
    why = reasons(offer, found.offers, found.at)
    told = [ReasonShown(code=each.code, text=each.said(lang)) for each in why]
    return OfferShown(**instead(offer).model_dump(), place=place, reasons=told)
