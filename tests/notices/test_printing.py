"""Paper tickets: what stands on them, on which machine they come out, and when it is given up."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.printers import pretend
from dispatch.foundation import clock
from dispatch.foundation.ids import Keyring
from dispatch.foundation.transitions import WrongState
from dispatch.halls import finding as halls
from dispatch.halls.devices import finding, hearing, pairing, tokens
from dispatch.halls.devices.hearing import Said
from dispatch.halls.devices.models import Device
from dispatch.halls.devices.pairing import About
from dispatch.notices import paper, printing
from dispatch.notices.models import PrintJob
from dispatch.notices.refusals import NoPrinter
from dispatch.people import citizens
from dispatch.people.citizens import PersonData
from dispatch.tickets import finding as tickets
from dispatch.wiring.printing import print_tickets, watch_printers
from tests.standing_city import CARD, TOWN_HALL, Town

PERSON = PersonData("王小明", "13800000000", "resident_id", "33108219900101001X")


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """The city's keys, where every process finds them."""
    monkeypatch.setenv("TONGBAN_VAR", str(tmp_path))
    return Keyring(tmp_path / "keys")


def machine(town: Town, kind: str = "printer", *, heard: bool = True, **about: object) -> str:
    """A machine of the town's hall, heard just now; its id."""
    now = clock.real_now()
    with town.database.work() as session:
        told = About(**about)  # type: ignore[arg-type]
        token = pairing.pair(session, halls.hall(session, TOWN_HALL), kind, now=now, about=told)
    with town.database.work() as session:
        if heard:
            hearing.hear(session, token, Said(), now=town.now, real_now=now)
        found = tokens.known(session, token)
        assert found is not None
        return found.id


def ask(town: Town, ticket: str, **how: object) -> str:
    """Have it printed; the job's id."""
    with town.database.work() as session:
        at = how.pop("at", None)
        kiosk = finding.device(session, str(at)) if at else None
        told = {"real_now": clock.real_now(), "base": "http://city/", **how}
        return printing.ask(session, tickets.ticket(session, ticket), at=kiosk, **told).id  # type: ignore[arg-type]


def job(town: Town, ident: str) -> PrintJob:
    with town.database.reading() as session:
        found = printing.job(session, ident)
        session.expunge_all()
        return found


def test_what_stands_on_paper(town: Town, keys: Keyring) -> None:
    town.take("D")
    with town.database.work() as session:
        person = citizens.keep(session, keys, PERSON, now=town.now)
    ticket = town.take(items=[CARD], person=person)
    with town.database.reading() as session:
        row = tickets.ticket(session, ticket.id)
        sheet = paper.ticket_sheet(session, keys, row, "http://city/t/x", "zh")
    told = paper.text_of(sheet)
    assert told[:2] == ["杜桥镇便民服务中心", "D002"]
    assert sheet.lines[1].size == paper.NUMBER_SIZE
    assert "前面还有 1 人" in told
    assert "证件尾号 001X" in told
    assert any(line.endswith("仅当天有效") for line in told)
    assert sheet.link == "http://city/t/x"
    said = "".join(told)
    assert not any(secret in said for secret in (PERSON.name, str(PERSON.phone), str(PERSON.id_number)))


def test_english_paper_is_english(town: Town, keys: Keyring) -> None:
    ticket = town.take("D")
    with town.database.reading() as session:
        sheet = paper.ticket_sheet(session, keys, tickets.ticket(session, ticket.id), "", "en")
    assert "valid" in paper.text_of(sheet)[-1].lower()


def test_the_code_on_paper_opens_the_ticket(town: Town, keys: Keyring) -> None:
    machine(town)
    ticket = town.take("D")
    found = job(town, ask(town, ticket.id))
    with town.database.reading() as session:
        sheet = paper.sheet_of(session, keys, found)
    secret = keys.secret_of(tickets.SECRET, ticket.id)
    assert sheet.link == f"http://city/t/{ticket.id}?s={secret}"


