"""What a hall can do and often does, as published for a day."""

from datetime import date
from zoneinfo import ZoneInfo

from flask import Response

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.lists import finding as lists
from dispatch.catalogue.lists.models import HallList
from dispatch.halls import finding as halls
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import HallPath
from dispatch.pages.api.lists_shapes import HallItems, HallItemsQuery, ItemListed
from dispatch.pages.shared.calls import Call, answer


@api.get("/halls/<string:hall>/items", **door("catalogue", "anyone", HallItems, 404))
def list_hall_items(path: HallPath, query: HallItemsQuery) -> Response:
    """The items of the list that holds in this hall on a day; `not_published` where there was none by then."""

    def read(call: Call) -> HallItems:
        place = halls.hall(call.session, path.hall)
        day = query.date or call.now.astimezone(ZoneInfo(place.tz)).date()
        return _shown(call, lists.on(call.session, place.code, query.list, day), day, ZoneInfo(place.tz))

    return answer(read)


def _shown(call: Call, row: HallList, day: date, zone: ZoneInfo) -> HallItems:
    known = {item.code: item for item in catalogue.items_ever(call.session, [e["item"] for e in row.items])}
    return HallItems(
        hall=row.hall,
        list=row.kind,
        date=day,
        version=row.version,
        since=row.since,
        published_at=row.published_at.astimezone(zone),
        counted_from=row.counted_from,
        counted_to=row.counted_to,
        items=[
            ItemListed(
                code=item.code,
                name=item.name,
                name_en=item.name_en,
                department=item.department,
                department_en=item.department_en,
                mode=each["mode"],
                count=each.get("count"),
                share=each.get("share"),
            )
            for each in row.items
            if (item := known.get(each["item"])) is not None
        ],
    )
