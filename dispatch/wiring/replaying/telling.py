"""A replay's outcome, for people as a table and for machines as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dispatch.wiring.replaying.accounting import Account
from dispatch.wiring.ticket_logs.csv_files import Refused

COLUMNS = {
    "hall": "hall",
    "lines": "lines",
    "issued": "issued",
    "called": "called",
    "called_right": "as the log",
    "called_other": "another",
    "places_off_mean": "off, mean",
    "places_off_most": "off, most",
    "finished": "finished",
    "missed": "missed",
    "cancelled": "cancelled",
    "expired": "expired",
    "log_entries": "log",
    "problems": "problems",
}
COUNTS = (
    "lines",
    "issued",
    "called",
    "called_right",
    "called_other",
    "finished",
    "missed",
    "cancelled",
    "expired",
    "log_entries",
)


@dataclass(frozen=True)
class Outcome:
    """All that a replay came to."""

    database: str
    replay_s: float
    check_s: float
    accounts: Sequence[Account]
    refused: Sequence[Refused]

    @property
    def sound(self) -> bool:
        """Whether every line was taken and is accounted for."""
        return not self.refused and not any(account.problems for account in self.accounts)

    def totals(self) -> dict[str, Any]:
        """All halls together."""
        sums: dict[str, Any] = {name: sum(getattr(each, name) for each in self.accounts) for name in COUNTS}
        means = [
            (each.places_off_mean, each.called) for each in self.accounts if each.places_off_mean is not None
        ]
        called = sum(count for _, count in means)
        sums["places_off_mean"] = round(sum(m * count for m, count in means) / called, 2) if called else None
        sums["places_off_most"] = max(
            (each.places_off_most for each in self.accounts if each.places_off_most is not None), default=None
        )
        sums["refused"] = len(self.refused)
        sums["problems"] = sum(len(each.problems) for each in self.accounts)
        return sums

    def plain(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "database": self.database,
            "replay_s": round(self.replay_s, 1),
            "check_s": round(self.check_s, 1),
            "sound": self.sound,
            "totals": self.totals(),
            "halls": [asdict(account) for account in self.accounts],
            "refused": [asdict(each) for each in self.refused],
        }


def table(outcome: Outcome) -> str:
    """Halls as rows, their sum last, then what is wrong and how long it took."""
    rows = [list(COLUMNS.values())]
    rows += [[_cell(asdict(account)[name]) for name in COLUMNS] for account in outcome.accounts]
    if len(outcome.accounts) > 1:
        rows.append([_cell({**outcome.totals(), "hall": "all"}[name]) for name in COLUMNS])
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    drawn = [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    ]
    problems = [f"{each.hall}: {problem}" for each in outcome.accounts for problem in each.problems]
    end = (
        f"{len(outcome.refused)} lines refused; replayed in {outcome.replay_s:.1f} s, "
        f"checked in {outcome.check_s:.1f} s; {outcome.database}"
    )
    return "\n".join([*drawn, *problems, end])


def _cell(value: object) -> str:
    if isinstance(value, list):
        return str(len(value))
    return "-" if value is None else str(value)
