"""A city in which anything of the demo's catalogue can be found and done: the standing one, its town taking it all."""

from dispatch.catalogue import editing
from dispatch.demo import CITY
from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.halls.models import Window
from dispatch.wiring.importing import applying
from dispatch.wiring.importing.reading import read_city
from tests.standing_city import (
    BUILDER,
    DISTRICT_HALL,
    MORNING,
    TOWN_HALL,
    Town,
    build,
    configure,
    hall_spec,
)

ONLINE_ONLY, FAR_ONLY = "HR-SSQUERY", "RE-MORT"
NOWHERE = "RE-QUERY"
"""An item that no hall takes and that nothing else does either, in this city."""
QUEUES = {TOWN_HALL: "D", DISTRICT_HALL: "D"}
AT_HOME = "CIV-DIBAO"
"""Done in one's own town only."""
OTHER_DISTRICT = "H-331002"
"""A hall that takes nothing, for people of its own."""


def furnish(database: Database) -> None:
    """The standing city in an empty database, on a morning that stands still, with the demo's items and words."""
    build(database)
    configure(database, hall_spec(OTHER_DISTRICT))
    demo = read_city(CITY)
    items = applying.item_rows(demo)
    for row in items:
        if row["code"] == NOWHERE:
            row["channels"] = dict.fromkeys(row["channels"], False) | {"counter": True}
    placements = [
        {"hall": hall, "item": row["code"], "queue": queue, "mode": "handle"}
        for hall, queue in QUEUES.items()
        for row in items
        if row["code"] != NOWHERE and row["channels"]["counter"]
    ]
    words = [group.model_dump(mode="json") for group in demo.words or ()]
    with database.work() as session:
        editing.replace(
            session, items, applying.bundle_rows(demo), placements, words, now=MORNING, actor=BUILDER
        )
        session.add(clock.DemoClock(id=1, city=MORNING, real=clock.real_now(), speed=0.0))
    Town(database).open("1")


def close_every_window(database: Database) -> None:
    """Nobody serves anywhere."""
    with database.work() as session:
        for window in session.query(Window):
            window.active = False
