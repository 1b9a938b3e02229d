"""What is known of the city's halls, kept at hand by whoever asks again and again."""

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue.models import Item, Placement
from dispatch.foundation.log import CITY
from dispatch.halls.models import Hall
from dispatch.learning import keeping
from dispatch.learning.keeping import FORMAT, POOL
from dispatch.learning.knowing import Known
from dispatch.learning.learner import Days
from dispatch.learning.models import Learned

_PARTS = ("people", "days", "today")


class HallsKnown:
    """Asks the database only whether anything is new, and reads what is.

    For one database; one thread at a time. A look at a hall about which nothing is new is one statement.
    """

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._days: dict[str, tuple[str, Days]] = {}
        self._city: tuple[int, Known] | None = None

    def of(self, session: Session, hall: str) -> Known:
        """What is known of a hall by now."""
        seqs = _seqs(session, hall)
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


def _seqs(session: Session, hall: str) -> dict[str, int]:
    wanted = select(Learned.part, Learned.seq).where(
        Learned.hall.in_((hall, CITY)), Learned.part.in_((*_PARTS, POOL)), Learned.format == FORMAT
    )
    return {row.part: row.seq for row in session.execute(wanted)}


def _minutes_here(session: Session, hall: str) -> dict[str, float]:
    """The catalogue's minutes of what the hall takes, as they are now."""
    wanted = select(Item.code, Item.minutes).join(Placement, Placement.item == Item.code)
    return {row.code: row.minutes for row in session.execute(wanted.where(Placement.hall == hall))}


def _with_minutes(city: Known, minutes: Mapping[str, float]) -> Known:
    return replace(city, times=replace(city.times, catalogue={**city.times.catalogue, **minutes}))
