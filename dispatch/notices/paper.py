"""Paper: what stands on a ticket, on a one-time notice and on the way to another hall, line by line."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue import situations
from dispatch.foundation import clock
from dispatch.foundation.errors import NotFound
from dispatch.foundation.ids import Keyring
from dispatch.foundation.words import Language, local, translate
from dispatch.halls import finding as halls
from dispatch.halls.devices.models import Device
from dispatch.halls.models import Queue
from dispatch.journeys import finding as journeys
from dispatch.journeys.models import Journey
from dispatch.notices import telling_once, wording
from dispatch.notices.models import PrintJob
from dispatch.notices.telling_once import Notice
from dispatch.people import citizens
from dispatch.ports.maps import Point
from dispatch.ports.printing import Line, Sheet
from dispatch.tickets import lines
from dispatch.tickets.finding import SECRET
from dispatch.tickets.models import Ticket
from dispatch.waits import finding as waits
from dispatch.waits.wording import told

NUMBER_SIZE = 7
"""Seven times 3 mm: a number that is read at arm's length without glasses."""
WIDEST = 24
"""So many Chinese characters stand in a line of an 80 mm roll."""


def ticket_sheet(session: Session, keys: Keyring, ticket: Ticket, link: str, lang: Language) -> Sheet:
    """A ticket as it comes out of the printer; `link` is the page that its code leads to."""
    say = partial(translate, lang)
    place = halls.hall(session, ticket.hall)
    queue = session.get(Queue, (ticket.hall, ticket.queue))
    at = ticket.issued_at.astimezone(ZoneInfo(place.tz))
    ahead = lines.ahead(session, ticket) or 0
    rows = [
        _large(local(place, lang)),
        Line(ticket.number, NUMBER_SIZE, bold=True),
        *(_large(name) for name in _items(session, ticket, lang)),
        Line(f"{ticket.letter}  {local(queue, lang) if queue else ''}".rstrip()),
        _large(say("前面还有 %(n)s 人", n=ahead) if ahead else say("下一个就是您")),
        *_wait(session, ticket, lang),
    ]
    tail = _document(session, keys, ticket)
    if tail:
        rows.append(Line(say("证件尾号 %(tail)s", tail=tail)))
    under = (
        Line(say("扫码看前面还有几人")),
        Line(say("%(at)s 取号,仅当天有效", at=at.strftime("%Y-%m-%d %H:%M"))),
    )
    return Sheet(tuple(rows), link, under)


def sheet_of(session: Session, keys: Keyring, job: PrintJob) -> Sheet:
    """What a job puts on paper: its ticket, its notice, its way, or a test."""
    lang: Language = "en" if job.lang == "en" else "zh"
    if job.notice is not None:
        return _sheet_of_notice(session, job, job.notice, lang)
    if job.journey is not None:
        journey = session.get_one(Journey, job.journey)
        link = f"{job.base}j/{journey.id}?s={keys.secret_of(journeys.SECRET, journey.id)}"
        return way_sheet(session, journey, link, lang)
    if job.ticket is None:
        return trial_sheet(session.get_one(Device, job.device), lang)
    link = f"{job.base}t/{job.ticket}?s={keys.secret_of(SECRET, job.ticket)}"
    return ticket_sheet(session, keys, session.get_one(Ticket, job.ticket), link, lang)


def way_sheet(session: Session, journey: Journey, link: str, lang: Language) -> Sheet:
    """Where somebody goes instead, and that her place is kept; `link` is the page that its code leads to."""
    say = partial(translate, lang)
    there = halls.hall(session, journey.hall)
    arrives_at = journey.arrives_at.astimezone(ZoneInfo(there.tz))
    rows = [_large(say("去这里办")), _large(local(there, lang))]
    if there.details.get("address"):
        rows += [Line(part) for part in folded(local(there.details, lang, "address"), 2 * WIDEST)]
    rows.append(Line(say("现在走,大约 %(at)s 到", at=arrives_at.strftime("%H:%M"))))
    if journey.from_ticket is not None:
        kept = session.get_one(Ticket, journey.from_ticket)
        told = say("这里的号 %(number)s 给您留着,到那边取了号才放掉", number=kept.number)
        rows += [Line(part, bold=True) for part in folded(told, 2 * WIDEST)]
    return Sheet(tuple(rows), link, (Line(say("扫码看怎么走,到了在上面取号")),))


