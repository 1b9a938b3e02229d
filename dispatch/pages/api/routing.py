"""Where to go: routes over four channels."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, current_app
from pydantic import TypeAdapter

from dispatch.foundation.words import Language
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import wanted
from dispatch.pages.api.routing_shapes import (
    Action,
    BundleOffered,
    ItemRouted,
    ItemSituation,
    NewRoute,
    Note,
    PaperToBring,
    PlaceShown,
    ReasonShown,
    RouteExcluded,
    RouteOption,
    RouteShown,
    SituationShown,
)
from dispatch.pages.shared import choosing_a_way
from dispatch.pages.shared.calls import Call, language, once
from dispatch.pages.shared.limiting import ROUTING, slow_down
from dispatch.ports.maps import Point, Router
from dispatch.routing import keeping
from dispatch.routing.advice import Advice, Excluded, Option
from dispatch.routing.asking import Abilities, Ask
from dispatch.routing.channels import Matter
from dispatch.routing.coordinates import to_wgs84
from dispatch.routing.models import Route
from dispatch.routing.navigation import links
from dispatch.routing.sites import Site
from dispatch.routing.wording import Reason
from dispatch.waits import finding as waits

_EXCLUDED = TypeAdapter(list[RouteExcluded])
"""Some 150 halls with their reasons, made of plain figures at once: one by one they would cost more than to advise."""


@api.post("/routes", **door("routing", "anyone", RouteShown, 404, 429))
def advise_route(body: NewRoute) -> Response:
    """Where to go for these items: app, web, kiosk and counter in order, each other way with why not.

    The answer is made anew each time, with an Idempotency-Key too: it tells how far somebody is from many places.
    """
    advice = _advice(body)

    def do(call: Call) -> RouteShown:
        slow_down(call.session, call.actor, "route", ROUTING)
        return _shown(keeping.keep(call.session, advice, now=call.now), advice, language())

    return once(do, kept=False)


def _advice(body: NewRoute) -> Advice:
    """What is advised; near-equal counters are drawn for."""
    router: Router = current_app.extensions["router"]
    return choosing_a_way.advise(lambda call: _ask(body, call.now), router)


def _ask(body: NewRoute, now: datetime) -> Ask:
    return Ask(
        items=wanted(body.items),
        place=to_wgs84(Point(body.lat, body.lon), body.crs),
        at=body.at or now,
        answers=body.answers,
        mode=body.travel_mode,
        abilities=Abilities(**body.abilities.model_dump()),
        home=body.home,
    )


def _shown(route: Route, advice: Advice, lang: Language) -> RouteShown:
    matters = advice.matters
    return RouteShown(
        id=route.id,
        expires_at=route.expires_at,
        items=[ItemRouted(**_names(matter.item), count=matter.wanted.count) for matter in matters],
        situation=SituationShown(
            exact=all(matter.situation.exact for matter in matters),
            items=[_situation(matter) for matter in matters],
        ),
        bundles=[
            BundleOffered(**_names(bundle), members=len(bundle.details["members"]))
            for bundle in advice.bundles
        ],
        notes=[Note(code=note.code, text=note.noted(lang)) for note in advice.notes],
        options=[_option(option, advice, lang) for option in advice.options],
        excluded=_EXCLUDED.validate_python([_excluded(each, lang) for each in advice.excluded]),
    )


def _situation(matter: Matter) -> ItemSituation:
    told = matter.situation
    return ItemSituation(
        item=matter.item.code,
        code=told.code,
        answers=told.answers,
        open=list(told.open),
        papers=[PaperToBring(**_fields(paper)) for paper in told.papers],
        perhaps=[PaperToBring(**_fields(paper)) for paper in told.perhaps],
    )


def _option(option: Option, advice: Advice, lang: Language) -> RouteOption:
    told = {
        "rank": option.rank,
        "channel": option.channel,
        "items": list(option.items),
        "reasons": [ReasonShown(**_reason(reason, lang)) for reason in option.reasons],
    }
    weighed = option.weighed
    if weighed is None:
        nowhere = dict.fromkeys(
            (
                "place",
                "distance_m",
                "travel_s",
                "arrive_at",
                "service_s",
                "finish_at",
                "wait",
                "unknown_because",
            )
        )
        url: str = current_app.extensions["online"][option.channel]
        actions = [Action(kind=option.channel, url=url)] if url else []
        return RouteOption(**told, **nowhere, visits=0, extra_days=0, later=False, actions=actions)
    site, zone = weighed.candidate.site, ZoneInfo(weighed.candidate.site.tz)
    return RouteOption(
        **told,
        place=_place(site),
        distance_m=round(weighed.trip.distance_m),
        travel_s=round(weighed.trip.travel_s),
        arrive_at=weighed.arrive_at.astimezone(zone),
        service_s=round(weighed.service_s),
        finish_at=weighed.finish_at.astimezone(zone),
        visits=weighed.candidate.visits,
        extra_days=weighed.candidate.extra_days,
        later=weighed.candidate.later,
        actions=_ways(site, option.channel, advice, lang),
        **waits.plain(weighed.foretold),
    )


def _ways(site: Site, channel: str, advice: Advice, lang: Language) -> list[Action]:
    """What one can open to get there."""
    name = site.name_en if lang == "en" else site.name
    maps = links(site.place, name, advice.ask.mode)
    found = [Action(kind=kind, url=url) for kind, url in maps.items()]
    return [Action(kind="hall", url=f"/halls/{site.code}"), *found] if channel == "counter" else found


def _excluded(each: Excluded, lang: Language) -> dict[str, Any]:
    return {
        "channel": each.channel,
        "place": _names(each.site) if each.site else None,
        "count": each.count,
        "reasons": [_reason(reason, lang) for reason in each.reasons],
    }


def _place(site: Site) -> PlaceShown:
    return PlaceShown(
        **_names(site), level=site.level, kind=site.kind, lat=site.place.lat, lon=site.place.lon
    )


def _reason(reason: Reason, lang: Language) -> dict[str, str]:
    return {"code": reason.code, "text": reason.said(lang)}


def _names(thing: Any) -> dict[str, str]:  # noqa: ANN401 - whatever has a code and two names
    return {"code": thing.code, "name": thing.name, "name_en": thing.name_en}


def _fields(paper: Any) -> dict[str, Any]:  # noqa: ANN401 - a paper
    return {name: getattr(paper, name) for name in PaperToBring.model_fields}
