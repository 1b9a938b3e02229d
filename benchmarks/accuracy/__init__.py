"""How far off our forecasts are beside what they have to reach: `tongban backtest` on real days, as a table of goals.

Not a matter of speed, so one round is enough. `TONGBAN_BENCH_TICKETS` and `TONGBAN_BENCH_WINDOWS` name other files.
`python -m benchmarks.accuracy` writes the same into the documents, and draws their pictures anew.
"""

import os
from collections.abc import Mapping, Sequence

# Many small fits: threads that wait for each other cost more than they bring. It is read where scikit-learn is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def measure() -> Sequence[Mapping[str, object]]:
    """Each goal with what was reached; then each office's coverage."""
    from benchmarks.accuracy.measuring import measured  # loads scikit-learn

    found = measured()
    return [*found.goals, *found.offices]
