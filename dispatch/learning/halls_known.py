"""What is known of the city's halls, kept at hand by whoever asks again and again."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

from dispatch.catalogue.models import Item, Placement
from dispatch.foundation.log import CITY
from dispatch.foundation.prepared import listed, of_all
from dispatch.foundation.tables import table_of
from dispatch.halls.models import Hall
from dispatch.learning import keeping
from dispatch.learning.keeping import FORMAT, POOL
from dispatch.learning.knowing import Known
from dispatch.learning.learner import Days
from dispatch.learning.models import Learned

_PARTS = ("people", "days", "today")
_LEARNED = table_of(Learned)
_SEQS = of_all(
    lambda those: select(_LEARNED.c.hall, _LEARNED.c.part, _LEARNED.c.seq).where(
        _LEARNED.c.hall.in_(those),
        _LEARNED.c.part.in_([literal_column(f"'{part}'") for part in (*_PARTS, POOL)]),
        _LEARNED.c.format == FORMAT,
    )
)


class HallsKnown:
    """Asks the database only whether anything is new, and reads what is.

    For one database; one thread at a time. A look at halls about which nothing is new is one statement.
    """

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._days: dict[str, tuple[str, Days]] = {}
        self._city: tuple[int, Known] | None = None

    def of(self, session: Session, hall: str) -> Known:
        """What is known of a hall by now."""
        return self.of_all(session, [hall])[hall]

    def of_all(self, session: Session, halls: Collection[str]) -> dict[str, Known]:
        """What is known of each of these halls by now."""
        return {hall: self._of(session, hall, seqs) for hall, seqs in _seqs(session, halls).items()}

    def _of(self, session: Session, hall: str, seqs: Mapping[str, int]) -> Known:
        version = ".".join(str(seqs.get(part, 0)) for part in (*_PARTS, POOL))
        version = f"{FORMAT}.{version}"
        known = self._known.get(hall)
        if known is None or known.version != version:
            known = self._known[hall] = self._read(session, hall, version, seqs)
        return known

    def _read(self, session: Session, hall: str, version: str, seqs: Mapping[str, int]) -> Known:
        tz = session.scalars(select(Hall.tz).where(Hall.code == hall)).one()
        before = _with_minutes(self._of_city(session, seqs.get(POOL, 0)), _minutes_here(session, hall))
        if not any(part in seqs for part in _PARTS):
            return replace(before, hall=hall, version=version, zone=ZoneInfo(tz))
        learner = keeping.learner_of(session, hall, tz, _PARTS)
        of_days = f"{seqs.get('days', 0)}.{seqs.get(POOL, 0)}"
        if self._days.get(hall, ("",))[0] != of_days:
            self._days[hall] = of_days, learner.days_known(before)
        return learner.known(hall, before, version, self._days[hall][1])

    def _of_city(self, session: Session, day: int) -> Known:
        if self._city is None or self._city[0] != day:
            minutes = {row.code: row.minutes for row in session.execute(select(Item.code, Item.minutes))}
            self._city = day, keeping.pool(session).known(minutes)
        return self._city[1]


def _seqs(session: Session, halls: Collection[str]) -> dict[str, dict[str, int]]:
    rows = _SEQS.all(session, of=listed([*halls, CITY]))
    city = {row.part: row.seq for row in rows if row.hall == CITY}
    found = {hall: dict(city) for hall in halls}
    for row in rows:
        if row.hall in found:
            found[row.hall][row.part] = row.seq
    return found


def _minutes_here(session: Session, hall: str) -> dict[str, float]:
    """The catalogue's minutes of what the hall takes, as they are now."""
    wanted = select(Item.code, Item.minutes).join(Placement, Placement.item == Item.code)
    return {row.code: row.minutes for row in session.execute(wanted.where(Placement.hall == hall))}


def _with_minutes(city: Known, minutes: Mapping[str, float]) -> Known:
    return replace(city, times=replace(city.times, catalogue={**city.times.catalogue, **minutes}))
