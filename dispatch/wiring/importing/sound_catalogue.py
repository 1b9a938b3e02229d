"""Whether items and bundles make sense together, and with the halls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dispatch.wiring.importing.format import Bundle, Hall, Item, Member, Profile, Situation, WordGroup
from dispatch.wiring.importing.placing import fits, mode_at, queue_for
from dispatch.wiring.importing.problems import Placed, Report, repeats
from dispatch.wiring.importing.sound_halls import check_english

Spelling = tuple[str, str, str, str]  # file, place, department, department_en


@dataclass(frozen=True)
class Halls:
    """The halls that could be read; unless `complete`, nothing follows from a hall's absence."""

    parts: Sequence[Hall]
    complete: bool


def check_skills(items: Sequence[Placed[Item]], profile: Profile, report: Report) -> None:
    """An item asks for a skill that the city knows."""
    known = {skill.code for skill in profile.skills}
    for placed in items:
        need = placed.part.skill
        if need is not None and need.code not in known:
            message = f"no skill {need.code!r} in city.json"
            report.add(placed.file, f"{placed.place} skill.code", message)


def check_items(items: Sequence[Placed[Item]], halls: Halls, report: Report) -> None:
    """Each item by itself, against the others, and against the halls that are to take it."""
    _check_unique(items, ("code", "name", "name_en"), report)
    _check_aliases(items, report)
    for placed in items:
        _check_accept(placed, halls, report)
        _check_ways(placed, halls, report)
        _check_papers(placed, report)
        _check_fees(placed, report)
        check_situations(placed.part.situations, placed, report)
        _check_answer_channels(placed, report)
        check_english(placed.part, placed.file, placed.place, report)


def check_bundles(
    bundles: Sequence[Placed[Bundle]],
    items: Sequence[Placed[Item]],
    item_codes: set[str],
    report: Report,
) -> None:
    """Each bundle against the items it joins; departments of both. `item_codes`: broken items too."""
    _check_unique(bundles, ("code", "name", "name_en", "number"), report)
    by_code = {placed.part.code: placed.part for placed in items}
    for placed in bundles:
        _check_key_item(placed, item_codes, report)
        _check_stages(placed, report)
        for index, member in enumerate(placed.part.members):
            place = f"{placed.place} members[{index}]"
            _check_member(Placed(placed.file, place, member), placed.part, report)
            _check_member_item(Placed(placed.file, place, member), by_code, item_codes, report)
        for index, code, first in repeats(_item_or_name(m) for m in placed.part.members):
            message = f"{code!r} is members[{first}] already"
            report.add(placed.file, f"{placed.place} members[{index}]", message)
        check_situations(placed.part.situations, placed, report)
        _check_figures(placed, report)
        check_english(placed.part, placed.file, placed.place, report)
    _check_departments([*_of_items(items), *_of_bundles(bundles)], report)


def check_words(groups: Sequence[Placed[WordGroup]], report: Report) -> None:
    """Each group by itself; a word may stand in several, since it may mean several things."""
    _check_unique(groups, ("code",), report)
    for placed in groups:
        for index, word, first in repeats(placed.part.words):
            report.add(placed.file, f"{placed.place} words[{index}]", f"{word!r} is words[{first}] too")


def check_situations(
    situations: Sequence[Situation], placed: Placed[Item] | Placed[Bundle], report: Report
) -> None:
    """Questions differ from each other, and the answers of each."""
    for index, code, first in repeats(situation.code for situation in situations):
        message = f"{code!r} is the code of situations[{first}] too"
        report.add(placed.file, f"{placed.place} situations[{index}].code", message)
    for number, situation in enumerate(situations):
        if situation.when is not None and situation.when not in set(_choices(situations[:number])):
            message = f"no earlier question has the answer {situation.when!r}"
            report.add(placed.file, f"{placed.place} situations[{number}].when", message)
        for field in ("code", "label", "label_en"):
            for index, value, first in repeats(getattr(a, field) for a in situation.answers):
                place = f"{placed.place} situations[{number}].answers[{index}].{field}"
                report.add(placed.file, place, f"{value!r} is the {field} of answers[{first}] too")


def _check_unique(
    parts: Sequence[Placed[Item]] | Sequence[Placed[Bundle]] | Sequence[Placed[WordGroup]],
    fields: Sequence[str],
    report: Report,
) -> None:
    for field in fields:
        for index, value, first in repeats(getattr(placed.part, field) for placed in parts):
            message = f"{value!r} is the {field} of {parts[first].place} too"
            report.add(parts[index].file, f"{parts[index].place} {field}", message)


