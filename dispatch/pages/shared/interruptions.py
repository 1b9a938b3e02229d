"""What people are told while something does not run as it should, the same on phones and kiosks."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from dispatch.catalogue import finding as catalogue
from dispatch.foundation.words import local, translate
from dispatch.halls import finding as halls
from dispatch.halls import outages, standing, wording
from dispatch.halls.models import Hall, Queue
from dispatch.pages.shared.calls import Call, language
from dispatch.tickets import interrupting
from dispatch.tickets.intake import Elsewhere
from dispatch.tickets.models import Ticket


@dataclass(frozen=True)
class Halted:
    """Why no number can be had in a queue or for an item: a word, the whole sentence, and what fits on a key."""

    word: str
    sentence: str
    brief: str


@dataclass(frozen=True)
class TicketHalt:
    """What stands between a ticket and its service: what happened, what still holds, what to do."""

    kind: str
    happened: str
    holds: str
    elsewhere: list[Elsewhere]


def halted_queues(call: Call, place: Hall) -> dict[str, Halted]:
    """The queues of a hall that give out no numbers, and why."""
    queues = halls.queues_of(call.session, place.code)
    stand = standing.of_queues(call.session, place.code, queues, call.now)
    return {code: _halted(call, place, each) for code, each in stand.items() if each.state != "open"}


def halted_items(call: Call, place: Hall) -> dict[str, Halted]:
    """The items that this hall takes and just now cannot, or gives no numbers for."""
    queues = halted_queues(call, place)
    out = {item: each for each in outages.holding(call.session, place.code, call.now) for item in each.items}
    found = {}
    for row in catalogue.taken_in(call.session, place.code):
        if row.item in out:
            hit = out[row.item]
            stand = standing.Standing("outage", hit.reason, hit.note, hit.note_en, hit.until)
            found[row.item] = _halted(call, place, stand)
        elif row.queue in queues:
            found[row.item] = queues[row.queue]
    return found


def halted_at(call: Call, places: Iterable[Hall], item: str) -> dict[str, Halted]:
    """The halls of these in which no number can be had for an item, and why."""
    found = {}
    for place in places:
        taken = catalogue.taken_at(call.session, place.code, item)
        queue = call.session.get(Queue, (place.code, taken.queue)) if taken else None
        if queue is None:
            continue
        hit = outages.hitting(call.session, place.code, queue.code, [item], call.now)
        if hit is not None:
            stand = standing.Standing("outage", hit.reason, hit.note, hit.note_en, hit.until)
        else:
            stand = standing.of_queues(call.session, place.code, [queue], call.now)[queue.code]
        if stand.state != "open":
            found[place.code] = _halted(call, place, stand)
    return found


def hall_line(call: Call, place: Hall) -> str:
    """The one line a hall's page begins with: the whole hall out of order, an early close, a day unlike others."""
    say = partial(translate, language())
    for each in outages.holding(call.session, place.code, call.now):
        if each.whole:
            why, when = _why(each.reason, each.note, each.note_en), _when(call, place, each.until)
            return say("本厅暂停办理:%(why)s,%(when)s。已经取的号,号和顺序都还在", why=why, when=when)
    day = halls.service_day(call.session, place, call.now)
    row = halls.hall_day(call.session, place.code, day)
    if row is None:
        return ""
    if row.closed_from is not None:
        why = _why(row.closed_why, row.closed_note, row.closed_note_en)
        at = row.closed_from.astimezone(ZoneInfo(place.tz)).strftime("%H:%M")
        if row.ended_at is not None:
            return say("今天的办理在 %(at)s 结束了:%(why)s", at=at, why=why)
        return say("今天 %(at)s 起不再取号:%(why)s", at=at, why=why)
    if row.kind == "ordinary":
        return ""
    why = (
        _why(row.reason, row.note, row.note_en)
        if row.reason
        else (local(row, language(), "note") if row.note else "")
    )
    words = {"duty": "今天值班", "shortened": "今天开门时间缩短", "closed": "今天不开门"}
    return say(words[row.kind]) + (f":{why}" if why and language() == "zh" else f": {why}" if why else "")


def of_ticket(call: Call, row: Ticket) -> TicketHalt | None:
    """What the holder of a ticket has to know; None while everything takes its course."""
    found = interrupting.of_ticket(call.session, row, call.now)
    if found is None:
        return None
    say = partial(translate, language())
    place = halls.hall(call.session, row.hall)
    why = local(found.why, language())
    at = wording.clock_of(found.since, place.tz, call.now)
    if found.kind == "outage":
        happened = say("暂停办理:%(why)s,%(when)s", why=why, when=_when(call, place, found.until))
        return TicketHalt("outage", happened, say("您的号和顺序都还在,恢复后接着叫"), found.elsewhere)
    if found.kind == "closing":
        happened = say("大厅 %(at)s 提前关门:%(why)s", at=at, why=why)
        return TicketHalt("closing", happened, say("今天叫不到的号,过了今天就作废"), found.elsewhere)
    happened = say("大厅 %(at)s 结束了当天的办理:%(why)s", at=at, why=why)
    return TicketHalt(
        "day_ended", happened, say("这个号已经作废,对不起。请改天再来,或到别的大厅重新取号"), found.elsewhere
    )


def _halted(call: Call, place: Hall, stand: standing.Standing) -> Halted:
    say = partial(translate, language())
    if stand.state == "stopped":
        return Halted(say("停止取号"), say("现在取号,今天轮不到了"), say("现在取号,今天轮不到了"))
    why = _why(stand.reason, stand.note, stand.note_en)
    sentence = say("%(why)s,%(when)s", why=why, when=_when(call, place, stand.until))
    word = say("暂停办理") if stand.state == "outage" else say("暂停取号")
    until = wording.clock_of(stand.until, place.tz, call.now) if stand.until else None
    reason = _why(stand.reason, None, None)
    brief = say("%(why)s,预计 %(at)s 恢复", why=reason, at=until) if until else f"{word}:{reason}"
    return Halted(word, sentence, brief)


def _why(reason: str | None, note: str | None, note_en: str | None) -> str:
    return local(wording.why(reason, note, note_en), language())


def _when(call: Call, place: Hall, until: object) -> str:
    return local(wording.when(until, place.tz, call.now), language())  # type: ignore[arg-type]
