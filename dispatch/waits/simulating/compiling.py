"""How plain functions over arrays become machine code."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile

_Function = TypeVar("_Function", bound=Callable[..., object])
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


def compiled(function: _Function) -> _Function:
    """A part of others' machine code, wherever it is used: tuples of arrays are handed over at no cost.

    It allocates nothing and keeps none of the arrays that it is lent, so nobody counts references to them: that would
    take a third of the time.
    """
    made: _Function = numba.njit(forceinline=True, **_OPTIONS)(function)
    return made


def called_from_python(function: _Function) -> _Function:
    """The same with a way in, kept beside the source or in the user's cache, or else for this process only."""
    made: Any = numba.njit(**_OPTIONS)(function)
    with suppress(RuntimeError):  # there is no place to keep it
        made._cache = _KeptWithItsFolder(function)
    checked: _Function = made
    return checked


class _KeptWithItsFolder(FunctionCache):
    """Machine code that is good for as long as no source in its function's folder changes.

    numba itself looks at the function's own file only; but what that calls from the files beside it is part of the
    code. Code of another version of numba it throws away by itself.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        self._cache_file = IndexDataCacheFile(  # type: ignore[no-untyped-call]
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=_sources(Path(function.__code__.co_filename).parent),
        )


@cache
def _sources(folder: Path) -> str:
    """All Python sources of a folder, as one figure."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        source = path.read_bytes()
        found.update(f"{path.name} {len(source)} ".encode() + source)
    return found.hexdigest()
