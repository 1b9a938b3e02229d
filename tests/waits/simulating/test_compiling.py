"""Machine code is kept from one start to the next, but never after its source has changed."""

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dispatch.waits.simulating import compiling

OUTER = """
from kept_beside import compiling, inner

@compiling.called_from_python
def twice(n):
    return 2 * inner.step(n)
"""
INNER = """
from kept_beside import compiling

@compiling.compiled
def step(n):
    return n + {by}
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package that compiles as ours does: one function that is called, and one in a file beside it."""
    folder = tmp_path / "kept_beside"
    folder.mkdir()
    (folder / "__init__.py").touch()
    shutil.copy(str(compiling.__file__), folder / "compiling.py")
    (folder / "outer.py").write_text(OUTER)
    (folder / "inner.py").write_text(INNER.format(by=1))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield folder
    _forget()


def _forget() -> None:
    for name in [each for each in sys.modules if each.split(".")[0] == "kept_beside"]:
        del sys.modules[name]


def _started_anew() -> Any:  # noqa: ANN401 - a function of numba's
    """The function as a process finds it that has just begun."""
    _forget()
    importlib.invalidate_caches()
    outer: ModuleType = importlib.import_module("kept_beside.outer")
    return outer.twice


def test_what_was_compiled_is_found_again_until_any_source_beside_it_changes(package: Path) -> None:
    first = _started_anew()
    assert first(1) == 4
    assert not first.stats.cache_hits
    again = _started_anew()
    assert again(1) == 4
    assert again.stats.cache_hits
    (package / "inner.py").write_text(INNER.format(by=2))
    changed = _started_anew()
    assert changed(1) == 6, "it calls what stands in the source now"
    assert not changed.stats.cache_hits
    kept = _started_anew()
    assert kept(1) == 6
    assert kept.stats.cache_hits


def test_where_nothing_can_be_kept_it_is_compiled_for_the_process() -> None:
    """Source without a file has no place for a cache, as an install that nobody may write to."""
    names: dict[str, Callable[[int], int]] = {}
    exec(compile("def after(n):\n    return n + 1", "<nowhere>", "exec"), names)  # noqa: S102
    assert compiling.called_from_python(names["after"])(1) == 2
