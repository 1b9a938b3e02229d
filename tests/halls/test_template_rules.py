"""How layers become one: locks, overrides and going back, for any templates whatsoever."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from dispatch.halls.templates.rules import (
    Layer,
    Merged,
    Origin,
    expanded,
    flattened,
    laid_over,
    merged,
    nested,
)

PATHS = (
    "hours.weekly.mon",
    "hours.weekly.tue",
    "hours.public_holidays",
    "queues.A.name",
    "queues.A.letter",
    "queues.B.name",
    "policy.care_min",
    "notices",
)
ABOVE = ("hours", "hours.weekly", "queues", "queues.A", "policy")

values = st.dictionaries(st.sampled_from(PATHS), st.integers(0, 3), max_size=6)
locks = st.lists(st.sampled_from(PATHS + ABOVE), max_size=3, unique=True)


@st.composite
def layers(draw: st.DrawFn, source: str) -> Layer:
    return Layer.of(source, draw(values), draw(locks))


CITY, DISTRICT, HALL = layers("city"), layers("district"), layers("hall")
OWN = values.map(lambda said: Layer.of("own", {**dict.fromkeys(PATHS, 9), **said}))
OVERRIDES = values.map(lambda said: Layer.of("hall", said))


@given(CITY, DISTRICT, HALL)
def test_layers_may_be_joined_in_any_grouping(city: Layer, district: Layer, hall: Layer) -> None:
    one = laid_over(laid_over(city, district), hall)
    other = laid_over(city, laid_over(district, hall))
    assert one == other


@given(CITY)
def test_a_layer_upon_itself_is_itself(city: Layer) -> None:
    assert laid_over(city, city) == city
    assert laid_over(Layer(), city) == city
    assert laid_over(city, Layer()) == city


@given(OWN, CITY, DISTRICT, OVERRIDES)
def test_what_is_locked_cannot_be_overridden(own: Layer, city: Layer, district: Layer, over: Layer) -> None:
    held = merged(own, [city, district], over)
    without = merged(own, [city, district], Layer())
    chain = laid_over(city, district)
    for path in held.values:
        if chain.lock_on(path):
            assert held.values[path] == without.values[path]
            assert held.origins[path] == Origin("locked", chain.lock_on(path) or "")


@given(OWN, CITY, DISTRICT)
def test_the_district_cannot_change_what_the_city_locks(own: Layer, city: Layer, district: Layer) -> None:
    held = merged(own, [city, district], Layer())
    for path in held.values:
        if city.lock_on(path):
            assert held.values[path] == merged(own, [city], Layer()).values[path]


@given(OWN, CITY, DISTRICT, OVERRIDES)
def test_an_override_wins_over_what_is_inherited(
    own: Layer, city: Layer, district: Layer, over: Layer
) -> None:
    held = merged(own, [city, district], over)
    chain = laid_over(city, district)
    for path, said in over.values.items():
        if chain.lock_on(path) is None:
            assert held.values[path] == said.value
            assert held.origins[path] == Origin("overridden", "hall")


@given(OWN, CITY, DISTRICT, OVERRIDES)
def test_where_nobody_speaks_the_hall_is_left_to_itself(
    own: Layer, city: Layer, district: Layer, over: Layer
) -> None:
    held = merged(own, [city, district], over)
    said = {**city.values, **district.values, **over.values}
    chain = laid_over(city, district)
    for path in own.values:
        if path not in said:
            assert held.values[path] == own.values[path].value
            assert (path in held.given) == (chain.lock_on(path) is not None)


@given(OWN, CITY, DISTRICT, OVERRIDES, layers("city"))
def test_going_back_to_a_version_restores_exactly(
    own: Layer, city: Layer, district: Layer, over: Layer, later: Layer
) -> None:
    before = merged(own, [city, district], over)
    beneath = _beneath(own, merged(own, [later, district], over))
    assert merged(beneath, [city, district], over) == before


@given(OWN, CITY, OVERRIDES)
def test_merging_what_was_merged_changes_nothing(own: Layer, city: Layer, over: Layer) -> None:
    once = merged(own, [city], over)
    again = merged(_beneath(own, once), [city], over)
    assert again == once


def _beneath(own: Layer, now: Merged) -> Layer:
    """What a hall keeps beneath its templates: where they speak its own, elsewhere what it has now."""
    said = {path: own.values[path].value if path in now.given else now.values[path] for path in own.values}
    return Layer.of("own", said)


@given(values)
def test_a_body_and_its_paths_say_the_same(said: dict[str, int]) -> None:
    assert flattened(nested(said)) == said


def test_what_is_said_of_a_kind_is_said_of_its_windows() -> None:
    city = Layer.of("city", {"kinds.general.queues": ["A", "D"]}, ["kinds.agent"])
    spread = expanded(city, {"1": "general", "2": "agent", "3": "general"})
    assert {path for path in spread.values if path.startswith("windows.")} == {
        "windows.1.queues",
        "windows.3.queues",
    }
    assert spread.lock_on("windows.2.queues") == "city"
    assert spread.lock_on("windows.1.queues") is None


def test_a_window_named_itself_is_not_its_kinds() -> None:
    city = Layer.of("city", {"kinds.general.queues": ["A"], "windows.1.queues": ["D"]})
    assert expanded(city, {"1": "general"}).values["windows.1.queues"].value == ["D"]


def test_a_lock_holds_all_below_it_and_nothing_beside() -> None:
    city = Layer.of("city", {}, ["queues.A"])
    assert city.lock_on("queues.A.name") == "city"
    assert city.lock_on("queues.AB.name") is None
    assert city.lock_on("queues") is None


def test_layers_join_like_a_chain() -> None:
    chain = [Layer.of(name, {"notices": name}) for name in ("city", "district")]
    assert reduce(laid_over, chain, Layer()).values["notices"].value == "district"
