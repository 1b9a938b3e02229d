"""How often people's own words find what they meant, in the demo city, and what a search costs.

Of words that mean nothing that the city does, what is right is to find nothing. Times are a processor's, not a clock's.
How well people's sayings help with such as nobody has heard is told by those of the city: half of them are asked for
where only the others are known, and where none is.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from statistics import median, quantiles
from time import process_time

from dispatch.catalogue.models import Bundle, Item, WordGroup
from dispatch.catalogue.own_words.index import Index, Kind
from dispatch.catalogue.wording import index_of
from dispatch.demo import CITY
from dispatch.wiring.importing import applying
from dispatch.wiring.importing.reading import read_city

PHRASINGS = Path(__file__).parents[1] / "tests" / "catalogue" / "phrasings.csv"
Phrasing = Mapping[str, str]
KINDS: tuple[Kind, Kind] = ("item", "bundle")
Sayings = Sequence[str]


def measure() -> Sequence[Mapping[str, object]]:
    """A row for each half and for each kind of phrasing in it, how well sayings help, then what it costs."""
    index, built = _index(_all)
    with PHRASINGS.open(encoding="utf-8", newline="") as file:
        phrasings = list(csv.DictReader(file))
    rows = [_row(index, name, part) for name, part in _parts(phrasings)]
    return [*rows, *_unheard(), *_costs(index, phrasings, built)]


def _parts(phrasings: Sequence[Phrasing]) -> Iterator[tuple[str, list[Phrasing]]]:
    for half in ("tune", "kept"):
        those = [row for row in phrasings if row["half"] == half]
        yield half, those
        for kind, part in groupby(sorted(those, key=lambda row: row["kind"]), lambda row: row["kind"]):
            yield f"{half}: {kind}", list(part)


def _row(index: Index, name: str, part: Sequence[Phrasing]) -> Mapping[str, object]:
    places = [_place(index, row) for row in part]
    return {
        "phrasings": name,
        "asked": len(part),
        "top_1": round(sum(place <= 1 for place in places) / len(part), 3),
        "top_3": round(sum(place <= 3 for place in places) / len(part), 3),
    }


def _place(index: Index, row: Phrasing) -> float:
    """At which place stands what was meant, an item or a bundle; of nothing meant, the first where nothing is found."""
    wanted = set(row["codes"].split())
    items, bundles = ([hit.code for hit in index.search(row["words"], kind)] for kind in KINDS)
    if not wanted:
        return float("inf") if items else 1
    places = [
        place for found in (items, bundles) for place, code in enumerate(found, start=1) if code in wanted
    ]
    return min(places, default=float("inf"))


def _unheard() -> Iterator[Mapping[str, object]]:
    """Every second saying of each item and bundle, asked of an index that does not know it."""
    items, bundles, _ = _city(_others)
    entries: list[Item | Bundle] = [*items, *bundles]
    asked = [{"words": saying, "codes": row.code} for row in entries for saying in row.details["sayings"]]
    for name, known in (("the other half", _every_second), ("no saying", _none)):
        yield _row(index_of(*_city(known)), f"half of the sayings, knowing {name}", asked)


def _all(sayings: Sayings) -> Sayings:
    return sayings


def _none(_: Sayings) -> Sayings:
    return ()


def _every_second(sayings: Sayings) -> Sayings:
    return sayings[::2]


def _others(sayings: Sayings) -> Sayings:
    return sayings[1::2]


def _costs(index: Index, phrasings: Sequence[Phrasing], built: float) -> Iterator[Mapping[str, object]]:
    times = []
    for row in phrasings:
        began = process_time()
        index.search(row["words"])
        times.append(1000 * (process_time() - began))
    yield {"phrasings": "a search, median", "processor_ms": round(median(times), 2)}
    yield {
        "phrasings": "a search, 99 of 100 less than",
        "processor_ms": round(quantiles(times, n=100)[-1], 2),
    }
    yield {"phrasings": "building the index", "processor_ms": round(1000 * built)}


def _index(known: Callable[[Sayings], Sayings]) -> tuple[Index, float]:
    """The demo city's index, and how long it took to build from rows; once before, for libraries to load."""
    rows = _city(known)
    index_of(*rows)
    began = process_time()
    return index_of(*rows), process_time() - began


def _city(known: Callable[[Sayings], Sayings]) -> tuple[list[Item], list[Bundle], list[WordGroup]]:
    """The demo city's catalogue and words, with those sayings of each item and bundle."""
    city = read_city(CITY)
    items = [Item(**row) for row in applying.item_rows(city)]
    bundles = [Bundle(**row) for row in applying.bundle_rows(city)]
    entries: list[Item | Bundle] = [*items, *bundles]
    for each in entries:
        each.details = {**each.details, "sayings": known(each.details["sayings"])}
    return items, bundles, [WordGroup(**group.model_dump(mode="json")) for group in city.words or ()]
