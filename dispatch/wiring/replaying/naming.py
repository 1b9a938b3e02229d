"""Codes, letters and names for what a log names in its own way. Pure."""

import re
from collections.abc import Iterable, Iterator
from itertools import count, product
from string import ascii_uppercase

from dispatch.foundation import log

SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")
LONGEST_HALL, LONGEST_QUEUE, LONGEST_WINDOW = 38, 20, 20
NAME, WINDOW_NAME = 80, 20
"""How long the names of halls and queues, and of windows, may be."""


def codes(names: Iterable[str], prefix: str, longest: int) -> dict[str, str]:
    """A code for each name: the name itself where it can be one, else `prefix` and the next free number."""
    ordered = sorted(set(names), key=natural)
    found = {name: name for name in ordered if _can_be_code(name, longest)}
    taken = {code.upper() for code in found}
    free = (f"{prefix}{number}" for number in count(1))
    return {name: found.get(name) or next(code for code in free if code not in taken) for name in ordered}


def _can_be_code(name: str, longest: int) -> bool:
    return len(name) <= longest and bool(SAFE.fullmatch(name)) and name != log.CITY


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sorts 2 before 10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def letters() -> Iterator[str]:
    """A, B … Z, AA, AB …"""
    for length in count(1):
        for chosen in product(ascii_uppercase, repeat=length):
            yield "".join(chosen)
