"""A film that shows how an item is done: kept elsewhere, so that the one page that plays it lets in that one host."""

import re

from flask import g

from dispatch.catalogue.models import Item

_FILM = re.compile(r"https://[A-Za-z0-9.\-]+(?::\d{1,5})?/[A-Za-z0-9_.~%/\-]+", re.ASCII)
"""As the city's files are checked: nothing in it can say more to a browser than where a film lies."""


def of(item: Item) -> str | None:
    """The address of the item's film, if it has one."""
    said = item.details.get("video")
    return said if isinstance(said, str) and _FILM.fullmatch(said) else None


def let_in(film: str) -> None:
    """Allow the page that is being made to play a film from this film's host."""
    g.media = "/".join(film.split("/")[:3])
