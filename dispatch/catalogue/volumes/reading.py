"""Checking what files and other systems say of channels: line by line, the bad ones refused with number and reason.

A file is CSV with a header; the order of its columns does not matter, and columns that are not ours are passed over.

    day,item,channel,used,finished,came_back,situation,hall
    2026-11-20,PSB-ID-LOST,app,120,97,11,,
"""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dispatch.catalogue import situations
from dispatch.catalogue.models import Item
from dispatch.catalogue.volumes.models import CHANNELS, LONGEST_SITUATION
from dispatch.catalogue.volumes.refusals import NoVolumes
from dispatch.catalogue.volumes.wording import Refused
from dispatch.foundation.errors import Refusal
from dispatch.ports.channels import Counted

NEEDED = ("day", "item", "channel", "used", "finished")
COLUMNS = (*NEEDED, "came_back", "situation", "hall")
KEPT_DAYS = 400
"""A year and a month, so that a day can be laid beside the same one a year before."""
MOST = 10_000_000
Row = Mapping[str, object] | None


@dataclass(frozen=True)
class Known:
    """What lines are checked against: live and former items, halls, and the city's date."""

    items: Mapping[str, Item]
    halls: Collection[str]
    today: date


class _Wrong(Exception):
    """What is wrong with a line."""

    def __init__(self, code: str, **named: object) -> None:
        super().__init__(code)
        self.code, self.named = code, named


def lines_of(text: str) -> Iterator[tuple[int, Row]]:
    """The lines of a file after the first, by their numbers; None for one that is torn. NoVolumes."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        header = [name.strip() for name in next(rows, [])]
    except csv.Error:
        header = []
    if not set(NEEDED) <= set(header) or len(header) != len(set(header)):
        raise NoVolumes(columns=",".join(NEEDED), field="file")
    while True:
        try:
            row = next(rows, None)
        except csv.Error:
            yield rows.line_num, None
            continue
        if row is None:
            return
        if row:
            whole = len(row) == len(header)
            yield rows.line_num, dict(zip(header, row, strict=True)) if whole else None


def check(lines: Iterable[tuple[int, Row]], known: Known) -> tuple[list[Counted], list[Refused]]:
    """The lines that make sense, and the others."""
    found: dict[tuple[object, ...], tuple[int, Counted]] = {}
    refused: list[Refused] = []
    for number, row in lines:
        try:
            counted = _counted(row, known)
            key = (counted.day, counted.item, counted.situation, counted.channel, counted.hall)
            if key in found:
                raise _Wrong("twice", said=found[key][0])
            found[key] = (number, counted)
        except _Wrong as wrong:
            refused.append(Refused(number, wrong.code, wrong.named))
    return [counted for _, counted in found.values()], refused


def _counted(row: Row, known: Known) -> Counted:
    if row is None:
        raise _Wrong("columns")
    item = known.items.get(_text(row, "item"))
    if item is None:
        raise _Wrong("item", said=_text(row, "item")[:60])
    channel, hall = _text(row, "channel"), _text(row, "hall")
    if channel not in CHANNELS:
        raise _Wrong("channel", said=channel[:60])
    if hall and hall not in known.halls:
        raise _Wrong("hall", said=hall[:60])
    used, finished = _number(row, "used"), _number(row, "finished")
    came_back = _number(row, "came_back") if _text(row, "came_back") else None
    if finished > used:
        raise _Wrong("finished", said=finished, used=used)
    if came_back is not None and came_back > used:
        raise _Wrong("came_back", said=came_back, used=used)
    day, situation = _day(row, known.today), _situation(row, item)
    return Counted(day, item.code, channel, used, finished, came_back, situation, hall)


def _text(row: Mapping[str, object], column: str) -> str:
    said = row.get(column)
    return "" if said is None else str(said).strip()


def _number(row: Mapping[str, object], column: str) -> int:
    said = _text(row, column)
    if not (said.isascii() and said.isdigit() and len(said) <= len(str(MOST)) and int(said) <= MOST):
        raise _Wrong("number", column=column, most=MOST, said=said[:20])
    return int(said)


def _day(row: Mapping[str, object], today: date) -> date:
    said = _text(row, "day")
    try:
        day = date.fromisoformat(said)
    except ValueError as error:
        raise _Wrong("day", said=said[:20]) from error
    if day >= today:
        raise _Wrong("future", said=said)
    if day < today - timedelta(days=KEPT_DAYS):
        raise _Wrong("too_old", said=said, days=KEPT_DAYS)
    return day


def _situation(row: Mapping[str, object], item: Item) -> str:
    """The code as the catalogue writes it, in whatever order the answers came."""
    said = _text(row, "situation")
    if not said:
        return ""
    pairs = [each.partition("=") for each in said.split(",")]
    answers = {question.strip(): answer.strip() for question, _, answer in pairs}
    try:
        code = situations.settle(item, answers).code
    except Refusal as refusal:
        raise _Wrong("situation", said=said[:60]) from refusal
    if len(answers) != len(pairs) or len(code) > LONGEST_SITUATION:
        raise _Wrong("situation", said=said[:60])
    return code
