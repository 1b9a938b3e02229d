"""The demo's clock, which an administrator may push forward. Where there is no demo, there is no such call."""

from flask import Response, abort

from dispatch.foundation import clock
from dispatch.foundation.access import require
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import SetClock
from dispatch.pages.api.shapes import ClockShown
from dispatch.pages.shared.calls import Call, answer, here, once


@api.get("/demo/clock", **door("demo", "anyone", ClockShown, 404))
def show_clock() -> Response:
    """What time it is in the demo's city."""
    _refuse_without_demo()
    return answer(lambda call: ClockShown(now=call.now, speed=clock.speed(call.session)))


@api.put("/demo/clock", **door("demo", "staff", ClockShown, 401, 403, 404, 409, permission="demo.clock"))
def set_clock(body: SetClock) -> Response:
    """Push the clock forward, or change its speed; 409 `clock_backwards` for the past."""
    _refuse_without_demo()

    def do(call: Call) -> ClockShown:
        require(call.actor, "demo.clock")
        row = clock.set_demo(call.session, to=body.now, speed=body.speed)
        return ClockShown(now=row.city, speed=row.speed)

    return once(do)


def _refuse_without_demo() -> None:
    if not here().demo:
        abort(404)
