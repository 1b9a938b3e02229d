"""Printing tickets and notices: asked for, taken by a machine, come out or not.

A machine with its own program fetches what it has to print; a printer on the network is driven from here.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import situations
from dispatch.catalogue.models import Item
from dispatch.catalogue.situations import Answers
from dispatch.foundation.errors import BadInput, NotFound
from dispatch.foundation.ids import new_id
from dispatch.foundation.words import Language
from dispatch.halls.devices import finding as devices
from dispatch.halls.devices.models import Device
from dispatch.notices.models import LIFE, PrintJob
from dispatch.notices.refusals import NoPrinter
from dispatch.tickets.models import Ticket

PRINTERS = ("printer", "kiosk")
GIVE_UP_AFTER = timedelta(seconds=30)
"""A person stands there and waits for her paper: after this long the code on the screen is shown instead."""
MOST_ATTEMPTS = 3


def ask(
    session: Session,
    ticket: Ticket,
    *,
    device: str | None = None,
    at: Device | None = None,
    base: str = "",
    lang: Language = "zh",
    real_now: datetime,
) -> PrintJob:
    """Have a ticket printed: on this machine, or at the kiosk `at` itself, or on the hall's first that works.

    NoPrinter when none can. Asking again while it is being printed changes nothing.
    """
    chosen = _chosen(session, ticket.hall, device, at, real_now)
    running = session.scalar(
        select(PrintJob)
        .where(PrintJob.ticket == ticket.id, PrintJob.device == chosen.id)
        .where(PrintJob.state.in_(("queued", "printing")))
        .limit(1)
    )
    return running or _new(session, chosen, lang, real_now, ticket=ticket.id, base=base)


def ask_for_notice(
    session: Session,
    at: Device,
    item: Item,
    answers: Answers,
    *,
    base: str = "",
    lang: Language = "zh",
    real_now: datetime,
) -> PrintJob:
    """Have a one-time notice come out at this machine, or on its hall's first that works; NoPrinter.

    Refuses answers that do not fit, as `situations.check`.
    """
    situations.check(item, answers)
    chosen = _chosen(session, at.hall, None, at, real_now)
    wanted = {"item": item.code, "answers": dict(answers)}
    return _new(session, chosen, lang, real_now, notice=wanted, base=base)


def ask_for_way(
    session: Session,
    at: Device,
    journey: str,
    *,
    base: str = "",
    lang: Language = "zh",
    real_now: datetime,
) -> PrintJob:
    """Have the way to another hall come out at this machine, or on its hall's first that works; NoPrinter."""
    chosen = _chosen(session, at.hall, None, at, real_now)
    return _new(session, chosen, lang, real_now, journey=journey, base=base)


def ask_for_test(session: Session, device: Device, *, lang: Language = "zh", real_now: datetime) -> PrintJob:
    """Have a machine print a test."""
    return _new(session, device, lang, real_now)


def queued(session: Session, device: str, limit: int = 10) -> list[PrintJob]:
    """What a machine has to print, oldest first."""
    wanted = select(PrintJob).where(PrintJob.device == device, PrintJob.state == "queued")
    return list(session.scalars(wanted.order_by(PrintJob.asked_at, PrintJob.id).limit(limit)))


def job(session: Session, ident: str, device: str | None = None) -> PrintJob:
    """One job, of this machine if one is named; NotFound."""
    found = session.get(PrintJob, ident)
    if found is None or device not in (None, found.device):
        raise NotFound(what=ident, field="job")
    return found


def latest(session: Session, ticket: str) -> PrintJob | None:
    """What became of a ticket's newest job."""
    wanted = select(PrintJob).where(PrintJob.ticket == ticket)
    return session.scalar(wanted.order_by(PrintJob.asked_at.desc(), PrintJob.id).limit(1))


def take(session: Session, found: PrintJob, *, real_now: datetime) -> None:
    """A machine begins to print; WrongState when another was quicker."""
    _step(session, found, "take")
    found.taken_at, found.attempts = real_now, found.attempts + 1


def printed(session: Session, found: PrintJob, *, real_now: datetime) -> None:
    """It came out."""
    _step(session, found, "printed")
    found.ended_at, found.trouble = real_now, None


def failed(session: Session, found: PrintJob, trouble: str, *, real_now: datetime) -> None:
    """Nothing came out, and nothing will."""
    _step(session, found, "failed")
    found.ended_at, found.trouble = real_now, trouble


def again(session: Session, found: PrintJob) -> None:
    """Back into the line of what is to be printed."""
    _step(session, found, "again")
    found.ended_at = None


def missed(session: Session, found: PrintJob, trouble: str, *, real_now: datetime) -> None:
    """An attempt on a network printer went wrong: try again while that makes sense."""
    if found.attempts < MOST_ATTEMPTS and real_now - found.asked_at < GIVE_UP_AFTER:
        again(session, found)
        found.trouble = trouble
    else:
        failed(session, found, trouble, real_now=real_now)


def by_network(session: Session) -> list[tuple[PrintJob, str]]:
    """What is to be printed on machines that are driven from here, with their addresses, oldest first."""
    wanted = (
        select(PrintJob, Device.address)
        .join(Device, Device.id == PrintJob.device)
        .where(PrintJob.state == "queued", Device.address.is_not(None), Device.active)
    )
    return [(found, str(address)) for found, address in session.execute(wanted.order_by(PrintJob.asked_at))]


def give_up_old(session: Session, *, real_now: datetime) -> int:
    """Fail what was not printed while somebody still stood there; how many."""
    open_ones = select(PrintJob).where(PrintJob.state.in_(("queued", "printing")))
    late = open_ones.where(PrintJob.asked_at < real_now - GIVE_UP_AFTER).with_for_update()
    found = list(session.scalars(late))
    for each in found:
        failed(session, each, "too_late", real_now=real_now)
    return len(found)


def _new(
    session: Session,
    device: Device,
    lang: Language,
    real_now: datetime,
    *,
    ticket: str | None = None,
    notice: dict[str, Any] | None = None,
    journey: str | None = None,
    base: str = "",
) -> PrintJob:
    made = PrintJob(
        id=new_id(),
        ticket=ticket,
        notice=notice,
        journey=journey,
        device=device.id,
        base=base,
        lang=lang,
        state="queued",
        attempts=0,
        asked_at=real_now,
    )
    session.add(made)
    session.flush()
    return made


def _chosen(session: Session, hall: str, wanted: str | None, at: Device | None, real_now: datetime) -> Device:
    if wanted is not None:
        named = devices.device(session, wanted)
        if named.hall != hall or named.kind not in PRINTERS:
            raise BadInput(reason=wanted, field="device")
        if not _prints(named, real_now):
            raise NoPrinter(field="device")
        return named
    if at is not None and "print" in at.abilities:
        if not _prints(at, real_now):  # it must not come out elsewhere while the person stands here
            raise NoPrinter
        return at
    found = [each for each in devices.in_halls(session, [hall]) if each.kind == "printer"]
    for each in found:
        if _prints(each, real_now):
            return each
    raise NoPrinter


def _prints(found: Device, real_now: datetime) -> bool:
    if not devices.usable(found, real_now=real_now) or found.paper == "out":
        return False
    return found.kind == "printer" or "print" in devices.able(found)


def _step(session: Session, found: PrintJob, verb: str) -> None:
    session.refresh(found, with_for_update=True)
    found.state = LIFE.target(verb, found.state)
    session.flush()
