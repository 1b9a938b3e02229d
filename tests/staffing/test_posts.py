"""Posts: while one runs, an account's scope holds the other hall too."""

import pytest

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.staffing.refusals import BadSpan, Past, PostNeedless, PostOverlaps
from tests.staffing.rota import OTHER_HALL, Rota
from tests.standing_city import CITY_HALL, TOWN_PATH

HOME = f"/{CITY_HALL}/{OTHER_HALL}/"


def city_kinds(rota: Rota) -> list[str]:
    with rota.database.reading() as session:
        return [entry.kind for entry in log.entries_after(session, log.CITY, 0)]


def test_scopes_hold_the_other_hall_just_while_the_post_runs(rota: Rota) -> None:
    rota.post("stranger", rota.hours(10, 12))
    assert rota.scopes("stranger") == (HOME,)
    rota.town.pass_time(minutes=30)
    assert rota.scopes("stranger") == (HOME, TOWN_PATH)
    rota.town.pass_time(hours=2)
    assert rota.scopes("stranger") == (HOME,)


def test_an_actor_with_a_post_covers_the_hall(rota: Rota) -> None:
    rota.post("stranger", rota.hours(9, 12))
    home, *posted = rota.scopes("stranger")
    actor = Actor("staff", "stranger", "clerk", home, tuple(posted))
    assert actor.covers(TOWN_PATH)
    assert actor.may("windows.work", TOWN_PATH)
    assert not Actor("staff", "stranger", "clerk", home).covers(TOWN_PATH)


def test_a_post_stands_in_the_citys_log_and_in_no_halls(rota: Rota) -> None:
    before = rota.town.head()
    post = rota.post("stranger", rota.hours(9, 12))
    rota.end_post(post)
    assert city_kinds(rota)[-2:] == ["PostGiven", "PostEnded"]
    assert rota.town.head() == before


def test_a_post_that_ends_early_ends_now(rota: Rota) -> None:
    post = rota.post("stranger", rota.hours(9, 12))
    rota.end_post(post)
    assert rota.scopes("stranger") == (HOME,)
    with pytest.raises(Past):
        rota.end_post(post)
    rota.post("stranger", rota.hours(9.5, 12))


def test_a_post_that_never_began_is_off(rota: Rota) -> None:
    post = rota.post("stranger", rota.hours(10, 12))
    rota.end_post(post)
    rota.town.pass_time(hours=1)
    assert rota.scopes("stranger") == (HOME,)


def test_one_post_at_a_time_and_only_where_it_is_needed(rota: Rota) -> None:
    rota.post("stranger", rota.hours(9, 12))
    with pytest.raises(PostOverlaps):
        rota.post("stranger", rota.hours(11, 14))
    with pytest.raises(PostNeedless):
        rota.post("district", rota.hours(9, 12))
    with pytest.raises(BadSpan):
        rota.post("first", rota.hours(12, 9), OTHER_HALL)
