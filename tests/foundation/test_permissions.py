"""The algebra of permissions: taking away wins, wherever it comes from; nothing reaches beyond its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.foundation.access import (
    ANONYMOUS,
    APART,
    HOLDERS,
    MACHINES,
    PERMISSIONS,
    ROLES,
    Actor,
    Grant,
    grantable,
    permissions_of,
    require,
    system,
)
from dispatch.foundation.errors import NotAllowed, NotSignedIn

TREE = ["/C/", "/C/D1/", "/C/D2/", "/C/D1/T1/", "/C/D1/T2/", "/C/D2/T3/", "/C/D1/T1/V1/"]
paths = st.sampled_from(TREE)
names = st.sampled_from(sorted(PERMISSIONS))
grants = st.builds(Grant, names, paths, st.booleans())
actors = st.builds(
    Actor,
    kind=st.just("staff"),
    id=st.just("a"),
    role=st.sampled_from(["clerk", "guide", "street", "supervisor", "auditor"]),
    scope=paths,
    also=st.lists(paths, max_size=2).map(tuple),
    grants=st.lists(grants, max_size=6).map(tuple),
)


@given(actors, names, paths)
def test_whatever_denies_here_or_above_wins(actor: Actor, name: str, path: str) -> None:
    denied = any(g.permission == name and not g.allow and path.startswith(g.path) for g in actor.grants)
    if denied:
        assert not actor.may(name, path)


@given(actors, names, paths)
def test_he_may_what_role_and_place_or_a_grant_give_him_and_nothing_denies(
    actor: Actor, name: str, path: str
) -> None:
    """The whole rule said another way."""
    here = [g for g in actor.grants if g.permission == name and path.startswith(g.path)]
    by_role = actor.role in PERMISSIONS[name] and any(
        path.startswith(p) for p in (actor.scope or "-", *actor.also)
    )
    assert actor.may(name, path) == (all(g.allow for g in here) and (bool(here) or by_role))


@given(actors, names, paths, paths)
def test_without_a_denial_below_what_he_may_above_he_may_below(
    actor: Actor, name: str, above: str, below: str
) -> None:
    if below.startswith(above) and actor.may(name, above) and all(g.allow for g in actor.grants):
        assert actor.may(name, below)


@given(actors, grants, names, paths)
def test_one_more_denial_never_gives_and_one_more_grant_never_takes(
    actor: Actor, more: Grant, name: str, path: str
) -> None:
    changed = Actor(
        actor.kind, actor.id, actor.role, actor.scope, also=actor.also, grants=(*actor.grants, more)
    )
    if more.allow:
        assert changed.may(name, path) or not actor.may(name, path)
    else:
        assert actor.may(name, path) or not changed.may(name, path)


@given(actors, names)
def test_held_at_all_means_held_somewhere(actor: Actor, name: str) -> None:
    if any(actor.may(name, path) for path in TREE):
        assert name in actor.permissions
    assert actor.may(name) is (name in actor.permissions)


@given(actors, st.randoms())
def test_the_order_of_grants_does_not_matter(actor: Actor, chance: object) -> None:
    shuffled = list(actor.grants)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    other = Actor(actor.kind, actor.id, actor.role, actor.scope, also=actor.also, grants=tuple(shuffled))
    assert other.permissions == actor.permissions
    assert all(other.may(name, path) == actor.may(name, path) for name in PERMISSIONS for path in TREE)


def test_every_holder_in_the_table_is_a_role_a_duty_or_a_machine() -> None:
    assert {holder for holders in PERMISSIONS.values() for holder in holders} <= {*HOLDERS, *MACHINES}
    assert all(holders for holders in PERMISSIONS.values())
    assert {holder.partition(":")[0] for holder in HOLDERS} == set(ROLES)


def test_no_two_of_the_three_administrators_hold_each_others_tools() -> None:
    """Each has something that is only his, and none of it can be granted."""
    for one in APART:
        own = {name for name in permissions_of(one) if PERMISSIONS[name] == (one,)}
        assert own, one
        assert not any(grantable(name) for name in own)
    assert "accounts.edit" not in permissions_of("administrator:system")
    assert "templates.edit" not in permissions_of("administrator:security")
    edits = {name for name in PERMISSIONS if not name.endswith((".see", ".look", ".read"))}
    assert not edits & permissions_of("auditor")


def test_an_administrator_without_a_duty_holds_nothing() -> None:
    assert Actor("staff", "a", "administrator", "/C/").permissions == frozenset()


def test_require_tells_a_stranger_from_somebody_who_may_not() -> None:
    clerk = Actor("staff", "a", "clerk", "/C/D1/")
    require(clerk, "windows.work", "/C/D1/T1/")
    require(clerk, "windows.work")
    require(system("job"), "windows.work", "/C/")
    with pytest.raises(NotAllowed):
        require(clerk, "windows.work", "/C/D2/")
    with pytest.raises(NotAllowed):
        require(clerk, "halls.close")
    with pytest.raises(NotSignedIn):
        require(ANONYMOUS, "windows.work", "/C/")
    with pytest.raises(ValueError, match="no such permission"):
        require(clerk, "windows.wrok", "/C/")
