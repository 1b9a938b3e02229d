"""H1 to H3: the numbers of each series, which are one hall's, letter's and day's."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from tests.faults.history import Deed, History

Series = tuple[str, str, str]


def differ(history: History) -> Iterator[str]:
    """H1."""
    for series, deeds in _acknowledged(history).items():
        counted = Counter(_n(deed.answer["number"]) for deed in deeds)
        yield from (
            f"{_name(series, n)} was given {count} times" for n, count in counted.items() if count > 1
        )


def have_no_gaps(history: History) -> Iterator[str]:
    """H2. Numbers that only the log knows belong to whoever was sent from another hall."""
    given: defaultdict[Series, list[int]] = defaultdict(list)
    for series, deeds in _acknowledged(history).items():
        if series[0] not in history.logs:
            given[series] += (_n(deed.answer["number"]) for deed in deeds)
    for entries in history.logs.values():
        for entry in entries:
            if entry.kind == "TicketIssued":
                told = entry.data
                given[entry.hall, told["letter"], told["service_day"]].append(told["n"])
    for series, numbers in given.items():
        missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
        yield from (f"{_name(series, n)} was given to nobody" for n in missing)
        yield from (f"{_name(series, n)} is written twice" for n, c in Counter(numbers).items() if c > 1)


def follow_time(history: History) -> Iterator[str]:
    """H3. Swept in the order of asking: the highest number answered by then must be lower."""
    for series, deeds in _acknowledged(history).items():
        answered = sorted(deeds, key=lambda deed: deed.answered)
        highest, reached = 0, 0
        for deed in sorted(deeds, key=lambda deed: deed.sent):
            while reached < len(answered) and answered[reached].answered < deed.sent:
                highest = max(highest, _n(answered[reached].answer["number"]))
                reached += 1
            n = _n(deed.answer["number"])
            if n <= highest:
                yield f"{_name(series, n)} was asked for after {_name(series, highest)} was answered"


def _acknowledged(history: History) -> dict[Series, list[Deed]]:
    """The deeds that were answered by a new ticket, by series."""
    found: defaultdict[Series, list[Deed]] = defaultdict(list)
    for deed in history.deeds:
        if deed.op == "issue" and deed.outcome == "ok":
            found[_series(deed.answer)].append(deed)
    return found


def _series(answer: dict[str, Any]) -> Series:
    return answer["hall"], answer["number"].rstrip("0123456789"), answer["service_day"]


def _n(number: str) -> int:
    return int(number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def _name(series: Series, n: int) -> str:
    hall, letter, day = series
    return f"{letter}{n:03d} of {hall} on {day}"
