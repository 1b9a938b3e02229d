"""What computes ahead runs in a process of its own: nothing that answers requests can reach it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house import tree

COMPUTING = {
    "dispatch.queues.previewing",
    "dispatch.tickets.past",
    "dispatch.waits.fitted.following",
    "dispatch.waits.forecasting",
    "dispatch.waits.fitted.teaching",
}
HEAVY = {"numba", "scipy", "sklearn"}
"""They take seconds to load."""
ANSWERING = ("dispatch/pages", "hall_display")
JOBS = "dispatch.wiring.clockwork.jobs"


def test_no_page_reaches_what_computes_ahead() -> None:
    seen = _reached()
    assert [way for module, way in seen.items() if module in COMPUTING] == []
    loads = {module: _packages(module) & HEAVY for module in seen}
    assert [(seen[module], heavy) for module, heavy in loads.items() if heavy] == []


def test_only_the_forecast_process_computes_ahead() -> None:
    """The application is put together without it; the scheduler's table of jobs is the one way there."""
    by = {
        module
        for module in map(tree.module_name, tree.python_files("dispatch/wiring"))
        if COMPUTING & _imported(module)
    }
    assert by == {
        "dispatch.wiring.forecasting_waits",
        "dispatch.wiring.previewing_policies",
        "dispatch.wiring.teaching_forecaster",
    }
    users = {
        module
        for module in map(tree.module_name, tree.python_files("dispatch/wiring"))
        if by & _imported(module)
    }
    assert users == {JOBS}


def _reached() -> dict[str, str]:
    """The modules that pages and boards import, at first hand or through others, and by which way."""
    seen: dict[str, str] = {}
    waiting = [(tree.module_name(path), "") for path in tree.python_files(*ANSWERING)]
    while waiting:
        module, by = waiting.pop()
        if module not in seen:
            seen[module] = f"{by} → {module}".removeprefix(" → ")
            waiting += [(each, seen[module]) for each in _imported(module)]
    return seen


def _packages(module: str) -> set[str]:
    """The packages, ours and others', that this module imports from."""
    path = _file(module)
    return {name.partition(".")[0] for name in _names(path)} if path else set()


def _imported(module: str) -> set[str]:
    """The modules of ours that this one imports, wherever in the file."""
    path = _file(module)
    return {name for name in _names(path) if _file(name)} if path else set()


def _names(path: Path) -> Iterator[str]:
    for node in ast.walk(tree.parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file(module: str) -> Path | None:
    base = tree.ROOT / module.replace(".", "/")
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)
