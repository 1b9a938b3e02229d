"""What was announced, held against what happened, day by day.

Everybody who joined a queue and was called is one case: what she was told as she joined, and what she would have been
told half an hour, one and two hours before; whoever took her number from afar was told nothing before. The simplest
rules answer the same questions from the day's log alone, so that it shows what our effort is worth. Runs by night, in
the process that computes ahead.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from dispatch.halls.models import Hall
from dispatch.learning import hall_logs
from dispatch.learning.happenings import Happening, Kind
from dispatch.waits.accuracy import OURS
from dispatch.waits.forecast import BOOSTED, SIMULATED, Forecast, Unknown
from dispatch.waits.models import Announcement, ScoredDay, WaitScore
from dispatch.waits.racing import Question
from dispatch.waits.references.live_rate import LiveRate
from dispatch.waits.references.mean_so_far import MeanSoFar
from dispatch.waits.references.reference import Reference

FRESH_S = 120.0
"""What was announced is what was shown for so long; later, nobody knows what was."""
SETTLED_AFTER = timedelta(hours=6)
"""So long after midnight even a hall that is open past it has called everybody of the day."""
WITHIN_S = 300.0


class Case(NamedTuple):
    """Somebody who joined a queue at `at` (Unix seconds) and was called after `waited` seconds."""

    ticket: str
    queue: str
    at: float
    waited: float
    remote: bool = False


class Answer(NamedTuple):
    """What a predictor said of a case so many minutes before; `ranged` where the range is its own."""

    case: Case
    ahead_min: int
    predictor: str
    forecast: Forecast
    ranged: bool


@dataclass(slots=True)
class Sums:
    """What `WaitScore` keeps of many answers."""

    n: int = 0
    off_s: float = 0.0
    over_s: float = 0.0
    within_5_min: int = 0
    ranged: int = 0
    covered: int = 0
    late: int = 0
    width_s: float = 0.0

    def add(self, answer: Answer) -> None:
        """One more."""
        told, waited = answer.forecast, answer.case.waited
        over = told.point_s - waited
        self.n += 1
        self.off_s += abs(over)
        self.over_s += over
        self.within_5_min += abs(over) <= WITHIN_S
        if answer.ranged:
            self.ranged += 1
            self.covered += told.low_s <= waited <= told.high_s
            self.late += waited > told.high_s
            self.width_s += told.high_s - told.low_s

    def columns(self) -> dict[str, int]:
        """As the table has them."""
        return {name: round(getattr(self, name)) for name in self.__slots__}


def unscored(session: Session, place: Hall, now: datetime) -> list[date]:
    """The days of a hall on which something was announced, that are over and not scored yet."""
    zone = ZoneInfo(place.tz)
    last = last_settled(now, zone)
    after = session.scalar(select(func.max(ScoredDay.day)).where(ScoredDay.hall == place.code))
    moments = select(Announcement.at).where(Announcement.hall == place.code).distinct()
    if after is not None:
        moments = moments.where(Announcement.at >= _midnight(after + timedelta(days=1), zone))
    days = {at.astimezone(zone).date() for at in session.scalars(moments)}
    return sorted(day for day in days if day <= last)


def is_scored(session: Session, hall: str, day: date) -> bool:
    """Whether a day of a hall has been scored."""
    return session.get(ScoredDay, (hall, day)) is not None


def last_settled(now: datetime, zone: ZoneInfo) -> date:
    """The last day that is over, and on which everybody has been called."""
    return (now.astimezone(zone) - SETTLED_AFTER).date() - timedelta(days=1)


def score(session: Session, place: Hall, day: date) -> int:
    """Score one day of one hall, anew if it was scored before; how many cases there were."""
    zone = ZoneInfo(place.tz)
    told = list(happenings_of_day(session, place, day))
    cases = list(cases_among(told, _midnight(day + timedelta(days=1), zone).timestamp()))
    sums: defaultdict[tuple[int, int, str], Sums] = defaultdict(Sums)
    for answer in answered(session, place, day, told, cases):
        hour = datetime.fromtimestamp(answer.case.at, zone).hour
        sums[hour, answer.ahead_min, answer.predictor].add(answer)
    for table in (WaitScore, ScoredDay):
        session.execute(delete(table).where(table.hall == place.code, table.day == day))
    session.add(ScoredDay(hall=place.code, day=day))
    rows = [
        {
            "hall": place.code,
            "day": day,
            "hour": hour,
            "ahead_min": ahead,
            "predictor": name,
            **each.columns(),
        }
        for (hour, ahead, name), each in sorted(sums.items())
    ]
    if rows:
        session.execute(insert(WaitScore), rows)
    return len(cases)


def cases_among(told: Iterable[Happening], until: float) -> Iterator[Case]:
    """Everybody who joined a line before `until` and was called from it, in the order of their calls.

    Whoever goes before others by law, by appointment or by coming back was promised nothing of the kind; and how long
    somebody would have waited who left is not known.
    """
    joined: dict[str, Happening] = {}
    known: set[str] = set()
    for each in told:
        if each.kind is Kind.ISSUED:
            joined.pop(each.ticket, None)
            if each.ticket not in known and each.priority == "none" and each.due is None and each.at < until:
                joined[each.ticket] = each
            known.add(each.ticket)
        elif each.kind is Kind.LEFT:
            joined.pop(each.ticket, None)
        elif each.kind is Kind.CALLED and (was := joined.pop(each.ticket, None)) is not None:
            yield Case(each.ticket, was.queue, was.at, each.at - was.at, was.remote)


def answered(
    session: Session, place: Hall, day: date, told: Sequence[Happening], cases: Sequence[Case]
) -> list[Answer]:
    """All that was announced for these cases, and what the rules say where something was announced."""
    shown = _announced(session, place, day)
    told_by = [
        Answer(case, ahead, predictor, forecast, ranged=True)
        for (queue, ahead), (moments, announced) in shown.items()
        for case in cases
        if case.queue == queue and (told_of := _shown_at(moments, announced, case.at - 60 * ahead))
        for predictor, forecast in (told_of.from_afar if case.remote else told_of.joining).items()
    ]
    ours = [answer for answer in told_by if answer.predictor == OURS]
    asked = sorted(ours, key=lambda answer: answer.case.at - 60 * answer.ahead_min)
    zone = ZoneInfo(place.tz)
    rules: list[Reference] = [MeanSoFar(zone), LiveRate(zone)]
    return [*told_by, *(answer for rule in rules for answer in _ruled(rule, place, day, told, asked))]


def _ruled(
    rule: Reference, place: Hall, day: date, told: Sequence[Happening], asked: Sequence[Answer]
) -> Iterator[Answer]:
    """The same questions to a rule, each at its moment: as she joins, or so long before."""
    rule.begin_day(day)
    joining = {each.case.ticket: each for each in asked if not each.ahead_min}
    before = iter([each for each in asked if each.ahead_min])
    following = next(before, None)
    questions: list[Answer] = []
    met: set[str] = set()
    known: set[str] = set()

    def ask(of: Answer) -> None:
        at = of.case.at - 60 * of.ahead_min
        if of.case.queue in met:  # a rule knows nothing of a queue that nobody has joined yet
            rule.ask(Question(at, place.code, of.case.queue, ahead_s=60.0 * of.ahead_min))
            questions.append(of)

    for each in told:
        while following is not None and following.case.at - 60 * following.ahead_min < each.at:
            ask(following)
            following = next(before, None)
        rule.see(each)
        if each.kind is Kind.ISSUED:
            met.add(each.queue)
            if each.ticket not in known and each.ticket in joining:
                ask(joining[each.ticket])
            known.add(each.ticket)
    for question, answer in zip(questions, rule.answers(), strict=True):
        if not isinstance(answer, Unknown):
            yield Answer(question.case, question.ahead_min, rule.name, answer, ranged=False)


def happenings_of_day(session: Session, place: Hall, day: date) -> Iterator[Happening]:
    """All of a hall's day, until it is settled."""
    begins = _midnight(day, ZoneInfo(place.tz))
    ends = (_midnight(day + timedelta(days=1), ZoneInfo(place.tz)) + SETTLED_AFTER).timestamp()
    reading = hall_logs.begin(session, place.code, begins)
    return takewhile(lambda each: each.at < ends, hall_logs.happenings_of(session, reading))


