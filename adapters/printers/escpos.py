"""ESC/POS, as Chinese slip printers speak it: GB18030 text, square codes drawn by the printer itself, TCP port 9100.

Written out here since the commands are a dozen, and Chinese text must be sent raw anyhow: printers differ in how they
announce their code pages, but all of them read GB18030 once they are in Chinese mode.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass

from dispatch.ports.printing import Condition, Line, PrinterTrouble, Sheet

BEGIN = b"\x1b@\x1c&"  # as after switching on; Chinese characters on
LEFT, CENTRE = b"\x1ba\x00", b"\x1ba\x01"
BOLD_ON, BOLD_OFF = b"\x1bE\x01", b"\x1bE\x00"
END = b"\n\n\n\x1dVB\x00"  # feed to the knife, cut
ASK_CAUSE, ASK_PAPER = b"\x10\x04\x02", b"\x10\x04\x04"
COVER_OPEN, STOPPED, IN_ERROR = 0x04, 0x20, 0x40
PAPER_LOW, PAPER_OUT = 0x0C, 0x60
LARGEST = 8
DOTS_PER_MM = 8
LETTER_DOTS = 24
CODE_DOT = 6
PORT = 9100
CONNECT_S, ANSWER_S = 3.0, 1.0


def bytes_of(sheet: Sheet) -> bytes:
    """The sheet as a printer reads it."""
    parts = [BEGIN, *map(_line, sheet.lines)]
    if sheet.link:
        parts += [CENTRE, _code(sheet.link), b"\n"]
    return b"".join([*parts, *map(_line, sheet.last), END])


def height_mm(size: int) -> float:
    """How high letters of this size come out at the usual 203 dots to the inch."""
    return size * LETTER_DOTS / DOTS_PER_MM


@dataclass(frozen=True)
class NetworkPrinter:
    """A printer with a line of its own."""

    host: str
    port: int = PORT

    def put_out(self, sheet: Sheet) -> None:
        """Print and cut; PrinterTrouble."""
        with self._line() as line:
            found = _condition(line)
            if found.paper == "out":
                raise PrinterTrouble("paper")
            if found.faults:
                raise PrinterTrouble("printer")
            try:
                line.sendall(bytes_of(sheet))
                line.shutdown(socket.SHUT_WR)
            except OSError as error:
                raise PrinterTrouble("unreachable", str(error)) from error

    def condition(self) -> Condition:
        """How it is; PrinterTrouble when it cannot be reached."""
        with self._line() as line:
            return _condition(line)

    def _line(self) -> socket.socket:
        try:
            return socket.create_connection((self.host, self.port), timeout=CONNECT_S)
        except OSError as error:
            raise PrinterTrouble("unreachable", str(error)) from error


def _line(line: Line) -> bytes:
    size = min(max(line.size, 1), LARGEST) - 1
    return b"".join(
        [
            CENTRE if line.centred else LEFT,
            BOLD_ON if line.bold else BOLD_OFF,
            bytes([0x1D, 0x21, size << 4 | size]),
            line.text.replace("\n", " ").encode("gb18030"),
            b"\n",
        ]
    )


def _code(link: str) -> bytes:
    """A square code by the printer's own drawing: model 2, dots of 0.75 mm, error correction M."""
    data = link.encode()
    size = len(data) + 3
    return b"".join(
        [
            b"\x1d(k\x04\x00\x31\x41\x32\x00",
            b"\x1d(k\x03\x00\x31\x43" + bytes([CODE_DOT]),
            b"\x1d(k\x03\x00\x31\x45\x31",
            b"\x1d(k" + bytes([size & 0xFF, size >> 8]) + b"\x31\x50\x30" + data,
            b"\x1d(k\x03\x00\x31\x51\x30",
        ]
    )


def _condition(line: socket.socket) -> Condition:
    """What the printer says of itself; simple ones say nothing, and are taken to be well."""
    cause, paper = _asked(line, ASK_CAUSE), _asked(line, ASK_PAPER)
    faults = ("printer",) if cause & (COVER_OPEN | IN_ERROR) else ()
    if paper & PAPER_OUT or cause & STOPPED:
        return Condition("out", faults)
    return Condition("low" if paper & PAPER_LOW else "ok", faults)


def _asked(line: socket.socket, question: bytes) -> int:
    line.settimeout(ANSWER_S)
    try:
        line.sendall(question)
        answer = line.recv(1)
    except TimeoutError:
        return 0
    except OSError as error:
        raise PrinterTrouble("unreachable", str(error)) from error
    return answer[0] if answer else 0
