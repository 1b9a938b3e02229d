"""From the rooms' rows to what callers are told."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue import situations
from dispatch.catalogue.models import Bundle, Item
from dispatch.catalogue.situations import Answers, Situation
from dispatch.foundation import clock, log
from dispatch.foundation.ids import Keyring
from dispatch.foundation.prepared import Soon
from dispatch.halls import finding as halls
from dispatch.halls import outages, standing
from dispatch.halls.devices import finding as devices
from dispatch.halls.hours import breaks
from dispatch.halls.models import Hall, Window
from dispatch.pages.api import shapes
from dispatch.pages.api.catalogue_shapes import QuestionShown, SituationShown
from dispatch.tickets import finding as tickets
from dispatch.tickets import lines, undoing
from dispatch.tickets.models import Ticket
from dispatch.waits import finding as waits
from dispatch.waits.wording import Foretold

NEXT_SHOWN = 12


def item_found(item: Item, score: float | None) -> shapes.ItemFound:
    """An item for a list."""
    levels = sorted({rule["level"] for rule in item.details["accept"] if rule.get("level")})
    return shapes.ItemFound(levels=levels, score=score, **_columns(item, shapes.ItemFound))


def item_shown(session: Session, item: Item, answers: Answers) -> shapes.ItemShown:
    """An item with everything about it, and what these answers make of it."""
    question = situations.next_question(item, answers)
    names = {hall.code: hall for hall in halls.all_halls(session)}
    accepted = [
        shapes.AcceptedAt(
            hall=row.hall,
            name=names[row.hall].name,
            name_en=names[row.hall].name_en,
            queue=row.queue,
            mode=row.mode,
        )
        for row in catalogue.placements(session, item.code)
    ]
    return shapes.ItemShown(
        accepted_at=accepted,
        situation=situation(situations.settle(item, answers)),
        next_question=None if question is None else QuestionShown(**asdict(question)),
        bundles=[bundle.code for bundle in catalogue.bundles_with(session, [item.code])],
        **_columns(item, shapes.ItemShown),
    )


def situation(found: Situation) -> SituationShown:
    """What it takes, as far as somebody answered."""
    return SituationShown(**asdict(found), exact=found.exact)


def bundle_found(bundle: Bundle, score: float | None = None) -> shapes.BundleFound:
    """A bundle for a list."""
    return shapes.BundleFound(
        code=bundle.code,
        name=bundle.name,
        name_en=bundle.name_en,
        members=len(bundle.details["members"]),
        score=score,
    )


def bundle_shown(bundle: Bundle) -> shapes.BundleShown:
    """A bundle with everything about it."""
    return shapes.BundleShown(**_columns(bundle, shapes.BundleShown))


def hall_found(
    session: Session,
    hall: Hall,
    now: datetime,
    waiting: int,
    foretold: Foretold,
    distance_m: int | None = None,
) -> shapes.HallFound:
    """A hall for a list; `foretold` is the wait that counts there."""
    is_open = halls.opening_at(session, hall, now) is not None
    following = None if is_open else halls.next_opening(session, hall, now)
    return shapes.HallFound(
        **_columns(hall, shapes.HallFound),
        open=is_open,
        opens_at=following.start if following else None,
        distance_m=distance_m,
        waiting=waiting,
        **waits.plain(foretold),
    )


def hall_shown(session: Session, hall: Hall, now: datetime) -> shapes.HallShown:
    """A hall with its queues and windows, and the seq this view is of."""
    counts = tickets.waiting_counts(session, [hall.code])
    head = log.head_of(session, hall.code)
    lines_here = halls.queues_of(session, hall.code)
    stand = standing.of_queues(session, hall.code, lines_here, now)
    foretold = waits.in_hall(session, hall, now)
    queues = [
        shapes.QueueShown(
            waiting=counts.get((hall.code, row.code), 0),
            **waits.plain(foretold.joining(row.code)),
            **{**_columns(row, shapes.QueueShown), **_standing(stand[row.code], ZoneInfo(hall.tz))},
        )
        for row in lines_here
    ]
    today = halls.openings(session, hall, now.astimezone(ZoneInfo(hall.tz)).date())
    windows = [
        shapes.WindowBrief(**_columns(row, shapes.WindowBrief))
        for row in halls.windows_of(session, hall.code)
    ]
    found = hall_found(session, hall, now, sum(counts.values()), foretold.longest())
    return shapes.HallShown(
        **found.model_dump(),
        queues=queues,
        windows=windows,
        hours=hall.hours,
        kiosks=shapes.KiosksShown(**vars(devices.kiosks(session, hall.code, real_now=clock.real_now()))),
        openings_today=[shapes.OpenStretch(start=each.start, end=each.end) for each in today],
        breaks_today=[shapes.OpenStretch(start=each.start, end=each.end) for each in breaks(today)],
        outages=[_outage(row, ZoneInfo(hall.tz)) for row in outages.shown(session, hall.code, now)],
        time_zone=hall.tz,
        address=hall.details.get("address"),
        address_en=hall.details.get("address_en"),
        demo_values=hall.details.get("demo_values") or [],
        epoch=head.epoch if head else 1,
        log_seq=head.seq if head else 0,
    )


def _standing(stands: standing.Standing, zone: ZoneInfo) -> dict[str, Any]:
    return {**vars(stands), "until": _in_zone(stands.until, zone)}


def _outage(row: Any, zone: ZoneInfo) -> shapes.OutageBrief:  # noqa: ANN401 - a row like `Outage`
    moments = {"began_at": _in_zone(row.began_at, zone), "until": _in_zone(row.until, zone)}
    return shapes.OutageBrief(**{**_columns(row, shapes.OutageBrief), "all": row.whole, **moments})


def ticket(session: Session, row: Ticket, joining: Soon | None = None) -> shapes.TicketShown:
    """A ticket, in its hall's own time; whoever waits is told for how long.

    `joining` is the answer to `waits.ask_joining`, for somebody who has just taken it.
    """
    hall = halls.hall(session, row.hall)
    window = session.get(Window, row.window) if row.window else None
    zone = ZoneInfo(hall.tz)
    times = {
        name: _in_zone(getattr(row, name), zone)
        for name in ("called_at", "started_at", "ended_at", "parked_at")
    }
    return shapes.TicketShown(
        id=row.id,
        number=row.number,
        hall=row.hall,
        queue=row.queue,
        state=row.state,
        ahead=lines.ahead(session, row),
        items=_named(session, [row.items])[0],
        channel=row.channel,
        priority=row.priority,
        service_day=row.service_day,
        issued_at=row.issued_at.astimezone(zone),
        **times,
        window=row.window,
        window_name=window.name if window else None,
        claim=row.claim if row.window else None,
        calls=row.calls,
        seat=row.seat,
        stage=row.stage,
        kept_for=row.kept_for,
        undo_until=_in_zone(undoing.undoable_until(session, row), zone),
        moved_to=(row.moved_to or {}).get("ticket"),
        moved=_moved(row),
        **_wait_of(session, hall, row, joining),
    )


def window(session: Session, row: Window, now: datetime) -> shapes.WindowShown:
    """A window as its clerk sees it."""
    hall = halls.hall(session, row.hall)
    zone, day = ZoneInfo(hall.tz), halls.service_day(session, hall, now)
    line = lines.waiting_in(session, row.hall, row.queues, day, now=now, window=row.id)
    here = [ticket(session, person) for person in tickets.group_at(session, row.id)]
    parked = [person for person in tickets.parked_in(session, row.hall, day) if person.window == row.id]
    done = tickets.done_today(session, row.id, day)
    first = tickets.bulk(session, [person.id for person in line[:NEXT_SHOWN]])
    named = _named(session, [person.items for person in first])
    return shapes.WindowShown(
        **_columns(row, shapes.WindowShown),
        ticket=here[0] if here else None,
        group=here,
        parked=[ticket(session, person) for person in parked],
        next=[
            shapes.NextInLine(
                ticket=person.id,
                number=person.number,
                queue=person.queue,
                items=items,
                issued_at=person.issued_at.astimezone(zone),
                channel=person.channel,
                priority=person.priority,
            )
            for person, items in zip(first, named, strict=True)
        ],
        waiting=len(line),
        served_today=done.get("finished", 0),
        missed_today=done.get("missed", 0),
    )


def _wait_of(session: Session, hall: Hall, row: Ticket, joining: Soon | None) -> dict[str, Any]:
    if row.state != "waiting":
        return {"wait": None, "unknown_because": None}
    now = clock.this_moment(session)
    if joining is not None:
        return waits.plain(waits.joining(session, hall, row, joining, now))
    return waits.plain(waits.of_ticket(session, hall, row, now))


def with_moved_secret(told: shapes.TicketShown, keys: Keyring) -> shapes.TicketShown:
    """The ticket for its holder: where it has moved on, with the key to its continuation."""
    if told.moved_to is None or told.moved is None:
        return told
    secret = keys.secret_of(tickets.SECRET, told.moved_to)
    return told.model_copy(update={"moved": told.moved.model_copy(update={"secret": secret})})


def _moved(row: Ticket) -> shapes.MovedShown | None:
    if row.moved_to is None:
        return None
    return shapes.MovedShown(hall=row.moved_to["hall"], number=row.moved_to.get("number"))


def _named(session: Session, wanted: Sequence[list[dict[str, Any]]]) -> list[list[shapes.ItemOnTicket]]:
    codes = {row["item"] for rows in wanted for row in rows}
    names = {item.code: item for item in catalogue.items_ever(session, codes)} if codes else {}
    return [
        [
            shapes.ItemOnTicket(
                item=row["item"],
                name=names[row["item"]].name,
                name_en=names[row["item"]].name_en,
                count=row["count"],
            )
            for row in rows
        ]
        for rows in wanted
    ]


def _columns(row: object, shape: type[Any]) -> dict[str, Any]:
    """The shape's fields that the row has, as columns or within its details."""
    details = getattr(row, "details", {})
    told = {}
    for name in shape.model_fields:
        if hasattr(row, name):
            told[name] = getattr(row, name)
        elif name in details:
            told[name] = details[name]
    return told


def _in_zone(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone) if at else None
