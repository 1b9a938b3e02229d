"""The city's working-day calendar: read, replaced a year at a time, and honest about the years it doesn't know.

No package knows the public holidays of a year before they are proclaimed, late in the year before. An unknown year is
worked like any other by its weekdays, and whoever asks about it is warned.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from dispatch.foundation import log, revisions
from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput
from dispatch.foundation.ids import digest
from dispatch.halls import finding
from dispatch.halls.models import CalendarDay
from dispatch.halls.news import CalendarChanged
from dispatch.halls.refusals import EditedMeanwhile

COLUMNS = ["date", "kind", "name", "name_en"]
KINDS = ("holiday", "workday")
SATURDAY = 5
WARN_FROM = (11, 1)
"""The next year's days are proclaimed by then in most years: from 1 November their lack is worth a warning."""


@dataclass(frozen=True)
class Day:
    """One day that is not what its weekday says."""

    day: date
    kind: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Warned:
    """A year that the calendar doesn't know, and why that matters now: `year_unknown` or `next_year_missing`."""

    code: str
    year: int


class WrongCalendar(BadInput):
    """Days that make no sense in a calendar, or a file that is none."""

    code = "wrong_calendar"
    sentence = "日历不对:%(reason)s"


def known_until(days: Iterable[date]) -> date | None:
    """The last day of the last year that the calendar knows without a gap; None when it knows none."""
    years = sorted({day.year for day in days})
    if not years:
        return None
    last = years[0]
    for year in years[1:]:
        if year != last + 1:
            break
        last = year
    return date(last, 12, 31)


def warnings(days: Iterable[date], today: date, asked: Iterable[int] = ()) -> list[Warned]:
    """What to be told of unknown years: those asked for, and the next one once it is time to know it."""
    known = {day.year for day in days}
    found = [Warned("year_unknown", year) for year in sorted(set(asked)) if year not in known]
    if today.year + 1 not in known and (today.month, today.day) >= WARN_FROM:
        found.append(Warned("next_year_missing", today.year + 1))
    return found


def read_csv(text: str) -> list[Day]:
    """The days of a calendar file; WrongCalendar names the line at fault."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        if next(rows, []) != COLUMNS:
            raise WrongCalendar(reason=f"line 1: {','.join(COLUMNS)}", field="csv")
        return [_day_of(row, rows.line_num) for row in rows if row]
    except csv.Error as error:
        raise WrongCalendar(reason=f"line {rows.line_num}: {error}", field="csv") from error


def wrong_days(year: int, days: Sequence[Day]) -> Iterator[str]:
    """What is wrong with a year's days: each once, in that year, and only weekends are made up."""
    seen: set[date] = set()
    for each in days:
        if each.day.year != year:
            yield f"{each.day} is not in {year}"
        if each.day in seen:
            yield f"{each.day} stands twice"
        if each.kind == "workday" and each.day.weekday() < SATURDAY:
            yield f"{each.day} is no weekend day, so no make-up day"
        seen.add(each.day)


def days_of(session: Session, year: int) -> list[CalendarDay]:
    """The named days of a year, in order."""
    wanted = select(CalendarDay).where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)))
    return list(session.scalars(wanted.order_by(CalendarDay.day)))


def all_days(session: Session) -> list[date]:
    """Every named day."""
    return list(session.scalars(select(CalendarDay.day).order_by(CalendarDay.day)))


def version(days: Sequence[CalendarDay | Day]) -> str:
    """Which state of a year this is: for whoever will change it, to find out whether somebody else did."""
    return digest("\n".join(f"{each.day},{each.kind},{each.name},{each.name_en}" for each in days))[:16]


def replace_year(
    session: Session,
    year: int,
    days: Sequence[Day],
    *,
    expected: str | None = None,
    now: datetime,
    actor: Actor,
) -> bool:
    """Make a year's named days these; whether anything changed. Raises WrongCalendar, EditedMeanwhile."""
    if wrong := list(wrong_days(year, days)):
        raise WrongCalendar(reason=";".join(wrong[:5]), field="days")
    if log.head_of(session, log.CITY) is None:
        log.begin(session, log.CITY, at=now)
    wanted, before = sorted(days, key=lambda each: each.day), days_of(session, year)
    if expected is not None and expected != version(before):
        raise EditedMeanwhile(field="If-Match")
    if version(wanted) == version(before):
        return False
    revisions.changed(session, "halls")
    session.execute(delete(CalendarDay).where(CalendarDay.day.in_([each.day for each in before])))
    session.expire_all()
    session.add_all(
        [CalendarDay(day=each.day, kind=each.kind, name=each.name, name_en=each.name_en) for each in wanted]
    )
    session.flush()
    finding.forget_hours(session)
    count = {kind: sum(each.kind == kind for each in wanted) for kind in KINDS}
    news = CalendarChanged(year, count["holiday"], count["workday"])
    log.announce(session, log.CITY, news, at=now, actor=actor)
    return True


def _day_of(row: list[str], line: int) -> Day:
    if len(row) != len(COLUMNS) or row[1] not in KINDS or not row[2].strip() or len(row[2]) > 40:
        raise WrongCalendar(reason=f"line {line}: {','.join(row)[:60]}", field="csv")
    try:
        return Day(date.fromisoformat(row[0]), row[1], row[2].strip(), row[3].strip()[:60] or row[2].strip())
    except ValueError as error:
        raise WrongCalendar(reason=f"line {line}: {row[0][:20]}", field="csv") from error
