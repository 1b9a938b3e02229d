"""The paper ticket: what stands on it, line by line."""

from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.catalogue import finding as catalogue
from dispatch.foundation import clock
from dispatch.foundation.errors import NotFound
from dispatch.foundation.ids import Keyring
from dispatch.foundation.words import Language, local, translate
from dispatch.halls import finding as halls
from dispatch.halls.devices.models import Device
from dispatch.halls.models import Queue
from dispatch.notices.models import PrintJob
from dispatch.people import citizens
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
    """What a job puts on paper: its ticket, or a test."""
    lang: Language = "en" if job.lang == "en" else "zh"
    if job.ticket is None:
        return trial_sheet(session.get_one(Device, job.device), lang)
    link = f"{job.base}t/{job.ticket}?s={keys.secret_of(SECRET, job.ticket)}"
    return ticket_sheet(session, keys, session.get_one(Ticket, job.ticket), link, lang)


def trial_sheet(device: Device, lang: Language) -> Sheet:
    """A test print: enough to see that Chinese, large digits and the code come out."""
    say = partial(translate, lang)
    rows = (_large(say("打印测试")), Line("A001", NUMBER_SIZE, bold=True), Line(device.name))
    return Sheet(rows, None, (Line(say("这不是号,请勿排队")),))


def text_of(sheet: Sheet) -> list[str]:
    """The sheet's words alone."""
    return [line.text for line in (*sheet.lines, *sheet.last)]


def _large(text: str) -> Line:
    """Twice as large where that fits into one line."""
    width = sum(2 if ord(sign) > 0xFF else 1 for sign in text)
    return Line(text, 2 if width <= WIDEST else 1, bold=True)


def _wait(session: Session, ticket: Ticket, lang: Language) -> list[Line]:
    """How long it takes, as far as that is known when it is printed; paper cannot take a doubt back."""
    place = halls.hall(session, ticket.hall)
    wait = waits.of_ticket(session, place, ticket.queue, ticket.id, clock.this_moment(session))
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
