"""The one-time notice (一次告知): all that somebody must know for her exact situation, so that she comes only once.

It is made anew from the catalogue whenever it is read; a slip on paper says by which catalogue it was true.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from geopy.distance import geodesic
from sqlalchemy.orm import Session

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue import situations
from dispatch.catalogue.edition import Edition, edition
from dispatch.catalogue.models import Item
from dispatch.catalogue.situations import Answers, Situation
from dispatch.foundation.words import Language
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.ports.maps import Point

MOST_PLACES = 3
NEXT_DOOR = ("street", "village", "district", "city")
"""Without a place to measure from, the level most people live next to comes first."""


@dataclass(frozen=True)
class Answered:
    """One question and what was answered to it, as a person reads them."""

    question: str
    question_en: str
    answer: str
    answer_en: str


@dataclass(frozen=True)
class Place:
    """A hall that takes the item: `handle`s it, `receive`s it for another, or does it as `agent`."""

    hall: Hall
    mode: str
    distance_m: int | None


@dataclass(frozen=True)
class Notice:
    """What is told: `places` are the nearest of `taken_by` halls; `short` the path that leads back to it."""

    item: Item
    situation: Situation
    said: Sequence[Answered]
    days: int | None
    work_days: bool
    places: Sequence[Place]
    taken_by: int
    edition: Edition | None
    short: str
    tz: str


def notice(session: Session, item: Item, answers: Answers, near: Point | None = None) -> Notice:
    """The notice for an item and these answers; refuses answers that do not fit, as `situations.settle`."""
    situation = situations.settle(item, answers)
    everywhere = halls.all_halls(session)
    places = _places(session, item, everywhere, near) if "counter" in situation.channels else []
    return Notice(
        item=item,
        situation=situation,
        said=_in_words(item, situation.answers),
        days=item.details.get("promise_days"),
        work_days=item.details.get("day_unit") == "working",
        places=places[:MOST_PLACES],
        taken_by=len(places),
        edition=edition(session),
        short=short_path(item.code, situation.code),
        tz=everywhere[0].tz if everywhere else "UTC",
    )


def link(notice: Notice, base: str, lang: Language) -> str:
    """The whole address that leads back to it, in its language; `base` is where the city was reached."""
    return f"{base.rstrip('/')}{notice.short}{'?lang=en' if lang == 'en' else ''}"


def short_path(code: str, situation: str) -> str:
    """The path that a square code and a message lead to; `answers_in` reads its end."""
    path = f"/n/{code}"
    return f"{path}/{quote(situation, safe='=,')}" if situation else path


def answers_in(situation: str) -> dict[str, str]:
    """The answers that a situation's code is made of, fitting or not."""
    pairs = (said.partition("=") for said in situation.split(","))
    return {question: answer for question, equals, answer in pairs if equals}


def _in_words(item: Item, answers: Mapping[str, str]) -> list[Answered]:
    return [
        Answered(question["question"], question["question_en"], answer["label"], answer["label_en"])
        for question in item.details.get("situations", ())
        for answer in question["answers"]
        if answers.get(question["code"]) == answer["code"]
    ]


def _places(session: Session, item: Item, everywhere: Sequence[Hall], near: Point | None) -> list[Place]:
    """Every hall that takes the item, the nearest first; those that handle it before others as near."""
    by_code = {hall.code: hall for hall in everywhere}
    found = [
        Place(by_code[row.hall], row.mode, _metres(by_code[row.hall], near))
        for row in catalogue.placements(session, item.code)
        if row.hall in by_code
    ]
    return sorted(
        found,
        key=lambda each: (
            each.distance_m or 0,
            NEXT_DOOR.index(each.hall.level),
            each.mode != "handle",
            each.hall.code,
        ),
    )


def _metres(hall: Hall, near: Point | None) -> int | None:
    return None if near is None else round(geodesic((near.lat, near.lon), (hall.lat, hall.lon)).m)