def test_a_kiosk_prints_itself_or_not_at_all(town: Town) -> None:
    machine(town)
    kiosk = machine(town, "kiosk", abilities=["print"])
    ticket = town.take("D")
    assert job(town, ask(town, ticket.id, at=kiosk)).device == kiosk
    with town.database.work() as session:
        finding.device(session, kiosk).paper = "out"
    other = town.take("D")
    with pytest.raises(NoPrinter):
        ask(town, other.id, at=kiosk)


def test_a_kiosk_without_a_printer_uses_the_halls(town: Town) -> None:
    printer, kiosk = machine(town), machine(town, "kiosk")
    assert job(town, ask(town, town.take("D").id, at=kiosk)).device == printer


def test_without_a_printer_that_lives_nothing_is_asked_of_it(town: Town) -> None:
    machine(town, heard=False)
    with pytest.raises(NoPrinter):
        ask(town, town.take("D").id)


def test_asking_again_while_it_prints_is_asking_once(town: Town) -> None:
    machine(town)
    ticket = town.take("D")
    assert ask(town, ticket.id) == ask(town, ticket.id)


def test_of_two_who_take_a_job_one_gets_it(town: Town) -> None:
    machine(town)
    ident = ask(town, town.take("D").id)
    with town.database.work() as session:
        printing.take(session, printing.job(session, ident), real_now=clock.real_now())
    with pytest.raises(WrongState):
        with town.database.work() as session:
            printing.take(session, printing.job(session, ident), real_now=clock.real_now())


# --- printers on the network --------------------------------------------------------------------------


@pytest.fixture
def desk(town: Town) -> pretend.PretendPrinter:
    """A network printer at the guide desk, paired and asked how it is."""
    printer = pretend.at(f"desk-{id(town)}")
    machine(town, heard=False, address=f"pretend://{printer.name}")
    watch_printers(town.database)
    return printer


def test_a_network_printer_is_printed_on(town: Town, keys: Keyring, desk: pretend.PretendPrinter) -> None:
    ticket = town.take("D")
    ident = ask(town, ticket.id)
    print_tickets(town.database)
    print_tickets(town.database)
    assert job(town, ident).state == "printed"
    assert [sheet.lines[1].text for sheet in desk.printed] == [ticket.number]


@pytest.mark.usefixtures("keys")
def test_it_is_tried_three_times(town: Town, desk: pretend.PretendPrinter) -> None:
    ident = ask(town, town.take("D").id)
    desk.trouble = "paper"
    for attempts, state in [(1, "queued"), (2, "queued"), (3, "failed"), (3, "failed")]:
        print_tickets(town.database)
        found = job(town, ident)
        assert (found.attempts, found.state, found.trouble) == (attempts, state, "paper")
    assert not desk.printed


@pytest.mark.usefixtures("keys")
def test_it_is_given_up_once_nobody_stands_there(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(town)
    ident = ask(town, town.take("D").id)
    print_tickets(town.database)
    assert job(town, ident).state == "queued"
    _later(monkeypatch, printing.GIVE_UP_AFTER + timedelta(seconds=1))
    print_tickets(town.database)
    assert (job(town, ident).state, job(town, ident).trouble) == ("failed", "too_late")


def test_how_a_network_printer_is_is_asked(town: Town, desk: pretend.PretendPrinter) -> None:
    def seen() -> tuple[str, bool]:
        with town.database.reading() as session:
            found = session.scalars(select(Device)).one()
            return found.paper, found.heard_at is not None

    assert seen() == ("ok", True)
    desk.trouble = "paper"
    watch_printers(town.database)
    assert seen() == ("out", True)
    assert town.kinds()[-1] == "DeviceFault"


def test_a_kiosk_speaks_for_itself_of_all_but_its_printer(town: Town) -> None:
    printer = pretend.at(f"kiosk-{id(town)}")
    ident = machine(town, "kiosk", abilities=["print"], address=f"pretend://{printer.name}")
    with town.database.work() as session:
        finding.device(session, ident).faults = ["speaker"]
    printer.trouble = "unreachable"
    watch_printers(town.database)
    with town.database.reading() as session:
        assert finding.device(session, ident).faults == ["printer", "speaker"]


def _later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    real: datetime = clock.real_now()
    monkeypatch.setattr(clock, "real_now", lambda: real + by)
