"""What people are told about halls, lines, papers and tickets, the same on every screen."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import segno
from markupsafe import Markup
from sqlalchemy.orm import Session

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item
from dispatch.foundation import log
from dispatch.foundation.words import Language, translate
from dispatch.halls import finding as halls
from dispatch.halls.hours import breaks
from dispatch.halls.models import Hall, Queue, Window
from dispatch.pages.shared.calls import Call, here, language
from dispatch.pages.shared.dots import DotPlot, plot
from dispatch.tickets import lines, undoing
from dispatch.tickets.finding import SECRET
from dispatch.tickets.models import Ticket
from dispatch.waits import finding as waits
from dispatch.waits.wording import NOTHING, Foretold

INK = "#1b2621"
OVER = ("finished", "cancelled", "void", "expired", "moved")


@dataclass(frozen=True)
class Named:
    """Anything with a name in both languages."""

    name: str
    name_en: str


@dataclass(frozen=True)
class HallTold:
    """A hall: whether it takes people now, or the sentence that says when.

    `wait` is that of whoever takes a number on this very screen, `on_the_spot` of whoever takes it in the hall.
    """

    code: str
    name: str
    name_en: str
    open: bool
    shut: str
    waiting: int
    staffed: bool
    wait: Foretold
    on_the_spot: Foretold
    distance_m: int | None


@dataclass(frozen=True)
class QueueTold:
    """A line of people; waits as in `HallTold`."""

    code: str
    letter: str
    name: str
    name_en: str
    waiting: int
    staffed: bool
    wait: Foretold
    on_the_spot: Foretold


@dataclass(frozen=True)
class Paper:
    """A paper to bring: `shared` can be had by the clerk, `later` may follow, `depends` on the case."""

    name: str
    name_en: str
    shared: bool
    later: bool
    depends: bool


@dataclass(frozen=True)
class Counted:
    """An item on a ticket, and how often it is wanted."""

    name: str
    name_en: str
    count: int


@dataclass(frozen=True)
class Onward:
    """Where somebody was moved to: another hall, with her number and her page there once it has taken her."""

    hall: Hall
    number: str | None
    url: str | None


@dataclass(frozen=True)
class TicketTold:
    """A ticket as its holder sees it. `spoken` is the whole of it in one sentence.

    `again` says whether a missed call can still be forgiven, `kept_for` names the one window that will call,
    `day` is set where the ticket is of another day than today.
    """

    id: str
    number: str
    hall: Hall
    queue: Named
    item: Item | None
    items: list[Counted]
    state: str
    stage: int
    again: bool
    kept_for: str
    onward: Onward | None
    day: date | None
    undo_until: datetime | None
    over: bool
    ahead: int
    wait: Foretold
    dots: DotPlot | None
    window_name: str
    times: int
    issued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    updated: datetime
    qr: Markup
    spoken: str


def hall_told(
    call: Call,
    place: Hall,
    waiting: int,
    staffed: bool,
    wait: Foretold = NOTHING,
    distance_m: int | None = None,
    *,
    on_the_spot: Foretold | None = None,
) -> HallTold:
    """A hall as it stands now."""
    is_open = halls.opening_at(call.session, place, call.now) is not None
    return HallTold(
        code=place.code,
        name=place.name,
        name_en=place.name_en,
        open=is_open,
        shut="" if is_open else shut_sentence(call, place),
        waiting=waiting,
        staffed=staffed,
        wait=wait,
        on_the_spot=on_the_spot or wait,
        distance_m=distance_m,
    )


def queue_told(
    queue: Queue, waiting: int, staffed: bool, wait: Foretold, *, on_the_spot: Foretold | None = None
) -> QueueTold:
    """A queue as it stands now."""
    return QueueTold(
        queue.code, queue.letter, queue.name, queue.name_en, waiting, staffed, wait, on_the_spot or wait
    )


def shut_sentence(call: Call, place: Hall) -> str:
    """When a closed hall opens next, as one would say it."""
    say = partial(translate, language())
    following = halls.next_opening(call.session, place, call.now)
    if following is None:
        return say("近期不开门")
    starts = following.start
    at, today = starts.strftime("%H:%M"), here_and_now(call, place).date()
    if starts.date() == today:
        had_one = any(o.end <= call.now for o in halls.openings(call.session, place, today))
        return say("午休,%(at)s 开门", at=at) if had_one else say("%(at)s 开门", at=at)
    if starts.date() == today + timedelta(days=1):
        return say("明天 %(at)s 开门", at=at)
    month = starts.month if language() == "zh" else starts.strftime("%b")
    return say("%(month)s月%(day)s日 %(at)s 开门", month=month, day=starts.day, at=at)


def hours_of(session: Session, place: Hall, day: date) -> list[tuple[str, str]]:
    """The day's opening hours, as on the door."""
    return [(o.start.strftime("%H:%M"), o.end.strftime("%H:%M")) for o in halls.openings(session, place, day)]


def breaks_of(session: Session, place: Hall, day: date) -> list[tuple[str, str]]:
    """When the day pauses between its openings."""
    found = breaks(halls.openings(session, place, day))
    return [(each.start.strftime("%H:%M"), each.end.strftime("%H:%M")) for each in found]


def here_and_now(call: Call, place: Hall) -> datetime:
    """City time on this hall's own clock."""
    return call.now.astimezone(ZoneInfo(place.tz))


