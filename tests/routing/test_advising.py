"""Whoever asks is sent where she is done first, and told why not elsewhere."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing import counters as counting
from dispatch.routing.advice import Advice
from dispatch.routing.asking import Abilities
from dispatch.routing.atlas import Places
from dispatch.routing.brief import Brief
from dispatch.routing.looking import Skilled
from dispatch.routing.searching import Bounded
from dispatch.routing.weighing import Candidate, Key, Weighed, weigh
from dispatch.routing.wording import AGAINST, FOR, NOTES
from tests.routing.cities import (
    EVERYWHERE,
    HERE,
    NEVER,
    NOW,
    ROUTER,
    Place,
    advise,
    asked,
    cities,
    counters,
    enquiry,
    item,
    why,
)

NEAR, FAR = Place("NEAR"), Place("FAR", lat=HERE.lat + 0.1)
ONLY_COUNTER = {**EVERYWHERE, "app": False, "web": False, "kiosk": False}


def channels(advice: Advice) -> list[str]:
    return [option.channel for option in advice.options]


def codes(advice: Advice, code: str) -> list[str]:
    """The reasons for a hall's counter."""
    return [
        reason.code
        for option in advice.options
        if option.weighed and option.weighed.candidate.site.code == code and option.channel == "counter"
        for reason in option.reasons
    ]


# --- properties ---------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(cities(), st.integers(0, 12 * 60))
def test_nobody_is_done_before_she_arrives(city: list[Place], later: int) -> None:
    for option in advise(city, at=NOW + timedelta(minutes=later)).options:
        if option.weighed:
            assert NOW <= option.weighed.arrive_at <= option.weighed.starts_at <= option.weighed.finish_at


@settings(max_examples=25)
@given(cities(), st.integers(0, 12 * 60))
def test_every_hall_and_channel_is_offered_or_left_out_with_a_reason(city: list[Place], later: int) -> None:
    advice = advise(city, at=NOW + timedelta(minutes=later))
    offered = {(o.channel, o.weighed.candidate.site.code if o.weighed else None) for o in advice.options}
    left_out = {(each.channel, each.site.code if each.site else None) for each in advice.excluded}
    assert not offered & left_out
    assert {channel for channel, _ in offered | left_out} >= {"app", "web", "counter"}
    assert {("counter", place.code) for place in city} <= offered | left_out
    assert {("kiosk", place.code) for place in city if place.kiosks} <= offered | left_out
    assert all(each.reasons for each in advice.excluded)
    assert counters(advice) or advice.notes
    assert {reason.code for each in advice.options for reason in each.reasons} <= set(FOR)
    assert {reason.code for each in advice.excluded for reason in each.reasons} <= set(AGAINST)
    assert {note.code for note in advice.notes} <= set(NOTES)


