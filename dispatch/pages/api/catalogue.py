"""Items and bundles to read."""

from flask import Response

from dispatch.catalogue import finding
from dispatch.catalogue.models import Item
from dispatch.pages.api import showing
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import CodePath, ItemQuery
from dispatch.pages.api.shapes import Bundles, BundleShown, Items, ItemShown
from dispatch.pages.shared.calls import Call, answer


@api.get("/items", **door("catalogue", "anyone", Items))
def list_items(query: ItemQuery) -> Response:
    """Items by one's own words, or all of them."""

    def read(call: Call) -> Items:
        found: list[tuple[Item, float | None]]
        if query.q.strip():
            found = list(finding.search(call.session, query.q, query.cursor + query.limit + 1))
        else:
            found = [(item, None) for item in finding.items(call.session)]
        part = found[query.cursor : query.cursor + query.limit]
        following = query.cursor + query.limit
        return Items(
            items=[showing.item_found(item, score) for item, score in part],
            next_cursor=following if len(found) > following else None,
        )

    return answer(read)


@api.get("/items/<string:code>", **door("catalogue", "anyone", ItemShown, 404))
def show_item(path: CodePath) -> Response:
    """One item: papers, questions, days, and who takes it."""
    return answer(lambda call: showing.item_shown(call.session, finding.item(call.session, path.code)))


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
