"""The kiosk as a machine: what it can do just now, its paper, and calling somebody to help."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import request

from dispatch.catalogue.models import Item
from dispatch.catalogue.situations import Answers
from dispatch.foundation import clock
from dispatch.foundation.words import translate
from dispatch.halls.devices import finding, hearing
from dispatch.halls.devices.models import Device
from dispatch.halls.models import Hall
from dispatch.journeys.models import Journey
from dispatch.notices import printing
from dispatch.notices.models import PrintJob
from dispatch.notices.refusals import NoPrinter
from dispatch.pages.shared import devices as machines
from dispatch.pages.shared.calls import Call, language
from dispatch.tickets.models import Ticket

NO_PRINTER = "none"
"""In place of a job's id, where no machine could take it."""


@dataclass(frozen=True)
class MachineTold:
    """What a person is told of the machine in front of her. `reader` is ready, broken or none; `trouble` a sentence."""

    paired: bool
    prints: bool
    reader: str
    trouble: str
    items: frozenset[str] | None


@dataclass(frozen=True)
class PaperTold:
    """How far the paper is: none, printing, printed or failed, and what is said of it."""

    state: str
    words: str


def machine_of(call: Call, place: Hall) -> Device | None:
    """The paired kiosk this is; None for the same page on any other screen."""
    device = machines.itself(call, "kiosk")
    return device if device is not None and device.hall == place.code else None


def told(call: Call, place: Hall) -> MachineTold:
    """What this machine can do now."""
    device = machine_of(call, place)
    if device is None:
        return MachineTold(paired=False, prints=False, reader="ready", trouble="", items=None)
    able = finding.able(device)
    reader = "ready" if "id_reader" in able else "broken" if "id_reader" in device.abilities else "none"
    items = frozenset(device.items) if device.items is not None else None
    return MachineTold(True, "print" in able, reader, _trouble(device, able), items)


def print_ticket(call: Call, place: Hall, ticket: Ticket) -> None:
    """Have the ticket come out here, if this machine or its hall can."""
    device = machine_of(call, place)
    if device is None:
        return
    try:
        printing.ask(
            call.session,
            ticket,
            at=device,
            base=request.url_root,
            lang=language(),
            real_now=clock.real_now(),
        )
    except NoPrinter:
        return  # the page shows the code, which does as well


def print_notice(call: Call, place: Hall, item: Item, answers: Answers) -> str:
    """Have a one-time notice come out here, if this machine or its hall can; the job's id."""
    ask = partial(printing.ask_for_notice, call.session, item=item, answers=answers)
    return _print_here(call, place, ask)


def print_way(call: Call, place: Hall, journey: Journey) -> str:
    """Have the way to another hall come out here, if this machine or its hall can; the job's id."""
    return _print_here(call, place, partial(printing.ask_for_way, call.session, journey=journey.id))


def _print_here(call: Call, place: Hall, ask: Callable[..., PrintJob]) -> str:
    device = machine_of(call, place)
    if device is None:
        return ""
    try:
        return ask(at=device, base=request.url_root, lang=language(), real_now=clock.real_now()).id
    except NoPrinter:
        return NO_PRINTER


def paper_of(call: Call, place: Hall, ticket: Ticket) -> PaperTold:
    """How far the ticket's paper is."""
    say = partial(translate, language())
    machine = told(call, place)
    job = printing.latest(call.session, ticket.id) if machine.paired else None
    if job is None:
        words = "" if machine.prints or not machine.paired else _no_paper(machine, say("这台机器不出纸票"))
        return PaperTold("none", words)
    return _told_of(job)


def paper_of_job(call: Call, place: Hall, ident: str) -> PaperTold:
    """How far the paper of this job is, where it was asked for at this machine."""
    device = machine_of(call, place)
    if device is None or not ident:
        return PaperTold("none", "")
    if ident == NO_PRINTER:
        return PaperTold("failed", translate(language(), "没打出来"))
    return _told_of(printing.job(call.session, ident))


def _told_of(job: PrintJob) -> PaperTold:
    say = partial(translate, language())
    if job.state in ("queued", "printing"):
        return PaperTold("printing", say("正在出票,请稍等"))
    if job.state == "printed":
        return PaperTold("printed", say("纸票在出票口,请拿好"))
    words = say("打印机没纸") if job.trouble == "paper" else say("没打出来")
    return PaperTold("failed", words)


def want_help(call: Call, place: Hall) -> bool:
    """Call somebody of the guide desk here; False when nobody would know where."""
    device = machine_of(call, place)
    if device is None:
        return False
    hearing.want_help(call.session, device, now=call.now, real_now=clock.real_now(), actor=call.actor)
    return True


def _trouble(device: Device, able: list[str]) -> str:
    say = partial(translate, language())
    if not finding.STOPS_ALL.isdisjoint(device.faults):
        return say("这台机器有毛病,点了没反应就请到导办台取号")
    if "print" in device.abilities and "print" not in able:
        reason = say("打印机没纸") if device.paper == "out" else say("打印机坏了")
        return say("%(reason)s:取号照常,请用手机扫码保存", reason=reason)
    return ""


def _no_paper(machine: MachineTold, otherwise: str) -> str:
    return machine.trouble or otherwise
