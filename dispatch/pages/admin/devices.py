"""A hall's machines: how they are, pairing a new one by its code, putting one out of use, where windows lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation import clock
from dispatch.foundation.access import require
from dispatch.foundation.errors import NotFound
from dispatch.halls import configuring
from dispatch.halls import finding as halls
from dispatch.halls.devices import finding, pairing, tokens
from dispatch.halls.devices.models import ABILITIES, AT_A_WINDOW, Device, Pairing
from dispatch.halls.devices.refusals import TooManyWrongCodes, UnknownCode
from dispatch.halls.models import ARROWS, Hall
from dispatch.notices import printing
from dispatch.pages.admin.shell import blueprint, enter, page, press
from dispatch.pages.shared import devices as machines
from dispatch.pages.shared.calls import Call, language, reading

SHOWN_AFTERWARDS = timedelta(days=1)
ROOM = "devices"


@dataclass(frozen=True)
class Row:
    """One machine as a line of the table."""

    device: Device
    status: str
    ago_s: int | None
    window: str | None
    prints: bool


@blueprint.get("/admin/devices")
def devices() -> AnyResponse:
    """The machines of the hall at hand: where a scanned code leads."""
    with reading() as call:
        desk = enter(call, ROOM)
    code = request.args.get("code", "")
    here = desk.room.url(desk.hall.code if desk.hall else None)
    return redirect(f"{here}?code={quote(code, safe='')}" if code else here, 303)


@blueprint.get("/admin/<hall>/devices")
def devices_of_hall(hall: str) -> Response:
    """How the hall's machines are; with a code, the machine that shows it."""
    code, wrong = request.args.get("code", "").strip()[:12], ""
    with reading() as call:
        desk = enter(call, ROOM, hall)
        place = halls.hall(call.session, hall)
        shown = _shown(call, place)
        waiting = None
        if code and shown["may_pair"]:
            waiting, wrong = _showing(call, code)
    if wrong == UnknownCode.code:
        machines.note_look(desk.actor)
    return page("admin/devices.html", desk, code=code, waiting=waiting, wrong=wrong, **shown)


@blueprint.post("/admin/<hall>/devices/approve")
def approve_device(hall: str) -> AnyResponse:
    """The machine that shows the code belongs to this hall."""

    def do(call: Call) -> str:
        place = halls.hall(call.session, hall)
        told = request.form
        window = told.get("window") or None
        about = pairing.About(
            name=told.get("name", "").strip()[:40] or None,
            window=window,
            abilities=[each for each in told.getlist("abilities") if each in ABILITIES],
        )
        machines.approve(call, place, told.get("code", "")[:12], about, replaces=told.get("replaces") or None)
        return f"/admin/{place.code}/devices?done=paired"

    try:
        return press(do)
    except UnknownCode:
        machines.note_wrong_code()
        raise


@blueprint.post("/admin/<hall>/devices/deny")
def deny_device(hall: str) -> AnyResponse:
    """The machine that shows the code is sent away."""

    def do(call: Call) -> str:
        machines.deny(call, request.form.get("code", "")[:12])
        return f"/admin/{halls.hall(call.session, hall).code}/devices?done=denied"

    return press(do)


@blueprint.post("/admin/<hall>/devices/<ident>/revoke")
def revoke_device(hall: str, ident: str) -> AnyResponse:
    """The machine is put out of use at once."""

    def do(call: Call) -> str:
        device = _device(call, hall, ident)
        reason = request.form.get("reason", "")
        tokens.revoke(
            call.session,
            device,
            reason=reason if reason in tokens.REASONS else "revoked",
            now=call.now,
            real_now=clock.real_now(),
            actor=call.actor,
        )
        return f"/admin/{device.hall}/devices?done=revoked"

    return press(do)


@blueprint.post("/admin/<hall>/devices/<ident>/test")
def test_print(hall: str, ident: str) -> AnyResponse:
    """The machine prints a test."""

    def do(call: Call) -> str:
        device = _device(call, hall, ident)
        printing.ask_for_test(call.session, device, lang=language(), real_now=clock.real_now())
        return f"/admin/{device.hall}/devices?done=test"

    return press(do)


@blueprint.post("/admin/<hall>/devices/arrows")
def set_arrows(hall: str) -> AnyResponse:
    """Where the hall's windows lie, seen from its board."""

    def do(call: Call) -> str:
        place = halls.hall(call.session, hall)
        require(call.actor, "devices.pair", place.path, field="hall")
        known = {window.id for window in halls.windows_of(call.session, place.code)}
        arrows = {key: said for key, said in request.form.items() if key in known and said in ARROWS}
        configuring.set_arrows(call.session, place.code, arrows, now=call.now, actor=call.actor)
        return f"/admin/{place.code}/devices?done=arrows"

    return press(do)


def _shown(call: Call, place: Hall) -> dict[str, Any]:
    real_now = clock.real_now()
    windows = halls.windows_of(call.session, place.code)
    names = {window.id: window.name for window in windows}
    found = finding.in_halls(call.session, [place.code], since=real_now - SHOWN_AFTERWARDS)
    rows = [_row(each, names, real_now) for each in found]
    return {
        "rows": [row for row in rows if row.status != "revoked"],
        "gone": [row for row in rows if row.status == "revoked"],
        "sick": _count(rows, ("cloned", "fault", "paper_out", "offline")),
        "cloned": [row for row in rows if row.status == "cloned"],
        "windows": windows,
        "arrows": ARROWS,
        "abilities": ABILITIES,
        "at_a_window": AT_A_WINDOW,
        "may_pair": call.actor.may("devices.pair", place.path),
        "kiosks": finding.kiosks(call.session, place.code, real_now=real_now),
    }


def _row(device: Device, names: dict[str, str], real_now: datetime) -> Row:
    ago = None if device.heard_at is None else max(0, round((real_now - device.heard_at).total_seconds()))
    prints = device.kind == "printer" or "print" in device.abilities
    status = finding.status(device, real_now=real_now)
    return Row(device, status, ago, names.get(device.window or ""), prints)


def _count(rows: Sequence[Row], statuses: tuple[str, ...]) -> int:
    return sum(row.status in statuses for row in rows)


def _showing(call: Call, code: str) -> tuple[Pairing | None, str]:
    """The machine that shows the code, or what is wrong with it."""
    real_now = clock.real_now()
    try:
        pairing.refuse_guessing(call.session, call.actor.name, real_now=real_now)
        return pairing.waiting(call.session, code, real_now=real_now, for_update=False), ""
    except (UnknownCode, TooManyWrongCodes) as refusal:
        return None, refusal.code


def _device(call: Call, hall: str, ident: str) -> Device:
    device = finding.device_for(call.session, call.actor, ident, "devices.pair")
    if device.hall != hall:
        raise NotFound(what=ident, field="device")
    return device
