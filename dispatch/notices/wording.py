"""A one-time notice in words: the same sections on a page, on A4 and on a slip."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from zoneinfo import ZoneInfo

from dispatch.catalogue.situations import Paper
from dispatch.foundation.words import Language, local, translate
from dispatch.notices.telling_once import Notice, Place

CHANNELS = MappingProxyType(
    {
        "app": "手机上办",
        "web": "电脑上办",
        "kiosk": "自助机上办",
        "counter": "到窗口办",
    }
)
MODES = MappingProxyType({"receive": "代收,转给主管部门办", "agent": "有人帮您代办"})
"""How a hall takes what it does not handle itself."""
SECTIONS = ("said", "papers", "perhaps", "days", "fees", "channels", "places")
"""The questions that a notice answers, in the order in which one asks them."""
HERE_M = 50
ONLINE = ("app", "web")


@dataclass(frozen=True)
class Row:
    """One thing, and beside or under it what else is to be said of it."""

    text: str
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """One question that the notice answers."""

    code: str
    title: str
    rows: Sequence[Row]
    numbered: bool = False


def sections(notice: Notice, lang: Language) -> list[Section]:
    """The whole notice, in the order in which one needs it; what is not known is left out."""
    say = partial(translate, lang)
    told = [
        Section("said", say("您的情况"), list(_said(notice, lang))),
        Section("papers", say("要带什么"), list(_papers(notice, lang)), numbered=True),
        Section(
            "perhaps",
            say("看您的情况,还可能要"),
            [_paper(each, lang) for each in notice.situation.perhaps],
        ),
        Section("days", say("多久办好"), list(_days(notice, lang))),
        Section("fees", say("要交多少钱"), list(_fees(notice, lang))),
        Section("channels", say("怎么办"), list(_channels(notice, lang))),
        Section("places", say("去哪儿办"), list(_places(notice, lang))),
    ]
    return [section for section in told if section.rows]


def of_edition(notice: Notice, lang: Language) -> str:
    """By which catalogue it is true."""
    if notice.edition is None:
        return ""
    day = _day(notice, notice.edition.since)
    return translate(lang, "按 %(day)s 的事项目录(%(mark)s)", day=day, mark=notice.edition.mark)


def made_on(notice: Notice, now: datetime, lang: Language) -> str:
    """On which day it was handed out."""
    return translate(lang, "%(day)s 告知", day=_day(notice, now))


def message(notice: Notice, link: str, lang: Language) -> str:
    """All that a text message says: what it is about, and where it stands."""
    return translate(
        lang, "通办:“%(item)s”要带什么、去哪儿办 %(link)s", item=local(notice.item, lang), link=link
    )


def _day(notice: Notice, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(notice.tz)).date().isoformat()


def _said(notice: Notice, lang: Language) -> Iterator[Row]:
    for each in notice.said:
        yield Row(local(each, lang, "answer"), [local(each, lang, "question")])
    if notice.situation.open:
        yield Row(translate(lang, "还有 %(n)s 个问题没回答,答了会更准", n=len(notice.situation.open)))


def _papers(notice: Notice, lang: Language) -> Iterator[Row]:
    for each in notice.situation.papers:
        yield _paper(each, lang)
    if not notice.situation.papers:
        yield Row(translate(lang, "不用带材料"))


def _paper(paper: Paper, lang: Language) -> Row:
    say = partial(translate, lang)
    notes = []
    if paper.shared:
        notes.append(say("可以不带,现场调取"))
    elif paper.copies:
        notes.append(say("原件,另带复印件 %(n)s 份", n=paper.copies))
    if paper.deferrable:
        notes.append(say("可以后补"))
    if paper.source and not paper.shared:
        notes.append(say("没有的话去这里开:%(source)s", source=local(paper, lang, "source")))
    return Row(local(paper, lang), notes)


def _days(notice: Notice, lang: Language) -> Iterator[Row]:
    if notice.days is None:
        return
    if notice.days == 0:
        yield Row(translate(lang, "材料齐了当场办好"))
    elif notice.work_days:
        yield Row(translate(lang, "%(n)s 个工作日内办好", n=notice.days))
    else:
        yield Row(translate(lang, "%(n)s 天内办好", n=notice.days))


def _fees(notice: Notice, lang: Language) -> Iterator[Row]:
    if notice.situation.fees is None:
        return
    for fee in notice.situation.fees:
        yield Row(
            translate(
                lang,
                "%(what)s %(yuan)s 元",
                what=local(fee, lang),
                yuan=f"{fee.yuan:.2f}".removesuffix(".00"),
            )
        )
    if not notice.situation.fees:
        yield Row(translate(lang, "不收费"))


def _channels(notice: Notice, lang: Language) -> Iterator[Row]:
    details = notice.item.details
    for channel in notice.situation.channels:
        notes = []
        if channel in ONLINE and details.get("presence") == "in_person":
            notes.append(translate(lang, "先在网上预审材料,再本人到窗口"))
        if channel == "counter" and details.get("online_first"):
            notes.append(translate(lang, "先在网上提交,再到窗口"))
        yield Row(translate(lang, CHANNELS[channel]), notes)


def _places(notice: Notice, lang: Language) -> Iterator[Row]:
    for place in notice.places:
        yield Row(local(place.hall, lang), list(_of_place(place, lang)))
    left = notice.taken_by - len(notice.places)
    if left > 0:
        yield Row(translate(lang, "还有 %(n)s 个大厅能办", n=left))


def _of_place(place: Place, lang: Language) -> Iterator[str]:
    if place.hall.details.get("address"):
        yield local(place.hall.details, lang, "address")
    if place.distance_m is not None and place.distance_m < HERE_M:
        yield translate(lang, "就在这里")
    elif place.distance_m is not None:
        yield translate(lang, "%(n)s 公里", n=round(place.distance_m / 1000, 1))
    if place.mode in MODES:
        yield translate(lang, MODES[place.mode])