def _check_aliases(items: Sequence[Placed[Item]], report: Report) -> None:
    """A word leads to one item only; which one would otherwise depend on the order of the file."""
    named = {placed.part.name: placed for placed in items}
    given: dict[str, Placed[Item]] = {}
    for placed in items:
        for index, alias in enumerate(placed.part.aliases):
            other = named.get(alias) or given.setdefault(alias, placed)
            place = f"{placed.place} aliases[{index}]"
            if alias in named:
                report.add(placed.file, place, f"{alias!r} is the name of {other.place}")
            elif other is not placed:
                report.add(placed.file, place, f"{alias!r} is an alias of {other.place} too")
        for index, alias, _ in repeats(placed.part.aliases):
            report.add(placed.file, f"{placed.place} aliases[{index}]", f"{alias!r} stands twice")


def _check_accept(placed: Placed[Item], halls: Halls, report: Report) -> None:
    item = placed.part
    for index, rule in enumerate(item.accept):
        place = f"{placed.place} accept[{index}]"
        if (rule.level is None) == (rule.partner_kind is None):
            report.add(placed.file, place, "must name either a level or a partner_kind")
        elif halls.complete and not any(fits(rule, hall) for hall in halls.parts):
            who = rule.level or rule.partner_kind
            report.add(placed.file, place, f"there is no {who} hall to take it")
    for index, who, first in repeats(rule.level or rule.partner_kind for rule in item.accept):
        message = f"{who!r} is named by accept[{first}] already"
        report.add(placed.file, f"{placed.place} accept[{index}]", message)
    taking = [hall for hall in halls.parts if mode_at(item, hall) is not None]
    if halls.complete and not taking:
        report.add(placed.file, f"{placed.place} accept", "no hall takes this item")
    for hall in taking:
        if queue_for(item, hall) is None:
            message = f"hall {hall.code} takes it and has no queue for zone {item.zone!r}"
            report.add(placed.file, f"{placed.place} zone", message)


def _check_ways(placed: Placed[Item], halls: Halls, report: Report) -> None:
    item, channels = placed.part, placed.part.channels
    place = f"{placed.place} channels"
    if not channels.counter:
        report.add(placed.file, f"{place}.counter", "what halls accept is done at their counters")
    if item.online_first and not (channels.app or channels.web):
        report.add(placed.file, place, "online_first, and neither app nor web")
    if channels.kiosk and halls.complete and not any(hall.kiosks for hall in halls.parts):
        report.add(placed.file, f"{place}.kiosk", "no hall has a kiosk")
    if item.statutory_days is not None and item.promise_days > item.statutory_days:
        message = f"{item.promise_days} is more than the statutory {item.statutory_days}"
        report.add(placed.file, f"{placed.place} promise_days", message)


def _check_papers(placed: Placed[Item], report: Report) -> None:
    papers = placed.part.papers
    choices = set(_choices(placed.part.situations))
    for index, paper in enumerate(papers):
        if paper.when is not None and paper.when not in choices:
            message = f"no such answer {paper.when!r}"
            report.add(placed.file, f"{placed.place} papers[{index}].when", message)
        if (paper.source is None) != (paper.source_en is None):
            message = "a source stands in both languages or in none"
            report.add(placed.file, f"{placed.place} papers[{index}].source", message)
    for index, (name, _), first in repeats((paper.name, paper.when) for paper in papers):
        message = f"{name!r} is papers[{first}] already"
        report.add(placed.file, f"{placed.place} papers[{index}].name", message)


def _check_fees(placed: Placed[Item], report: Report) -> None:
    fees = placed.part.fees or ()
    choices = set(_choices(placed.part.situations))
    for index, fee in enumerate(fees):
        if fee.when is not None and fee.when not in choices:
            message = f"no such answer {fee.when!r}"
            report.add(placed.file, f"{placed.place} fees[{index}].when", message)
    for index, (name, _), first in repeats((fee.name, fee.when) for fee in fees):
        message = f"{name!r} is fees[{first}] already"
        report.add(placed.file, f"{placed.place} fees[{index}].name", message)


def _check_answer_channels(placed: Placed[Item], report: Report) -> None:
    for number, situation in enumerate(placed.part.situations):
        for index, answer in enumerate(situation.answers):
            for channel in answer.channels or ():
                place = f"{placed.place} situations[{number}].answers[{index}].channels"
                has_it = getattr(placed.part.channels, channel)
                report.unless(has_it, placed.file, place, f"the item has no channel {channel!r}")


