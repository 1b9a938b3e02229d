"""Life's words: every item they promise is one the demo city knows."""

import json
from pathlib import Path

import pytest

from dispatch.foundation.errors import NotFound
from dispatch.pages.shared.groups import group, groups

CITY = Path(__file__).parents[2] / "dispatch" / "demo" / "city"


def test_every_grouped_item_exists() -> None:
    read = json.loads((CITY / "items.json").read_text(encoding="utf-8"))
    known = {item["code"] for item in (read if isinstance(read, list) else read["items"])}
    assert {code for found in groups() for code in found.items} <= known


def test_no_group_names_an_item_twice() -> None:
    for found in groups():
        assert len(set(found.items)) == len(found.items)


def test_an_unknown_group_is_not_found() -> None:
    with pytest.raises(NotFound):
        group("nothing")
