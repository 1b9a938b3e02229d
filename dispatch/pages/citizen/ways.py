"""Where to go for it: ways over four channels, from where somebody is, when she wants, as she can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Bundle, Item
from dispatch.foundation.errors import BadInput
from dispatch.foundation.words import translate
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.citizen.shell import blueprint, elder, keep, near
from dispatch.pages.shared import answering, choosing_a_way
from dispatch.pages.shared.answering import ANSWERS, UNSURE, Said, Step
from dispatch.pages.shared.calls import Call, language, reading
from dispatch.pages.shared.choosing_a_way import NoPlace
from dispatch.pages.shared.together import apart, together
from dispatch.ports.maps import Mode, Point, Router
from dispatch.routing.asking import Abilities, Ask
from dispatch.routing.refusals import AlreadyPast, NobodyTakes, OutsideTheCity, TooFarAhead
from dispatch.tickets.wanting import Wanted

MOST_ITEMS = 10
STRAIGHT = "straight"
"""Whoever would rather not be asked about several things first."""
MISFIT = 422
"""Answers that none of several items knows, or no longer: they are asked anew."""
KEYS = (
    "item", ANSWERS, UNSURE, STRAIGHT, "near", "from", "home", "at", "by", "who", "company", "skip",
)  # fmt: skip
"""What an address of this page says: items and answers, from where, when, how she travels, who she is."""
SHOWN_FIRST = ("city", "district", "street")
"""Levels of halls that somebody names as the place where she is."""
WHO = ("self", "elderly", "nophone")
AT = "%Y-%m-%dT%H:%M"


class WhenUnclear(BadInput):
    """No moment can be read."""

    code = "when_unclear"
    sentence = "看不懂这个时间:%(said)s"


@dataclass(frozen=True)
class Wish:
    """What somebody asks, as the address says it. Without a `point` nobody knows where she is."""

    items: Sequence[Item]
    said: Said
    towns: Sequence[Hall]
    point: Point | None
    start: Hall | None
    home: str | None
    mode: Mode
    who: str
    company: bool
    skipped: Sequence[str]

    @property
    def of(self) -> Item | Bundle:
        """What questions are asked about: the item, or several as one."""
        return self.items[0] if len(self.items) == 1 else together(self.items)

    @property
    def each(self) -> Mapping[str, Said]:
        """What was said of each item."""
        only = self.items[0].code
        return {only: self.said} if len(self.items) == 1 else apart(self.items, self.said)

    @property
    def abilities(self) -> Abilities:
        """What she can do, or is."""
        return Abilities(self.who != "nophone", self.who == "elderly", self.company)


@blueprint.get("/ways")
def ways() -> AnyResponse | str | tuple[str, int]:
    """All ways in their order, each with why; or what stands against asking so.

    One item's questions are asked on its own page, those of several here.
    """
    with reading() as call:
        wish, now = _wish(call), call.now
    fits = answering.fitting(wish.of, wish.said)
    misfit = fits.answers != dict(wish.said.answers)
    if misfit and len(wish.items) == 1:
        return redirect(f"/items/{wish.items[0].code}?{wish.said.query}", 303)
    wish = replace(wish, said=fits)
    if len(wish.items) > 1 and STRAIGHT not in request.args:
        step = answering.step(wish.of, wish.said)
        if step is not None:
            return _question(wish, step, MISFIT if misfit else 200)
    try:
        advice = choosing_a_way.advise(lambda call: _ask(wish, call.now), _router(wish))
    except (OutsideTheCity, AlreadyPast, TooFarAhead, NobodyTakes, WhenUnclear) as refusal:
        data = {name: _named(value) for name, value in refusal.data.items()}
        trouble = translate(language(), refusal.sentence, **data)
        page = _page(wish, now, told=None, trouble=trouble, because=refusal.code)
        return page, refusal.status
    placed = wish.point is not None
    route, at = choosing_a_way.kept(advice, placed=placed)
    told = choosing_a_way.told(advice, route, now=at, placed=placed, skipped=wish.skipped)
    return _page(wish, now, told=told, trouble="", because="")


def _question(wish: Wish, step: Step, status: int) -> tuple[str, int]:
    """The next question about several items, with a way past all of them."""
    rest = _unsaid()
    before = step.before.pairs if step.before else None
    page = render_template(
        "citizen/question.html",
        of=next(item for item in wish.items if step.question.code.startswith(f"{item.code}.")),
        others=len(wish.items) - 1,
        step=step,
        action="/ways",
        kept=rest,
        straight=_link(**{STRAIGHT: "1"}),
        misfit=status == MISFIT,
        tab="find",
        back="/items" if before is None else f"/ways?{urlencode([*rest, *before])}",
        keep=keep(*KEYS),
    )
    return page, status


def _page(wish: Wish, now: datetime, **shown: Any) -> str:  # noqa: ANN401 - whatever a template takes
    here_now = now.astimezone(_zone(wish))
    return render_template(
        "citizen/ways.html",
        wish=wish,
        here_now=here_now,
        earliest=here_now.strftime(AT),
        asks_home=any(item.details.get("territory") == "home" for item in wish.items),
        kept=_pairs("item", ANSWERS, UNSURE, STRAIGHT, "skip"),
        answered=answering.in_words(wish.of, wish.said),
        unanswered=answering.step(wish.of, wish.said.asked_again) is not None,
        unasked=urlencode(_unsaid()),
        here=_pairs("near"),
        link=_link,
        tab="find",
        back=_back(wish),
        keep=keep(*KEYS),
        **shown,
    )


def _wish(call: Call) -> Wish:
    """The address, read; NotFound for an item or a place that there is not."""
    codes = list(dict.fromkeys(request.args.getlist("item")))[:MOST_ITEMS]
    if not codes:
        raise BadInput(reason="item", field="item")
    towns = [
        hall for hall in halls.all_halls(call.session) if hall.level in SHOWN_FIRST and hall.kind == "hall"
    ]
    start = halls.hall(call.session, request.args["from"]) if request.args.get("from") else None
    point = Point(start.lat, start.lon) if start else near()
    mode = request.args.get("by", "")
    return Wish(
        items=[catalogue.item(call.session, code) for code in codes],
        said=answering.read(request.args),
        towns=towns,
        point=point,
        start=start,
        home=request.args.get("home") or None,
        mode=mode if mode in get_args(Mode) else "transit",  # type: ignore[arg-type]
        who=_who(),
        company="company" in request.args,
        skipped=request.args.getlist("skip"),
    )


def _who() -> str:
    said = request.args.get("who", "")
    return said if said in WHO else "elderly" if elder() else "self"


def _ask(wish: Wish, now: datetime) -> Ask:
    anywhere = Point(wish.towns[0].lat, wish.towns[0].lon) if wish.towns else Point(0, 0)
    return Ask(
        items=[Wanted(item.code) for item in wish.items],
        place=wish.point or anywhere,
        at=_at(wish) or now,
        answers={code: dict(said.answers) for code, said in wish.each.items()},
        mode=wish.mode,
        abilities=wish.abilities,
        home=wish.home,
    )


def _at(wish: Wish) -> datetime | None:
    """When she wants to set out, by the city's clock; WhenUnclear."""
    said = request.args.get("at", "").strip()
    if not said:
        return None
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as error:
        raise WhenUnclear(said=said[:40], field="at") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=_zone(wish))


