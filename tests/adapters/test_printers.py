"""Slip printers: what they are sent, and one contract for the true one and the pretend one."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from adapters.printers import escpos, pretend
from adapters.printers.escpos import NetworkPrinter, bytes_of, height_mm
from dispatch.notices.paper import NUMBER_SIZE
from dispatch.ports.printing import Condition, Line, Printer, PrinterTrouble, Sheet
from tests.patience import PATIENCE_S, wait_for

SHEET = Sheet(
    (Line("杜桥镇便民服务中心", 2, bold=True), Line("D012", NUMBER_SIZE, bold=True), Line("㐂 龘 €")),
    "https://example.org/t/abc?s=def",
    (Line("仅当天有效"),),
)


class Slip:
    """A printer on the network, as far as it can be heard: it keeps what comes and answers questions about itself."""

    def __init__(self, cause: int = 0x12, paper: int = 0x12, *, silent: bool = False) -> None:
        self.came = b""
        self._answers = {escpos.ASK_CAUSE: cause, escpos.ASK_PAPER: paper}
        self._silent = silent
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            with line:
                while data := line.recv(4096):
                    if data in self._answers:
                        if not self._silent:
                            line.sendall(bytes([self._answers[data]]))
                    else:
                        self.came += data

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._thread.join(PATIENCE_S)


@contextmanager
def slip(**how: object) -> Iterator[Slip]:
    printer = Slip(**how)  # type: ignore[arg-type]
    try:
        yield printer
    finally:
        printer.close()


def test_the_number_is_two_centimetres_high() -> None:
    assert 20 <= height_mm(NUMBER_SIZE) <= 22
    size = NUMBER_SIZE - 1
    assert bytes([0x1D, 0x21, size << 4 | size]) + b"D012" in bytes_of(SHEET)


def test_chinese_goes_out_as_gb18030_in_chinese_mode() -> None:
    sent = bytes_of(SHEET)
    assert sent.startswith(b"\x1b@\x1c&")
    for text in ("杜桥镇便民服务中心", "㐂 龘 €", "仅当天有效"):
        assert text.encode("gb18030") in sent


def test_the_link_is_drawn_by_the_printer() -> None:
    assert b"\x31\x50\x30" + str(SHEET.link).encode() in bytes_of(SHEET)
    assert b"\x31\x50\x30" not in bytes_of(Sheet(SHEET.lines))


def test_it_ends_with_the_knife() -> None:
    assert bytes_of(SHEET).endswith(b"\x1dVB\x00")


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine is no printer that is silent."""
    monkeypatch.setattr(escpos, "CONNECT_S", PATIENCE_S)
    monkeypatch.setattr(escpos, "ANSWER_S", PATIENCE_S)


@pytest.mark.parametrize("silent", [False, True])
def test_a_network_printer_is_given_the_whole_sheet(silent: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if silent:
        monkeypatch.setattr(escpos, "ANSWER_S", 1.0)
    with slip(silent=silent) as printer:
        NetworkPrinter("127.0.0.1", printer.port).put_out(SHEET)
    assert printer.came == bytes_of(SHEET)


@pytest.mark.parametrize(
    ("how", "trouble"),
    [
        ({"paper": 0x72}, "paper"),
        ({"cause": 0x32}, "paper"),
        ({"cause": 0x16}, "printer"),
        ({"cause": 0x52}, "printer"),
    ],
)
def test_a_printer_that_cannot_is_given_nothing(how: dict[str, int], trouble: str) -> None:
    with slip(**how) as printer, pytest.raises(PrinterTrouble) as found:
        NetworkPrinter("127.0.0.1", printer.port).put_out(SHEET)
    assert (found.value.trouble, printer.came) == (trouble, b"")


def test_paper_that_ends_soon_is_told() -> None:
    with slip(paper=0x1E) as printer:
        assert NetworkPrinter("127.0.0.1", printer.port).condition() == Condition("low")


# --- one contract for both ----------------------------------------------------------------------------

Made = tuple[Printer, Callable[[], int]]


@pytest.fixture(params=["escpos", "pretend"])
def well(request: pytest.FixtureRequest) -> Iterator[Made]:
    """A printer that is well, and how many sheets it put out."""
    if request.param == "pretend":
        made = pretend.PretendPrinter("desk")
        yield made, lambda: len(made.printed)
        return
    with slip() as printer:
        yield NetworkPrinter("127.0.0.1", printer.port), lambda: printer.came.count(escpos.END)


@pytest.fixture(params=["escpos", "pretend"])
def away(request: pytest.FixtureRequest) -> Printer:
    """One that nobody answers from."""
    if request.param == "pretend":
        return pretend.PretendPrinter("desk", trouble="unreachable")
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    return NetworkPrinter("127.0.0.1", port)


def test_a_printer_puts_out_each_sheet_once(well: Made) -> None:
    printer, count = well
    assert printer.condition() == Condition()
    printer.put_out(SHEET)
    printer.put_out(SHEET)
    wait_for(lambda: count() >= 2)
    assert count() == 2


def test_a_printer_that_is_away_says_so(away: Printer) -> None:
    for use in (away.condition, lambda: away.put_out(SHEET)):
        with pytest.raises(PrinterTrouble) as found:
            use()
        assert found.value.trouble == "unreachable"


def test_a_pretend_printer_is_the_same_whoever_asks() -> None:
    assert pretend.at("one") is pretend.at("one")
    assert pretend.at("one") is not pretend.at("other")
