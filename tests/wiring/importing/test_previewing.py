"""What an import would do is told before it is done: changes hall by hall, and whom they touch."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dispatch.catalogue import placing
from dispatch.demo import CITY
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.log import CITY as CITY_LOG
from dispatch.foundation.log import LogHead
from dispatch.halls import finding
from dispatch.halls.templates import inheriting, versioning
from dispatch.ports.previews import Change, CityPreview, Touch
from dispatch.tickets import rearranging
from dispatch.wiring import migrating, templating
from dispatch.wiring.cli import main
from dispatch.wiring.importing import telling
from dispatch.wiring.importing.applying import Applied, apply
from dispatch.wiring.importing.format import City
from dispatch.wiring.importing.previewing import FILES, Previewing, preview
from tests.standing_city import CITY_HALL, MORNING, TOWN_HALL, Town
from tests.wiring.importing.corner import hall_of, with_hall


def previewed(database: Database, city: City) -> CityPreview:
    with database.reading() as session:
        return preview(session, city)


def without_queue(city: City, code: str) -> City:
    hall = hall_of(city, TOWN_HALL)
    windows = tuple(
        window.model_copy(update={"queues": tuple(q for q in window.queues if q != code)})
        for window in hall.windows
    )
    queues = tuple(queue for queue in hall.queues if queue.code != code)
    return with_hall(city, TOWN_HALL, queues=queues, windows=windows)


def test_the_same_city_again_would_change_nothing(city: Database, demo: City) -> None:
    found = previewed(city, demo)
    assert found == CityPreview(problems=(), halls=(), city=(), missing=())


def test_what_is_told_is_what_is_done(city: Database, demo: City) -> None:
    items = (demo.items[0].model_copy(update={"minutes": 99}), *demo.items[1:])
    changed = replace(with_hall(demo, TOWN_HALL, kiosks=9), items=items)
    found = previewed(city, changed)
    (hall,) = found.halls
    assert [(change.part, change.after) for change in hall.changes] == [("hall", {"kiosks": 9})]
    assert [(change.part, change.after) for change in found.city] == [("item", {"minutes": 99})]
    assert not found.touched
    assert apply(city, changed) == Applied(1, len(demo.halls) - 1, True)
    assert not previewed(city, changed).halls


def test_a_queue_that_goes_names_the_tickets_in_it(town: Town, demo: City) -> None:
    numbers = tuple(town.take("A").number for _ in range(2))
    found = previewed(town.database, without_queue(demo, "A"))
    (hall,) = found.halls
    assert Touch("tickets", "queue", "A", numbers, blocks=True) in hall.touches
    assert ("queue", "A", "retired") in {(change.part, change.code, change.what) for change in hall.changes}
    assert found.blocked


def test_another_name_touches_a_queue_and_does_not_block(town: Town, demo: City) -> None:
    ticket = town.take("A")
    queues = tuple(
        queue.model_copy(update={"name": "别的"}) if queue.code == "A" else queue
        for queue in hall_of(demo, TOWN_HALL).queues
    )
    found = previewed(town.database, with_hall(demo, TOWN_HALL, queues=queues))
    assert found.halls[0].touches == (Touch("tickets", "queue", "A", (ticket.number,), blocks=False),)
    assert (found.touched, found.blocked) == (True, False)


def test_an_open_window_that_goes_is_named(town: Town, demo: City) -> None:
    town.open("1")
    left = with_hall(demo, TOWN_HALL, windows=hall_of(demo, TOWN_HALL).windows[1:])
    found = previewed(town.database, left)
    assert found.halls[0].touches == (Touch("windows", "window", "1", ("1",), blocks=False),)
    town.take("D")
    ticket = town.called("1")
    found = previewed(town.database, left)
    assert Touch("tickets", "window", "1", (ticket.number,), blocks=True) in found.halls[0].touches


def test_a_hall_that_is_new_or_missing_is_told(city: Database, demo: City) -> None:
    born = hall_of(demo, TOWN_HALL).model_copy(update={"code": "H-NEW"})
    found = previewed(
        city, replace(demo, halls=(*(hall for hall in demo.halls if hall.code != TOWN_HALL), born))
    )
    assert [(hall.hall, hall.new) for hall in found.halls] == [("H-NEW", True)]
    assert found.missing == (TOWN_HALL,)


def test_hours_and_placements_are_told(city: Database, demo: City) -> None:
    hours = hall_of(demo, TOWN_HALL).hours
    weekly = hours.weekly.model_copy(update={"sun": (("09:00", "11:00"),)})
    changed = with_hall(demo, TOWN_HALL, hours=hours.model_copy(update={"weekly": weekly}))
    changed = replace(changed, items=demo.items[1:])
    found = previewed(city, changed)
    town = next(hall for hall in found.halls if hall.hall == TOWN_HALL)
    assert (
        Change("hours", "sun", "sun", "changed", {"spans": []}, {"spans": [["09:00", "11:00"]]})
        in town.changes
    )
    gone = demo.items[0].code
    assert {change.part for hall in found.halls for change in hall.changes if change.code == gone} == {
        "placement"
    }
    assert [(change.code, change.what) for change in found.city] == [(gone, "retired")]


def test_an_import_leaves_what_a_template_decides(city: Database, demo: City) -> None:
    with city.work() as session:
        maker = system("test")
        told = {"code": "T", "name": "x", "name_en": "x", "level": "city", "hall": CITY_HALL}
        of = versioning.define(session, **told, now=MORNING, actor=maker)
        body = {"hours": {"weekly": {"sun": [["09:00", "11:00"]]}}, "placements": {demo.items[0].code: "A"}}
        row = versioning.draft(session, of, body, (), now=MORNING, actor=maker)
        versioning.plan(session, row, None, now=MORNING, actor=maker)
        versioning.take_effect(session, row, now=MORNING, actor=maker)
    with city.work() as session:
        place = finding.hall(session, TOWN_HALL)
        inheriting.assign(session, place, versioning.template(session, "T"), now=MORNING, actor=maker)
        rearranging.take_over(session, TOWN_HALL, now=MORNING, actor=maker)
    assert not previewed(city, demo).halls
    assert apply(city, demo) == Applied(0, len(demo.halls), False)
    changed = with_hall(demo, TOWN_HALL, kiosks=7)
    assert apply(city, changed).halls_changed == 1
    with city.reading() as session:
        hall = finding.hall(session, TOWN_HALL)
        assert (hall.kiosks, hall.hours["weekly"]["sun"]) == (7, [["09:00", "11:00"]])
        assert placing.queues_by_item(session, TOWN_HALL)[demo.items[0].code] == "A"
        before = session.get(LogHead, CITY_LOG)
    templating.take_effect(city)
    with city.reading() as session:
        after = session.get(LogHead, CITY_LOG)
        assert before is not None
        assert after is not None
        assert before.seq == after.seq


def test_files_that_are_no_city_are_told_and_nothing_else(city: Database) -> None:
    with city.reading() as session:
        found = Previewing().of_city(session, {"city.json": "{}", "../etc.json": "x"})
    assert found.problems
    assert (found.halls, found.city) == ((), ())


def test_the_demos_own_files_are_a_city(city: Database) -> None:
    files = {name: (CITY / name).read_text(encoding="utf-8") for name in FILES}
    with city.reading() as session:
        found = Previewing().of_city(session, files)
    assert found.problems == ()
    assert any(hall.new for hall in found.halls)


def test_lines_for_a_terminal(town: Town, demo: City) -> None:
    number = town.take("A").number
    told = list(telling.lines(previewed(town.database, without_queue(demo, "A"))))
    assert told[0].startswith(TOWN_HALL)
    assert any(line.startswith("  - queue A") for line in told)
    assert any("■ blocked by 1 tickets of queue A" in line and number in line for line in told)
    assert told[-1].endswith("1 halls blocked")


# --- the command --------------------------------------------------------------------------------------


@pytest.fixture
def directory(tmp_path: Path, demo: City) -> Callable[[City], Path]:
    """A city written as files again."""

    def write(city: City) -> Path:
        lists: dict[str, Any] = {"halls": city.halls, "items": city.items, "bundles": city.bundles}
        for noun, parts in lists.items():
            rows = [part.model_dump(mode="json") for part in parts]
            (tmp_path / f"{noun}.json").write_text(json.dumps({noun: rows}), encoding="utf-8")
        (tmp_path / "city.json").write_text(city.profile.model_dump_json(), encoding="utf-8")
        with (tmp_path / "calendar.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["date", "kind", "name", "name_en"])
            table.writerows([day.date, day.kind, day.name, day.name_en] for day in city.calendar)
        return tmp_path

    return write


@pytest.fixture
def run(city: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr(migrating, "pending", lambda engine: False)

    def command(*arguments: object, answer: str = "") -> Result:
        told = ["--database", city.engine.url.render_as_string(hide_password=False), "import-city"]
        return CliRunner().invoke(main, [*told, *map(str, arguments)], input=answer)

    return command


def kiosks(database: Database) -> int:
    with database.reading() as session:
        return finding.hall(session, TOWN_HALL).kiosks


def test_preview_changes_nothing(
    city: Database, demo: City, directory: Callable[[City], Path], run: Callable[..., Result]
) -> None:
    before = kiosks(city)
    told = run(directory(with_hall(demo, TOWN_HALL, kiosks=9)), "--preview")
    assert told.exit_code == 0, told.output
    assert f"  ~ hall {TOWN_HALL}: kiosks: {before} → 9" in told.output
    assert kiosks(city) == before


def test_who_touches_people_is_asked_first(
    town: Town, demo: City, directory: Callable[[City], Path], run: Callable[..., Result]
) -> None:
    town.take("A")
    queues = tuple(
        queue.model_copy(update={"name": "别的", "name_en": "Other"}) if queue.code == "A" else queue
        for queue in hall_of(demo, TOWN_HALL).queues
    )
    folder = directory(with_hall(demo, TOWN_HALL, queues=queues, kiosks=9))
    refused = run(folder, answer="n\n")
    assert refused.exit_code != 0
    assert "▲ touches 1 tickets of queue A" in refused.output
    assert kiosks(town.database) != 9
    assert run(folder, answer="y\n").exit_code == 0
    assert kiosks(town.database) == 9


def test_yes_is_not_asked(
    town: Town, demo: City, directory: Callable[[City], Path], run: Callable[..., Result]
) -> None:
    town.open("1")
    left = with_hall(demo, TOWN_HALL, windows=hall_of(demo, TOWN_HALL).windows[1:])
    told = run(directory(left), "--yes")
    assert told.exit_code == 0, told.output


def test_what_people_forbid_is_refused_in_one_line(
    town: Town, demo: City, directory: Callable[[City], Path], run: Callable[..., Result]
) -> None:
    town.take("A")
    told = run(directory(without_queue(demo, "A")), "--yes")
    assert told.exit_code == 2
    assert "nothing was changed" in told.output