ByPredictor = dict[str, Forecast]


class Told(NamedTuple):
    """What was shown at a moment: to whoever joined here, and to whoever took a number from afar."""

    joining: ByPredictor
    from_afar: ByPredictor


Shown = dict[tuple[str, int], tuple[list[float], list[Told]]]


def _announced(session: Session, place: Hall, day: date) -> Shown:
    """What was shown on a day, by queue and minutes ahead: the moments in their order, and what from each on."""
    zone = ZoneInfo(place.tz)
    wanted = select(Announcement).where(
        Announcement.hall == place.code,
        Announcement.at >= _midnight(day, zone),
        Announcement.at < _midnight(day + timedelta(days=1), zone),
    )
    shown: Shown = defaultdict(lambda: ([], []))
    for row in session.scalars(wanted.order_by(Announcement.at)):
        moments, announced = shown[row.queue, row.ahead_min]
        moments.append(row.at.timestamp())
        announced.append(Told(_by_predictor(row), _from_afar(row)))
    return shown


def _by_predictor(row: Announcement) -> ByPredictor:
    """What was shown, and what either of the two had to say that it was taken from."""
    shown = Forecast(row.point_s, row.low_s, row.high_s, row.method)
    if row.simulated is None or row.boosted is None:
        return {OURS: shown, SIMULATED: shown}
    two = {SIMULATED: row.simulated, BOOSTED: row.boosted}
    return {
        OURS: shown,
        **{name: Forecast(point, low, high, name) for name, (point, low, high) in two.items()},
    }


def _from_afar(row: Announcement) -> ByPredictor:
    """The same of whoever took a number from afar; where nothing was said to them alone, they were told the same."""
    if row.afar is None:
        return {} if row.ahead_min else _by_predictor(row)
    methods = {OURS: row.method, SIMULATED: SIMULATED, BOOSTED: BOOSTED}
    return {name: Forecast(point, low, high, methods[name]) for name, (point, low, high) in row.afar.items()}


def _shown_at(moments: list[float], announced: list[Told], at: float) -> Told | None:
    place = bisect_right(moments, at) - 1
    return announced[place] if place >= 0 and at - moments[place] <= FRESH_S else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)
