"""Finding an item in one's own words: aliases and names first, then pinyin and initials, then near misses."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from dispatch.catalogue.models import Item

LEAST_SCORE = 0.5


@dataclass(frozen=True)
class Terms:
    """What an item is called: its names and aliases, and how those are spelled in Latin letters."""

    names: tuple[str, ...]
    spelled: tuple[str, ...]
    initials: tuple[str, ...]


def terms_of(item: Item) -> Terms:
    """The terms an item is found by."""
    return _terms((item.name, item.name_en, *item.details.get("aliases", ())))


@lru_cache(maxsize=4096)
def _terms(names: tuple[str, ...]) -> Terms:
    from pypinyin import (
        Style,
        lazy_pinyin,
    )  # its dictionary takes longer to load than half of the city's own code

    return Terms(
        tuple(name.casefold() for name in names),
        tuple("".join(lazy_pinyin(name)).casefold() for name in names),
        tuple("".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).casefold() for name in names),
    )


def search(terms: Mapping[str, Terms], words: str) -> list[tuple[str, float]]:
    """Codes with their scores, the likeliest first; nothing for empty words."""
    wanted = "".join(words.casefold().split()) if not words.isascii() else words.casefold().strip()
    if not wanted:
        return []
    scored = ((code, score(known, wanted)) for code, known in terms.items())
    return sorted(((c, s) for c, s in scored if s >= LEAST_SCORE), key=lambda found: (-found[1], found[0]))


def score(known: Terms, wanted: str) -> float:
    """How well the words fit one item, from 0 to 1."""
    best = max(_likeness(name, wanted) for name in known.names)
    if wanted.isascii():
        joined = wanted.replace(" ", "")
        best = max(best, *(0.95 * _likeness(spelling, joined) for spelling in known.spelled))
        if joined in known.initials:
            best = max(best, 0.9)
        elif len(joined) >= 3 and any(joined in initials for initials in known.initials):
            best = max(best, 0.75)
    return round(best, 4)


def _likeness(name: str, wanted: str) -> float:
    if name == wanted:
        return 1.0
    if len(wanted) >= 2 and wanted in name:
        return 0.8 + 0.15 * len(wanted) / len(name)
    if len(name) >= 2 and name in wanted:
        return 0.75 + 0.2 * len(name) / len(wanted)
    return 0.8 * fuzz.WRatio(name, wanted) / 100