def _check_key_item(placed: Placed[Bundle], item_codes: set[str], report: Report) -> None:
    bundle, place = placed.part, f"{placed.place} key_item"
    if bundle.key_item not in item_codes:
        report.add(placed.file, place, f"no item {bundle.key_item!r}")
    elif bundle.key_item not in {member.item for member in bundle.members}:
        report.add(placed.file, place, f"{bundle.key_item!r} is no member of this bundle")


def _check_stages(placed: Placed[Bundle], report: Report) -> None:
    members = placed.part.members
    stages = sorted({member.stage for member in members})
    if stages != list(range(1, len(stages) + 1)):
        message = f"stages must be 1, 2, 3 … without a gap, not {stages}"
        report.add(placed.file, f"{placed.place} members", message)
    for stage in stages:
        choices = [m for m in members if m.stage == stage and m.need == "one_of"]
        if len(choices) == 1:
            message = f"stage {stage} has a single one_of: nothing to choose from"
            report.add(placed.file, f"{placed.place} members", message)


def _check_member(placed: Placed[Member], bundle: Bundle, report: Report) -> None:
    member = placed.part
    if (member.condition is None) != (member.condition_en is None):
        message = "a condition stands in both languages or in none"
        report.add(placed.file, f"{placed.place}.condition", message)
    if member.need == "conditional" and member.condition is None:
        report.add(placed.file, f"{placed.place}.condition", "a conditional member needs one")
    if member.when is not None and member.when not in set(_choices(bundle.situations)):
        report.add(placed.file, f"{placed.place}.when", f"no such answer {member.when!r}")


def _check_member_item(
    placed: Placed[Member], by_code: dict[str, Item], item_codes: set[str], report: Report
) -> None:
    member = placed.part
    if member.item is None:
        return
    if member.item not in item_codes:
        report.add(placed.file, f"{placed.place}.item", f"no item {member.item!r}")
    item = by_code.get(member.item)
    if item is None:
        return
    if member.level not in set(_member_levels(item)):
        message = f"{member.item} is not taken at {member.level!r}"
        report.add(placed.file, f"{placed.place}.level", message)
    if member.department != item.department:
        message = f"{member.department!r} is not that of {member.item}, {item.department!r}"
        report.add(placed.file, f"{placed.place}.department", message)


def _member_levels(item: Item) -> Iterator[str]:
    for rule in item.accept:
        yield rule.level or "partner"
    if item.channels.app or item.channels.web:
        yield "online"


def _check_figures(placed: Placed[Bundle], report: Report) -> None:
    figures = placed.part.figures
    if figures is None:
        return
    for field in ("days", "papers", "visits", "fields"):
        figure = getattr(figures, field)
        if figure is not None and figure.after > figure.before:
            message = f"{figure.after} is more than before, {figure.before}"
            report.add(placed.file, f"{placed.place} figures.{field}", message)


def _choices(situations: Sequence[Situation]) -> Iterator[str]:
    for situation in situations:
        for answer in situation.answers:
            yield f"{situation.code}={answer.code}"


def _item_or_name(member: Member) -> str:
    return member.item or member.name


def _of_items(items: Sequence[Placed[Item]]) -> Iterator[Spelling]:
    for placed in items:
        item = placed.part
        yield placed.file, f"{placed.place} department", item.department, item.department_en


def _of_bundles(bundles: Sequence[Placed[Bundle]]) -> Iterator[Spelling]:
    for placed in bundles:
        lead, lead_en = placed.part.lead_department, placed.part.lead_department_en
        yield placed.file, f"{placed.place} lead_department", lead, lead_en
        for index, member in enumerate(placed.part.members):
            place = f"{placed.place} members[{index}].department"
            yield placed.file, place, member.department, member.department_en


def _check_departments(spellings: Sequence[Spelling], report: Report) -> None:
    """One department, one name in each language: two names for one English name are two spellings."""
    english: dict[str, str] = {}
    chinese: dict[str, str] = {}
    for file, place, name, name_en in spellings:
        known_en = english.setdefault(name, name_en)
        known = chinese.setdefault(name_en.casefold(), name)
        if known_en != name_en:
            report.add(file, place, f"{name!r} is {known_en!r} elsewhere, here {name_en!r}")
        elif known != name:
            report.add(file, place, f"{name_en!r} is {known!r} elsewhere, here {name!r}")
