"""Machines: paired by a code, heard every few seconds, revoked at once; their printing and their keys."""

import base64
from collections.abc import Callable
from functools import partial

from flask import Response, request

from dispatch.foundation import clock
from dispatch.foundation.access import require
from dispatch.foundation.errors import BadInput, NotAllowed
from dispatch.halls import finding as halls
from dispatch.halls.devices import finding, hearing, pairing, tokens
from dispatch.halls.devices.models import Device
from dispatch.halls.devices.refusals import Cloned, UnknownCode
from dispatch.notices import paper, printing
from dispatch.notices.models import PrintJob
from dispatch.pages.api import devices_shapes as shapes
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, HallPath, IdPath
from dispatch.pages.shared import devices as machines
from dispatch.pages.shared.calls import Call, answer, here, language, once, refuse_forged
from dispatch.pages.shared.devices import HEARTBEAT_S
from dispatch.tickets import finding as tickets


@api.post("/devices/pairings", **door("devices", "anyone", shapes.PairingAsked, 429, status=201))
def ask_pairing(body: shapes.NewPairing) -> tuple[dict[str, object], int]:
    """A machine asks to be paired and shows the short code; 429 from one place too often."""
    asked = machines.ask(body.kind)
    shown = shapes.PairingAsked(
        device_code=asked.device_code,
        user_code=asked.user_code,
        verification_uri=machines.approval_link(asked.user_code),
        expires_in_s=round(pairing.CODE_LASTS.total_seconds()),
        interval_s=asked.interval_s,
    )
    return shown.model_dump(mode="json"), 201


@api.post(
    "/devices/pairings/approve",
    **door("devices", "staff", shapes.DeviceShown, 401, 403, 404, 429, status=201, permission="devices.pair"),
)
def approve_pairing(body: shapes.Approval) -> Response:
    """The machine that shows this code belongs to this hall; 429 after too many codes that are none."""
    about = pairing.About(body.name, body.window, body.abilities, body.items, body.address)

    def do(call: Call) -> shapes.DeviceShown:
        place = halls.hall(call.session, body.hall)
        device = machines.approve(call, place, body.user_code, about, replaces=body.replaces)
        return _shown(device)

    return _counting_wrong_codes(partial(once, do, status=201))


@api.post(
    "/devices/pairings/deny", **door("devices", "staff", None, 401, 403, 404, 429, permission="devices.pair")
)
def deny_pairing(body: shapes.Denial) -> Response:
    """The machine that shows this code is sent away."""
    return _counting_wrong_codes(partial(once, lambda call: machines.deny(call, body.user_code)))


@api.post("/devices/pairings/token", **door("devices", "anyone", shapes.DevicePaired, 400))
def collect_token(body: shapes.Collecting) -> dict[str, object]:
    """The machine comes for its token: 400 `authorization_pending`, `slow_down`, `expired_token`, `access_denied`."""
    taken = machines.collect(body.device_code)
    told = _shown(taken.device).model_dump(mode="json")
    return {**told, "token": taken.token, "nonce": taken.device.nonce}


@api.post(
    "/devices/heartbeat", **door("devices", "staff", shapes.Beaten, 401, 403, permission="devices.report")
)
def machine_heartbeat(body: shapes.Beat) -> Response:
    """How the machine is, every few seconds.

    An answer that was lost is given again to the same Idempotency-Key; the same nonce under another key means that two
    machines use one token, and both are refused from then on (401 `device_cloned`).
    """
    refuse_forged()
    brought = machines.brought()
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 8 <= len(key) <= 200:
        raise BadInput(reason="8–200 ASCII", field="Idempotency-Key")
    said = hearing.Said(
        nonce=body.nonce or brought.nonce,
        key=key,
        state=body.state,
        paper=body.paper,
        faults=body.faults,
        at=body.at,
        receipt=body.receipt,
    )
    real_now = clock.real_now()
    with here().database.work() as session:
        heard = hearing.hear(session, brought.token, said, now=clock.now(session), real_now=real_now)
    if heard.cloned:
        raise Cloned
    return machines.told(
        heard,
        brought,
        shapes.Beaten(
            device=heard.device.id,
            nonce=heard.nonce,
            token=heard.token,
            generation=heard.device.generation,
            heartbeat_s=HEARTBEAT_S,
            server_time=real_now,
        ),
    )


@api.get(
    "/halls/<string:hall>/devices",
    **door("devices", "staff", shapes.Devices, 401, 403, 404, permission="devices.see"),
)
def list_devices(path: HallPath) -> Response:
    """The hall's machines and how they are."""

    def read(call: Call) -> shapes.Devices:
        require(call.actor, "devices.see", field="hall")
        place = halls.hall(call.session, path.hall)
        require(call.actor, "devices.see", place.path, field="hall")
        return shapes.Devices(devices=[_shown(each) for each in finding.in_halls(call.session, [place.code])])

    return answer(read)


@api.get(
    "/devices/<string:id>",
    **door("devices", "staff", shapes.DeviceShown, 401, 403, 404, permission="devices.look"),
)
def show_device(path: IdPath) -> Response:
    """One machine; a machine may look at itself as `me`."""

    def read(call: Call) -> shapes.DeviceShown:
        if call.actor.kind == "device" and path.id in ("me", call.actor.id):
            return _shown(finding.itself(call.session, call.actor))
        require(call.actor, "devices.see", field="device")
        return _shown(finding.device_for(call.session, call.actor, path.id, "devices.see"))

    return answer(read)


