"""Our forecasts as a CSV file, a row for each scored line and horizon; the log's header is line 1."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dispatch.waits.forecast import Unknown
from dispatch.wiring.backtesting.walking import Answered
from dispatch.wiring.ticket_logs.opening import Opened

COLUMNS = ("line", "ahead_min", "wait_s", "p5_s", "p50_s", "p95_s")


@contextmanager
def written(path: Path, log: Opened) -> Iterator[Callable[[Answered], None]]:
    """Whom to tell each forecast; one of several files' lines is named `file:line`. What is unknown stays empty."""
    several = len({line.file for line in log.lines}) > 1
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(COLUMNS)

        def write(told: Answered) -> None:
            line = f"{told.line.file}:{told.line.number}" if several else told.line.number
            out.writerow([line, told.ahead_min, round(told.truth_s, 1), *_range(told)])

        yield write


def _range(told: Answered) -> tuple[object, object, object]:
    answer = told.answer
    if isinstance(answer, Unknown):
        return "", "", ""
    return round(answer.low_s, 1), round(answer.point_s, 1), round(answer.high_s, 1)
