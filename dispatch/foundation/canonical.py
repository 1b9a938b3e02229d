"""RFC 8785: the one JSON text of a value, whoever writes it.

What the city says is words, whole numbers and lists of them; for these the standard library's encoder, many times as
quick, writes the very same text. Anything else goes the long way.
"""

import json
from typing import Any

import rfc8785

_LARGEST = 2**53 - 1
_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode


def canonical(value: Any) -> str:  # noqa: ANN401 - a JSON value
    """The canonical text; raises ValueError for what JSON cannot say."""
    return _encode(value) if _is_plain(value) else rfc8785.dumps(value).decode()


def _is_plain(value: Any) -> bool:  # noqa: ANN401
    """Whether both would write it alike: no fractions, no huge numbers, no keys that sort in another way."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-_LARGEST <= value <= _LARGEST)
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_plain(each) for key, each in value.items())
    return kind is list and all(map(_is_plain, value))
