"""Where to go for what somebody wants done: every channel and hall is offered in order, or left out with a reason.

An enquiry asks for facts as far as it needs them, so that whoever asks for it may look, and measure ways, outside of
any transaction:

    enquiry = begin(session, ask, router, now=now)
    while halls := enquiry.due():
        enquiry.weigh(looking.look(session, halls, *enquiry.span(), now=now), ways_to(halls), real_now=real_now)
    advice = enquiry.advice()
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.catalogue import situations
from dispatch.catalogue.models import Bundle, Item
from dispatch.catalogue.refusals import NoSuchQuestion
from dispatch.catalogue.standing import Standing, standing
from dispatch.foundation.errors import NotFound
from dispatch.learning.minutes import shortest
from dispatch.ports.maps import Router
from dispatch.routing import channels, looking, settled
from dispatch.routing.asking import Abilities, Ask
from dispatch.routing.atlas import Shares
from dispatch.routing.brief import Brief, Known
from dispatch.routing.channels import Matter
from dispatch.routing.enquiring import Enquiry
from dispatch.routing.ordering import finding as ordering
from dispatch.routing.refusals import AlreadyPast, NobodyTakes, OutsideTheCity, TooFarAhead

FARTHEST_M = 50_000.0
"""Whoever is further from every hall of the city is not in it."""
HORIZON = timedelta(days=14)
GRACE = timedelta(minutes=5)
"""A moment so little ago is now: clocks differ, and people hesitate."""
MOST_BUNDLES = 3


def begin(session: Session, ask: Ask, router: Router, *, now: datetime) -> Enquiry:
    """An enquiry into where to go. NotFound, BadInput and its kinds where the question makes no sense."""
    return Enquiry(brief(session, ask, router, now=now))


def brief(session: Session, ask: Ask, router: Router, *, now: datetime) -> Brief:
    """The question with all that is known before any hall is looked at; refuses as `begin`."""
    at, codes = _moment(ask.at, now), list({wanted.item: None for wanted in ask.items})
    settled.ask_openings(session, at)
    needs = looking.ask_needs(session, codes)
    catalogue = standing(session)
    matters = _matters(catalogue, ask)
    atlas = settled.atlas(session)
    metres = atlas.metres(ask.place)
    if len(metres) and metres.min() > FARTHEST_M:
        raise OutsideTheCity(km=round(metres.min() / 1000), field="lat")
    shares = settled.shares(session, atlas, codes)
    _refuse_what_nobody_does(matters, shares)
    openings, skilled = settled.openings(session, atlas, at), looking.skilled(session, needs, now=now)
    return Brief(
        ask=replace(ask, at=at),
        matters=matters,
        bundles=_bundles(catalogue, matters, ask.abilities),
        known=Known(atlas, metres, shares, openings, skilled, ordering.orders(session), shortest(session)),
        router=router,
        now=now,
    )


def _moment(at: datetime, now: datetime) -> datetime:
    """When she sets out; AlreadyPast, TooFarAhead."""
    if at < now - GRACE:
        raise AlreadyPast(field="at")
    if at > now + HORIZON:
        raise TooFarAhead(latest=(now + HORIZON).date().isoformat(), field="at")
    return max(at, now).replace(microsecond=0)


def _matters(catalogue: Standing, ask: Ask) -> list[Matter]:
    """What she wants, each item once; NotFound, and whatever a wrong answer is refused with."""
    counts: dict[str, int] = {}
    for wanted in ask.items:
        counts[wanted.item] = counts.get(wanted.item, 0) + wanted.count
    rows = {code: catalogue.items[code] for code in counts if code in catalogue.items}
    for code in counts:
        if code not in rows:
            raise NotFound(what=code, field="items")
    _refuse_stray_answers(ask, list(rows.values()))
    return [
        Matter(
            rows[wanted.item],
            replace(wanted, count=counts[wanted.item]),
            situations.settle(rows[wanted.item], _answers_to(rows[wanted.item], ask)),
        )
        for wanted in {wanted.item: wanted for wanted in ask.items}.values()
    ]


def _answers_to(item: Item, ask: Ask) -> dict[str, str]:
    """What she answered to the questions of this item."""
    asked = _questions(item)
    plain = {code: said for code, said in ask.answers.items() if isinstance(said, str) and code in asked}
    own = ask.answers.get(item.code, {})
    return plain | (dict(own) if isinstance(own, Mapping) else {})


def _refuse_stray_answers(ask: Ask, items: Sequence[Item]) -> None:
    """NoSuchQuestion for an answer to what none of the items asks."""
    codes, asked = {item.code for item in items}, {code for item in items for code in _questions(item)}
    for code, said in ask.answers.items():
        if code not in (asked if isinstance(said, str) else codes):
            named = ", ".join(sorted(codes))
            raise NoSuchQuestion(field=f"answers.{code}", of=named, question=code)


def _questions(item: Item) -> set[str]:
    return {question["code"] for question in item.details.get("situations", ())}


def _refuse_what_nobody_does(matters: Sequence[Matter], shares: Shares) -> None:
    """NobodyTakes for items that no hall takes and that no machine or page does either."""
    done = {item for alike in shares.alike for item in alike.items}
    left = [
        matter.item
        for matter in matters
        if matter.item.code not in done and not set(matter.situation.channels) - {"counter"}
    ]
    if left:
        named = {"name": "、".join(item.name for item in left), "name_en": ", ".join(i.name_en for i in left)}
        raise NobodyTakes(items=named, field="items")


def _bundles(catalogue: Standing, matters: Sequence[Matter], abilities: Abilities) -> list[Bundle]:
    """Bundles that hold what she wants, those that hold the most of it first."""
    wanted = {matter.item.code for matter in matters}
    company = channels.is_company(matters, abilities)
    found = []
    for bundle in catalogue.bundles:
        members = {member["item"] for member in bundle.details["members"]}
        if wanted & members and (company or bundle.details["service_object"] != "legal"):
            key = bundle.details["key_item"] in wanted
            found.append((-len(wanted & members), not key, bundle.position, bundle))
    return [bundle for *_, bundle in sorted(found, key=lambda each: each[:3])][:MOST_BUNDLES]
