"""What the rooms of the house keep to, read from the source itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house import tree

# Whoever looks at the real clock: the one clock, and what plays or measures from outside.
CLOCK_KEEPERS = ("dispatch/foundation/clock.py", "dispatch/demo/", "benchmarks/")
CLOCKS = (
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "date.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
)
COMMITTER = "dispatch/foundation/database.py"


def calls(*folders: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in tree.python_files(*folders):
        for node in ast.walk(tree.parsed(path)):
            if isinstance(node, ast.Call):
                yield path, node


def test_only_the_clock_looks_at_a_clock() -> None:
    found = [
        f"{tree.place(path, node)}: {tree.called(node)}()"
        for path, node in calls(*tree.PACKAGES, "benchmarks")
        if tree.called(node) in CLOCKS and not tree.place(path).startswith(CLOCK_KEEPERS)
    ]
    assert found == []


def test_only_the_database_commits() -> None:
    found = [
        tree.place(path, node)
        for path, node in calls(*tree.PACKAGES)
        if isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
        and tree.place(path) != COMMITTER
    ]
    assert found == []


def test_every_room_has_a_card() -> None:
    """The docstring of a room's `__init__.py` tells what it is for."""
    without = [tree.place(room) for room in tree.rooms() if not _card(room / "__init__.py")]
    assert without == []


def _card(path: Path) -> str:
    return (ast.get_docstring(tree.parsed(path)) or "") if path.is_file() else ""


def test_no_room_reaches_for_anothers_private_names() -> None:
    found = [
        f"{tree.place(path, node)}: {source}.{name}"
        for path in tree.python_files(*tree.PACKAGES)
        for node, source, name in _names_from(path)
        if _is_private(source, name) and tree.room_of(source) != tree.room_of(tree.module_name(path))
    ]
    assert found == []


def _names_from(path: Path) -> Iterator[tuple[ast.stmt, str, str]]:
    for node in ast.walk(tree.parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(tree.PACKAGES):
            for alias in node.names:
                yield node, node.module, alias.name


def _is_private(source: str, name: str) -> bool:
    return any(part.startswith("_") for part in [*source.split("."), name])


def test_no_catch_all_modules() -> None:
    """A file is named for what it does."""
    names = {"utils.py", "helpers.py", "services.py", "misc.py", "common.py"}
    assert [tree.place(path) for path in tree.python_files(*tree.PACKAGES) if path.name in names] == []
