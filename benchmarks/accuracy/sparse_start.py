"""How soon our forecasts are good: the log's last days, foretold after all days before them, after three, after none.

Each of the last days is asked about by a forecaster that has lived through just so many days right before it. With no
day behind it, it is compared with the queue-length rule by the last hour's rate, the one form that needs none either,
on the tickets of which both know something.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from benchmarks.accuracy.goals import Goal, Row, against, figure
from dispatch.waits.fitted.forecaster import Forecaster
from dispatch.waits.forecast import Unknown
from dispatch.waits.references.live_rate import LiveRate
from dispatch.wiring.backtesting import running
from dispatch.wiring.backtesting.racers import OURS, Racer
from dispatch.wiring.backtesting.scoring import Score
from dispatch.wiring.backtesting.walking import Answered
from dispatch.wiring.backtesting.windows import WindowCount
from dispatch.wiring.ticket_logs.opening import Opened
from dispatch.wiring.ticket_logs.service_days import day_of

JUDGED = 3
"""So many last days are judged."""
FEW = 3


def rows(
    log: Opened, counts: Sequence[WindowCount], most: Mapping[date, Sequence[Answered]]
) -> Iterator[Row]:
    """After few days against after all, and after none against the rule; `most`: ours after all days, by day."""
    days = sorted({day_of(line.issued_at, log.zone) for line in log.lines})
    after_few, after_none = _Together(), _Together()
    for place in range(max(FEW, len(days) - JUDGED), len(days)):
        _race(log, counts, days[place - FEW : place + 1], [Racer(Forecaster(log.zone))], after_few)
        field = [Racer(Forecaster(log.zone)), Racer(LiveRate(log.zone))]
        _race(log, counts, days[place : place + 1], field, after_none)
    after_all = Score()
    for told in (each for day in days[-JUDGED:] for each in most.get(day, ())):
        after_all.add(told.answer, told.truth_s)
    few = after_few.scores()[OURS]
    mine, other = figure(few, "mae_s"), figure(after_all, "mae_s")
    yield Goal(1.1).told(
        mine / other,
        name=f"now, after {FEW} days: MAE",
        n=len(few.truths),
        reached=f"{mine:.2f} min",
        reference=f"{other:.2f} min",
        by=f"ours after {len(days) - JUDGED} to {len(days) - 1} days",
        ratio=f"{mine / other:.3f}",
    )
    yield against(after_none.scores(), "now, after no day: MAE", "mae_s", [LiveRate.name], Goal(1.0))


class _Together:
    """Scores of the tickets to which everybody had an answer."""

    def __init__(self) -> None:
        self._told: defaultdict[tuple[str, int], list[Answered]] = defaultdict(list)

    def __call__(self, told: Answered) -> None:
        """One answer."""
        self._told[told.line.file, told.line.number].append(told)

    def scores(self) -> Mapping[str, Score]:
        """By predictor."""
        found: defaultdict[str, Score] = defaultdict(Score)
        for told in self._told.values():
            if not any(isinstance(each.answer, Unknown) for each in told):
                for each in told:
                    found[each.predictor].add(each.answer, each.truth_s)
        return found


def _race(
    log: Opened,
    counts: Sequence[WindowCount],
    days: Sequence[date],
    field: Sequence[Racer],
    heard: _Together,
) -> None:
    """On these days alone, of which the last is scored."""
    mine = replace(log, lines=[line for line in log.lines if day_of(line.issued_at, log.zone) in days])
    counted = [count for count in counts if day_of(count.at, log.zone) in days]
    running.race(mine, counted, running.Asked((0,), len(days) - 1, seed=0), field, heard)