def waiting_by_hall(counts: Mapping[tuple[str, str], int]) -> Counter[str]:
    """How many wait in each hall, all lines together."""
    total: Counter[str] = Counter()
    for (code, _), waiting in counts.items():
        total[code] += waiting
    return total


def papers_of(item: Item) -> list[Paper]:
    """The papers an item asks for."""
    return [
        Paper(
            name=paper["name"],
            name_en=paper.get("name_en") or paper["name"],
            shared=bool(paper.get("shared")),
            later=bool(paper.get("deferrable")),
            depends="when" in paper,
        )
        for paper in item.details.get("papers", ())
    ]


def items_of(session: Session, tickets: list[Ticket]) -> dict[str, Item]:
    """Every item that these tickets were taken for, by code."""
    codes = {wanted["item"] for ticket in tickets for wanted in ticket.items}
    return {item.code: item for item in catalogue.items_ever(session, codes)} if codes else {}


def ticket_told(call: Call, row: Ticket, url: str) -> TicketTold:
    """A ticket as its holder sees it; `url` is what its code leads to."""
    session = call.session
    place = halls.hall(session, row.hall)
    zone = ZoneInfo(place.tz)
    queue = session.get(Queue, (row.hall, row.queue))
    window = session.get(Window, row.window) if row.window else None
    items = items_of(session, [row])
    ahead = lines.ahead(session, row) or 0
    name = window.name if window else ""
    kept = session.get(Window, row.kept_for) if row.kept_for and row.kept_until is None else None
    today = halls.service_day(session, place, call.now)
    wait = _promised(call, place, row)
    return TicketTold(
        id=row.id,
        number=row.number,
        hall=place,
        queue=Named(queue.name, queue.name_en) if queue else Named(row.letter, row.letter),
        item=items.get(row.items[0]["item"]) if row.items else None,
        items=[
            Counted(items[row_["item"]].name, items[row_["item"]].name_en, row_["count"])
            for row_ in row.items
            if row_["item"] in items
        ],
        state=row.state,
        stage=row.stage,
        again=not row.reactivated,
        kept_for=kept.name if kept else "",
        onward=_onward(call, row),
        day=row.service_day if row.service_day != today else None,
        undo_until=undoing.undoable_until(session, row),
        over=row.state in OVER,
        ahead=ahead,
        wait=wait,
        dots=plot(wait.wait, language()) if wait.wait else None,
        window_name=name,
        times=row.calls,
        issued_at=row.issued_at.astimezone(zone),
        started_at=row.started_at.astimezone(zone) if row.started_at else None,
        finished_at=row.ended_at.astimezone(zone) if row.ended_at else None,
        updated=call.now.astimezone(zone),
        qr=code_picture(url),
        spoken=_spoken(language(), row, ahead, name),
    )


def _promised(call: Call, place: Hall, row: Ticket) -> Foretold:
    if row.state != "waiting":
        return NOTHING
    return waits.of_ticket(call.session, place, row, call.now)


def _onward(call: Call, row: Ticket) -> Onward | None:
    if row.moved_to is None:
        return None
    place = halls.hall(call.session, row.moved_to["hall"])
    ident = row.moved_to.get("ticket")
    url = f"/t/{ident}?s={here().keys.secret_of(SECRET, ident)}" if ident else None
    return Onward(place, row.moved_to.get("number"), url)


def code_picture(url: str) -> Markup:
    """A link as a square code, an SVG to stand within a page."""
    code = segno.make(url, error="l", boost_error=False, micro=False)
    return Markup(  # noqa: S704 - segno's own drawing: black modules, no text of the link
        code.svg_inline(omitsize=True, border=0, dark=INK, svgclass=None, lineclass=None)
    )


def wire_of(session: Session, hall: str) -> dict[str, int]:
    """Where the hall's log stands, for a page that will follow it."""
    head = log.head_of(session, hall)
    return {"epoch": head.epoch if head else 1, "seq": head.seq if head else 0}


def _spoken(lang: Language, row: Ticket, ahead: int, window: str) -> str:
    say = partial(translate, lang)
    if row.state == "waiting":
        rest = say("前面还有 %(n)s 人", n=ahead) if ahead else say("下一个就是您")
    elif row.state == "called":
        rest = say("请到 %(window)s 号窗口", window=window)
    elif row.state == "serving":
        rest = say("正在 %(window)s 号窗口办理", window=window)
    elif row.state == "missed" and row.reactivated:
        rest = say("叫到您时您又不在。这个号不能再用了,请重新取号")
    elif row.state == "missed":
        rest = say("叫到您时您不在。到导办台说一声就能排回去,不必重新取号")
    elif row.state == "parked":
        rest = say("先去办别的,回来直接到 %(window)s 号窗口,不用再排", window=window)
    elif row.state in ("moving", "moved"):
        rest = say("正在转到别的大厅,您的顺序还在") if row.state == "moving" else say("已经转到别的大厅")
    elif row.state == "void":
        rest = say("这个号被窗口作废了。有疑问请到导办台")
    elif row.state == "finished":
        rest = say("办完了")
    elif row.state == "cancelled":
        rest = say("这个号已经退了")
    else:
        rest = say("这个号已经过了有效期")
    return f"{row.number} {rest}"
