"""The checker itself is proven: it finds whatever is broken on purpose, by the rule that should, and nothing else."""

from collections.abc import Callable, Iterator

import pytest

from tests import servers
from tests.faults.bench import Bench, bench
from tests.faults.checker import violations
from tests.faults.planted import BUGS, planted
from tests.soak_tables import tell

TRIES = 6


@pytest.fixture(scope="module")
def benches(
    postgres_databases: servers.Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Bench]]:
    """A city on PostgreSQL, furnished once."""
    with postgres_databases.fresh() as url, bench(url, tmp_path_factory.mktemp("bench")) as benches:
        yield benches


def test_in_a_sound_city_nothing_is_found(benches: Callable[[], Bench]) -> None:
    history = benches().run(seconds=1.0, deaf_percent=20)
    assert len(history.deeds) > 20
    assert violations(history) == []


def rules_broken(benches: Callable[[], Bench], name: str) -> tuple[int, set[str]]:
    """In which try the bug was met, and by which rules it was found; a race may need more than one."""
    found = BUGS[name]
    for attempt in range(1, TRIES + 1):
        fresh = benches()
        with planted(found, fresh):
            history = fresh.run(seconds=0.3 * attempt, deaf_percent=found.deaf_percent, habits=found.habits)
        rules = {violation.rule for violation in violations(history)}
        if found.rule in rules:
            return attempt, rules
    return TRIES, rules


FIRST = {found.rule: name for name, found in reversed(BUGS.items())}
"""One bug for each rule; the others are found in the long proof."""


@pytest.mark.parametrize("name", FIRST.values())
def test_a_planted_bug_is_found(benches: Callable[[], Bench], name: str) -> None:
    assert BUGS[name].rule in rules_broken(benches, name)[1]


@pytest.mark.soak
def test_every_planted_bug_is_found(benches: Callable[[], Bench]) -> None:
    rows = []
    for name, found in BUGS.items():
        tries, rules = rules_broken(benches, name)
        rows.append(
            {
                "bug": name.replace("_", " "),
                "must be found by": found.rule,
                "found by": " ".join(sorted(rules, key=lambda rule: int(rule[1:]))),
                "runs": tries,
            }
        )
    tell("planted bugs", rows)
    assert [row for row in rows if str(row["must be found by"]) not in str(row["found by"]).split()] == []


@pytest.mark.soak
def test_in_many_sound_runs_nothing_is_found(benches: Callable[[], Bench]) -> None:
    """No false alarm: as long a look at the sound city as at all the broken ones."""
    for _ in BUGS:
        assert violations(benches().run(seconds=1.0, deaf_percent=10)) == []
