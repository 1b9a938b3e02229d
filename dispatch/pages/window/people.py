"""The people a console shows: at the window, next in line and why there, parked, missed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from dispatch.catalogue.models import Item
from dispatch.foundation.words import Language, local, translate
from dispatch.halls.models import Queue, Window
from dispatch.pages.shared import telling
from dispatch.tickets import prechecks
from dispatch.tickets.models import Ticket

TAKEN_BY = {"app": "手机取号", "web": "网上取号", "kiosk": "自助机取号", "counter": "现场取号"}
CAME_BY = {"app": "手机", "web": "网上", "kiosk": "自助机", "counter": "现场"}
PRIORITY = {
    "soldier": "军人优先",
    "firefighter": "消防救援人员优先",
    "disabled": "残疾人优先",
    "elderly": "老年人优先",
    "pregnant": "孕妇优先",
    "with_infant": "带婴幼儿优先",
}
PARKED_FOR = {
    "copy": "去复印",
    "form": "去填表",
    "payment": "去缴费",
    "phone": "在打电话",
    "other": "等一会儿回来",
}
PRECHECK = {"pass": "预审过了", "later": "预审:有的后补", "not_yet": "预审:还没齐"}


@dataclass(frozen=True)
class Around:
    """What people are looked at with: the hall's queues, the items wanted, its zone, the moment, the
    language, and who is on her way with the guide."""

    queues: Mapping[str, Queue]
    items: Mapping[str, Item]
    zone: ZoneInfo
    now: datetime
    lang: Language
    coming: Collection[str] = ()

    def wanted(self, ticket: Ticket) -> list["Wanted"]:
        """What she came for, and how often."""
        return [
            Wanted(self.items[row["item"]], row["count"]) for row in ticket.items if row["item"] in self.items
        ]

    def title(self, ticket: Ticket) -> str:
        """The one thing to say of what she came for."""
        wanted = self.wanted(ticket)
        about = wanted[0].item if wanted else self.queues.get(ticket.queue)
        return local(about, self.lang) if about else ticket.letter

    def minutes(self, since: datetime) -> int:
        """Whole minutes from then until now."""
        return max(0, round((self.now - since).total_seconds() / 60))


@dataclass(frozen=True)
class Wanted:
    """An item on a ticket and how often."""

    item: Item
    count: int


@dataclass(frozen=True)
class Step:
    """One step in a ticket's course."""

    words: str
    at: datetime | None
    note: str = ""
    done: bool = False
    now: bool = False


@dataclass(frozen=True)
class Paper:
    """A paper of the item at hand, whether the window has it, and how the guide desk found it."""

    name: str
    name_en: str
    held: bool
    word: str


@dataclass(frozen=True)
class Served:
    """Whoever is at the window."""

    id: str
    number: str
    state: str
    claim: int | None
    title: str
    item: Item | None
    wanted: list[Wanted]
    papers: list[Paper]
    lines: list[str]
    why: str
    since: datetime
    times: int
    stage: int
    course: list[Step]


@dataclass(frozen=True)
class Following:
    """Somebody who waits, and why she stands where she stands."""

    number: str
    title: str
    item: Item | None
    why: str
    asks: bool
    wait: str
    papers: list[telling.Paper]


@dataclass(frozen=True)
class Left:
    """Somebody parked or missed: who, what for, since when, and whether she can be brought back here."""

    id: str
    number: str
    title: str
    words: str
    minutes: int
    again: bool


def served(
    around: Around, ticket: Ticket, window: Window, checked: list[prechecks.Checked], held: list[int]
) -> Served:
    """The person at the window with everything that matters about her."""
    say = partial(translate, around.lang)
    wanted = around.wanted(ticket)
    first = wanted[0].item if wanted else None
    called = ticket.called_at or ticket.issued_at
    waited = max(0, round((called - ticket.issued_at).total_seconds() / 60))
    taken = f"{say(TAKEN_BY[ticket.channel])} {ticket.issued_at.astimezone(around.zone):%H:%M}"
    lines = [f"{taken} ・ {say('等了 %(n)s 分钟', n=waited) if waited else say('没怎么等')}"]
    if len(wanted) > 1:
        lines.append(" ・ ".join(_counted(one, around.lang) for one in wanted[1:]))
    elif first is not None:
        lines.append(_days(first, around.lang))
    return Served(
        id=ticket.id,
        number=ticket.number,
        state=ticket.state,
        claim=ticket.claim,
        title=_counted(wanted[0], around.lang) if wanted else around.title(ticket),
        item=first,
        wanted=wanted,
        papers=_papers(first, checked, held, say) if first else [],
        lines=lines,
        why=say("导办台:人来了") if ticket.id in around.coming else standing(around, ticket, window),
        since=ticket.started_at or called,
        times=ticket.calls,
        stage=ticket.stage,
        course=_course(around, ticket, window, checked),
    )


