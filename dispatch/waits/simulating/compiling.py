"""How plain functions over arrays become machine code."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba

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
    made: _Function
    try:
        made = numba.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:
        made = numba.njit(**_OPTIONS)(function)
    return made
