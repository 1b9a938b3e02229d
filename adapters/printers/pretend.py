"""A printer that is none: it keeps what it was given, and has the troubles it is told to have."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from dispatch.ports.printing import Condition, PrinterTrouble, Sheet, Trouble

KEPT = 200


@dataclass
class PretendPrinter:
    """One such printer, known by its name within this process."""

    name: str
    printed: deque[Sheet] = field(default_factory=lambda: deque(maxlen=KEPT))
    trouble: Trouble | None = None

    def put_out(self, sheet: Sheet) -> None:
        """Keep the sheet; PrinterTrouble while it has one."""
        if self.trouble is not None:
            raise PrinterTrouble(self.trouble)
        self.printed.append(sheet)

    def condition(self) -> Condition:
        """How it is; PrinterTrouble while it cannot be reached."""
        if self.trouble == "unreachable":
            raise PrinterTrouble("unreachable")
        return Condition(
            "out" if self.trouble == "paper" else "ok", ("printer",) if self.trouble == "printer" else ()
        )


_known: dict[str, PretendPrinter] = {}


def at(name: str) -> PretendPrinter:
    """The pretend printer of this name, the same one whenever it is asked for."""
    return _known.setdefault(name, PretendPrinter(name))