def notice_sheet(notice: Notice, link: str, lang: Language, *, now: datetime) -> Sheet:
    """A one-time notice as it comes out of the printer; `link` is the page that its code leads to."""
    say = partial(translate, lang)
    rows = [
        _large(say("一次告知")),
        _large(local(notice.item, lang)),
        Line(local(notice.item, lang, "department")),
    ]
    for section in wording.sections(notice, lang):
        rows += [Line(""), Line(section.title, bold=True, centred=False), *_rows(section)]
    under = [say("扫码看最新的"), wording.of_edition(notice, lang), wording.made_on(notice, now, lang)]
    return Sheet((*rows, Line("")), link, tuple(Line(text) for text in under if text))


def trial_sheet(device: Device, lang: Language) -> Sheet:
    """A test print: enough to see that Chinese, large digits and the code come out."""
    say = partial(translate, lang)
    rows = (_large(say("打印测试")), Line("A001", NUMBER_SIZE, bold=True), Line(device.name))
    return Sheet(rows, None, (Line(say("这不是号,请勿排队")),))


def text_of(sheet: Sheet) -> list[str]:
    """The sheet's words alone."""
    return [line.text for line in (*sheet.lines, *sheet.last)]


def _sheet_of_notice(session: Session, job: PrintJob, wanted: dict[str, Any], lang: Language) -> Sheet:
    """The notice for whoever stands at the machine: the nearest halls are those near it."""
    item = catalogue.items_ever(session, [wanted["item"]])[0]
    here = halls.hall(session, session.get_one(Device, job.device).hall)
    answers = situations.fitting(item, wanted["answers"])
    told = telling_once.notice(session, item, answers, Point(here.lat, here.lon))
    return notice_sheet(told, telling_once.link(told, job.base, lang), lang, now=clock.now(session))


def _rows(section: wording.Section) -> Iterator[Line]:
    """Each row with its notes below it; a line that is too long goes on under its own beginning."""
    for number, row in enumerate(section.rows, start=1):
        mark = f"{number}. " if section.numbered and len(section.rows) > 1 else "- "
        yield from _hanging(mark, row.text)
        for note in row.notes:
            yield from _hanging(" " * len(mark), note)


def _hanging(mark: str, text: str) -> Iterator[Line]:
    for at, part in enumerate(folded(text, 2 * WIDEST - len(mark))):
        yield Line((" " * len(mark) if at else mark) + part, centred=False)


def folded(text: str, columns: int) -> Iterator[str]:
    """The text in lines of so many narrow letters, a Chinese one counting two; broken at a space where one is near."""
    while _width(text) > columns:
        most = _fits(text, columns)
        space = text.rfind(" ", most // 2, most + 1)
        cut = space if space > 0 else most
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    yield text


def _fits(text: str, columns: int) -> int:
    """How many letters go into a line."""
    width = 0
    for count, sign in enumerate(text):
        width += _width(sign)
        if width > columns:
            return count
    return len(text)


def _width(text: str) -> int:
    return sum(2 if ord(sign) > 0xFF else 1 for sign in text)


def _large(text: str) -> Line:
    """Twice as large where that fits into one line."""
    return Line(text, 2 if _width(text) <= WIDEST else 1, bold=True)


def _wait(session: Session, ticket: Ticket, lang: Language) -> list[Line]:
    """How long it takes, as far as that is known when it is printed; paper cannot take a doubt back."""
    place = halls.hall(session, ticket.hall)
    wait = waits.of_ticket(session, place, ticket, clock.this_moment(session))
    return [_large(told(wait, lang).sentence)] if wait.wait and ticket.state == "waiting" else []


def _items(session: Session, ticket: Ticket, lang: Language) -> list[str]:
    wanted = [row["item"] for row in ticket.items]
    names = {item.code: item for item in catalogue.items_ever(session, wanted)} if wanted else {}
    counts = [(names[row["item"]], row.get("count", 1)) for row in ticket.items if row["item"] in names]
    return [local(item, lang) + (f" ×{count}" if count > 1 else "") for item, count in counts]


def _document(session: Session, keys: Keyring, ticket: Ticket) -> str | None:
    """The last four signs of the document that was shown, nothing more of a person stands on paper."""
    if ticket.person is None:
        return None
    try:
        number = citizens.read(session, keys, ticket.person).id_number
    except NotFound:
        return None
    return number[-4:] if number else None