def following(around: Around, ticket: Ticket, window: Window) -> Following:
    """The person who waits, as one line."""
    say = partial(translate, around.lang)
    why = standing(around, ticket, window)
    wanted = around.wanted(ticket)
    waited = around.minutes(
        ticket.arrived_at if ticket.reactivated and ticket.arrived_at else ticket.issued_at
    )
    if ticket.reactivated:
        wait = say("回来 %(n)s 分", n=waited) if waited else say("刚回来")
    else:
        wait = say("等了 %(n)s 分", n=waited) if waited else say("刚来")
    return Following(
        number=ticket.number,
        title=around.title(ticket),
        item=wanted[0].item if wanted else None,
        why=why or say(CAME_BY[ticket.channel]),
        asks=bool(why),
        wait=wait,
        papers=telling.papers_of(wanted[0].item) if wanted else [],
    )


def standing(around: Around, ticket: Ticket, window: Window) -> str:
    """Why she is not simply one of the line: booked, back after a missed call, by law first, sent on, kept here."""
    say = partial(translate, around.lang)
    queue = around.queues.get(ticket.queue)
    told = []
    if ticket.booked_for is not None:
        told.append(say("预约 %(at)s", at=f"{ticket.booked_for.astimezone(around.zone):%H:%M}"))
    if ticket.reactivated:
        told.append(say("过号激活"))
    if ticket.priority in PRIORITY:
        told.append(say(PRIORITY[ticket.priority]))
    if ticket.moved_from is not None:
        told.append(say("别的大厅转来"))
    elif ticket.stage > 1:
        told.append(say("下一环节"))
    elif queue is not None and queue.letter != ticket.letter:
        told.append(say("转来"))
    if ticket.kept_for == window.id:
        told.append(say("留给本窗口"))
    return " ・ ".join(told)


def parked(around: Around, ticket: Ticket, reason: str) -> Left:
    """Somebody who fetches something and will be back."""
    at = ticket.parked_at or ticket.issued_at
    words = translate(around.lang, PARKED_FOR.get(reason, PARKED_FOR["other"]))
    return Left(ticket.id, ticket.number, around.title(ticket), words, around.minutes(at), again=True)


def missed(around: Around, ticket: Ticket) -> Left:
    """Somebody who did not come; once she may be put back in line."""
    again = not ticket.reactivated
    words = "" if again else translate(around.lang, "已经激活过一次")
    at = ticket.called_at or ticket.issued_at
    return Left(ticket.id, ticket.number, around.title(ticket), words, around.minutes(at), again)


def _papers(item: Item, checked: list[prechecks.Checked], held: list[int], say: partial[str]) -> list[Paper]:
    seen = {paper.name: paper.state for check in checked if check.item == item.code for paper in check.papers}
    words = {
        "present": say("预审看过"),
        "copy": say("预审:只有复印件"),
        "missing": say("预审:没带"),
        "later": say("预审:后补"),
    }
    return [
        Paper(
            paper.name,
            paper.name_en,
            place in held,
            words.get(seen.get(paper.name, ""), "") or _asked(paper, say),
        )
        for place, paper in enumerate(telling.papers_of(item))
    ]


def _asked(paper: telling.Paper, say: partial[str]) -> str:
    if paper.shared:
        return say("可调取")
    if paper.later:
        return say("可后补")
    return say("看情况") if paper.depends else say("要原件")


def _course(around: Around, ticket: Ticket, window: Window, checked: list[prechecks.Checked]) -> list[Step]:
    say = partial(translate, around.lang)
    zone = around.zone
    steps = [Step(say(TAKEN_BY[ticket.channel]), ticket.issued_at.astimezone(zone), done=True)]
    steps += [Step(say(PRECHECK[one.result]), one.at.astimezone(zone), done=True) for one in checked[:1]]
    called_at = ticket.called_at.astimezone(zone) if ticket.called_at else None
    steps.append(Step(say("叫到 %(window)s 号窗口", window=window.name), called_at, done=True))
    if ticket.state == "called":
        coming = Step(say("等人过来"), None, say("R 重呼,M 过号"), now=True)
        return [*steps, coming, Step(say("开始办理"), None, say("按 N")), Step(say("办结"), None)]
    started = ticket.started_at.astimezone(zone) if ticket.started_at else None
    now = Step(say("正在办理"), started, now=True)
    return [*steps, now, Step(say("办结"), None, say("按 N 或 F"))]


def _counted(wanted: Wanted, lang: Language) -> str:
    name = local(wanted.item, lang)
    return f"{name} × {wanted.count}" if wanted.count > 1 else name


def _days(item: Item, lang: Language) -> str:
    days = item.details.get("promise_days")
    if not days:
        return local(item, lang, "department")
    unit = "%(n)s 个工作日内办好" if item.details.get("day_unit") == "working" else "%(n)s 天内办好"
    return f"{local(item, lang, 'department')} ・ {translate(lang, unit, n=days)}"
