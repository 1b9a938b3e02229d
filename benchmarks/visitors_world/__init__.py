"""How far off the live simulation is in a world whose shifts it knows and whose parameters it has to learn.

The demo's citizens and clerks (`dispatch/demo/visitors`), played without a city: halls of eight windows and three
queues for ten working days that are learned from and five that are scored. Our forecast is the one that running halls
show: what the log has taught, put into a scene with the roster, played on. Nobody has booked.

Beside it stands how far off the same simulation is that knows some of the world's own parameters (`hindsight`): what
there still is to learn.

The reference is the queue-length rule in its best form: by the rate of the last hour, by that of all earlier days, and
as the textbook has it, people ahead times the mean service by the windows open now.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from benchmarks.accuracy import goals
from benchmarks.accuracy.goals import Goal
from benchmarks.visitors_world.days import ZONE, HallDay, workdays
from benchmarks.visitors_world.hindsight import KNOWING
from benchmarks.visitors_world.pricing import City
from dispatch.demo.visitors.parameters import Parameters
from dispatch.learning.happenings import Kind
from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.racing import Question
from dispatch.waits.references.live_rate import LiveRate
from dispatch.waits.references.long_run_rate import LongRunRate
from dispatch.waits.references.reference import Reference
from dispatch.wiring.backtesting.racers import OURS
from dispatch.wiring.backtesting.scoring import Score

FIRST = date(2026, 8, 31)
LEARNED, SCORED = 10, 5
LOADS = {"calm": 0.75, "busy": 0.95, "crowded": 1.15}
"""Peak demand over what the windows can do."""
EACH = 3
"""Every so-many-th ticket is asked about."""
WITH_HINDSIGHT = 12
"""Every so-many-th also with parts of the truth known."""
SEED = 7
MOST = 0.60
ROSTERS = {
    "as the visitors do": Parameters(),
    "to the minute": replace(Parameters(), overtime_min=0.0),
}
"""The visitors' clerks serve who still waits for a quarter of an hour after their span has ended."""

Answer = Forecast | Unknown


@dataclass
class Case:
    """A ticket that was asked about: what each said, when she was called; what would be said, were more known."""

    issued_at: float
    answers: dict[str, Answer]
    wait_s: float | None = None
    hindsight: dict[str, Answer] = field(default_factory=dict)


def measure() -> Sequence[Mapping[str, object]]:
    """Ours and each form of the rule, in minutes, on the tickets that all of them said something of."""
    return [row for kept, parameters in ROSTERS.items() for row in _rows(kept, parameters)]


def _rows(kept: str, parameters: Parameters) -> Iterator[Mapping[str, object]]:
    cases = [case for hall, load in LOADS.items() for case in _lived(hall, load, parameters)]
    called = [case for case in cases if case.wait_s is not None]
    scores = _scored((case.answers, case.wait_s) for case in called)
    for name in sorted(scores, key=lambda name: goals.figure(scores[name], "mae_s")):
        if name != OURS:
            yield goals.against(scores, f"roster kept {kept}: MAE", "mae_s", [name], Goal(MOST))
    held = f"{goals.figure(scores[OURS], 'coverage_90'):.1f} %"
    yield {"name": f"roster kept {kept}: within the range", "n": len(scores[OURS].truths), "reached": held}
    yield {"name": f"roster kept {kept}: tickets called", "n": len(called)}
    for name, score in _scored((case.hindsight, case.wait_s) for case in called).items():
        off = f"{goals.figure(score, 'mae_s'):.2f} min"
        yield {"name": f"roster kept {kept}: MAE, known {name}", "n": len(score.truths), "reached": off}


def _scored(cases: Iterable[tuple[Mapping[str, Answer], float | None]]) -> Mapping[str, Score]:
    """By name, on the cases of which all said something."""
    scores: defaultdict[str, Score] = defaultdict(Score)
    for answers, wait_s in cases:
        if not any(isinstance(answer, Unknown) for answer in answers.values()):
            for name, answer in answers.items():
                scores[name].add(answer, wait_s or 0.0)
    return scores


def _lived(hall: str, load: float, parameters: Parameters) -> Iterator[Case]:
    """The days of one hall; what was asked on those that are scored."""
    city, rules = City(hall), [LiveRate(ZONE), LongRunRate(ZONE)]
    for nth, day in enumerate(workdays(FIRST, LEARNED + SCORED)):
        yield from _day(HallDay(hall, day, load, SEED, parameters), city, rules, scored=nth >= LEARNED)


def _day(hall_day: HallDay, city: City, rules: Sequence[Reference], *, scored: bool) -> Iterator[Case]:
    for rule in rules:
        rule.begin_day(hall_day.day)
    city.plan(hall_day)
    cases: dict[str, Case] = {}
    for happening in hall_day.play():
        city.see(happening)
        for rule in rules:
            rule.see(happening)
        if happening.kind is Kind.ISSUED and scored and len(hall_day.joined) % EACH == 0:
            for rule in rules:
                rule.ask(Question(happening.at, happening.hall, happening.queue))
            answers = {OURS: city.foretold(hall_day), "ql_textbook": city.by_textbook(hall_day)}
            cases[happening.ticket] = Case(happening.at, answers)
            if len(hall_day.joined) % WITH_HINDSIGHT == 0:
                found = {name: city.foretold(hall_day, hindsight) for name, hindsight in KNOWING.items()}
                cases[happening.ticket].hindsight = found
        elif happening.kind is Kind.CALLED and happening.ticket in cases:
            case = cases[happening.ticket]
            case.wait_s = happening.at - case.issued_at
    for rule in rules:
        for case, answer in zip(cases.values(), rule.answers(), strict=True):
            case.answers[rule.name] = answer
        rule.end_day()
    yield from cases.values()
