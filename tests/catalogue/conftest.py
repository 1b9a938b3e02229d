"""The demo city's catalogue as it is searched."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from dispatch.catalogue.models import Bundle, Item, WordGroup
from dispatch.catalogue.own_words.index import Index
from dispatch.catalogue.wording import index_of
from dispatch.demo import CITY
from dispatch.wiring.importing import applying
from dispatch.wiring.importing.format import City
from dispatch.wiring.importing.reading import read_city

PHRASINGS = Path(__file__).with_name("phrasings.csv")


@pytest.fixture(scope="session")
def demo() -> City:
    return read_city(CITY)


@pytest.fixture(scope="session")
def index(demo: City) -> Index:
    return index_of(
        [Item(**row) for row in applying.item_rows(demo)],
        [Bundle(**row) for row in applying.bundle_rows(demo)],
        [WordGroup(**group.model_dump(mode="json")) for group in demo.words or ()],
    )


@pytest.fixture(scope="session")
def phrasings() -> list[Mapping[str, str]]:
    with PHRASINGS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
