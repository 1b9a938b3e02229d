"""Halls to look at: all of them or those that take an item, and one with its lines."""

from flask import render_template, request

from dispatch.catalogue import finding as catalogue
from dispatch.halls import finding as halls
from dispatch.pages.citizen import showing
from dispatch.pages.citizen.shell import blueprint, keep, near, note
from dispatch.pages.shared import interruptions, telling
from dispatch.pages.shared.calls import reading
from dispatch.pages.shared.taking import fresh_key
from dispatch.staffing import duty_days
from dispatch.tickets import finding as tickets
from dispatch.waits import finding as waits
from dispatch.waits.newcomers import FROM_AFAR

HALLS_FIRST = 6


@blueprint.get("/halls")
def all_halls() -> str:
    """Every hall, the easiest first; with an item those that take it, each with a key to take a number."""
    code = request.args.get("item")
    if code:
        return _taking(code)
    with reading() as call:
        found = showing.all_by_ease(call, near())
    return render_template("citizen/halls.html", halls=found, note=note(), tab="halls", keep=keep("near"))


def _taking(code: str) -> str:
    with reading() as call:
        item = catalogue.item(call.session, code)
        found = showing.taking(call, code, near())
        halted = showing.halted_for(call, code)
    everywhere = "all" in request.args or len(found) <= HALLS_FIRST + 2
    return render_template(
        "citizen/taking.html",
        item=item,
        halls=found if everywhere else found[:HALLS_FIRST],
        others=0 if everywhere else len(found) - HALLS_FIRST,
        halted=halted,
        note=note(),
        once=fresh_key(),
        tab="find",
        back=f"/items/{item.code}",
        keep=keep("item", "near", "all"),
    )


@blueprint.get("/halls/<code>")
def hall(code: str) -> str:
    """One hall and its lines."""
    with reading() as call:
        place = halls.hall(call.session, code)
        counts = tickets.waiting_counts(call.session, [code])
        staffed = halls.staffed_queues(call.session, [code])
        foretold = waits.in_hall(call.session, place, call.now)
        queues = [
            telling.queue_told(
                queue,
                counts.get((code, queue.code), 0),
                (code, queue.code) in staffed,
                foretold.joining(queue.code, FROM_AFAR),
                on_the_spot=foretold.joining(queue.code),
            )
            for queue in halls.queues_of(call.session, code)
        ]
        told = telling.hall_told(call, place, sum(counts.values()), bool(staffed), foretold.longest())
        now, wire = telling.here_and_now(call, place), telling.wire_of(call.session, code)
        today = now.date()
        hours = telling.hours_of(call.session, place, today)
        pauses = telling.breaks_of(call.session, place, today)
        halted, line = interruptions.halted_queues(call, place), interruptions.hall_line(call, place)
        leaders = duty_days.announced(call.session, place, now=call.now)
    return render_template(
        "citizen/hall.html",
        hall=told,
        hours=hours,
        queues=queues,
        halted=halted,
        line=line,
        pauses=pauses,
        duty_days=leaders,
        once=fresh_key(),
        tab="halls",
        back="/halls",
        city_now=now,
        **wire,
    )