@api.post(
    "/devices/<string:id>/revoke",
    **door("devices", "staff", shapes.DeviceShown, 401, 403, 404, permission="devices.pair"),
)
def revoke_device(path: IdPath, body: shapes.Revocation) -> Response:
    """The machine's token is worth nothing from now on, on open lines too."""

    def do(call: Call) -> shapes.DeviceShown:
        require(call.actor, "devices.pair", field="device")
        device = finding.device_for(call.session, call.actor, path.id, "devices.pair")
        real_now = clock.real_now()
        tokens.revoke(
            call.session, device, reason=body.reason, now=call.now, real_now=real_now, actor=call.actor
        )
        return _shown(device)

    return once(do)


@api.post("/devices/help", **door("devices", "staff", None, 401, 403, permission="devices.help"))
def want_help(body: Body) -> Response:
    """Somebody at this kiosk asks for a person to come."""

    def do(call: Call) -> None:
        device = finding.itself(call.session, call.actor, "kiosk")
        hearing.want_help(call.session, device, now=call.now, real_now=clock.real_now(), actor=call.actor)

    return once(do)


@api.get("/devices/jobs", **door("devices", "staff", shapes.Jobs, 401, 403, permission="devices.print"))
def list_jobs() -> Response:
    """What this machine has to print."""

    def read(call: Call) -> shapes.Jobs:
        device = finding.itself(call.session, call.actor, *printing.PRINTERS)
        return shapes.Jobs(
            jobs=[_job_to_print(call, job) for job in printing.queued(call.session, device.id)]
        )

    return answer(read)


@api.post(
    "/devices/jobs/<string:id>/take",
    **door("devices", "staff", shapes.JobShown, 401, 403, 404, 409, permission="devices.print"),
)
def take_job(path: IdPath, body: Body) -> Response:
    """This machine begins to print."""
    return _job(path, lambda call, job: printing.take(call.session, job, real_now=clock.real_now()))


@api.post(
    "/devices/jobs/<string:id>/printed",
    **door("devices", "staff", shapes.JobShown, 401, 403, 404, 409, permission="devices.print"),
)
def job_printed(path: IdPath, body: Body) -> Response:
    """It came out."""
    return _job(path, lambda call, job: printing.printed(call.session, job, real_now=clock.real_now()))


@api.post(
    "/devices/jobs/<string:id>/failed",
    **door("devices", "staff", shapes.JobShown, 401, 403, 404, 409, permission="devices.print"),
)
def job_failed(path: IdPath, body: shapes.PrintFailed) -> Response:
    """Nothing came out; the person is shown the code instead."""
    return _job(
        path,
        lambda call, job: printing.failed(call.session, job, body.trouble, real_now=clock.real_now()),
    )


@api.post(
    "/tickets/<string:id>/print",
    **door(
        "devices",
        "staff",
        shapes.JobShown,
        401,
        403,
        404,
        409,
        status=201,
        permission="tickets.issue",
    ),
)
def print_ticket(path: IdPath, body: shapes.Printing) -> Response:
    """Have a ticket printed, again too; 409 `no_printer` when no machine can."""

    def do(call: Call) -> shapes.JobShown:
        require(call.actor, "tickets.issue", field="ticket")
        ticket = tickets.ticket(call.session, path.id)
        place = halls.hall(call.session, ticket.hall)
        require(call.actor, "tickets.issue", place.path, field="ticket")
        at = finding.itself(call.session, call.actor, "kiosk") if call.actor.kind == "device" else None
        if at is not None and (at.hall != ticket.hall or body.device not in (None, at.id)):
            raise NotAllowed(field="device")
        job = printing.ask(
            call.session,
            ticket,
            device=body.device,
            at=at,
            base=request.url_root,
            lang=language(),
            real_now=clock.real_now(),
        )
        return _job_shown(job)

    return once(do, status=201)


def _counting_wrong_codes(do: Callable[[], Response]) -> Response:
    """Remember who tried a code that is none, though nothing else of the call is kept."""
    try:
        return do()
    except UnknownCode:
        machines.note_wrong_code()
        raise


def _job(path: IdPath, verb: Callable[[Call, PrintJob], None]) -> Response:
    def do(call: Call) -> shapes.JobShown:
        device = finding.itself(call.session, call.actor, *printing.PRINTERS)
        job = printing.job(call.session, path.id, device.id)
        verb(call, job)
        return _job_shown(job)

    return once(do)


def _shown(device: Device) -> shapes.DeviceShown:
    return shapes.DeviceShown(
        id=device.id,
        kind=device.kind,
        name=device.name,
        hall=device.hall,
        window=device.window,
        abilities=device.abilities,
        items=device.items,
        status=finding.status(device, real_now=clock.real_now()),
        paper=device.paper,
        faults=device.faults,
        state=device.state,
        last_heard=device.heard_at,
        clock_skew_s=device.skew_s,
        session=device.session,
        generation=device.generation,
        last_receipt=device.receipt,
        last_receipt_at=device.receipt_at,
        paired_at=device.at,
        revoked_at=device.revoked_at,
    )


def _job_shown(job: PrintJob) -> shapes.JobShown:
    return shapes.JobShown(**{name: getattr(job, name) for name in shapes.JobShown.model_fields})


def _job_to_print(call: Call, job: PrintJob) -> shapes.JobToPrint:
    sheet = machines.sheet_of(call.session, job)
    return shapes.JobToPrint(
        **_job_shown(job).model_dump(),
        lines=paper.text_of(sheet),
        link=sheet.link,
        escpos=base64.b64encode(machines.bytes_of(sheet)).decode(),
    )