def _zone(wish: Wish) -> ZoneInfo:
    return ZoneInfo(wish.towns[0].tz if wish.towns else "UTC")


def _router(wish: Wish) -> Router:
    router: Router = current_app.extensions["router"] if wish.point else NoPlace()
    return router


def _link(**changed: str | None) -> str:
    """This page with some keys changed: None drops one, and `skip` is added to what is skipped already."""
    pairs = [pair for pair in _pairs(*KEYS) if pair[0] not in changed or pair[0] == "skip"]
    if "skip" in changed and changed["skip"] is None:
        pairs = [pair for pair in pairs if pair[0] != "skip"]
    return "?" + urlencode([*pairs, *((name, said) for name, said in changed.items() if said is not None)])


def _unsaid() -> list[tuple[str, str]]:
    """The address without anything that was said of the items, so that they are asked about."""
    return _pairs(*(name for name in KEYS if name not in (ANSWERS, UNSURE, STRAIGHT)))


def _pairs(*names: str) -> list[tuple[str, str]]:
    return [(name, said) for name in names for said in request.args.getlist(name)]


def _back(wish: Wish) -> str:
    """The item in this situation; from several items the finder."""
    if len(wish.items) > 1:
        return "/items"
    query = wish.said.query
    return f"/items/{wish.items[0].code}{'?' if query else ''}{query}"


def _named(value: object) -> object:
    """A refusal's data in the reader's language."""
    if isinstance(value, Mapping):
        return value["name_en"] if language() == "en" else value["name"]
    return value
