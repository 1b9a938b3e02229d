"""Who may act where: a scope is a place in the tree of halls."""

import pytest

from dispatch.foundation.access import ANONYMOUS, Actor, system

TOWN = "/H-331000/H-331082/H-331082112/"


@pytest.mark.parametrize("scope", [TOWN, "/H-331000/H-331082/", "/H-331000/", "/"])
def test_a_scope_covers_its_hall_and_all_below(scope: str) -> None:
    assert Actor("staff", "a", "clerk", scope).covers(TOWN)


@pytest.mark.parametrize(
    "scope", ["/H-331000/H-331082/H-331082112/V-1/", "/H-331000/H-331083/", "/H-331000/H-3310/", None]
)
def test_a_scope_covers_nothing_above_beside_or_of_a_similar_name(scope: str | None) -> None:
    assert not Actor("staff", "a", "clerk", scope).covers(TOWN)


def test_the_city_itself_may_act_anywhere_and_a_stranger_nowhere() -> None:
    assert system("import").covers(TOWN)
    assert not ANONYMOUS.covers(TOWN)


def test_the_log_names_a_kind_and_a_reference() -> None:
    assert (Actor("staff", "c0ffee").name, system("import").name) == ("staff:c0ffee", "system:import")
