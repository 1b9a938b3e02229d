"""Life's words for what people come for (户口、身份证), each with the items it holds."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dispatch.foundation.errors import NotFound


@dataclass(frozen=True)
class Group:
    """One of life's words and the codes of its items, the most wanted first."""

    code: str
    words: str
    words_en: str
    hint: str
    hint_en: str
    items: tuple[str, ...]


@cache
def groups() -> tuple[Group, ...]:
    """All groups, in the order people look for them."""
    read = json.loads(Path(__file__).with_name("groups.json").read_text(encoding="utf-8"))
    return tuple(Group(**{**row, "items": tuple(row["items"])}) for row in read)


def group(code: str) -> Group:
    """The group of this code; NotFound."""
    for found in groups():
        if found.code == code:
            return found
    raise NotFound(what=code)
