"""A wait as people are told it: on boards, pages, slips and in messages, the same words everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import ceil, floor
from types import MappingProxyType
from typing import Any, NamedTuple

from dispatch.foundation.words import Language, translate

MINUTE_S = 60
SOON_S = 5 * MINUTE_S
"""Only what is over this soon is called soon, however sure we are of it."""
NARROW_S = 2 * MINUTE_S
"""A range narrower than this says no more than that."""
WORTH_LEAVING_S = 10 * MINUTE_S
"""Nobody need be told that she may leave for less."""

RANGE, WIDE_RANGE = "%(low)s–%(high)s", "%(low)s–%(high)s 变数大"
UNKNOWN_WORDS = MappingProxyType(
    {
        "closed": "现在不开门",
        "no_window_open": "现在没有窗口在办",
        "intake_stopped": "今天不再取号",
        "intake_paused": "暂停取号",
        "outage": "暂停办理",
        "not_today": "今天可能轮不到",
        "not_learned_yet": "还没有足够的记录",
        "nobody_served_yet": "这里还没叫过号",
        "stale": "正在重新算",
    }
)
"""Why no wait is known."""


Wait = Mapping[str, Any]
"""`{point_s, low_s, high_s, …}`, as the interface has it."""


class Foretold(NamedTuple):
    """A wait as far as it is known: the wait, or why there is none."""

    wait: Wait | None = None
    because: str | None = None


NOTHING = Foretold(None, "not_learned_yet")


@dataclass(frozen=True, slots=True)
class WaitTold:
    """A wait in four parts: what leads up to the figure, the figure, what follows it, and the range, perhaps `wide`.

    Pages set the figure in bold and the range in grey; `sentence` is the whole, for paper, voice and readers.
    """

    before: str = ""
    figure: str = ""
    after: str = ""
    range: str = ""
    wide: bool = False

    @property
    def about(self) -> str:
        """All but the range."""
        return f"{self.before}{self.figure}{self.after}"

    @property
    def sentence(self) -> str:
        """The whole."""
        return f"{self.about} {self.range}".rstrip()


class OwnTold(NamedTuple):
    """Somebody's own wait: a headline, empty where nothing is known, what explains it, and the range.

    `sorry` where it takes longer than she was told, and then what she can do meanwhile, in `meanwhile`.
    """

    lead: str
    detail: str
    range: str = ""
    sorry: str = ""
    meanwhile: str = ""


def told(foretold: Foretold, lang: Language, *, waiting: int | None = None, staffed: bool = True) -> WaitTold:
    """How long one waits, or why nobody knows. `waiting` people are ahead; None where that is said elsewhere.

    Nobody is promised "no wait" where no window is `staffed`, or where an empty line still has to wait for a window.
    """
    say = partial(translate, lang)
    wait, empty = foretold.wait, waiting == 0
    if empty and not staffed:
        return WaitTold(say("窗口还没开"))
    if empty and not is_worth_telling(foretold):
        return WaitTold(say("没人等,"), say("不用等"))
    if wait is None:
        why = UNKNOWN_WORDS[foretold.because or "not_learned_yet"]
        sentence = say("还估不出:%(why)s", why=say(why))
        return WaitTold(sentence + (say("。前面 %(n)s 人", n=waiting) if waiting else ""))
    if is_soon(wait):
        return WaitTold(figure=say("很快"))
    sentence = say("没人等,约%(n)s分钟", n="|") if empty else say("约%(n)s分钟", n="|")
    before, _, after = sentence.partition("|")
    return WaitTold(before, str(minutes(wait)[0]), after, range_of(wait, lang), is_wide(wait))


def own(foretold: Foretold, lang: Language) -> OwnTold:
    """When she is called, told to the one person whose wait it is."""
    say = partial(translate, lang)
    wait = foretold.wait
    if wait is None:
        return OwnTold("", told(foretold, lang).sentence)
    late = wait.get("slipped_at") is not None
    lead = (
        say("很快叫到您")
        if is_soon(wait)
        else say("现在约 %(n)s 分钟" if late else "约 %(n)s 分钟后叫到", n=minutes(wait)[0])
    )
    apology = _apology(wait, lang) if late else ("", "")
    return OwnTold(lead, say("和此刻一样的 20 次里,每次在第几分钟叫到"), range_of(wait, lang), *apology)


def own_plainly(foretold: Foretold, lang: Language) -> OwnTold:
    """The same in whole sentences, for whoever would rather not read figures and dots."""
    say = partial(translate, lang)
    wait = foretold.wait
    if wait is None:
        return own(foretold, lang)
    if is_soon(wait):
        return own(foretold, lang)._replace(detail="", range="")
    point, low, high = minutes(wait)
    lead = say("大约再等 %(n)s 分钟", n=point)
    apology = _apology(wait, lang) if wait.get("slipped_at") else ("", "")
    return OwnTold(lead, say("快的话 %(low)s 分,慢的话 %(high)s 分", low=low, high=high), "", *apology)


def _apology(wait: Wait, lang: Language) -> tuple[str, str]:
    """That it takes longer than was told; and until when she may leave, where that is worth the way."""
    sorry = translate(lang, "比说好的久了,对不起")
    if wait["low_s"] < WORTH_LEAVING_S:
        return sorry, ""
    back = datetime.fromisoformat(wait["as_of"]) + timedelta(seconds=wait["low_s"])
    return sorry, translate(lang, "可以先离开,%(at)s 前回来", at=f"{back:%H:%M}")


def nine_of_ten(wait: Wait, lang: Language) -> str:
    """What the range is, in a sentence."""
    _, low, high = minutes(wait)
    return translate(lang, "十人里九人等 %(low)s–%(high)s 分钟", low=low, high=high)


def is_worth_telling(foretold: Foretold) -> bool:
    """Whether somebody waits though nobody is before her: for a window to become free."""
    return foretold.wait is not None and foretold.wait["point_s"] >= MINUTE_S


def minutes(wait: Wait) -> tuple[int, int, int]:
    """Point, low and high in whole minutes; the range is rounded outwards, so that it holds as often as it says."""
    return (
        max(1, floor(wait["point_s"] / MINUTE_S + 0.5)),
        floor(wait["low_s"] / MINUTE_S),
        max(1, ceil(wait["high_s"] / MINUTE_S)),
    )


def range_of(wait: Wait, lang: Language) -> str:
    """`8–20`; a wide one says so."""
    _, low, high = minutes(wait)
    return translate(lang, WIDE_RANGE if is_wide(wait) else RANGE, low=low, high=high)


def is_wide(wait: Wait) -> bool:
    """Whether the point says little."""
    return bool(wait["high_s"] - wait["low_s"] > 2 * wait["point_s"])


def is_soon(wait: Wait) -> bool:
    """Whether a figure would say more than is worth knowing."""
    return bool(wait["high_s"] - wait["low_s"] < NARROW_S and wait["high_s"] < SOON_S)
