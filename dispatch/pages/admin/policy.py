"""A hall's discipline: its figures, and what a past day would have been under others."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation import clock
from dispatch.foundation.access import require
from dispatch.foundation.errors import BadInput
from dispatch.foundation.words import translate
from dispatch.halls import finding as halls
from dispatch.halls import policies
from dispatch.halls.models import Hall
from dispatch.pages.admin.shell import blueprint, enter, page, press
from dispatch.pages.shared.calls import Call, language, reading
from dispatch.queues.policy import Policy
from dispatch.tickets import previews

ROOM, SEE, EDIT = "policy", "policies.see", "policies.edit"
LONGEST = 6

Group = Mapping[str, Any]
"""Some people of a day, as a preview's result has them."""

WORDS: Mapping[str, str] = {
    "law_min": "军人、消防员提前(分钟)",
    "care_min": "残疾人、老人、孕妇、带婴幼儿的人提前(分钟)",
    "booked_credit_min": "预约的人按预约时间再提前(分钟)",
    "booked_grace_min": "预约的人晚到多久就不算按时(分钟)",
    "returned_behind": "过号回来排在几位之后",
    "remote_passes": "在大厅等的人最多让过几个人还没到的号",
    "target_min": "承诺等候不超过(分钟)",
    "fastest_min": "几个队里选人时,办得再快也按几分钟算",
    "slowest_min": "几个队里选人时,办得再慢也按几分钟算",
}
GROUPS: Mapping[str, str] = {
    "all": "所有人",
    "law": "军人、消防员",
    "care": "残疾、年长、孕妇、带婴幼儿",
    "ordinary": "普通",
    "booked": "预约",
    "app": "手机取号",
    "web": "网上取号",
    "kiosk": "自助机取号",
    "counter": "窗口、导办台取号",
}


@dataclass(frozen=True)
class Figure:
    """One figure of the form."""

    name: str
    words: str
    value: int
    usual: int
    least: int
    most: int


@dataclass(frozen=True)
class Change:
    """A figure of the preview under both policies, as it is read; `worse` where people would wait longer."""

    present: str
    proposed: str
    worse: bool


@dataclass(frozen=True)
class Row:
    """One group of people in the preview."""

    name: str
    people: int
    measured: str
    changes: list[Change]


@blueprint.get("/admin/<hall>/policy")
def hall_policy(hall: str) -> Response:
    """The figures as they are, or as they are tried, with the past day under them once it is worked out."""
    with reading() as call:
        desk = enter(call, ROOM, hall)
        place = halls.hall(call.session, hall)
        if ident := request.args.get("preview"):
            tried = previews.find(call.session, place, ident)
            shown = _shown(call, place, Policy.stored(tried.policy), tried.day)
            unknown = previews.unknown_because(call.session, tried, clock.real_now())
            groups = tried.result
        else:
            shown = _shown(call, place, Policy.stored(place.policy), _yesterday(call, place))
            unknown, groups = None, None
    rows, passed = (_rows(groups), _passed(groups)) if groups is not None else (None, None)
    return page("admin/policy.html", desk, **shown, unknown=unknown, groups=rows, passed=passed)


@blueprint.post("/admin/<hall>/policy/preview")
def preview_policy(hall: str) -> AnyResponse:
    """Ask for a past day under the figures as proposed; nothing changes."""

    def do(call: Call) -> str:
        place = halls.hall(call.session, hall)
        require(call.actor, SEE, place.path, field="hall")
        day, proposed = _day_of(call, place), _asked()
        asked = previews.ask(call.session, place, day, proposed, actor=call.actor, real_now=clock.real_now())
        kept = {"preview": asked.id, "version": request.form.get("version", "")}
        return f"/admin/{hall}/policy?{urlencode(kept)}"

    return press(do)


@blueprint.post("/admin/<hall>/policy")
def change_policy(hall: str) -> AnyResponse:
    """Make these the hall's figures."""

    def do(call: Call) -> str:
        place = halls.hall(call.session, hall)
        require(call.actor, EDIT, place.path, field="hall")
        policies.change(
            call.session,
            place,
            asdict(_asked()),
            seen=request.form.get("version", ""),
            now=call.now,
            actor=call.actor,
        )
        return f"/admin/{hall}/policy?done=policy"

    return press(do)


def _shown(call: Call, place: Hall, policy: Policy, day: date) -> dict[str, Any]:
    told, usual = asdict(policy), asdict(Policy())
    return {
        "figures": [
            Figure(
                each.name,
                WORDS[each.name],
                told[each.name],
                usual[each.name],
                each.metadata["least"],
                each.metadata["most"],
            )
            for each in fields(Policy)
        ],
        "version": request.args.get("version") or policies.version_of(place),
        "changed": policy != Policy.stored(place.policy),
        "day": day,
        "today": _today(call, place),
        "may_edit": call.actor.may(EDIT, place.path),
    }


def _asked() -> Policy:
    """The figures of the form; BadInput naming one that is no whole number or out of bounds."""
    told = {name: request.form.get(name, "").strip() for name in WORDS}
    for name, said in told.items():
        if not (said.isascii() and said.isdigit() and len(said) <= LONGEST):
            raise BadInput(reason=translate(language(), WORDS[name]), field=name)
    return Policy.of({name: int(said) for name, said in told.items()})


def _day_of(call: Call, place: Hall) -> date:
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise BadInput(reason=translate(language(), "日期"), field="day") from error
    if day > _today(call, place):
        raise BadInput(reason=day.isoformat(), field="day")
    return day


def _today(call: Call, place: Hall) -> date:
    return call.now.astimezone(ZoneInfo(place.tz)).date()


def _yesterday(call: Call, place: Hall) -> date:
    """The last day before today on which the hall was open, within a fortnight; else today."""
    today = _today(call, place)
    before = (today - timedelta(days=back) for back in range(1, 15))
    return next((day for day in before if halls.openings(call.session, place, day)), today)


def _rows(groups: Sequence[Group]) -> list[Row]:
    return [
        Row(
            GROUPS[group["name"]],
            group["measured"]["people"],
            _minutes(group["measured"]["mean_s"]),
            [_waits(group, name) for name in ("mean_s", "median_s", "p90_s", "max_s")] + [_share(group)],
        )
        for group in groups
    ]


def _waits(group: Group, name: str) -> Change:
    present, proposed = group["present"][name], group["proposed"][name]
    worse = present is not None and proposed is not None and proposed - present >= 60
    return Change(_minutes(present), _minutes(proposed), worse)


def _share(group: Group) -> Change:
    def percent(share: float | None) -> str:
        return "—" if share is None else f"{share:.0%}"

    present, proposed = (percent(group[under]["within_target"]) for under in ("present", "proposed"))
    return Change(present, proposed, worse=False)


def _minutes(seconds: float | None) -> str:
    return "—" if seconds is None else f"{seconds / 60:.0f}"


def _passed(groups: Sequence[Group]) -> Change | None:
    """How often somebody here was passed at most."""
    if not groups:
        return None
    present, proposed = (str(groups[0][under]["most_passed"]) for under in ("present", "proposed"))
    return Change(present, proposed, worse=False)
