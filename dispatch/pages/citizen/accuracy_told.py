"""How good our waits were, as the public page says and draws it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from math import ceil

from dispatch.foundation.words import local, translate
from dispatch.halls import finding as halls
from dispatch.pages.shared.calls import Call, language
from dispatch.waits import accuracy
from dispatch.waits.accuracy import OURS, Accuracy
from dispatch.waits.forecast import LEVEL

FEW = 30
"""Of fewer people than this nothing is concluded."""
RULES = ("mean_so_far", "ql_live")
WIDTH, HEIGHT = 358, 210
LEFT, RIGHT, TOP, BASE = 44, 350, 14, 176
LOWEST_SHARE = 0.5
STEPS_MIN = (1, 2, 5, 10, 15, 20, 30, 60, 120, 240)
MOST_STEPS = 5


@dataclass(frozen=True)
class HallRow:
    """A hall's figures: people, minutes off, shares in whole percent; with too `few` people they say nothing."""

    code: str
    name: str
    n: int
    off_min: str
    within: int
    covered: int
    late: int
    few: bool


@dataclass(frozen=True)
class Mark:
    """A tick with its words."""

    at: float
    words: str


@dataclass(frozen=True)
class Line:
    """Dots joined by a line; `kind` is its look, `name` what the legend says."""

    kind: str
    name: str
    dots: list[tuple[float, float]]


@dataclass(frozen=True)
class Chart:
    """A drawing in its own units, and the same in a sentence."""

    says: str
    across: list[Mark]
    up: list[Mark]
    lines: list[Line]
    target: float | None = None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    base: int = BASE


@dataclass(frozen=True)
class Told:
    """All that the page says; without a day that is over there is nothing to say yet."""

    first: date | None = None
    last: date | None = None
    headline: str = ""
    beside: list[str] = field(default_factory=list)
    halls: list[HallRow] = field(default_factory=list)
    by_hour: Chart | None = None
    by_horizon: Chart | None = None


def told(call: Call, first: date | None, last: date | None, hall: str | None) -> Told:
    """What is said of these days, the newest weeks where none are named."""
    asked = accuracy.asked(call.session, first, last, hall)
    if asked is None:
        return Told(first, last)
    overall = accuracy.overall(call.session, asked)
    now = {each.predictor: each for each in overall if not each.ahead_min}
    if OURS not in now:
        return Told(asked.first, asked.last)
    ours = [each for each in overall if each.predictor == OURS]
    return Told(
        first=asked.first,
        last=asked.last,
        headline=_headline(now[OURS]),
        beside=_beside(now),
        halls=_rows(call, accuracy.by_hall(call.session, asked)),
        by_hour=_by_hour(accuracy.by_hour(call.session, asked)),
        by_horizon=_by_horizon(overall) if len(ours) > 1 else None,
    )


def _headline(ours: Accuracy) -> str:
    say = partial(translate, language())
    return say(
        "取号时说的等候时间,平均差 %(off)s 分钟;100 人里有 %(covered)s 人等在说的范围里",
        off=_minutes(ours.mae_s),
        covered=_percent(ours.coverage_90),
    )


def _beside(now: dict[str, Accuracy]) -> list[str]:
    """What the headline leaves out: whether the range holds what it says, the bias, and what simple rules would do."""
    say = partial(translate, language())
    ours = now[OURS]
    covered, target = _percent(ours.coverage_90), round(100 * LEVEL)
    said = []
    if ours.n < FEW:
        said.append(say("只有 %(n)s 人次,还说明不了什么", n=ours.n))
    elif covered < target - 3:
        said.append(say("应该是 %(n)s 人:范围说得窄了", n=target))
    elif covered > target + 3:
        said.append(say("应该是 %(n)s 人:范围说得宽了", n=target))
    else:
        said.append(say("应该是 %(n)s 人,说得准", n=target))
    early = ours.bias_s < 0
    if abs(ours.bias_s) >= 30:
        sentence = say("平均少说了 %(n)s 分钟", n=_minutes(-ours.bias_s)) if early else ""
        said.append(sentence or say("平均多说了 %(n)s 分钟", n=_minutes(ours.bias_s)))
    rules = [name for name in RULES if name in now]
    return [
        *said,
        *(
            say("要是%(rule)s,平均差 %(n)s 分钟", rule=_name(name), n=_minutes(now[name].mae_s))
            for name in rules
        ),
    ]


