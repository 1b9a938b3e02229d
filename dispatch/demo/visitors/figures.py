"""What the visitors did, counted."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Figures:
    """Counts since the start. `dropped` stayed at home because the server was behind; `late` were skipped with time
    that the city jumped over; `turned_away` saw the line and went."""

    calls: int = 0
    issued: int = 0
    served: int = 0
    missed: int = 0
    cancelled: int = 0
    turned_away: int = 0
    dropped: int = 0
    late: int = 0
    conflicts: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{self.issued} tickets, {self.served} served, {self.missed} missed, {self.cancelled} cancelled, "
            f"{self.turned_away} turned away, {self.dropped + self.late} dropped; {self.calls} requests, "
            f"{self.errors.total()} errors"
        )

    def line(self, clock: str, waiting: int, seconds: float, calls_before: int) -> str:
        """One line for people: the state of the city and of the visitors."""
        rate = (self.calls - calls_before) / max(seconds, 1e-9)
        wrong = ", ".join(f"{code} {count}" for code, count in self.errors.most_common(3))
        return (
            f"{clock} issued {self.issued}, served {self.served}, waiting {waiting}, {rate:.1f} requests/s, "
            f"dropped {self.dropped + self.late}, errors {self.errors.total()}"
            + (f" ({wrong})" if wrong else "")
        )