@settings(max_examples=25)
@given(cities(), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_a_closed_hall_changes_nothing(city: list[Place], north: float, east: float) -> None:
    closed = Place("SHUT", lat=HERE.lat + north, lon=HERE.lon + east, hours=NEVER)
    assert counters(advise([*city, closed])) == counters(advise(city))
    assert why(advise([*city, closed]), "SHUT") == ["closed"]


@settings(max_examples=25)
@given(cities(), st.data())
def test_more_wait_never_improves_a_rank(city: list[Place], data: st.DataObject) -> None:
    before = counters(advise(city))
    known = [p for p in city if p.code in before and isinstance(p.wait_s, float)]
    if not known:
        return
    worse = data.draw(st.sampled_from(known))
    more = replace(worse, wait_s=float(worse.wait_s or 0) + data.draw(st.integers(0, 3600)))
    after = counters(advise([more if place is worse else place for place in city]))
    if worse.code in after:
        assert after.index(worse.code) >= before.index(worse.code)


@settings(max_examples=25)
@given(cities(), st.integers(0, 8 * 60), st.sampled_from([1, 4, counting.AT_FIRST]))
def test_the_best_are_the_best_of_all(city: list[Place], later: int, first: int) -> None:
    """As if every hall had been weighed, however few are at first."""
    at = NOW + timedelta(minutes=later)
    found = [each.key for each in _one_by_one(city, at)]
    with patch.object(counting, "AT_FIRST", first):
        advice = advise(city, at=at)
    chosen = [o.weighed for o in advice.options if o.weighed and o.channel == "counter"]
    if found:
        assert [each.key for each in chosen] == sorted(found)[:5]
    else:
        assert all(each.candidate.later for each in chosen)


@settings(max_examples=25)
@given(cities(), st.integers(0, 8 * 60))
def test_no_counter_is_better_than_its_bound(city: list[Place], later: int) -> None:
    at, bounds, bounded = NOW + timedelta(minutes=later), dict[str, Key](), Brief.bounded

    def noted(brief: Brief, places: Places, like: Candidate) -> Iterator[Bounded]:
        for bound, site in bounded(brief, places, like):
            if like.channel == "counter":
                bounds[site.code] = bound
            yield bound, site

    with patch.object(Brief, "bounded", noted), patch.object(counting, "AT_FIRST", len(city)):
        enquiry(city, *asked(item(), at=at)).due()
    for each in _one_by_one(city, at):
        assert bounds[each.candidate.site.code] <= each.key


def _one_by_one(city: list[Place], at: datetime) -> Iterator[Weighed]:
    """Every counter where she would be done that day, each asked about as if it were the only one."""
    ask, matters = asked(item(), at=at)
    for place in city:
        one = enquiry([place], ask, matters)
        one.due()
        for candidate in (each for _, candidates in one._asked for each in candidates):
            (trip,) = ROUTER.trips(ask.place, [place.site.place], ask.mode, at)
            weighed = weigh(candidate, place.seen, Skilled(), trip, at, NOW)
            if candidate.channel == "counter" and not candidate.later and isinstance(weighed, Weighed):
                yield weighed


@settings(max_examples=40)
@given(cities(), st.integers(0, 14 * 24 * 60), st.data())
def test_whatever_is_asked_nobody_is_left_without_a_word(
    city: list[Place], later: int, data: st.DataObject
) -> None:
    """Several items, of one's home or not, only at a counter or not, whoever asks, whenever: an option, or why none."""
    wanted = [
        item(
            code,
            channels=data.draw(st.sampled_from([EVERYWHERE, ONLY_COUNTER])),
            territory=data.draw(st.sampled_from(["any", "district", "home"])),
            presence=data.draw(st.sampled_from(["none", "in_person"])),
        )
        for code in ("CARD", "LOAN")[: data.draw(st.integers(1, 2))]
    ]
    home = data.draw(st.sampled_from([None, city[0].code, city[-1].code]))
    who = data.draw(st.builds(Abilities, st.booleans(), st.booleans(), st.booleans()))
    advice = advise(city, *wanted, at=NOW + timedelta(minutes=later), home=home, abilities=who)
    going = [option for option in advice.options if option.weighed]
    today = [option for option in going if option.weighed and not option.weighed.candidate.later]
    assert advice.options or advice.notes
    assert advice.notes or any(option.channel == "counter" for option in today)
    assert all(each.reasons for each in advice.excluded)
    told = {option.channel for option in advice.options} | {each.channel for each in advice.excluded}
    assert told >= {"app", "web", "counter"}


# --- rules --------------------------------------------------------------------------------------------


def test_channels_come_in_their_order() -> None:
    advice = advise([replace(NEAR, kiosks=1)])
    assert channels(advice) == ["app", "web", "kiosk", "counter"]
    assert [option.rank for option in advice.options] == [1, 2, 3, 4]


def test_a_company_is_sent_to_the_web_first() -> None:
    assert channels(advise([NEAR], abilities=Abilities(company=True)))[:2] == ["web", "app"]
    assert channels(advise([NEAR], item(service_object="legal")))[:2] == ["web", "app"]


def test_many_papers_are_sent_from_a_computer() -> None:
    paper = {"name_en": "Paper", "shared": False, "deferrable": False}
    five, six = ([{**paper, "name": f"材料{n}"} for n in range(count)] for count in (5, 6))
    assert channels(advise([NEAR], item(papers=five)))[:2] == ["app", "web"]
    assert channels(advise([NEAR], item(papers=six)))[:2] == ["web", "app"]


@pytest.mark.parametrize("abilities", [Abilities(elderly=True), Abilities(own_phone=False)])
def test_who_is_old_or_has_no_phone_goes_straight_to_people(abilities: Abilities) -> None:
    advice = advise([replace(NEAR, kiosks=2)], abilities=abilities)
    assert channels(advice) == ["counter"]
    assert "help_here" in codes(advice, "NEAR")
    for channel in ("app", "web", "kiosk"):
        assert why(advice, None, channel) == ["straight_to_counter"]


def test_who_must_come_is_not_sent_online() -> None:
    advice = advise([NEAR], item(presence="in_person"))
    assert channels(advice) == ["counter"]
    assert why(advice, None, "app") == why(advice, None, "web") == ["in_person"]


FIRST_TIME: dict[str, Any] = {
    "presence": "first_time_in_person",
    "situations": [
        {
            "code": "prints",
            "question": "录过指纹吗?",
            "question_en": "Fingerprints taken?",
            "answers": [
                {"code": "yes", "label": "录过", "label_en": "Yes"},
                {"code": "no", "label": "没有", "label_en": "No", "channels": ["counter"]},
            ],
        }
    ],
}


def test_the_first_time_one_comes_and_the_answers_say_whether_it_is() -> None:
    renewal = item(**FIRST_TIME)
    assert why(advise([NEAR], renewal), None, "app") == ["first_time"]
    assert channels(advise([NEAR], renewal, answers={"prints": "yes"}))[0] == "app"
    refused = advise([NEAR], renewal, answers={"prints": "no"})
    assert channels(refused) == ["counter"]
    assert why(refused, None, "app") == ["closed_by_answers"]


def test_the_nearer_hall_loses_by_its_wait() -> None:
    assert counters(advise([NEAR, FAR])) == ["NEAR", "FAR"]
    assert counters(advise([replace(NEAR, wait_s=2 * 3600.0), FAR])) == ["FAR", "NEAR"]


def test_an_unknown_wait_is_told_and_counts_as_half_an_hour() -> None:
    unknown = replace(NEAR, wait_s=None)
    advice = advise([unknown, replace(NEAR, code="KNOWN", wait_s=0.0)])
    assert counters(advice) == ["KNOWN", "NEAR"]
    assert "wait_unknown" in codes(advice, "NEAR")
    (option,) = (o for o in advise([unknown]).options if o.channel == "counter")
    assert option.weighed is not None
    assert option.weighed.foretold.wait is None
    assert option.weighed.finish_at - option.weighed.arrive_at == timedelta(minutes=10)


def test_whoever_comes_in_the_break_waits_for_its_end() -> None:
    noon = NOW.replace(hour=12, minute=10)
    (option,) = (o for o in advise([replace(NEAR, wait_s=0.0)], at=noon).options if o.channel == "counter")
    assert option.weighed is not None
    assert option.weighed.finish_at == NOW.replace(hour=13, minute=40)
    assert "opens_first" in [reason.code for reason in option.reasons]


def test_in_the_evening_the_next_chance_is_told() -> None:
    advice = advise([NEAR], at=NOW.replace(hour=19))
    assert counters(advice) == ["NEAR"]
    assert [note.code for note in advice.notes] == ["next_chance"]
    assert "11-24 08:30" in advice.notes[0].noted("zh")
    assert codes(advice, "NEAR")[0] == "next_chance"


def test_on_friday_evening_the_next_chance_is_monday() -> None:
    advice = advise([NEAR], at=NOW.replace(day=27, hour=19))
    assert "11-30 08:30" in advice.notes[0].noted("en")


def test_what_only_a_far_hall_does_is_done_there() -> None:
    advice = advise([replace(NEAR, items={}), FAR])
    assert counters(advice) == ["FAR"]
    assert why(advice, "NEAR") == ["not_taken"]


def test_a_minute_before_all_halls_close_the_next_chance_is_told() -> None:
    advice = advise([NEAR, FAR], at=NOW.replace(hour=16, minute=59))
    assert [note.code for note in advice.notes] == ["next_chance"]
    assert set(counters(advice)) == {"NEAR", "FAR"}
    assert all(o.weighed.candidate.later for o in advice.options if o.weighed and o.channel == "counter")


def test_where_no_hall_of_her_home_does_it_it_is_said() -> None:
    allowance = item(territory="home", channels=ONLY_COUNTER)
    advice = advise([replace(NEAR, items={}), FAR], allowance, home="NEAR")
    assert advice.options == []
    assert [note.code for note in advice.notes] == ["not_for_home"]
    assert why(advice, "FAR") == ["other_home"]


@pytest.mark.parametrize("who", [Abilities(elderly=True), Abilities(own_phone=False)])
def test_where_no_hall_of_her_home_does_it_others_help_the_elderly_with_the_rest(who: Abilities) -> None:
    advice = advise([replace(NEAR, items={}), FAR], item(territory="home"), home="NEAR", abilities=who)
    assert channels(advice)[:2] == ["app", "web"]
    assert [note.code for note in advice.notes] == ["not_for_home"]
    assert "导办台" in advice.notes[0].noted("zh")
    assert "guide desk" in advice.notes[0].noted("en")


def test_what_no_counter_does_is_done_online_by_the_elderly_too() -> None:
    advice = advise([replace(NEAR, items={})], abilities=Abilities(elderly=True))
    assert channels(advice)[:2] == ["app", "web"]


def test_where_no_hall_ever_opens_it_is_said() -> None:
    advice = advise([replace(NEAR, hours=NEVER)], item(channels=ONLY_COUNTER))
    assert advice.options == []
    assert [note.code for note in advice.notes] == ["no_chance"]
    assert why(advice, "NEAR") == ["closed"]


def test_nobody_is_sent_where_she_would_not_be_done_before_it_closes() -> None:
    late = NOW.replace(hour=16, minute=50)
    advice = advise([replace(NEAR, wait_s=0.0)], at=late)
    assert [note.code for note in advice.notes] == ["next_chance"]
    assert counters(advise([replace(NEAR, wait_s=0.0)], at=late - timedelta(minutes=10))) == ["NEAR"]
    assert advise([replace(NEAR, wait_s=0.0)], at=late - timedelta(minutes=10)).notes == []


@pytest.mark.parametrize(
    ("different", "code"),
    [
        ({"items": {}}, "not_taken"),
        ({"intake": "stopped"}, "intake_stopped"),
        ({"intake": "paused"}, "intake_paused"),
        ({"staffed": False}, "no_window"),
        ({"wait_s": "no_window_open"}, "no_window"),
        ({"wait_s": "not_today"}, "not_reached"),
        ({"wait_s": "outage"}, "outage"),
        ({"kind": "kiosk_site", "items": {}}, "no_counter"),
        ({"hours": NEVER}, "closed"),
        ({"lat": HERE.lat + 1.2}, "too_late_today"),
    ],
)
def test_why_a_hall_is_left_out(different: dict[str, Any], code: str) -> None:
    advice = advise([replace(NEAR, code="OUT", **different), FAR])
    assert counters(advice) == ["FAR"]
    assert why(advice, "OUT") == [code]


def test_an_outage_leaves_a_hall_out_as_long_as_it_lasts() -> None:
    def out(**hit: Any) -> Place:  # noqa: ANN401
        told = {"whole": False, "queues": [], "items": [], "until": None, **hit}
        return replace(NEAR, out=[SimpleNamespace(**told)])

    for hit in ({"whole": True}, {"queues": ["A"]}, {"items": ["CARD"]}):
        assert why(advise([out(**hit), FAR]), "NEAR") == ["outage"]
    assert why(advise([out(whole=True, until=NOW + timedelta(hours=1)), FAR]), "NEAR") == ["outage_until"]
    assert "NEAR" in counters(advise([out(whole=True, until=NOW - timedelta(hours=1)), FAR]))
    assert "NEAR" in counters(advise([out(items=["OTHER"]), FAR]))


def test_a_window_counts_only_with_somebody_who_may() -> None:
    skilled = Skilled({"CARD": frozenset({"expert"})}, {"expert": "FAR"})
    advice = advise([NEAR, replace(FAR, staff="expert")], skilled=skilled)
    assert counters(advice) == ["FAR"]
    assert why(advice, "NEAR") == ["no_window"]


def test_whoever_is_planned_for_later_counts() -> None:
    shift = SimpleNamespace(
        account="somebody", window=None, starts=NOW.replace(hour=9), ends=NOW.replace(hour=17)
    )
    assert counters(advise([replace(NEAR, staffed=False, shifts=[shift])])) == ["NEAR"]
    over = SimpleNamespace(
        account="somebody", window=None, starts=NOW.replace(hour=8), ends=NOW.replace(hour=9)
    )
    advice = advise([replace(NEAR, staffed=False, shifts=[over]), FAR])
    assert why(advice, "NEAR") == ["no_window"]


def test_receiving_only_costs_days_and_is_told() -> None:
    receives = replace(NEAR, items={"CARD": "receive"})
    advice = advise([receives, replace(NEAR, code="HANDLES", lat=HERE.lat + 0.01)])
    assert counters(advice) == ["HANDLES", "NEAR"]
    assert "receives" in codes(advice, "NEAR")
    assert counters(advise([receives, FAR])) == ["NEAR", "FAR"]


def test_the_role_of_a_hall_breaks_ties() -> None:
    halls = [replace(NEAR, code="A", level="district"), replace(NEAR, code="B", level="street")]
    assert counters(advise(halls)) == ["B", "A"]
    assert counters(advise(halls, abilities=Abilities(company=True))) == ["A", "B"]


def test_what_one_does_at_home_only_is_done_there_and_above() -> None:
    allowance = item(territory="home")
    halls = [
        Place("TOP", path="/TOP/"),
        Place("TOWN", path="/TOP/TOWN/"),
        Place("VILLAGE", path="/TOP/TOWN/VILLAGE/", level="village"),
        Place("OTHER", path="/TOP/OTHER/"),
    ]
    advice = advise(halls, allowance, home="TOWN")
    assert set(counters(advice)) == {"TOP", "TOWN", "VILLAGE"}
    assert why(advice, "OTHER") == ["other_home"]
    unsaid = advise(halls, allowance)
    assert set(counters(unsaid)) == {"TOP", "TOWN", "VILLAGE", "OTHER"}
    assert "home_only" in codes(unsaid, "OTHER")


def test_what_must_be_filed_online_first_is_said_at_the_counter() -> None:
    assert "online_first" in codes(advise([NEAR], item(online_first=True)), "NEAR")


def test_visits_first_then_time() -> None:
    both = replace(FAR, items={"CARD": "handle", "LOAN": "handle"})
    only = [replace(NEAR, code="A"), replace(NEAR, code="B", items={"LOAN": "handle"})]
    advice = advise([*only, both], item(), item("LOAN"))
    assert counters(advice) == ["FAR"]
    assert "all_in_one_visit" in codes(advice, "FAR")
    assert why(advice, "A") == ["more_visits"]
    apart = advise(only, item(), item("LOAN"))
    assert set(counters(apart)) == {"A", "B"}
    assert [o.weighed.candidate.visits for o in apart.options if o.channel == "counter" and o.weighed] == [
        2,
        2,
    ]
    assert "part_only" in codes(apart, "A")


def test_a_kiosk_that_costs_much_more_time_is_not_pressed_on_her() -> None:
    kiosk = replace(FAR, code="K", kind="kiosk_site", items={}, kiosks=3)
    advice = advise([replace(NEAR, wait_s=0.0), kiosk])
    assert why(advice, "K", "kiosk") == ["counter_sooner"]
    busy = advise([replace(NEAR, wait_s=2 * 3600.0), kiosk])
    assert "kiosk" in channels(busy)


def test_a_large_city_is_counted_where_it_is_far() -> None:
    city = [Place(f"H{n:03d}", lat=HERE.lat + n / 1000) for n in range(200)]
    advice = advise(city)
    named = [each for each in advice.excluded if each.site and each.channel == "counter"]
    counted = [each for each in advice.excluded if each.count and each.channel == "counter"]
    assert len(counters(advice)) + len(named) + sum(each.count or 0 for each in counted) == 200


def test_every_reason_is_in_the_document() -> None:
    text = (Path(__file__).parents[2] / "docs/routing.md").read_text(encoding="utf-8")
    assert [code for code in (*FOR, *AGAINST, *NOTES) if f"`{code}`" not in text] == []


def test_what_is_so_today_says_nothing_of_tomorrow() -> None:
    stopped = replace(NEAR, intake="stopped", wait_s="not_today")
    advice = advise([stopped], at=NOW + timedelta(days=1))
    assert counters(advice) == ["NEAR"]
    assert advice.notes == []
    assert "wait_unknown" in codes(advice, "NEAR")
    evening = advise([NEAR], at=NOW.replace(hour=20) + timedelta(days=1))
    assert evening.notes[0].noted("en").startswith("On 11-24")