def _rows(call: Call, found: Sequence[Accuracy]) -> list[HallRow]:
    """The halls, those first where we were furthest off, and those last of which there is too little to tell."""
    known = {place.code: local(place, language()) for place in halls.all_halls(call.session)}
    ours = [each for each in found if each.predictor == OURS and not each.ahead_min]
    return [
        HallRow(
            code=str(each.hall),
            name=known.get(str(each.hall), str(each.hall)),
            n=each.n,
            off_min=_minutes(each.mae_s),
            within=_percent(each.within_5_min),
            covered=_percent(each.coverage_90),
            late=_percent(each.late_90),
            few=each.n < FEW,
        )
        for each in sorted(ours, key=lambda each: (each.n < FEW, -each.mae_s))
    ]


def _by_hour(found: Sequence[Accuracy]) -> Chart:
    """How often the range held, by the hour in which people joined."""
    say = partial(translate, language())
    ours = {each.hour or 0: each.coverage_90 or 0.0 for each in found if _is_ours_now(each)}
    hours = range(min(ours), max(ours) + 1)

    def up(share: float) -> float:
        return round(BASE - (BASE - TOP) * (max(share, LOWEST_SHARE) - LOWEST_SHARE) / (1 - LOWEST_SHARE), 1)

    dots = [(_across(hours.index(hour), len(hours)), up(share)) for hour, share in sorted(ours.items())]
    each_hour = [say("%(h)s 点 %(n)s%%", h=hour, n=_percent(share)) for hour, share in sorted(ours.items())]
    return Chart(
        says=say("、").join(each_hour),
        across=[Mark(_across(place, len(hours)), str(hour)) for place, hour in enumerate(hours)],
        up=[Mark(up(share / 100), f"{share}%") for share in range(50, 101, 10)],
        lines=[Line("ours", "", dots)],
        target=up(LEVEL),
    )


def _by_horizon(found: Sequence[Accuracy]) -> Chart:
    """How far off the point was, by how long before it was told; ours and the simple rules."""
    say = partial(translate, language())
    aheads = sorted({each.ahead_min for each in found if each.predictor == OURS})
    off = {(each.predictor, each.ahead_min): each.mae_s / 60 for each in found}
    most = max(off.values())
    step = next((step for step in STEPS_MIN if most <= step * MOST_STEPS), STEPS_MIN[-1])
    top = step * max(1, ceil(most / step))

    def up(minutes: float) -> float:
        return round(BASE - (BASE - TOP) * minutes / top, 1)

    lines = []
    for name in (OURS, *RULES):
        here = [
            (_across(place, len(aheads)), up(off[name, ahead]))
            for place, ahead in enumerate(aheads)
            if (name, ahead) in off
        ]
        if here:
            lines.append(Line("ours" if name == OURS else name, _name(name), here))
    each = [
        say("%(when)s差 %(n)s 分钟", when=_when(ahead), n=_minutes(60 * off[OURS, ahead])) for ahead in aheads
    ]
    return Chart(
        says=say("、").join(each),
        across=[
            Mark(_across(place, len(aheads)), str(ahead) if ahead else _when(0))
            for place, ahead in enumerate(aheads)
        ],
        up=[Mark(up(minutes), str(minutes)) for minutes in range(0, top + 1, step)],
        lines=lines,
    )


def _is_ours_now(each: Accuracy) -> bool:
    return each.predictor == OURS and not each.ahead_min


def _across(place: int, places: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * (place + 0.5) / places, 1)


def _when(ahead_min: int) -> str:
    say = partial(translate, language())
    if ahead_min == 0:
        return say("取号时")
    return say("提前 %(n)s 分钟", n=ahead_min)


def _name(predictor: str) -> str:
    names = {OURS: "我们说的", "mean_so_far": "只说平均数", "ql_live": "只数前面几人"}
    return translate(language(), names[predictor])


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}"


def _percent(share: float | None) -> int:
    return round(100 * (share or 0.0))
