"""Printing: a sheet of paper, and whoever can put it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Trouble = Literal["paper", "printer", "unreachable"]


@dataclass(frozen=True)
class Line:
    """One line; `size` is how many times as large as ordinary letters, which are 3 mm high."""

    text: str
    size: int = 1
    bold: bool = False
    centred: bool = True


@dataclass(frozen=True)
class Sheet:
    """What is to come out: lines, and below them a link as a square code, with a last line under that."""

    lines: tuple[Line, ...]
    link: str | None = None
    last: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Condition:
    """How a printer says it is."""

    paper: Literal["ok", "low", "out"] = "ok"
    faults: tuple[str, ...] = ()


class PrinterTrouble(Exception):
    """Nothing came out, or nobody knows whether anything did."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(detail or trouble)
        self.trouble = trouble


class Printer(Protocol):
    """One printer that can be reached from here."""

    def put_out(self, sheet: Sheet) -> None:
        """Print and cut. Returns when the printer has taken it all; PrinterTrouble otherwise."""

    def condition(self) -> Condition:
        """How it is; PrinterTrouble when it does not answer."""
