"""A wait in words: the same rules everywhere, in both languages."""

import ast
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.foundation.words import LANGUAGES, Language
from dispatch.waits import wording
from dispatch.waits.outcomes import OUTCOMES, twenty
from dispatch.waits.reasons import REASONS
from dispatch.waits.wording import Foretold, told
from tests.house import tree


def wait(point: float, low: float, high: float) -> dict[str, Any]:
    """So many minutes."""
    return {"point_s": 60 * point, "low_s": 60 * low, "high_s": 60 * high}


@st.composite
def waits(draw: st.DrawFn) -> dict[str, Any]:
    low, point, high = sorted(draw(st.tuples(*[st.floats(0, 6 * 3600)] * 3)))
    return {"point_s": point, "low_s": low, "high_s": high}


LANGUAGE = st.sampled_from(LANGUAGES)


@pytest.mark.parametrize(
    ("foretold", "waiting", "zh", "en"),
    [
        (Foretold(wait(12, 8, 20)), 7, "约12分钟 8–20", "About 12 min (8–20)"),
        (Foretold(wait(5, 1, 20)), 7, "约5分钟 1–20 变数大", "About 5 min (1–20, varies)"),
        (Foretold(wait(10, 0, 20)), 7, "约10分钟 0–20", "About 10 min (0–20)"),
        (Foretold(wait(1, 0.5, 2)), 1, "很快", "Very soon"),
        (Foretold(wait(30, 29.5, 30.5)), 9, "约30分钟 29–31", "About 30 min (29–31)"),
        (Foretold(wait(0, 0, 0)), 0, "没人等,不用等", "No queue, no wait"),
        (
            Foretold(wait(4, 0, 9)),
            0,
            "没人等,约4分钟 0–9 变数大",
            "No queue, about 4 min (0–9, varies)",
        ),
        (wording.NOTHING, 0, "没人等,不用等", "No queue, no wait"),
        (
            Foretold(None, "no_window_open"),
            6,
            "还估不出:现在没有窗口在办。前面 6 人",
            "No estimate yet: no window is open. 6 ahead",
        ),
        (Foretold(None, "stale"), None, "还估不出:正在重新算", "No estimate yet: being worked out again"),
    ],
)
def test_sentences(foretold: Foretold, waiting: int | None, zh: str, en: str) -> None:
    assert told(foretold, "zh", waiting=waiting).sentence == zh
    assert told(foretold, "en", waiting=waiting).sentence == en


def test_nobody_is_promised_no_wait_where_no_window_serves() -> None:
    assert told(wording.NOTHING, "zh", waiting=0, staffed=False).sentence == "窗口还没开"


def test_every_reason_has_its_words_in_both_languages() -> None:
    assert set(wording.UNKNOWN_WORDS) == set(REASONS)
    for reason in REASONS:
        said = told(Foretold(None, reason), "en").sentence
        assert said.startswith("No estimate yet: ")
        assert said.isascii()


def test_every_reason_that_the_code_has_is_one_of_them() -> None:
    said = {
        node.args[0].value
        for path in tree.python_files("dispatch")
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Unknown"
        and isinstance(node.args[0], ast.Constant)
    }
    assert "nobody_served_yet" in said
    assert said <= set(REASONS)


@given(waits(), LANGUAGE)
def test_never_a_point_without_its_range_nor_a_range_that_leaves_it_out(
    found: dict[str, Any], lang: Language
) -> None:
    said = told(Foretold(found), lang, waiting=3)
    if wording.is_soon(found):
        assert not re.search(r"\d", said.sentence)
        return
    point, low, high = wording.minutes(found)
    assert low <= point <= high
    assert 60 * low <= found["low_s"]
    assert 60 * high >= found["high_s"]
    assert said.figure == str(point)
    assert f"{low}–{high}" in said.range
    wide = found["high_s"] - found["low_s"] > 2 * found["point_s"]
    assert (("变数大" in said.range) or ("varies" in said.range)) == wide


@given(waits())
def test_twenty_outcomes_rise_and_eighteen_lie_within_the_range(found: dict[str, Any]) -> None:
    outcomes = twenty(found)
    assert len(outcomes) == OUTCOMES
    assert outcomes == sorted(outcomes)
    assert outcomes[0] > 0
    if found["low_s"] >= 60:
        inside = [each for each in outcomes if found["low_s"] * 0.999 <= each <= found["high_s"] * 1.001]
        assert len(inside) >= OUTCOMES - 2
        below = sum(each <= found["point_s"] * 1.001 for each in outcomes)
        assert below >= OUTCOMES // 2


def test_one_s_own_wait() -> None:
    own = wording.own(Foretold(wait(24, 16, 36)), "zh")
    assert (own.lead, own.range) == ("约 24 分钟后叫到", "16–36")
    plain = wording.own_plainly(Foretold(wait(24, 16, 36)), "zh")
    assert (plain.lead, plain.detail) == ("大约再等 24 分钟", "快的话 16 分,慢的话 36 分")
    assert (own.sorry, own.meanwhile) == ("", "")
    assert wording.own(Foretold(None, "outage"), "zh").lead == ""
    assert wording.own_plainly(Foretold(wait(1, 0.5, 2)), "en").lead == "You are called very soon"


def test_a_promise_that_slipped_says_sorry_and_until_when_one_may_leave() -> None:
    moment = {"as_of": "2026-11-23T09:30:20+08:00", "slipped_at": "2026-11-23T09:28:00+08:00"}
    own = wording.own(Foretold({**wait(24, 16, 36), **moment}), "zh")
    assert own.sorry == "比说好的久了,对不起"
    assert (own.lead, own.range) == ("现在约 24 分钟", "16–36")
    assert own.meanwhile == "可以先离开,09:46 前回来"
    soon = wording.own_plainly(Foretold({**wait(12, 9, 18), **moment}), "en")
    assert (soon.sorry, soon.meanwhile) == ("This is taking longer than we said. Sorry", "")
