"""Items and bundles to read, and the searches that found none."""

from dataclasses import asdict
from datetime import timedelta

from flask import Response

from dispatch.catalogue import finding, unfound
from dispatch.catalogue.models import Item
from dispatch.notices import telling_once, wording
from dispatch.pages.api import showing
from dispatch.pages.api.catalogue_shapes import (
    CatalogueEdition,
    NoticePlace,
    NoticeRow,
    NoticeSection,
    NoticeShown,
    Suggestions,
    SuggestionShown,
    UnfoundList,
    UnfoundShown,
)
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import AnswersQuery, CodePath, ItemQuery, NoticeQuery, TypedQuery, UnfoundQuery
from dispatch.pages.api.shapes import Bundles, BundleShown, Items, ItemShown
from dispatch.pages.shared import giving_notice, searching
from dispatch.pages.shared.calls import Call, answer, language

MOST_BUNDLES = 3
"""Beside the items that were found."""


@api.get("/items", **door("catalogue", "anyone", Items))
def list_items(query: ItemQuery) -> Response:
    """Items by one's own words, with the bundles that these may mean; or all items."""

    def read(call: Call) -> Items:
        found: list[tuple[Item, float | None]]
        if query.q.strip():
            found = list(searching.search(call, query.q, query.cursor + query.limit + 1))
        else:
            found = [(item, None) for item in finding.items(call.session)]
        part = found[query.cursor : query.cursor + query.limit]
        following = query.cursor + query.limit
        return Items(
            items=[showing.item_found(item, score) for item, score in part],
            bundles=[
                showing.bundle_found(bundle, score)
                for bundle, score in finding.search_bundles(call.session, query.q, MOST_BUNDLES)
            ],
            next_cursor=following if len(found) > following else None,
        )

    return answer(read)


@api.get("/items/<string:code>", **door("catalogue", "anyone", ItemShown, 404))
def show_item(path: CodePath, query: AnswersQuery) -> Response:
    """One item: papers, questions, days, and who takes it; with answers, the situation and what is left to ask."""
    return answer(
        lambda call: showing.item_shown(
            call.session, finding.item(call.session, path.code), query.by_question
        )
    )


@api.get("/items/<string:code>/notice", **door("catalogue", "anyone", NoticeShown, 404))
def show_notice(path: CodePath, query: NoticeQuery) -> Response:
    """The one-time notice for somebody who answered so: what to bring, days, fees, ways and the nearest halls."""
    near = None if query.near is None else giving_notice.point_of(query.near)

    def read(call: Call) -> NoticeShown:
        item = finding.item(call.session, path.code)
        return _notice(telling_once.notice(call.session, item, query.by_question, near))

    return answer(read)


@api.get("/suggestions", **door("catalogue", "anyone", Suggestions))
def suggest(query: TypedQuery) -> Response:
    """What somebody may be about to type. Nothing of it is counted."""

    def read(call: Call) -> Suggestions:
        found = finding.suggestions(call.session, query.q, query.limit)
        items = {item.code: item for item in finding.items_ever(call.session, [each.code for each in found])}
        return Suggestions(
            suggestions=[
                SuggestionShown(
                    words=each.words,
                    code=each.code,
                    name=items[each.code].name,
                    name_en=items[each.code].name_en,
                )
                for each in found
                if each.code in items
            ]
        )

    return answer(read)


@api.get("/unfound", **door("catalogue", "staff", UnfoundList, 401, 403, permission="import.city"))
def list_unfound(query: UnfoundQuery) -> Response:
    """What people searched for in vain: words that the catalogue lacks, or does not do."""

    def read(call: Call) -> UnfoundList:
        since = call.now.date() - timedelta(days=query.days)
        found = unfound.listed(call.session, since, query.limit)
        return UnfoundList(unfound=[UnfoundShown(**asdict(each)) for each in found])

    return answer(read)


@api.get("/bundles", **door("catalogue", "anyone", Bundles))
def list_bundles() -> Response:
    """All bundles."""
    return answer(
        lambda call: Bundles(bundles=[showing.bundle_found(b) for b in finding.bundles(call.session)])
    )


@api.get("/bundles/<string:code>", **door("catalogue", "anyone", BundleShown, 404))
def show_bundle(path: CodePath) -> Response:
    """One bundle: its members in their stages, questions, figures."""
    return answer(lambda call: showing.bundle_shown(finding.bundle(call.session, path.code)))


def _notice(found: telling_once.Notice) -> NoticeShown:
    item = found.item
    return NoticeShown(
        item=item.code,
        name=item.name,
        name_en=item.name_en,
        situation=showing.situation(found.situation),
        promise_days=found.days,
        day_unit="working" if found.work_days else "calendar",
        places=[_place(place) for place in found.places],
        taken_by=found.taken_by,
        catalogue=CatalogueEdition(**asdict(found.edition)) if found.edition else None,
        sections=[_section(section) for section in wording.sections(found, language())],
        url=giving_notice.link_to(found),
    )


def _place(place: telling_once.Place) -> NoticePlace:
    hall = place.hall
    return NoticePlace(
        hall=hall.code, name=hall.name, name_en=hall.name_en, mode=place.mode, distance_m=place.distance_m
    )


def _section(section: wording.Section) -> NoticeSection:
    rows = [NoticeRow(text=row.text, notes=list(row.notes)) for row in section.rows]
    return NoticeSection(code=section.code, title=section.title, rows=rows)
